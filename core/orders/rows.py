"""Which row of the event table a fact falls into, given what the order knows already."""

from core.orders.events import Event
from core.orders.facts import (
    Accepted,
    BrowserReturned,
    CancelAsked,
    Cancelled,
    DisputeOpened,
    Fact,
    LinkClosed,
    LinkFailed,
    LinkPartlyPaid,
    PayAgain,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    Progressed,
    RefundCreated,
    RefundFailed,
    RefundProcessed,
    Rejected,
    Timer,
    TimerKind,
)
from core.orders.ledger import LinkEnd, Refund
from core.orders.models import Order

_PLAIN: dict[type, Event] = {
    PaymentAuthorised: Event.PAYMENT_AUTHORISED,
    PaymentFailed: Event.PAYMENT_FAILED,
    LinkPartlyPaid: Event.LINK_PARTLY_PAID,
    LinkFailed: Event.LINK_FAILED,
    DisputeOpened: Event.DISPUTE_OPENED,
    BrowserReturned: Event.BROWSER_RETURNED,
    PayAgain: Event.PAY_AGAIN,
    CancelAsked: Event.GUEST_CANCELS,
    Accepted: Event.OUTLET_ACCEPTS,
    Rejected: Event.OUTLET_REJECTS,
    Progressed: Event.OUTLET_PROGRESS,
    Cancelled: Event.FORCE_CANCEL,
}
_TIMERS = {TimerKind.WINDOW_OVER: Event.WINDOW_OVER, TimerKind.NO_ANSWER: Event.NO_ANSWER}
_LINK_ENDS = {LinkEnd.EXPIRED: Event.LINK_EXPIRED, LinkEnd.CANCELLED: Event.LINK_CANCELLED}


def row_of(order: Order, fact: Fact) -> Event | None:
    """None: the fact is outside the table, it only fills a ledger or is described where it is carried out."""
    match fact:
        case PaymentCaptured():
            return _capture(order, fact)
        case RefundFailed():
            return Event.REFUND_FAILED if fact.refund_key else Event.REFUND_MOVED
        case RefundCreated() | RefundProcessed():
            return _refund(order, fact)
        case Timer():
            return _TIMERS.get(fact.timer)
        case LinkClosed():
            return _LINK_ENDS.get(fact.reason)
        case _:
            return _PLAIN.get(type(fact))


def _capture(order: Order, fact: PaymentCaptured) -> Event:
    known = order.payment(fact.payment)
    if known is not None and known.captured:
        return Event.SAME_CAPTURE
    if fact.amount != order.total or fact.currency != order.currency:
        return Event.WRONG_CAPTURE
    if order.covered(fact.payment) or (known is not None and known.returns):
        return Event.REFUND_BEFORE_CAPTURE
    return Event.ANOTHER_CAPTURE if order.kept is not None else Event.FIRST_CAPTURE


def _refund(order: Order, fact: RefundCreated | RefundProcessed) -> Event:
    if refund_named(order, fact) is not None:
        return Event.REFUND_MOVED
    payment = order.payment(fact.payment)
    if payment is None or not payment.captured:
        return Event.REFUND_BEFORE_CAPTURE
    pays = order.kept is None or order.kept == fact.payment
    return Event.REFUND_BY_HAND if pays else Event.REFUND_BEFORE_CAPTURE


def refund_named(order: Order, fact: RefundCreated | RefundProcessed | RefundFailed) -> Refund | None:
    """The refund a report is about: by our key, or by the provider's id."""
    return next(
        (
            refund
            for refund in order.refunds
            if (fact.refund_key and refund.key == fact.refund_key)
            or (fact.provider_id and refund.provider_id == fact.provider_id)
        ),
        None,
    )
