"""What people do to an order, judged on the order as it is: the fact it becomes, or the error that says why not.

Each function gives an `Act`. The service calls it inside the write, so that what is judged is what is changed.
"""

from collections.abc import Callable
from typing import Any

from core.customers.names import clean_text
from core.errors import InvalidInput
from core.money import Money
from core.orders.errors import (
    CashNotCollected,
    NeedsSecondPerson,
    NextStepOnly,
    NoCancelRequest,
    NoCashDue,
    NothingToRefund,
    NothingToUndo,
    TooLateToCancel,
    TooMuchToRefund,
    WrongCashAmount,
)
from core.orders.facts import (
    GUEST,
    Accepted,
    CancelAsked,
    Cancelled,
    CancelRefused,
    CashCollected,
    CashReturned,
    DoorLinkAsked,
    Fact,
    MethodChanged,
    PayAgain,
    Progressed,
    RefundAsked,
    Rejected,
    Undone,
)
from core.orders.guards import cash_due, next_steps
from core.orders.ledger import Portion
from core.orders.links import has_link
from core.orders.models import Order
from core.orders.refusing import refuse
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod

MAX_MINUTES = 240
MAX_REASON = 140

Act = Callable[[Order, int], Fact | None]  # the order as it is and the time; None: there is nothing left to do


# The outlet


def accept(actor: str, minutes: int) -> Act:
    if not 0 <= minutes <= MAX_MINUTES:
        raise InvalidInput(field="minutes", limit=MAX_MINUTES)
    return lambda order, at_ms: Accepted(at_ms=at_ms, by=actor, step=order.acts, minutes=minutes)


def reject(actor: str, reason: str) -> Act:
    reason = clean_text(reason, MAX_REASON)
    return lambda order, at_ms: Rejected(at_ms=at_ms, by=actor, step=order.acts, reason=reason)


def advance(actor: str, to: OrderStatus) -> Act:
    def progressed(order: Order, at_ms: int) -> Fact | None:
        if to is order.status:
            return None
        allowed = next_steps(order)
        if to not in allowed:
            raise NextStepOnly(order_id=order.id, status=order.status, allowed=allowed)
        if to is OrderStatus.COMPLETED and cash_due(order):
            raise CashNotCollected(order_id=order.id, status=order.status, amount=order.total)
        return Progressed(at_ms=at_ms, by=actor, step=order.acts, to=to)

    return progressed


def collect_cash(actor: str, amount: Money | None) -> Act:
    def collected(order: Order, at_ms: int) -> Fact | None:
        if order.cash_ms:
            return None
        if not cash_due(order):
            raise NoCashDue(order_id=order.id, status=order.status)
        if amount is not None and amount != order.total:
            raise WrongCashAmount(order_id=order.id, expected=order.total)
        return CashCollected(at_ms=at_ms, by=actor, amount=order.total)

    return collected


def ask_door_link(actor: str) -> Act:
    def asked(order: Order, at_ms: int) -> Fact | None:
        if not cash_due(order):
            raise NoCashDue(order_id=order.id, status=order.status)
        allowed = next_steps(order)
        if OrderStatus.COMPLETED not in allowed:
            raise NextStepOnly(order_id=order.id, status=order.status, allowed=allowed)
        return DoorLinkAsked(at_ms=at_ms, by=actor, step=order.acts) if order.door_link is None else None

    return asked


def undo(actor: str) -> Act:
    def undone(order: Order, at_ms: int) -> Fact:
        if at_ms >= order.undo_until_ms:
            raise NothingToUndo(order_id=order.id, status=order.status)
        return Undone(at_ms=at_ms, by=actor, step=order.acts)

    return undone


def cancel_by_staff(actor: str, reason: str) -> Act:
    end = cancel(actor, reason, None)

    def cancelled(order: Order, at_ms: int) -> Fact | None:
        if order.status is OrderStatus.COMPLETED:
            refuse(order, "completed")
        if order.status is OrderStatus.AWAITING_PAYMENT:
            refuse(order, "not_paid")
        return end(order, at_ms)

    return cancelled


def answer_cancel_request(actor: str, agree: bool) -> Act:
    def answered(order: Order, at_ms: int) -> Fact:
        if not order.cancel_requested_ms or not order.status.cooking:
            raise NoCancelRequest(order_id=order.id, status=order.status)
        if agree:
            return Cancelled(at_ms=at_ms, by=actor, step=order.acts, reason="guest_asked")
        return CancelRefused(at_ms=at_ms, by=actor, step=order.acts)

    return answered


# The guest


def cancel_by_guest(reason: str, *, ask: bool) -> Act:
    """`ask`: where it is too late to cancel, the kitchen is asked instead."""
    reason = clean_text(reason, MAX_REASON)

    def asked(order: Order, at_ms: int) -> Fact | None:
        if not ask and order.status.cooking:
            raise TooLateToCancel(order_id=order.id, status=order.status)
        if order.cancel_requested_ms:
            return None
        return CancelAsked(at_ms=at_ms, by=GUEST, step=order.acts, reason=reason)

    return asked


def pay_again(order: Order, at_ms: int) -> Fact | None:
    return None if has_link(order) else PayAgain(at_ms=at_ms, by=GUEST, step=order.acts)


def change_method(method: PayMethod) -> Act:
    def changed(order: Order, at_ms: int) -> Fact | None:
        if method is order.method:
            return None
        return MethodChanged(at_ms=at_ms, by=GUEST, step=order.acts, method=method)

    return changed


# The owner


def cancel(actor: str, reason: str, refund: Money | None) -> Act:
    reason = clean_text(reason, MAX_REASON)
    return lambda order, at_ms: Cancelled(at_ms=at_ms, by=actor, step=order.acts, reason=reason, refund=refund)


def refund(
    actor: str,
    reason: str,
    amount: Money | None,
    *,
    request: str,
    words: str,
    lines: tuple[Portion, ...],
    agreed_by: str,
    alone_up_to: Money | None,
) -> Act:
    if amount is not None and amount.paise <= 0:
        raise InvalidInput(field="amount")
    why: dict[str, Any] = {
        "reason": reason, "words": clean_text(words, MAX_REASON), "lines": lines, "agreed_by": agreed_by,
    }  # fmt: skip

    def asked(order: Order, at_ms: int) -> Fact | None:
        if any(isinstance(fact, RefundAsked | CashReturned) and fact.request == request for fact in order.facts):
            return None
        left = order.returnable
        if not left:
            raise NothingToRefund(order_id=order.id, status=order.status)
        if amount is not None and amount > left:
            raise TooMuchToRefund(order_id=order.id, status=order.status, left=left)
        given = order.given_alone
        if alone_up_to is not None and not agreed_by and given + (amount or left) > alone_up_to:
            raise NeedsSecondPerson(order_id=order.id, status=order.status, limit=alone_up_to, given=given)
        wish = {"at_ms": at_ms, "by": actor, "request": request, "amount": amount or left, **why}
        return CashReturned(**wish) if order.paid_in_cash else RefundAsked(**wish)

    return asked
