"""Which papers an order's money needs: an invoice once something was supplied, a credit note for what goes back of it.

An order that ended before it was handed over was no supply and gets none, unless part of its money was kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.money import Money
from core.orders.decision import Decision
from core.orders.facts import CashReturned
from core.orders.ledger import RefundStatus
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus

INVOICE = "invoice"
ENDED = "ended"


def invoiceable(order: Order) -> bool:
    """Whether there is something to invoice: food that was handed over, or money that was agreed to be kept."""
    if order.test:
        return False
    if order.status is OrderStatus.COMPLETED:
        return True
    kept = order.payment(order.kept) if order.kept is not None else None
    return order.status.ended and kept is not None and kept.withheld.paise > 0


@dataclass(frozen=True, slots=True)
class Returned:
    """Something that went back for certain. `key` names it for ever; `reference` is what a bank calls it."""

    key: str
    amount: Money
    reason: str
    reference: str = ""


def returned(order: Order) -> Iterator[Returned]:
    """What went back of the money that paid the order. A payment that was only made twice never paid it."""
    for refund in order.refunds:
        if refund.payment == order.kept and refund.status is RefundStatus.PROCESSED:
            yield Returned(refund.key, refund.amount, refund.reason, refund.provider_id)
    for fact in order.facts:
        if isinstance(fact, CashReturned):
            yield Returned(f"cash:{fact.request}", fact.amount, fact.reason)


def settle_books(d: Decision) -> None:
    """Ask for each paper once. One that is asked for again is found, not made twice."""
    if invoiceable(d.order):
        _ask(d, DeliveryKind.BOOKS_INVOICE, INVOICE, d.step)
        for back in returned(d.order):
            _ask(d, DeliveryKind.BOOKS_CREDIT, back.key, back.key, key=back.key)
        return
    if INVOICE in d.order.booked:  # the hand-over was undone; the next one asks again
        d.change(booked=tuple(name for name in d.order.booked if name != INVOICE))
    if d.order.status.ended and any(step.status is OrderStatus.COMPLETED for step in d.order.history):
        _ask(d, DeliveryKind.BOOKS_CREDIT, ENDED, ENDED)


def _ask(d: Decision, kind: DeliveryKind, name: str, step: str, **data: str) -> None:
    if name not in d.order.booked:
        d.change(booked=(*d.order.booked, name))
        d.tell(kind, step, **data)
