"""Razorpay: a payment link for each try, and everything that can be asked about it (PLATFORMS.md C).

Nothing is retried here; an answer that is not exactly about what was asked counts as no answer.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from core.clock import Clock
from core.errors import ProviderError
from core.ids import LinkId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.answers import OddAnswer, read, readable, same
from core.payments.calls import PATIENCE, Patience
from core.payments.errors import PaymentRefused, Refusal
from core.payments.line import Line, NoAnswer
from core.payments.models import (
    LinkStatus,
    PaymentEvent,
    PaymentLink,
    PaymentRecord,
    PaymentState,
    PaymentView,
    RefundRecord,
    RefundView,
)
from core.payments.provider import order_of, reference_of
from core.payments.razorpay_entities import (
    REFERENCE_NOTE,
    REFUND_NOTE,
    AccountList,
    LinkEntity,
    LinkList,
    PaymentEntity,
    PaymentList,
    RefundEntity,
    RefundList,
    receipt_of,
)
from core.payments.razorpay_news import read_event
from core.payments.razorpay_refusals import no_answer, said_no
from core.payments.razorpay_wire import SaidNo, Wire
from core.payments.sdk import Sdk, only_online

NAME: Final = "razorpay"
SHORTEST: Final = timedelta(minutes=16)  # fifteen are asked for; the sixteenth is for clocks that differ
MAX_DESCRIPTION: Final = 2048
PAGE: Final = 100  # refunds of one payment; the default is ten
MAX_PAGES: Final = 10
MAX_LISTED: Final = 200  # pages of one list of the account
METHODS: Final = (PayMethod.UPI, PayMethod.CARD, PayMethod.WALLET, PayMethod.NETBANKING)

Read = TypeVar("Read")
Listed = TypeVar("Listed")
# Of links with one reference, which there should not be, the one that says most.
_SAYS_MOST: Final = (
    LinkStatus.CANCELLED,
    LinkStatus.EXPIRED,
    LinkStatus.OPEN,
    LinkStatus.PARTLY_PAID,
    LinkStatus.PAID,
)


class RazorpayProvider:
    """`return_url` is where a guest's browser goes after paying. `name` is another one where Razorpay is only played:
    orders stay with the provider they were made at, and no real Razorpay is ever asked about practice money.
    """

    def __init__(
        self,
        *,
        key_id: str,
        key_secret: SecretStr,
        api_url: str,
        return_url: str,
        clock: Clock,
        patience: Patience = PATIENCE,
        name: str = NAME,
        line: Line | None = None,
    ) -> None:
        self.name = name
        self._key_id = key_id
        self._key_secret = key_secret
        self._api_url = api_url
        self._return_url = return_url
        self._clock = clock
        self._patience = patience
        self._sdk = Sdk(name, clock, self._open, patience=patience, line=line)

    @property
    def resting(self) -> bool:
        return self._sdk.resting

    async def close(self) -> None:
        await self._sdk.close()

    # Links

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
        only_online(method)
        reference = reference_of(order_id, n)
        soonest_ms = self._clock.ms() + SHORTEST // timedelta(milliseconds=1)
        body = {
            "amount": amount.paise,
            "currency": currency,
            "accept_partial": False,
            "reference_id": reference,
            "description": description[:MAX_DESCRIPTION],
            "expire_by": -(-max(expire_by_ms, soonest_ms) // 1000),
            "notify": {"sms": False, "email": False},  # the link is sent where the guest ordered
            "reminder_enable": False,
            "callback_url": self._return_url,
            "callback_method": "get",
            "notes": {REFERENCE_NOTE: reference},
            "options": {"checkout": {"method": {each.value: each is method for each in METHODS}}},
        }

        def made(answer: object) -> PaymentLink:
            link = read(LinkEntity, answer).view()
            same("the reference", link.reference, reference)
            same("the amount", (link.amount, link.currency), (amount, currency))
            return link

        try:
            return await self._ask(
                "create_link", lambda client, options: client.payment_link.create(body, **options), made
            )
        except PaymentRefused as refused:
            # Whatever words the refusal has: a link of this reference that is there was made before.
            if await self.find_link(reference) is None:
                raise
            raise PaymentRefused(self.name, Refusal.REFERENCE_USED, reference=reference) from refused

    async def fetch_link(self, link: LinkId) -> PaymentLink:
        return (await self._link(link)).view()

    async def find_link(self, reference: str) -> PaymentLink | None:
        def found(answer: object) -> PaymentLink | None:
            links = [entity.view() for entity in read(LinkList, answer).payment_links]
            ours = [link for link in links if link.reference == reference]
            if links and not ours:
                raise OddAnswer("links of other references")
            return max(ours, key=lambda link: _SAYS_MOST.index(link.status), default=None)

        return await self._ask(
            "find_link",
            lambda client, options: client.payment_link.all({"reference_id": reference}, **options),
            found,
        )

    async def link_of(self, payment: PaymentId) -> PaymentLink | None:
        """The link a captured payment was made on: for news that names neither the link nor anything of ours."""

        def found(answer: object) -> PaymentLink | None:
            for entity in read(LinkList, answer).payment_links:
                paid = {part.payment_id for part in entity.payments or ()}
                if payment in paid and order_of(entity.reference_id or "") is not None:
                    return entity.view()
            return None

        return await self._ask(
            "link_of", lambda client, options: client.payment_link.all({"payment_id": payment}, **options), found
        )

    async def cancel_link(self, link: LinkId) -> LinkStatus:
        try:
            entity = await self._ask(
                "cancel_link", lambda client, options: client.payment_link.cancel(link, **options), _named(link)
            )
        except PaymentRefused:  # paid, expired or cancelled before: which of them, the link itself says
            entity = await self._link(link)
        status = entity.view().status
        if status is LinkStatus.OPEN:
            raise ProviderError(self.name, retryable=True, why="still open", link=link)
        return status

    async def payments_of(self, link: PaymentLink) -> tuple[PaymentView, ...]:
        order = link.provider_order
        if not order:
            return await self._payments_named_by(link)

        def listed(answer: object) -> tuple[PaymentView, ...]:
            payments = read(PaymentList, answer)
            same("the count", payments.count, len(payments.items) if payments.count is not None else None)
            for payment in payments.items:
                same("the order", payment.order_id or order, order)
            return tuple(payment.view() for payment in payments.items)

        views = await self._ask("payments_of", lambda client, options: client.order.payments(order, **options), listed)
        return _paid_by_something(self.name, link, views)

    # Refunds

    async def refund(self, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        receipt = receipt_of(key, payment)
        body = {
            "amount": amount.paise,
            "speed": "normal",
            "notes": {REFUND_NOTE: key},
            **({"receipt": receipt} if receipt else {}),
        }

        def made(answer: object) -> RefundView:
            view = read(RefundEntity, answer).view()
            same("the payment", view.payment, payment)
            same("the amount", view.amount, amount)
            same("the key", view.key, key)
            return view

        return await self._ask(
            "refund",  # with the same body each time, or the key would be refused
            lambda client, options: client.payment.refund(
                payment, body, headers={"X-Refund-Idempotency": key}, **options
            ),
            made,
        )

    async def refunds_of(self, payment: PaymentId) -> tuple[RefundView, ...]:
        def page(answer: object) -> list[RefundView]:
            refunds = read(RefundList, answer)
            same("the count", refunds.count, len(refunds.items) if refunds.count is not None else None)
            for refund in refunds.items:
                same("the payment", refund.payment_id, payment)
            return [refund.view() for refund in refunds.items]

        found: list[RefundView] = []
        for n in range(MAX_PAGES):
            wanted = {"count": PAGE, "skip": n * PAGE}
            more = await self._ask(
                "refunds_of",
                lambda client, options, wanted=wanted: client.payment.fetch_multiple_refund(  # type: ignore[misc]
                    payment, wanted, **options
                ),
                page,
            )
            found += more
            if len(more) < PAGE:
                break
        return tuple({view.id: view for view in found}.values())

    async def fetch_refund(self, refund: str) -> RefundView:
        def fetched(answer: object) -> RefundView:
            view = read(RefundEntity, answer).view()
            same("the refund", view.id, refund)
            return view

        return await self._ask("fetch_refund", lambda client, options: client.refund.fetch(refund, **options), fetched)

    # The account's lists

    async def payments_between(self, since_ms: int, until_ms: int) -> tuple[PaymentRecord, ...]:
        found = await self._listed(
            "payments_between",
            since_ms,
            until_ms,
            lambda client, wanted, options: client.payment.all(wanted, **options),
            lambda items: readable(PaymentEntity, items, PaymentEntity.record),
        )
        return tuple({record.payment.id: record for record in found}.values())

    async def refunds_between(self, since_ms: int, until_ms: int) -> tuple[RefundRecord, ...]:
        found = await self._listed(
            "refunds_between",
            since_ms,
            until_ms,
            lambda client, wanted, options: client.refund.all(wanted, **options),
            lambda items: readable(RefundEntity, items, RefundEntity.record),
        )
        return tuple({record.refund.id: record for record in found}.values())

    async def _listed(
        self,
        what: str,
        since_ms: int,
        until_ms: int,
        call: Callable[[Any, dict[str, int], dict[str, Any]], object],
        lines: Callable[[list[Any]], list[Listed]],
    ) -> list[Listed]:
        """Page by page, newest first: what is made meanwhile shifts the rest; some come twice, and none is missed.

        Raises ProviderError rather than hand out half a list.
        """

        def page(answer: object) -> tuple[int, list[Listed]]:
            listed = read(AccountList, answer)
            same("the count", listed.count, len(listed.items) if listed.count is not None else None)
            return len(listed.items), lines(listed.items)

        found: list[Listed] = []
        for n in range(MAX_LISTED):
            wanted = {"from": since_ms // 1000, "to": -(-until_ms // 1000), "count": PAGE, "skip": n * PAGE}
            count, more = await self._ask(
                what,
                lambda client, options, wanted=wanted: call(client, wanted, options),  # type: ignore[misc]
                page,
            )
            found += more
            if count < PAGE:
                return found
        raise ProviderError(self.name, retryable=True, why="too much to list", call=what)

    # News

    def read(self, raw: str) -> tuple[PaymentEvent, ...]:
        return read_event(raw)

    # How

    async def _link(self, link: LinkId) -> LinkEntity:
        return await self._ask(
            "fetch_link", lambda client, options: client.payment_link.fetch(link, **options), _named(link)
        )

    async def _payments_named_by(self, link: PaymentLink) -> tuple[PaymentView, ...]:
        """Where the link does not name Razorpay's order it may still name its captured payments."""
        entity = await self._link(link.id)
        views = [await self._payment(PaymentId(part.payment_id)) for part in entity.payments or ()]
        return _paid_by_something(self.name, entity.view(), tuple(views))

    async def _payment(self, payment: PaymentId) -> PaymentView:
        def fetched(answer: object) -> PaymentView:
            view = read(PaymentEntity, answer).view()
            same("the payment", view.id, payment)
            return view

        return await self._ask(
            "fetch_payment", lambda client, options: client.payment.fetch(payment, **options), fetched
        )

    async def _ask(
        self, what: str, call: Callable[[Any, dict[str, Any]], object], reading: Callable[[object], Read]
    ) -> Read:
        """One call, and its answer read. Raises ProviderError alone."""

        def ask(client: Any) -> Read:
            try:
                return reading(call(client, {"timeout": self._patience.seconds}))
            except SaidNo as refused:
                raise said_no(self.name, what, refused) from None
            except NoAnswer as lost:
                raise no_answer(self.name, what, lost) from None
            except OddAnswer as odd:
                raise ProviderError(self.name, retryable=True, why=str(odd), call=what) from None

        return await self._sdk.ask(what, ask)

    def _open(self, line: Line) -> Any:
        from razorpay import Client

        auth = (self._key_id, self._key_secret.get_secret_value())
        client = Client(session=Wire(line), auth=auth, base_url=self._api_url)
        client.enable_retry(False)  # it would repeat POSTs whose answer was lost
        return client


def _named(link: LinkId) -> Callable[[object], LinkEntity]:
    def named(answer: object) -> LinkEntity:
        entity = read(LinkEntity, answer)
        same("the link", entity.id, link)
        return entity

    return named


def _paid_by_something(provider: str, link: PaymentLink, views: tuple[PaymentView, ...]) -> tuple[PaymentView, ...]:
    """A link that is paid, and no payment that paid it: one of the two is not true yet."""
    paid = link.status in (LinkStatus.PAID, LinkStatus.PARTLY_PAID)
    if paid and not any(view.state is PaymentState.CAPTURED for view in views):
        raise ProviderError(provider, retryable=True, why="paid by nothing", link=link.id)
    return views
