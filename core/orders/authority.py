"""Whose order it is. An order of somebody else is not found: nobody learns which ids exist."""

from collections.abc import Callable

from core.ids import CustomerId, OutletId
from core.orders.errors import OrderNotFound
from core.orders.models import Order

Authority = Callable[[Order], None]  # raises OrderNotFound


def anyone(order: Order) -> None:
    """The owner may touch every order."""


def of_outlet(outlet: OutletId) -> Authority:
    def check(order: Order) -> None:
        if order.outlet != outlet:
            raise OrderNotFound(order_id=order.id)

    return check


def of_customer(customer: CustomerId) -> Authority:
    def check(order: Order) -> None:
        if order.customer != customer:
            raise OrderNotFound(order_id=order.id)

    return check
