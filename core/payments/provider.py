"""What any payment provider can do for us."""

from typing import Protocol

from core.ids import LinkId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.models import (
    LinkStatus,
    PaymentEvent,
    PaymentLink,
    PaymentRecord,
    PaymentView,
    RefundRecord,
    RefundView,
)


class PaymentProvider(Protocol):
    """Every call may raise ProviderError: retryable when the outcome is unknown or the provider is down, PaymentRefused
    when it understood and said no. Nothing is retried inside.
    """

    @property
    def name(self) -> str:
        """sandbox, razorpay, stripe; also the source of its events in the inbox."""
        ...

    async def create_link(
        self,
        *,
        order_id: OrderId,
        n: int,
        amount: Money,
        currency: str,
        method: PayMethod,
        expire_by_ms: int,
        description: str,
    ) -> PaymentLink:
        """A link for exactly this amount, payable by this method alone, referenced `<order_id>.<n>`.

        PaymentRefused(REFERENCE_USED) when it was made before: a lost answer is found again with `find_link`.
        """
        ...

    async def fetch_link(self, link: LinkId) -> PaymentLink: ...

    async def find_link(self, reference: str) -> PaymentLink | None: ...

    async def link_of(self, payment: PaymentId) -> PaymentLink | None:
        """The link a payment was made on, for news that names neither the link nor anything of ours."""
        ...

    async def cancel_link(self, link: LinkId) -> LinkStatus:
        """Let it no longer be paid; answers how it ended: CANCELLED, or PAID or EXPIRED if that was faster."""
        ...

    async def payments_of(self, link: PaymentLink) -> tuple[PaymentView, ...]:
        """Every payment ever tried on it, captured or not."""
        ...

    async def refund(self, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        """Return part or all of a payment. The same key again is the same refund."""
        ...

    async def refunds_of(self, payment: PaymentId) -> tuple[RefundView, ...]: ...

    async def fetch_refund(self, refund: str) -> RefundView: ...

    async def payments_between(self, since_ms: int, until_ms: int) -> tuple[PaymentRecord, ...]:
        """Every payment made at the account in this time (in whole seconds, both ends in it), ours or not."""
        ...

    async def refunds_between(self, since_ms: int, until_ms: int) -> tuple[RefundRecord, ...]: ...

    def read(self, raw: str) -> tuple[PaymentEvent, ...]:
        """What an event from the inbox says; nothing for kinds that do not matter. Raises UnreadableEvent."""
        ...

    async def close(self) -> None:
        """Let go of connections and threads."""
        ...


def reference_of(order_id: OrderId, n: int) -> str:
    return f"{order_id}.{n}"


def order_of(reference: str) -> tuple[OrderId, int] | None:
    """The order and link number a reference names, if it is one of ours."""
    order_id, dot, n = reference.rpartition(".")
    if not dot or not n.isascii() or not n.isdigit() or not order_id.startswith("ord_"):
        return None
    return OrderId(order_id), int(n)
