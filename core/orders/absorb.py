"""Facts into ledgers. What is written here does not depend on the order in which facts arrive, nor on the status."""

from core.ids import RefundKey
from core.orders.decision import Decision
from core.orders.facts import (
    DisputeOpened,
    ExpiryTried,
    Fact,
    LinkClosed,
    LinkFailed,
    LinkOpened,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFact,
    PaymentFailed,
    PaymentSeen,
    Reconciled,
    RefundCreated,
    RefundFailed,
    RefundProcessed,
    RefundSent,
    RefundStuck,
)
from core.orders.ledger import LINK_END_ORDER, Link, LinkEnd, LinkState, Payment, Refund, RefundStatus
from core.orders.rows import refund_named


def absorb(d: Decision, fact: Fact) -> None:
    match fact:
        case LinkOpened():
            _link_opened(d, fact)
        case LinkClosed():
            _link_closed(d, fact)
        case LinkFailed():
            _link_failed(d, fact)
        case PaymentSeen() | PaymentFailed() | PaymentAuthorised() | PaymentCaptured():
            _payment(d, fact)
        case RefundCreated() | RefundProcessed() | RefundFailed():
            _refund(d, fact)
        case RefundSent():
            _refund_status(d, fact.refund_key, RefundStatus.SENT)
        case RefundStuck():
            _refund_status(d, fact.refund_key, RefundStatus.MANUAL, fact.reason)
        case DisputeOpened():
            payment = d.order.payment(fact.payment)
            if payment is not None:
                d.put_payment(payment.model_copy(update={"disputed": True}))
        case Reconciled(ok=True):
            asked = d.order.check_asked_ms
            d.change(
                checked_ms=max(d.order.checked_ms, fact.at_ms),
                check_asked_ms=asked if asked > fact.at_ms else 0,
                checks_failed=0,
                check_tried_ms=0,
            )
        case Reconciled():
            d.change(checks_failed=d.order.checks_failed + 1, check_tried_ms=fact.at_ms)
        case ExpiryTried():
            d.change(expiry_tried_ms=max(d.order.expiry_tried_ms, fact.at_ms))
        case _:
            pass  # what people did fills no ledger


def _link_opened(d: Decision, fact: LinkOpened) -> None:
    link = d.order.link(fact.n) or Link(n=fact.n, method=d.order.method, state=LinkState.WANTED, wanted_ms=fact.at_ms)
    if link.id:
        return
    # One that was given up as never made does exist after all, and can be paid.
    alive = link.state is LinkState.WANTED or link.end is LinkEnd.FAILED
    d.put_link(
        link.model_copy(
            update={
                "id": fact.link,
                "url": fact.url,
                "opened_ms": fact.at_ms,
                "expires_ms": fact.expires_ms,
                "state": LinkState.OPEN if alive else link.state,
                "end": None if alive else link.end,
                "closed_ms": 0 if alive else link.closed_ms,
            }
        )
    )


def _link_closed(d: Decision, fact: LinkClosed) -> None:
    link = d.order.link(fact.n)
    if link is None or (fact.reason is LinkEnd.FAILED and link.id):
        return  # "never made" was said before it was made, and overtaken on the way
    # A link cancelled when its time was over was cancelled by us, even if the provider's word overtakes ours.
    ours = fact.ours or link.state is LinkState.CLOSING or 0 < link.expires_ms <= d.now_ms
    ends = [fact.reason] if link.end is None else [fact.reason, link.end]
    d.put_link(
        link.model_copy(
            update={
                "state": LinkState.CLOSED,
                "end": max(ends, key=LINK_END_ORDER.index),
                "closed_ms": link.closed_ms or fact.at_ms,
                "ours": link.ours or ours,
            }
        )
    )


def _link_failed(d: Decision, fact: LinkFailed) -> None:
    link = d.order.link(fact.n)
    if fact.final and link is not None and not link.id and link.state is not LinkState.CLOSED:
        d.put_link(link.model_copy(update={"state": LinkState.CLOSED, "end": LinkEnd.FAILED, "closed_ms": fact.at_ms}))


_MOMENTS = {
    PaymentSeen: "seen_ms",
    PaymentFailed: "failed_ms",
    PaymentAuthorised: "authorised_ms",
    PaymentCaptured: "captured_ms",
}


def _payment(d: Decision, fact: PaymentFact) -> None:
    known = d.order.payment(fact.payment)
    moment = _MOMENTS[type(fact)]
    if known is None:
        known = Payment(
            id=fact.payment,
            n=fact.n,
            amount=fact.amount,
            currency=fact.currency,
            method=fact.method,
            seen_ms=fact.at_ms,
            disputed=any(isinstance(told, DisputeOpened) and told.payment == fact.payment for told in d.order.facts),
        )
    update: dict[str, object] = {moment: getattr(known, moment) or fact.at_ms}
    if isinstance(fact, PaymentCaptured):  # what was taken is what counts
        update |= {"amount": fact.amount, "currency": fact.currency}
    d.put_payment(known.model_copy(update={**update, "n": known.n or fact.n, "method": known.method or fact.method}))


_REPORTED = {
    RefundCreated: RefundStatus.PENDING,
    RefundProcessed: RefundStatus.PROCESSED,
    RefundFailed: RefundStatus.FAILED,
}


def _refund(d: Decision, fact: RefundCreated | RefundProcessed | RefundFailed) -> None:
    refund = refund_named(d.order, fact)
    if refund is None:
        refund = Refund(
            key=RefundKey(f"hand_{fact.provider_id or fact.refund_key}"),
            payment=fact.payment,
            amount=fact.amount,
            status=RefundStatus.SENT,
            n=0,
            ours=False,
            reason="by_hand",
            at_ms=fact.at_ms,
        )
    status = refund.at_least(_REPORTED[type(fact)])
    over = status in (RefundStatus.PROCESSED, RefundStatus.FAILED)
    d.put_refund(
        refund.model_copy(
            update={
                "status": status,
                "amount": fact.amount,  # the provider moved this much, whatever was asked
                "provider_id": refund.provider_id or fact.provider_id,
                "bank_ref": fact.bank_ref or refund.bank_ref,
                "failure": fact.reason if isinstance(fact, RefundFailed) else refund.failure,
                "done_ms": (refund.done_ms or fact.at_ms) if over else 0,
            }
        )
    )


def _refund_status(d: Decision, key: RefundKey, status: RefundStatus, failure: str = "") -> None:
    refund = d.order.refund(key)
    if refund is not None:
        d.put_refund(
            refund.model_copy(update={"status": refund.at_least(status), "failure": failure or refund.failure})
        )
