"""Payments: commands to the provider, its news, and asking it whenever news may be missing.

Webhooks, polls, the guest's return from the payment page and the clock all end the same way: as facts about one order.
"""

from collections.abc import Mapping

from core.clock import Clock
from core.errors import ProviderError
from core.ids import OrderId, PaymentId
from core.inbox.models import InboxItem
from core.monitoring.alerts.service import AlertService
from core.orders.clocks import hard_stop_ms
from core.orders.facts import (
    PROVIDER,
    DisputeOpened,
    ExpiryTried,
    Fact,
    LinkPartlyPaid,
    Reconciled,
    Timer,
    TimerKind,
)
from core.orders.links import STANDING
from core.orders.models import Order
from core.orders.outgoing import PROVIDER_PREFIX
from core.orders.service import OrderService
from core.orders.status import OrderStatus
from core.outbox.models import Delivery, DeliveryResult, Failed
from core.payments.books import Books
from core.payments.commands import Commands
from core.payments.crowd import each
from core.payments.errors import OrphanEvent
from core.payments.models import LinkStatus, News, PaymentEvent, PaymentState, RefundState
from core.payments.news import link_ended, refund_fact
from core.payments.orphans import Orphans
from core.payments.provider import PaymentProvider, order_of
from core.payments.statement import Statement
from core.payments.store import BindingStore, OrphanStore, SweepStore
from core.payments.sweep import Sweep

_LINK_NEWS = {
    News.LINK_PAID: LinkStatus.PAID,
    News.LINK_EXPIRED: LinkStatus.EXPIRED,
    News.LINK_CANCELLED: LinkStatus.CANCELLED,
}


