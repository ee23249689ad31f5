"""What a provider shows, as facts about an order."""

from collections.abc import Iterator

from core.orders.facts import (
    PROVIDER,
    Fact,
    LinkClosed,
    LinkOpened,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentSeen,
    RefundCreated,
    RefundFailed,
    RefundProcessed,
)
from core.orders.ledger import LinkEnd
from core.payments.models import LinkStatus, PaymentLink, PaymentState, PaymentView, RefundState, RefundView

ENDS = {
    LinkStatus.PAID: LinkEnd.PAID,
    LinkStatus.EXPIRED: LinkEnd.EXPIRED,
    LinkStatus.CANCELLED: LinkEnd.CANCELLED,
}
_PAYMENTS: dict[PaymentState, type[PaymentSeen] | type[PaymentAuthorised] | type[PaymentCaptured]] = {
    PaymentState.CREATED: PaymentSeen,
    PaymentState.AUTHORISED: PaymentAuthorised,
    PaymentState.CAPTURED: PaymentCaptured,
}


def payment_fact(view: PaymentView, n: int, at_ms: int) -> Fact:
    about = {
        "at_ms": at_ms,
        "by": PROVIDER,
        "payment": view.id,
        "n": n,
        "amount": view.amount,
        "currency": view.currency,
        "method": view.method,
    }
    if view.state is PaymentState.FAILED:
        return PaymentFailed(reason=view.reason, **about)
    return _PAYMENTS[view.state](**about)


def refund_fact(view: RefundView, at_ms: int, *, final: bool = False) -> Fact:
    about = {
        "at_ms": at_ms,
        "by": PROVIDER,
        "payment": view.payment,
        "amount": view.amount,
        "refund_key": view.key,
        "provider_id": view.id,
        "bank_ref": view.bank_ref,
    }
    match view.state:
        case RefundState.FAILED:
            return RefundFailed(reason=view.reason, final=final, **about)
        case RefundState.PROCESSED:
            return RefundProcessed(**about)
        case RefundState.PENDING:
            return RefundCreated(**about)


def link_opened(link: PaymentLink, n: int, at_ms: int) -> Fact:
    return LinkOpened(at_ms=at_ms, by=PROVIDER, n=n, link=link.id, url=link.url, expires_ms=link.expires_ms)


def link_ended(status: LinkStatus, n: int, at_ms: int, *, ours: bool = False) -> Iterator[Fact]:
    """Nothing while it is open."""
    if status in ENDS:
        yield LinkClosed(at_ms=at_ms, by=PROVIDER, n=n, reason=ENDS[status], ours=ours)
