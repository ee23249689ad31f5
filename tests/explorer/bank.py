"""A payment provider as the search imagines it: honest about money, careless about news, and not always there.

What it was told to do is done at one moment, even when the answer is lost. It keeps or ignores our name for a refund,
as real ones do both; it always shows the name when it is asked.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.clock import Clock
from core.errors import ProviderError
from core.ids import LinkId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.errors import PaymentRefused, Refusal
from core.payments.models import (
    LinkStatus,
    News,
    PaymentEvent,
    PaymentLink,
    PaymentState,
    PaymentView,
    RefundState,
    RefundView,
)
from core.payments.provider import order_of, reference_of

NAME = "bank"


@dataclass
class BankRefund:
    id: str
    key: RefundKey  # empty: made by hand
    amount: int
    state: RefundState = RefundState.PENDING


@dataclass
class BankPayment:
    id: PaymentId
    amount: int
    currency: str
    state: PaymentState
    late: bool = False  # captured by itself, after its link had ended
    refunds: list[BankRefund] = field(default_factory=list)

    @property
    def captured(self) -> bool:
        return self.state is PaymentState.CAPTURED

    @property
    def back(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.state is not RefundState.FAILED)

    @property
    def by_hand(self) -> int:
        return sum(
            refund.amount for refund in self.refunds if not refund.key and refund.state is not RefundState.FAILED
        )

    @property
    def left(self) -> int:
        return self.amount - self.back if self.captured else 0


@dataclass
class BankLink:
    id: LinkId
    reference: str
    amount: int
    currency: str
    expires_ms: int
    status: LinkStatus = LinkStatus.OPEN
    payments: list[BankPayment] = field(default_factory=list)

    @property
    def order(self) -> OrderId:
        named = order_of(self.reference)
        assert named is not None
        return named[0]


@dataclass(frozen=True)
class Letter:
    """A piece of news on its way, signed and sealed."""

    id: str
    lane: str
    raw: str
    what: str


class Ledger:
    """What is true at the provider."""

    def __init__(self, clock: Clock, *, keeps_keys: bool) -> None:
        self.clock = clock
        self.keeps_keys = keeps_keys
        self.links: dict[LinkId, BankLink] = {}
        self.news: list[Letter] = []
        self.changed_ms: dict[OrderId, int] = {}
        self._n = 0

    # The guest's bank, and the owner's hand

    def pay(self, link: BankLink, amount: int | None = None, currency: str = "INR") -> BankPayment:
        payment = self._attempt(link, PaymentState.CAPTURED, amount, currency)
        if payment.amount == link.amount and payment.currency == link.currency:
            link.status = LinkStatus.PAID
        self._captured(link, payment)
        return payment

    def fail(self, link: BankLink) -> BankPayment:
        payment = self._attempt(link, PaymentState.FAILED)
        self._tell(link, News.PAYMENT, f"{payment.id}:failed", payment)
        return payment

    def authorise(self, link: BankLink) -> BankPayment:
        payment = self._attempt(link, PaymentState.AUTHORISED)
        self._tell(link, News.PAYMENT, f"{payment.id}:authorised", payment)
        return payment

    def capture(self, link: BankLink, payment: BankPayment) -> None:
        """A bank that took its time, or one that changed its mind about a failure."""
        payment.state = PaymentState.CAPTURED
        payment.late = self.status(link) is not LinkStatus.OPEN
        if not payment.late:
            link.status = LinkStatus.PAID
        self._captured(link, payment)

    def refund_by_hand(self, link: BankLink, payment: BankPayment, amount: int) -> None:
        self._n += 1
        refund = BankRefund(f"rfnd_hand_{self._n}", RefundKey(""), min(amount, payment.left))
        payment.refunds.append(refund)
        self._tell(link, News.REFUND, f"{refund.id}:created", payment, refund)

    def settle(self, link: BankLink, payment: BankPayment, refund: BankRefund, state: RefundState) -> None:
        refund.state = state
        self._tell(link, News.REFUND, f"{refund.id}:{state}", payment, refund)

    def letter_of_another_order(self, payment: BankPayment, other: BankLink) -> Letter:
        """The news of one payment under the name of another order."""
        event = PaymentEvent(
            news=News.PAYMENT, at_ms=self.clock.ms(), reference=other.reference, payment=self.view(payment)
        )
        return Letter(f"{payment.id}:stray", f"order:{other.order}", event.model_dump_json(), "stray captured")

    # What it answers

    def status(self, link: BankLink) -> LinkStatus:
        over = link.status is LinkStatus.OPEN and link.expires_ms <= self.clock.ms()
        return LinkStatus.EXPIRED if over else link.status

    def payable(self, link: BankLink) -> bool:
        return self.status(link) is LinkStatus.OPEN

    def by_reference(self, reference: str) -> BankLink | None:
        return next((link for link in self.links.values() if link.reference == reference), None)

    def of_payment(self, payment_id: PaymentId) -> tuple[BankLink, BankPayment]:
        for link in self.links.values():
            for payment in link.payments:
                if payment.id == payment_id:
                    return link, payment
        raise PaymentRefused(NAME, Refusal.NOT_FOUND)

    def payments(self) -> list[tuple[BankLink, BankPayment]]:
        return [(link, payment) for link in self.links.values() for payment in link.payments]

    def view(self, payment: BankPayment) -> PaymentView:
        return PaymentView(
            id=payment.id,
            amount=Money(payment.amount),
            currency=payment.currency,
            state=payment.state,
            method="upi",
            refunded=Money(payment.back if payment.captured else 0),
        )

    def link_view(self, link: BankLink) -> PaymentLink:
        return PaymentLink(
            id=link.id,
            reference=link.reference,
            url=f"https://pay.example/{link.id}",
            amount=Money(link.amount),
            currency=link.currency,
            status=self.status(link),
            expires_ms=link.expires_ms,
        )

    @staticmethod
    def refund_view(payment: BankPayment, refund: BankRefund) -> RefundView:
        return RefundView(
            id=refund.id, payment=payment.id, amount=Money(refund.amount), state=refund.state, key=refund.key
        )

    # What it does

    def create(self, reference: str, amount: Money, currency: str, expires_ms: int) -> BankLink:
        if self.by_reference(reference) is not None:
            raise PaymentRefused(NAME, Refusal.REFERENCE_USED)
        link = BankLink(LinkId(f"plink_{len(self.links) + 1}"), reference, amount.paise, currency, expires_ms)
        self.links[link.id] = link
        return link

    def cancel(self, link: BankLink) -> LinkStatus:
        if self.payable(link):
            link.status = LinkStatus.CANCELLED
            self._tell(link, News.LINK_CANCELLED, f"{link.id}:cancelled")
        return self.status(link)

    def refund(self, payment_id: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        link, payment = self.of_payment(payment_id)
        same = [refund for refund in payment.refunds if refund.key == key]
        if self.keeps_keys and same:
            return self.refund_view(payment, same[0])
        if amount.paise > payment.left:
            raise PaymentRefused(NAME, Refusal.TOO_MUCH)
        self._n += 1
        refund = BankRefund(f"rfnd_{self._n}", key, amount.paise)
        payment.refunds.append(refund)
        self._tell(link, News.REFUND, f"{refund.id}:created", payment, refund)
        return self.refund_view(payment, refund)

    def _attempt(
        self, link: BankLink, state: PaymentState, amount: int | None = None, currency: str = ""
    ) -> BankPayment:
        self._n += 1
        payment = BankPayment(PaymentId(f"pay_{self._n}"), amount or link.amount, currency or link.currency, state)
        link.payments.append(payment)
        return payment

    def _captured(self, link: BankLink, payment: BankPayment) -> None:
        for name, news in (
            ("captured", News.PAYMENT),
            ("order_paid", News.PAYMENT),
            *((("link_paid", News.LINK_PAID),) if link.status is LinkStatus.PAID and not payment.late else ()),
        ):
            self._tell(link, news, f"{payment.id}:{name}", payment)

    def _tell(
        self,
        link: BankLink,
        news: News,
        event_id: str,
        payment: BankPayment | None = None,
        refund: BankRefund | None = None,
    ) -> None:
        self.changed_ms[link.order] = self.clock.ms()
        event = PaymentEvent(
            news=news,
            at_ms=self.clock.ms(),
            reference=link.reference if news in (News.LINK_PAID, News.LINK_CANCELLED) else "",
            link=link.id if news is not News.REFUND else LinkId(""),
            payment=self.view(payment) if payment is not None and refund is None else None,
            refund=self.refund_view(payment, refund) if payment is not None and refund is not None else None,
        )
        self.news.append(Letter(event_id, f"order:{link.order}", event.model_dump_json(), event_id))


class ModelBank:
    """The provider as one process calls it. `point` decides when a call is carried out, and what becomes of it."""

    name = NAME

    def __init__(self, ledger: Ledger, point: Callable[[str], Awaitable[str]]) -> None:
        self._ledger = ledger
        self._point = point

    async def _call(self, what: str) -> bool:
        """Whether the answer arrives. Raises when the call does not even get there."""
        word = await self._point(f"{NAME}.{what}")
        if word == "down":
            raise ProviderError(NAME, retryable=True, call=what)
        return word == "go"

    def _answered(self, arrives: bool) -> None:
        if not arrives:
            raise ProviderError(NAME, retryable=True, why="lost")

    def _link(self, link: LinkId) -> BankLink:
        found = self._ledger.links.get(link)
        if found is None:
            raise PaymentRefused(NAME, Refusal.NOT_FOUND)
        return found

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
        arrives = await self._call("create_link")
        link = self._ledger.create(reference_of(order_id, n), amount, currency, expire_by_ms)
        self._answered(arrives)
        return self._ledger.link_view(link)

    async def fetch_link(self, link: LinkId) -> PaymentLink:
        self._answered(await self._call("fetch_link"))
        return self._ledger.link_view(self._link(link))

    async def find_link(self, reference: str) -> PaymentLink | None:
        self._answered(await self._call("find_link"))
        found = self._ledger.by_reference(reference)
        return None if found is None else self._ledger.link_view(found)

    async def link_of(self, payment: PaymentId) -> PaymentLink | None:
        self._answered(await self._call("link_of"))
        return self._ledger.link_view(self._ledger.of_payment(payment)[0])

    async def cancel_link(self, link: LinkId) -> LinkStatus:
        arrives = await self._call("cancel_link")
        status = self._ledger.cancel(self._link(link))
        self._answered(arrives)
        return status

    async def payments_of(self, link: PaymentLink) -> tuple[PaymentView, ...]:
        self._answered(await self._call("payments_of"))
        return tuple(self._ledger.view(payment) for payment in self._link(link.id).payments)

    async def refund(self, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        arrives = await self._call("refund")
        view = self._ledger.refund(payment, amount, key)
        self._answered(arrives)
        return view

    async def refunds_of(self, payment: PaymentId) -> tuple[RefundView, ...]:
        self._answered(await self._call("refunds_of"))
        found = self._ledger.of_payment(payment)[1]
        return tuple(self._ledger.refund_view(found, refund) for refund in found.refunds)

    async def fetch_refund(self, refund: str) -> RefundView:
        self._answered(await self._call("fetch_refund"))
        for _, payment in self._ledger.payments():
            for made in payment.refunds:
                if made.id == refund:
                    return self._ledger.refund_view(payment, made)
        raise PaymentRefused(NAME, Refusal.NOT_FOUND)

    def read(self, raw: str) -> tuple[PaymentEvent, ...]:
        return (PaymentEvent.model_validate_json(raw),)

    async def close(self) -> None:
        """It holds nothing."""
