"""Whether an act makes sense for the order as it is: the right next step, in time, not done already.

The event table says in which states an act is possible at all; what depends on more than the state stands here. The
service asks the same questions to tell people why not.
"""

from core.orders.clocks import hard_stop_ms, window_end_ms
from core.orders.facts import (
    CancelAsked,
    CancelRefused,
    CashCollected,
    CashReturned,
    DoorLinkAsked,
    Fact,
    MethodChanged,
    PayAgain,
    Progressed,
    RefundAsked,
    Timer,
    TimerKind,
    Undone,
)
from core.orders.links import at_the_door, has_link
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.outlets.models import Fulfilment

_NEXT = {
    OrderStatus.ACCEPTED: (OrderStatus.PREPARING, OrderStatus.READY),
    OrderStatus.PREPARING: (OrderStatus.READY,),
    OrderStatus.READY: (OrderStatus.COMPLETED,),
    OrderStatus.OUT_FOR_DELIVERY: (OrderStatus.COMPLETED,),
}


def next_steps(order: Order) -> tuple[OrderStatus, ...]:
    """What staff can do with it next, the usual step first."""
    steps = _NEXT.get(order.status, ())
    if order.status is OrderStatus.READY and order.fulfilment is Fulfilment.DELIVERY:
        return (OrderStatus.OUT_FOR_DELIVERY, *steps)
    return steps


def cash_due(order: Order) -> bool:
    """Whether somebody still has to take cash for it."""
    return not order.online and not order.paid and (order.status.cooking or order.status is OrderStatus.COMPLETED)


def makes_sense(order: Order, fact: Fact, now_ms: int) -> bool:
    match fact:
        case Progressed():
            handed_over_unpaid = fact.to is OrderStatus.COMPLETED and cash_due(order)
            return fact.to in next_steps(order) and not handed_over_unpaid
        case Undone():
            return now_ms < order.undo_until_ms
        case CashCollected():
            return cash_due(order) and fact.amount == order.total
        case DoorLinkAsked():
            return at_the_door(order) and order.door_link is None
        case CancelAsked():
            return not order.cancel_requested_ms
        case CancelRefused():
            return order.cancel_requested_ms > 0 and order.status.cooking
        case MethodChanged():
            return order.status is OrderStatus.AWAITING_PAYMENT and fact.method is not order.method
        case PayAgain():
            return not has_link(order)  # the one there is will do
        case RefundAsked():
            return order.kept is not None
        case CashReturned():
            return order.paid_in_cash and 0 < fact.amount.paise <= order.returnable.paise
        case Timer(timer=TimerKind.WINDOW_OVER):
            return now_ms >= (hard_stop_ms(order) if has_link(order) else window_end_ms(order))
        case Timer(timer=TimerKind.NO_ANSWER):
            return fact.level > order.rung and fact.since == order.moves
        case Timer(timer=TimerKind.LATE):
            return order.status.cooking and "late" not in order.flags
        case Timer(timer=TimerKind.FINISH):
            return order.status.cooking and "stuck" not in order.flags
        case _:
            return True
