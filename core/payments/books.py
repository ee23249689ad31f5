"""What the provider has in its books about an order, as facts; and whose each payment is."""

from core.clock import Clock
from core.ids import LinkId, OrderId, PaymentId
from core.orders.facts import Fact, LinkPartlyPaid, Review
from core.orders.models import Order
from core.payments.models import Binding, LinkStatus, PaymentLink, PaymentState, PaymentView
from core.payments.news import link_ended, link_opened, payment_fact, refund_fact
from core.payments.provider import PaymentProvider, reference_of
from core.payments.store import BindingStore


class Books:
    def __init__(self, *, store: BindingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def bind_link(self, order_id: OrderId, n: int, link: PaymentLink) -> None:
        """Remember whose link it is: some news names the link, or the provider's own order, and nothing of ours."""
        await self._bind(link.id, order_id, n, "link")
        if link.provider_order:
            await self._bind(link.provider_order, order_id, n, "provider_order")

    async def whose(self, provider_id: str) -> tuple[OrderId, int] | None:
        found = await self._store.get(provider_id) if provider_id else None
        return None if found is None else (OrderId(found.order), found.n)

    async def look_at(self, provider: PaymentProvider, order: Order, n: int) -> list[Fact]:
        """Everything the provider knows about the n-th link. Raises ProviderError."""
        known = order.link(n)
        link_id = known.id if known is not None else LinkId("")
        link = await provider.fetch_link(link_id) if link_id else await provider.find_link(reference_of(order.id, n))
        if link is None:
            return []
        facts: list[Fact] = []
        if not link_id:
            await self.bind_link(order.id, n, link)
            facts.append(link_opened(link, n, self._clock.ms()))
        elif link.provider_order and await self.whose(link.provider_order) is None:
            await self.bind_link(order.id, n, link)  # some show their order once somebody tried to pay
        for payment in await provider.payments_of(link):
            facts += await self.payment(provider, order, n, payment)
        if link.status is LinkStatus.PARTLY_PAID:
            facts.append(LinkPartlyPaid(at_ms=self._clock.ms(), n=n))
        facts += link_ended(link.status, n, self._clock.ms())
        return facts

    async def payment(self, provider: PaymentProvider, order: Order, n: int, view: PaymentView) -> list[Fact]:
        """A payment and its refunds; the refunds first, so that money that went back already places no order.

        A payment that is bound to another order is that order's: here it is only a matter for a person.
        """
        bound = await self._bind(view.id, order.id, n, "payment")
        if bound.order != order.id:
            return [Review(at_ms=self._clock.ms(), what="payment_bound_elsewhere", about=view.id)]
        known = [refund for refund in order.refunds if refund.payment == view.id]
        facts: list[Fact] = []
        if view.state is PaymentState.CAPTURED and (view.refunded or known):
            facts += await self.refunds(provider, view.id)
        return [*facts, payment_fact(view, n, self._clock.ms())]

    async def refunds(self, provider: PaymentProvider, payment: PaymentId) -> list[Fact]:
        return [refund_fact(view, self._clock.ms()) for view in await provider.refunds_of(payment)]

    async def _bind(self, provider_id: str, order_id: OrderId, n: int, kind: str) -> Binding:
        return await self._store.bind(Binding(id=provider_id, order=order_id, n=n, kind=kind, at_ms=self._clock.ms()))
