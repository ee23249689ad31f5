"""Razorpay's events as pieces of news (PLATFORMS.md C3).

The name of an event says what it is about; how things stand is read from the objects it carries, since events come
late, twice and in any order.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import Field

from core.ids import LinkId
from core.payments.answers import Entity, OddAnswer, Seconds, note, read
from core.payments.errors import UnreadableEvent
from core.payments.models import News, PaymentEvent
from core.payments.provider import order_of
from core.payments.razorpay_entities import (
    REFERENCE_NOTE,
    DisputeEntity,
    NamedLink,
    OrderEntity,
    PaymentEntity,
    RefundEntity,
    order_name,
)

_PAYMENT: Final = frozenset({"payment.authorized", "payment.captured", "payment.failed", "order.paid"})
_LINK: Final = {
    "payment_link.paid": News.LINK_PAID,
    "payment_link.partially_paid": News.LINK_PARTLY_PAID,
    "payment_link.expired": News.LINK_EXPIRED,
    "payment_link.cancelled": News.LINK_CANCELLED,
}
_REFUND: Final = frozenset({"refund.created", "refund.processed", "refund.failed", "refund.speed_changed"})
# One that was won or closed asks nothing of anybody.
_DISPUTE: Final = frozenset(
    f"payment.dispute.{word}" for word in ("created", "under_review", "action_required", "lost")
)
MAX_LANE: Final = 80

Found = TypeVar("Found", bound=Entity)


class Envelope(Entity):
    event: str
    payload: dict[str, Any] = Field(default_factory=dict)
    created_at: Seconds = 0


def read_event(raw: str) -> tuple[PaymentEvent, ...]:
    """Nothing for kinds that do not matter. Raises UnreadableEvent."""
    try:
        envelope = read(Envelope, json.loads(raw))
        news = _news(envelope.event)
        return () if news is None else (_event(news, envelope),)
    except (ValueError, RecursionError) as unreadable:  # OddAnswer is a ValueError
        raise UnreadableEvent(reason=str(unreadable)[:200]) from None


def lane_of(raw: str) -> str:
    """News of one order go into one lane as far as can be told from the news alone."""
    try:
        envelope = read(Envelope, json.loads(raw))
    except (ValueError, RecursionError):
        return "razorpay:unreadable"
    objects = {name: _raw(envelope, name) for name in ("payment_link", "order", "payment", "refund", "dispute")}
    named = order_of(_reference(objects))
    if named is not None:
        return f"order:{named[0]}"
    payment = objects["payment"]
    ids = (payment.get("order_id"), payment.get("id"), objects["refund"].get("payment_id"))
    return f"razorpay:{next((name for name in ids if isinstance(name, str) and name), 'other')}"[:MAX_LANE]


def _news(event: str) -> News | None:
    if event in _PAYMENT:
        return News.PAYMENT
    if event in _REFUND:
        return News.REFUND
    if event in _DISPUTE:
        return News.DISPUTE
    return _LINK.get(event)


def _event(news: News, envelope: Envelope) -> PaymentEvent:
    link = _entity(envelope, "payment_link", NamedLink)
    order = _entity(envelope, "order", OrderEntity)
    payment = _entity(envelope, "payment", PaymentEntity)
    refund = _entity(envelope, "refund", RefundEntity)
    dispute = _entity(envelope, "dispute", DisputeEntity)
    about = {News.PAYMENT: payment, News.REFUND: refund, News.DISPUTE: dispute}.get(news, link)
    if about is None:
        raise OddAnswer(f"{envelope.event} without what it is about")
    if payment is not None and refund is not None and payment.id != refund.payment_id:
        raise OddAnswer(f"{envelope.event} of two payments")
    if news is News.DISPUTE and payment is None:
        raise OddAnswer(f"{envelope.event} without its payment")
    return PaymentEvent(
        news=news,
        at_ms=envelope.created_at * 1000,
        reference=_reference({name: _raw(envelope, name) for name in ("payment_link", "order", "payment")}),
        link=LinkId(link.id) if link is not None else payment.link if payment is not None else LinkId(""),
        provider_order=_provider_order(link, order, payment),
        payment=None if payment is None else payment.view(),
        refund=None if refund is None else refund.view(),
        dispute="" if dispute is None else dispute.id,
    )


def _reference(objects: Mapping[str, Mapping[str, Any]]) -> str:
    """Our own name for the link, wherever it stands: on the link, as the order's receipt, in notes."""
    link, order, payment = (objects.get(name, {}) for name in ("payment_link", "order", "payment"))
    said = (
        link.get("reference_id"),
        order.get("receipt"),
        *(note(entity.get("notes"), REFERENCE_NOTE) for entity in (link, order, payment)),
    )
    return next((text for text in said if isinstance(text, str) and order_of(text) is not None), "")


def _provider_order(link: NamedLink | None, order: OrderEntity | None, payment: PaymentEntity | None) -> str:
    names = (
        payment.order_id if payment is not None else None,
        link.order_id if link is not None else None,
        order.id if order is not None else None,
    )
    return next((order_name(name) for name in names if name), "")


def _entity(envelope: Envelope, name: str, kind: type[Found]) -> Found | None:
    found = _raw(envelope, name)
    return read(kind, found) if found else None


def _raw(envelope: Envelope, name: str) -> Mapping[str, Any]:
    held = envelope.payload.get(name)
    entity = held.get("entity") if isinstance(held, dict) else None
    return entity if isinstance(entity, dict) else {}
