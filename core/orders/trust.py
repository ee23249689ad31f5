"""Dinners on trust: a guest has so many unpaid orders in cash under way, and no more.

Each takes one of the guest's places for as long as it is open and unpaid. A place is a text that MongoDB keeps unique,
so the limit costs no look before an order, and holds for any number of devices at once.
"""

from core.ids import CustomerId
from core.orders.models import Order

OPEN_CASH = 2  # unpaid dinners one guest may have on the stove


def on_trust(order: Order) -> bool:
    """Whether it is to be paid in cash, is not, and has not ended."""
    return not order.online and not order.paid and order.status.live


def places(customer: CustomerId) -> list[str]:
    """What the field `on_trust_of` of a guest's orders can hold."""
    return [f"{customer}:{n}" for n in range(OPEN_CASH)]
