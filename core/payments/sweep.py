"""The daily look at everything a provider took and returned, whoever it was for (RELIABILITY.md §3.3).

What an order does not know becomes facts by the same way as news; what belongs to no order is an orphan.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from core.clock import Clock
from core.errors import ProviderError
from core.ids import OrderId, PaymentId
from core.orders.ledger import RefundStatus
from core.orders.models import Order
from core.orders.service import OrderService
from core.payments.books import Books
from core.payments.crowd import each
from core.payments.models import PaymentRecord, PaymentState, RefundRecord, RefundState
from core.payments.news import refund_fact
from core.payments.orphans import Orphans
from core.payments.provider import PaymentProvider, order_of
from core.payments.statement import PaidLine, RefundedLine, Statement
from core.payments.store import SweepStore

log = logging.getLogger(__name__)

_MS: Final = timedelta(milliseconds=1)
DAY_MS: Final = timedelta(days=1) // _MS
LOOK_BACK_MS: Final = 5 * DAY_MS  # a bank may say yes three days late
FARTHEST_MS: Final = 30 * DAY_MS  # however long the house was dark
_TAKEN: Final = (PaymentState.CAPTURED, PaymentState.AUTHORISED)
_KNOWN: Final = {
    RefundState.PENDING: (RefundStatus.PENDING, RefundStatus.PROCESSED, RefundStatus.FAILED),
    RefundState.PROCESSED: (RefundStatus.PROCESSED,),
    RefundState.FAILED: (RefundStatus.FAILED, RefundStatus.PROCESSED),
}

Named = tuple[OrderId, int]


class Sweep:
    def __init__(
        self,
        *,
        providers: Mapping[str, PaymentProvider],
        orders: OrderService,
        books: Books,
        orphans: Orphans,
        marks: SweepStore,
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._orders = orders
        self._books = books
        self._orphans = orphans
        self._marks = marks
        self._clock = clock

    async def due(self) -> int:
        """Sweep the providers whose last sweep is a day old; how much was news. Safe twice at once, and late.

        A provider that does not answer is tried again at the next call; raises its ProviderError at the end.
        """
        news, failure = 0, None
        for provider in self._providers.values():
            now_ms, done_ms = self._clock.ms(), await self._marks.done_ms(provider.name)
            if now_ms - done_ms < DAY_MS:
                continue
            try:
                news += await self._all(provider, _since(now_ms, done_ms), now_ms)
            except ProviderError as silent:
                log.warning("payments_not_swept", extra={"provider": provider.name, "reason": str(silent)})
                failure = failure or silent
                continue
            await self._marks.done(provider.name, now_ms)
        if failure is not None:
            raise failure
        return news

    async def statement(self, since_ms: int, until_ms: int) -> Statement:
        """What the providers list for this time, after all of it that was news was taken in. Raises ProviderError."""
        payments: list[PaidLine] = []
        refunds: list[RefundedLine] = []
        for provider in self._providers.values():
            for start_ms in range(since_ms, until_ms, DAY_MS):
                end_ms = min(start_ms + DAY_MS, until_ms)
                for paid in await provider.payments_between(start_ms, end_ms):
                    await self._payment(provider, paid)
                    named = await self._books.whose(paid.payment.id)
                    payments.append(PaidLine(paid, named[0] if named is not None else None))
                for refunded in await provider.refunds_between(start_ms, end_ms):
                    await self._refund(provider, refunded)
                    named = await self._books.whose(refunded.refund.payment)
                    refunds.append(RefundedLine(refunded, named[0] if named is not None else None))
        return Statement(
            tuple({line.record.payment.id: line for line in payments}.values()),
            tuple({line.record.refund.id: line for line in refunds}.values()),
        )

    async def whose(self, provider: PaymentProvider, record: PaymentRecord) -> Named | None:
        """The order a payment in the provider's list was made for. Raises ProviderError."""
        for name in (record.payment.id, record.link, record.provider_order):
            if named := await self._books.whose(name):
                return named
        if named := order_of(record.reference):
            return named
        if await self._orphans.knows(record.payment.id):
            return None
        return await self._linked(provider, record.payment.id)

    async def _all(self, provider: PaymentProvider, since_ms: int, until_ms: int) -> int:
        """A day at a time, payments before their refunds."""
        news = 0

        async def payment(record: PaymentRecord) -> None:
            nonlocal news
            if await self._payment(provider, record):
                news += 1

        async def refund(record: RefundRecord) -> None:
            nonlocal news
            if await self._refund(provider, record):
                news += 1

        seen = 0
        for start_ms in range(since_ms, until_ms, DAY_MS):
            end_ms = min(start_ms + DAY_MS, until_ms)
            seen += await each(await provider.payments_between(start_ms, end_ms), payment)
            seen += await each(await provider.refunds_between(start_ms, end_ms), refund)
        log.info("payments_swept", extra={"provider": provider.name, "seen": seen, "news": news})
        return news

    async def _payment(self, provider: PaymentProvider, record: PaymentRecord) -> bool:
        """Whether it was news."""
        view = record.payment
        if view.state not in _TAKEN:
            return False
        named = await self.whose(provider, record)
        order = await self._orders.get(named[0]) if named is not None else None
        if named is None or order is None:
            captured = view.state is PaymentState.CAPTURED  # one that is not goes back by itself
            return captured and await self._orphans.found_payment(provider.name, view, record.at_ms)
        known = order.payment(view.id)
        if known is not None and (known.captured or (view.state is PaymentState.AUTHORISED and known.authorised_ms)):
            return False
        facts = await self._books.payment(provider, order, named[1], view)
        return await self._orders.record(order.id, *facts) != order

    async def _refund(self, provider: PaymentProvider, record: RefundRecord) -> bool:
        view = record.refund
        named = await self._books.whose(view.payment)
        if named is None and not await self._orphans.knows(view.payment):
            named = await self._linked(provider, view.payment)
        order = await self._orders.get(named[0]) if named is not None else None
        if order is None:
            return await self._orphans.found_refund(provider.name, view, record.at_ms)
        if _knows(order, record):
            return False
        if view.state is RefundState.FAILED:  # a list may be old; asked, it is final
            view = await provider.fetch_refund(view.id)
        return await self._orders.record(order.id, refund_fact(view, self._clock.ms())) != order

    @staticmethod
    async def _linked(provider: PaymentProvider, payment: PaymentId) -> Named | None:
        link = await provider.link_of(payment)
        return None if link is None else order_of(link.reference)


def _since(now_ms: int, done_ms: int) -> int:
    """Five days back, and after a longer silence as far as the last sweep had still to look."""
    earliest = min(now_ms, done_ms + DAY_MS) if done_ms else now_ms
    return max(earliest - LOOK_BACK_MS, now_ms - FARTHEST_MS)


def _knows(order: Order, record: RefundRecord) -> bool:
    view = record.refund
    return any(
        refund.status in _KNOWN[view.state]
        for refund in order.refunds
        if refund.provider_id == view.id or (view.key and refund.key == view.key)
    )
