"""Into the kitchen: the only place that lets the outlet be told of an order."""

from core.orders.decision import Decision
from core.orders.facts import SYSTEM
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus


def place(d: Decision, word: DeliveryKind) -> None:
    """Place it and say so with `word` (placed, or revived)."""
    d.move(OrderStatus.PLACED, SYSTEM)
    d.change(placed_ms=d.now_ms, placed_n=d.order.placed_n + 1, waiting_ms=d.now_ms, rung=0, link_wanted=False)
    d.tell(DeliveryKind.OUTLET_NEW_ORDER)
    d.tell(word)
