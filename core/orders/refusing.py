"""The event table's refusals as errors that carry facts."""

from typing import NoReturn

from core.orders.errors import (
    AlreadyAccepted,
    AlreadyPaid,
    NotAcceptedYet,
    NotPaidYet,
    OrderClosed,
    OrderConflict,
    UseCancel,
)
from core.orders.events import Event, nothing, refusal
from core.orders.models import Order
from core.orders.status import OrderStatus, column_of

_ERRORS: dict[str, type[OrderConflict]] = {
    "already_paid": AlreadyPaid,
    "not_paid": NotPaidYet,
    "accept_first": NotAcceptedYet,
    "use_cancel": UseCancel,
    "completed": OrderClosed,
    "cancelled": OrderClosed,
    "expired": OrderClosed,
    "reorder": OrderClosed,
}


def possible(order: Order, event: Event) -> bool:
    """Whether the event changes an order of this state; False: it is done already. Raises what the table refuses."""
    column = column_of(order.status)
    reason = refusal(event, column)
    if reason is not None:
        refuse(order, reason)
    return not nothing(event, column)


def refuse(order: Order, reason: str) -> NoReturn:
    if reason == "already_accepted":
        accepted = next(step for step in reversed(order.history) if step.status is OrderStatus.ACCEPTED)
        raise AlreadyAccepted(order_id=order.id, status=order.status, by=accepted.by, at_ms=accepted.at_ms)
    raise _ERRORS[reason](order_id=order.id, status=order.status, reason=reason)
