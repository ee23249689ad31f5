"""Invoices and notes: made when an order's outbox asks for them, or when somebody wants to see them first."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from typing import Protocol

from core.clock import Clock
from core.errors import StoreError
from core.ids import OutletId
from core.invoices.making import Fields, credit_fields, invoice_fields, left_of
from core.invoices.models import Invoice
from core.invoices.series import Series
from core.invoices.store import InvoiceStore
from core.orders.books import invoiceable, returned
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Delivery, DeliveryResult, Failed, Sent, Skipped
from core.outlets.models import Outlet

log = logging.getLogger(__name__)

ROUNDS = 50
PAUSE_S = 0.005


class Outlets(Protocol):
    """What is printed of an outlet, as it stands when the paper is made."""

    def require(self, outlet: OutletId) -> Outlet: ...


Write = Callable[[Sequence[Invoice]], Fields | None]  # the order's papers so far; None: there is nothing to write


class InvoiceService:
    """Whatever is asked for twice, at once or after a crash, is the same paper under the same number."""

    def __init__(self, *, store: InvoiceStore, outlets: Outlets, clock: Clock) -> None:
        self._store = store
        self._outlets = outlets
        self._clock = clock

    async def invoice(self, order: Order) -> Invoice | None:
        """The order's invoice, made if it was not; None while there is nothing to invoice."""
        of = f"{order.id}:invoice"
        if not invoiceable(order):
            return await self._store.about(of)
        outlet = self._outlets.require(order.outlet)
        return await self._issue(
            order, outlet, of, lambda papers: None if papers else invoice_fields(order, outlet), credits=False
        )

    async def credit(self, order: Order, key: str) -> Invoice | None:
        """The note for what went back under `key`; without one for an order that ended after it was invoiced: the rest.

        None when there is nothing left to take back, or nothing was invoiced.
        """
        if await self.invoice(order) is None:
            return None
        back = next((one for one in returned(order) if one.key == key), None)
        if key and back is None:
            return None

        def write(papers: Sequence[Invoice]) -> Fields | None:
            invoice, *notes = papers
            left = left_of(invoice, notes)
            amount = left if back is None else min(back.amount, left)
            if not amount:
                return None
            reason = order.cancel_reason if back is None else back.reason
            return credit_fields(invoice, notes, amount, reason, back.reference if back is not None else "")

        of = f"{order.id}:credit:{key or 'rest'}"
        return await self._issue(order, self._outlets.require(order.outlet), of, write, credits=True)

    async def papers(self, order: Order) -> list[Invoice]:
        """The invoice, made if need be, and every note so far."""
        await self.invoice(order)
        return await self._store.of_order(order.id)

    async def carry_out(self, delivery: Delivery, order: Order) -> DeliveryResult:
        """The outbox's handler of `books`."""
        match delivery.kind:
            case DeliveryKind.BOOKS_INVOICE:
                paper = await self.invoice(order)
            case DeliveryKind.BOOKS_CREDIT:
                paper = await self.credit(order, str(delivery.data.get("key", "")))
            case _:
                return Failed(f"{delivery.kind} is not for the books")
        return Sent(paper.number) if paper is not None else Skipped("nothing to write")

    async def _issue(self, order: Order, outlet: Outlet, of: str, write: Write, *, credits: bool) -> Invoice | None:
        """Find the paper, or take the next number for it. The number, what it is about and its place among the order's
        papers are taken by one insert; who comes second looks again.
        """
        for lost in range(ROUNDS):
            known = await self._store.about(of)
            if known is not None:
                return known
            papers = await self._store.of_order(order.id)
            fields = write(papers)
            if fields is None:
                return await self._store.about(of)
            now_ms = self._clock.ms()
            series = Series.of(outlet, now_ms, credits=credits)
            n = await self._store.last(series.key) + 1
            paper = Invoice(
                **fields,
                id=series.id(n),
                series=series.key,
                n=n,
                number=series.number(n),
                of=of,
                place=f"{order.id}:{len(papers)}",
                issued_ms=now_ms,
            )
            if await self._store.insert(paper):
                log.info("invoice_issued", extra={"order_id": order.id, "number": paper.number, "kind": paper.kind})
                return paper
            await asyncio.sleep(random.uniform(0, PAUSE_S * (lost + 1)))
        raise StoreError("no number for an invoice", of=of)
