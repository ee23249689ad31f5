from tests.core.orders.conftest import house

__all__ = ["house"]