class PaymentService:
    """`providers` by name: orders stay with the provider their link was made at, whatever the settings say today."""

    def __init__(
        self,
        *,
        providers: Mapping[str, PaymentProvider],
        orders: OrderService,
        store: BindingStore,
        orphans: OrphanStore,
        sweeps: SweepStore,
        alerts: AlertService,
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._orders = orders
        self._clock = clock
        self._books = Books(store=store, clock=clock)
        self._commands = Commands(orders=orders, books=self._books, clock=clock)
        self.orphans = Orphans(store=orphans, alerts=alerts, clock=clock)
        self._sweep = Sweep(
            providers=providers, orders=orders, books=self._books, orphans=self.orphans, marks=sweeps, clock=clock
        )

    async def close(self) -> None:
        for provider in self._providers.values():
            await provider.close()

    # Out: the outbox's handler of `provider`

    async def carry_out(self, delivery: Delivery, order: Order) -> DeliveryResult:
        name = delivery.target.removeprefix(PROVIDER_PREFIX)
        provider = self._providers.get(name)
        if provider is None:
            return Failed(f"no payment provider {name}")
        return await self._commands.carry_out(provider, delivery, order)

    # In: the inbox's handler of each provider's events

    async def take_in(self, item: InboxItem) -> None:
        """Turn an event into facts. Raises OrphanEvent for money nobody ordered with, UnreadableEvent."""
        provider = self._providers[item.source]
        for event in provider.read(item.raw):
            order, n = await self._order_of(provider, event)
            facts = await self._facts(provider, order, n, event)
            await self._orders.record(order.id, *facts)

    async def _order_of(self, provider: PaymentProvider, event: PaymentEvent) -> tuple[Order, int]:
        named = order_of(event.reference)
        payment = event.payment.id if event.payment is not None else event.refund.payment if event.refund else ""
        for provider_id in (event.link, event.provider_order, payment):
            named = named or await self._books.whose(provider_id)
        if named is None and payment:
            link = await provider.link_of(PaymentId(payment))
            named = order_of(link.reference) if link is not None else None
        order = await self._orders.get(named[0]) if named is not None else None
        if named is None or order is None:
            if event.payment is not None and event.payment.state is PaymentState.CAPTURED:
                await self.orphans.found_payment(provider.name, event.payment, event.at_ms)
            raise OrphanEvent(news=event.news, payment=payment, link=event.link)
        return order, named[1]

    async def _facts(self, provider: PaymentProvider, order: Order, n: int, event: PaymentEvent) -> list[Fact]:
        facts: list[Fact] = []
        if event.news is News.REFUND and event.refund is not None:
            view = event.refund
            if view.state is RefundState.FAILED:  # said by a report that may be old; asked, it is final
                view = await provider.fetch_refund(view.id)
            facts.append(refund_fact(view, self._clock.ms()))
        elif event.news is News.DISPUTE and event.payment is not None:
            facts.append(
                DisputeOpened(at_ms=self._clock.ms(), by=PROVIDER, payment=event.payment.id, dispute=event.dispute)
            )
        elif event.payment is not None:
            facts += await self._books.payment(provider, order, n, event.payment)
        if event.news is News.LINK_PARTLY_PAID:
            facts.append(LinkPartlyPaid(at_ms=self._clock.ms(), by=PROVIDER, n=n))
        if event.news in _LINK_NEWS:
            facts += link_ended(_LINK_NEWS[event.news], n, self._clock.ms())
        return facts

    # Asking

    async def reconcile(self, order_id: OrderId) -> bool:
        """Ask the provider about every link of an order, and draw the same conclusions as from its news.

        False: it did not answer, at least not to everything; what it did say counts. What happens there while it is
        asked is not known by that: the order counts as looked at when the first question was put.
        """
        asked_ms = self._clock.ms()
        order = await self._orders.require(order_id)
        provider = self._providers.get(order.provider)
        facts: list[Fact] = []
        answered = True
        for link in order.links:
            if provider is None:  # it was taken out of the settings while its orders were under way
                answered = False
                break
            try:
                facts += await self._books.look_at(provider, order, link.n)
            except ProviderError:
                answered = False
        await self._orders.record(order_id, *facts, Reconciled(at_ms=asked_ms, ok=answered))
        return answered

    async def expire(self, order_id: OrderId) -> Order:
        """End an order whose payment window is over: close the link, ask once more, then let `decide` judge.

        Safe to run twice at once, and late. While the provider does not say whether the link can still be paid, the
        order waits; an hour after it was made at the most.
        """
        order = await self._orders.require(order_id)
        if order.status is not OrderStatus.AWAITING_PAYMENT or order.due_ms > self._clock.ms():
            return order  # paid, cancelled, or given a new link meanwhile
        closed: list[Fact] = []
        sure = True
        provider = self._providers.get(order.provider)
        for link in order.links:
            if link.state in STANDING and provider is not None:
                try:
                    closed += await self._commands.close_facts(provider, order, link.n)
                except ProviderError:
                    sure = False
        sure = await self.reconcile(order_id) and sure
        now = self._clock.ms()
        if not sure and now < hard_stop_ms(order):
            return await self._orders.record(order_id, *closed, ExpiryTried(at_ms=now))
        n = order.links[-1].n if order.links else 0
        return await self._orders.record(order_id, *closed, Timer(at_ms=now, timer=TimerKind.WINDOW_OVER, level=n))

    async def browser_returned(self, order_id: OrderId) -> Order:
        """The guest's browser came back from the payment page. Proves nothing; asks the provider, every ten seconds at
        the most, and answers with the order as it is then. Raises OrderNotFound.
        """
        order = await self._orders.browser_returned(order_id)
        if order.next_check_ms <= self._clock.ms():
            await self.reconcile(order_id)
            order = await self._orders.require(order_id)
        return order

    # Jobs

    async def expire_due(self) -> int:
        """End the orders whose payment window is over; how many were looked at."""
        return await each(await self._orders.unpaid_due(), self.expire)

    async def sweep_due(self) -> int:
        """Once a day, and after a day without: go through everything the providers took and returned lately, ours or
        not. How much of it was news.
        """
        return await self._sweep.due()

    async def statement(self, since_ms: int, until_ms: int) -> Statement:
        """The providers' own lists of a time with the order each line is for; what was news is taken in first.

        Raises ProviderError.
        """
        return await self._sweep.statement(since_ms, until_ms)

    async def reconcile_due(self) -> int:
        """Ask about the orders whose time has come; how many."""
        return await each(await self._orders.to_check(), self.reconcile)
