from tests.bot.kitchen.conftest import evening

__all__ = ["evening"]
