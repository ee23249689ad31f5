"""Orders to the provider, carried out as deliveries: make a link, close a link, return money.

Each may be repeated after a crash or an unknown answer: a link is found by its reference, a refund by its key.
"""

from core.clock import Clock
from core.errors import ProviderError
from core.ids import LinkId, RefundKey
from core.orders.clocks import MINUTE_MS
from core.orders.facts import (
    PROVIDER,
    Fact,
    LinkClosed,
    LinkFailed,
    RefundCreated,
    RefundFailed,
    RefundProcessed,
    RefundSent,
    RefundStuck,
)
from core.orders.ledger import LinkEnd, LinkState, Refund, RefundStatus
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.service import OrderService
from core.outbox.models import Delivery, DeliveryResult, Failed, Retry, Sent, Skipped
from core.outbox.schedules import GIVE_UP_MS
from core.payments.books import Books
from core.payments.errors import HOPELESS_REFUNDS, PaymentRefused, Refusal
from core.payments.models import LinkStatus, PaymentLink
from core.payments.news import link_ended, link_opened, refund_fact
from core.payments.provider import PaymentProvider, reference_of

_REPORTS = (RefundCreated, RefundProcessed, RefundFailed)
TELL_GUEST_MS = 3 * MINUTE_MS  # so long without a link, and the guest hears of it


