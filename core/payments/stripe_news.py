"""Stripe's events as pieces of news (PLATFORMS.md D4)."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.ids import LinkId, PaymentId
from core.money import Money
from core.payments.answers import Entity, Seconds, note, read
from core.payments.errors import UnreadableEvent
from core.payments.models import LinkStatus, News, PaymentEvent, PaymentState, PaymentView
from core.payments.provider import order_of
from core.payments.stripe_entities import REFERENCE, DisputeEntity, IntentEntity, RefundEntity, SessionEntity

MAX_LANE: Final = 80


class Data(Entity):
    object: dict[str, Any]


class Envelope(Entity):
    type: str
    data: Data
    created: Seconds = 0


def read_event(raw: str) -> tuple[PaymentEvent, ...]:
    """Nothing for kinds that do not matter. Raises UnreadableEvent."""
    try:
        envelope = read(Envelope, json.loads(raw))
        reading = next((found for kinds, found in _READINGS.items() if envelope.type in kinds), None)
        return () if reading is None else (reading(envelope),)
    except (ValueError, RecursionError) as unreadable:  # OddAnswer is a ValueError
        raise UnreadableEvent(reason=str(unreadable)[:200]) from None


def lane_of(raw: str) -> str:
    """News of one order go into one lane as far as can be told from the news alone."""
    try:
        about: Mapping[str, Any] = read(Envelope, json.loads(raw)).data.object
    except (ValueError, RecursionError):
        return "stripe:unreadable"
    named = order_of(_reference(about))
    if named is not None:
        return f"order:{named[0]}"
    ids = (about.get("payment_intent"), about.get("id"))
    return f"stripe:{next((name for name in ids if isinstance(name, str) and name), 'other')}"[:MAX_LANE]


def event_id_of(raw: str) -> str:
    """What Stripe calls the event: it stands in the signed body. Empty where there is none."""
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    name = event.get("id") if isinstance(event, dict) else None
    return name if isinstance(name, str) else ""


def _session(envelope: Envelope) -> PaymentEvent:
    session = read(SessionEntity, envelope.data.object)
    link = session.view()
    news = {LinkStatus.PAID: News.LINK_PAID, LinkStatus.EXPIRED: News.LINK_EXPIRED}.get(link.status, News.PAYMENT)
    return PaymentEvent(
        news=news,
        at_ms=envelope.created * 1000,
        reference=_ours(link.reference),
        link=link.id,
        provider_order=link.provider_order,
        payment=session.payment(),
    )


def _intent(envelope: Envelope) -> PaymentEvent:
    intent = read(IntentEntity, envelope.data.object)
    return PaymentEvent(
        news=News.PAYMENT,
        at_ms=envelope.created * 1000,
        reference=_ours(note(intent.metadata, REFERENCE)),
        provider_order=intent.id,
        payment=intent.view(),
    )


def _refund(envelope: Envelope) -> PaymentEvent:
    refund = read(RefundEntity, envelope.data.object)
    return PaymentEvent(
        news=News.REFUND,
        at_ms=envelope.created * 1000,
        provider_order=refund.payment_intent,
        refund=refund.view(),
    )


def _dispute(envelope: Envelope) -> PaymentEvent:
    dispute = read(DisputeEntity, envelope.data.object)
    payment = PaymentView(
        id=PaymentId(dispute.payment_intent),
        amount=Money(dispute.amount),
        currency=dispute.currency.upper(),
        state=PaymentState.CAPTURED,
    )
    return PaymentEvent(
        news=News.DISPUTE,
        at_ms=envelope.created * 1000,
        link=LinkId(""),
        provider_order=dispute.payment_intent,
        payment=payment,
        dispute=dispute.id,
    )


_READINGS: Final[dict[frozenset[str], Callable[[Envelope], PaymentEvent]]] = {
    frozenset(
        {
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
        }
    ): _session,
    frozenset(
        {
            "payment_intent.succeeded",
            "payment_intent.payment_failed",
            "payment_intent.processing",
            "payment_intent.canceled",
            "payment_intent.amount_capturable_updated",
        }
    ): _intent,
    frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}): _refund,
    frozenset({"charge.dispute.created", "charge.dispute.funds_withdrawn"}): _dispute,
}


def _reference(about: Mapping[str, Any]) -> str:
    said = (about.get("client_reference_id"), note(about.get("metadata"), REFERENCE))
    return next((text for text in said if isinstance(text, str) and order_of(text) is not None), "")


def _ours(reference: str) -> str:
    return reference if order_of(reference) is not None else ""