class Commands:
    def __init__(self, *, orders: OrderService, books: Books, clock: Clock) -> None:
        self._orders = orders
        self._books = books
        self._clock = clock

    async def carry_out(self, provider: PaymentProvider, delivery: Delivery, order: Order) -> DeliveryResult:
        match delivery.kind:
            case DeliveryKind.PROVIDER_CREATE_LINK:
                return await self._create_link(provider, delivery, order)
            case DeliveryKind.PROVIDER_CLOSE_LINK:
                return await self._close_link(provider, delivery, order)
            case DeliveryKind.PROVIDER_REFUND:
                return await self._refund(provider, delivery, order)
            case _:
                return Failed(f"{delivery.kind} is not for a payment provider")

    # Links

    async def _create_link(self, provider: PaymentProvider, delivery: Delivery, order: Order) -> DeliveryResult:
        n = int(delivery.data["n"])
        link = order.link(n)
        if link is None or link.state is not LinkState.WANTED:
            return Skipped("no longer wanted")  # if it was made, the command to close it finds it
        try:
            made = await self._make(provider, order, n, again=delivery.tries > 1)
        except PaymentRefused as refused:
            await self._record(order, LinkFailed(at_ms=self._now, n=n, reason=refused.reason, final=True))
            return Failed(refused.reason)
        except ProviderError as failure:
            if self._now - delivery.created_ms >= TELL_GUEST_MS:
                await self._record(order, LinkFailed(at_ms=self._now, n=n, reason="no_answer"))
            return Retry(f"{failure.provider} did not answer")
        await self._books.bind_link(order.id, n, made)
        await self._record(order, link_opened(made, n, self._now))
        return Sent(made.id)

    async def _make(self, provider: PaymentProvider, order: Order, n: int, *, again: bool) -> PaymentLink:
        """The link of this number: one that an earlier try made and lost, or a new one."""
        reference = reference_of(order.id, n)
        link = order.link(n)
        assert link is not None  # the caller looked
        found = await provider.find_link(reference) if again else None
        if found is not None:
            return found
        try:
            return await provider.create_link(
                order_id=order.id,
                n=n,
                amount=order.total,
                currency=order.currency,
                method=link.method,
                expire_by_ms=self._now + order.clocks.payment_window * MINUTE_MS,
                description=f"{order.outlet_name}, {order.code}",
            )
        except PaymentRefused as refused:
            if refused.reason is not Refusal.REFERENCE_USED:
                raise
            found = await provider.find_link(reference)
            if found is None:  # it knows the reference and does not show the link: ask again later
                raise ProviderError(provider.name, retryable=True, reference=reference) from refused
            return found

    async def _close_link(self, provider: PaymentProvider, delivery: Delivery, order: Order) -> DeliveryResult:
        n = int(delivery.data["n"])
        link = order.link(n)
        if link is None or (link.state is LinkState.CLOSED and link.end is not LinkEnd.FAILED):
            return Skipped("closed already")
        order = await self._record(order, *await self.close_facts(provider, order, n))
        link = order.link(n)
        if link is not None and link.state is LinkState.CLOSING:  # made in the moment it was looked for
            return Retry("not closed yet")
        return Sent()

    async def close_facts(self, provider: PaymentProvider, order: Order, n: int) -> list[Fact]:
        """Close the n-th link at the provider and say how it ended; one that was never made ends as failed.

        Raises ProviderError when that is not known.
        """
        link = order.link(n)
        link_id = link.id if link is not None else LinkId("")
        facts: list[Fact] = []
        if link is None or not link_id:
            found = await provider.find_link(reference_of(order.id, n))
            if found is None:
                return [LinkClosed(at_ms=self._now, by=PROVIDER, n=n, reason=LinkEnd.FAILED, ours=True)]
            await self._books.bind_link(order.id, n, found)
            facts.append(link_opened(found, n, self._now))
            link_id = found.id
        status = await provider.cancel_link(link_id)
        facts += link_ended(status, n, self._now, ours=True)
        if status is LinkStatus.PAID:
            facts += await self._books.look_at(provider, order, n)
        return facts

    # Refunds

    async def _refund(self, provider: PaymentProvider, delivery: Delivery, order: Order) -> DeliveryResult:
        key = RefundKey(str(delivery.data["key"]))
        refund = order.refund(key)
        if refund is None or refund.status not in (RefundStatus.DUE, RefundStatus.SENT):
            return Skipped("nothing to send")
        perhaps_there = refund.status is RefundStatus.SENT
        # Written first: from here on a refund by hand no longer takes the place of this one.
        order = await self._record(order, RefundSent(at_ms=self._now, refund_key=key))
        refund = order.refund(key)
        if refund is None or refund.status is not RefundStatus.SENT:
            return Skipped("taken back before it was sent")
        try:
            return await self._send(provider, order, refund, perhaps_there=perhaps_there)
        except ProviderError as failure:
            if self._now - delivery.created_ms < GIVE_UP_MS:
                return Retry(f"{failure.provider} did not answer")
            await self._record(order, RefundStuck(at_ms=self._now, refund_key=key, reason=str(failure)))
            return Failed("no answer for a day")

    async def _send(
        self, provider: PaymentProvider, order: Order, refund: Refund, *, perhaps_there: bool
    ) -> DeliveryResult:
        if perhaps_there:
            facts = await self._books.refunds(provider, refund.payment)
            if any(isinstance(fact, _REPORTS) and fact.refund_key == refund.key for fact in facts):
                await self._record(order, *facts)
                return Sent()
        try:
            view = await provider.refund(refund.payment, refund.amount, refund.key)
        except PaymentRefused as refused:
            return await self._refused(provider, order, refund, refused)
        await self._record(order, refund_fact(view, self._now))
        return Sent(view.id)

    async def _refused(
        self, provider: PaymentProvider, order: Order, refund: Refund, refused: PaymentRefused
    ) -> DeliveryResult:
        """Perhaps a person was faster, or it is there after all: look before calling it a failure."""
        facts = await self._books.refunds(provider, refund.payment)
        if not any(isinstance(fact, _REPORTS) and fact.refund_key == refund.key for fact in facts):
            facts.append(
                RefundFailed(
                    at_ms=self._now,
                    by=PROVIDER,
                    payment=refund.payment,
                    amount=refund.amount,
                    refund_key=refund.key,
                    reason=refused.reason,
                    final=refused.reason in HOPELESS_REFUNDS,
                )
            )
        await self._record(order, *facts)
        return Skipped(f"refused: {refused.reason}")

    @property
    def _now(self) -> int:
        return self._clock.ms()

    async def _record(self, order: Order, *facts: Fact) -> Order:
        return await self._orders.record(order.id, *facts)
