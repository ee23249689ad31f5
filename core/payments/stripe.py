"""Stripe: a checkout session for each try, for restaurants outside India (PLATFORMS.md D4).

Nothing is retried here; an answer that is not exactly about what was asked counts as no answer.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from core.clock import Clock
from core.errors import ProviderError
from core.ids import LinkId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.answers import OddAnswer, note, read, readable, same
from core.payments.calls import PATIENCE, KeyUsed, Patience
from core.payments.errors import PaymentRefused, Refusal
from core.payments.line import Line
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
from core.payments.sdk import Sdk, only_online
from core.payments.stripe_entities import (
    EXPIRES,
    REFERENCE,
    REFUND,
    AccountList,
    ChargeEntity,
    IntentEntity,
    RefundEntity,
    RefundList,
    SessionEntity,
    SessionList,
)
from core.payments.stripe_news import read_event

NAME: Final = "stripe"
SHORTEST: Final = timedelta(minutes=31)  # thirty are asked for; one is for clocks that differ
LONGEST: Final = timedelta(hours=24)
MAX_NAME: Final = 250
PAGE: Final = 100
MAX_PAGES: Final = 20
MAX_LISTED: Final = 200  # pages of one list of the account

# Wallets of phones are cards to Stripe; for the rest it decides what it can offer.
METHODS: Final = {PayMethod.CARD: ["card"], PayMethod.WALLET: ["card"], PayMethod.UPI: ["upi"]}

Read = TypeVar("Read")
Listed = TypeVar("Listed")


class StripeProvider:
    """`return_url` makes the address a guest's browser goes to after paying for an order, or after thinking better."""

    name = NAME

    def __init__(
        self,
        *,
        secret_key: SecretStr,
        api_url: str,
        return_url: Callable[[OrderId], str],
        clock: Clock,
        patience: Patience = PATIENCE,
    ) -> None:
        self._secret_key = secret_key
        self._api_url = api_url
        self._return_url = return_url
        self._clock = clock
        self._patience = patience
        self._sdk = Sdk(NAME, clock, self._open, patience=patience)

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
        """Stripe keeps a session for half an hour at least; the order closes it when its own time is over."""
        only_online(method)
        reference, now_ms = reference_of(order_id, n), self._clock.ms()
        back = self._return_url(order_id)
        about = {REFERENCE: reference}
        body: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": reference,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": currency.lower(),
                        "unit_amount": amount.paise,
                        "product_data": {"name": description[:MAX_NAME]},
                    },
                }
            ],
            "success_url": back,
            "cancel_url": back,
            "expires_at": -(-max(expire_by_ms, now_ms + SHORTEST // timedelta(milliseconds=1)) // 1000),
            "metadata": {**about, EXPIRES: str(expire_by_ms)},
            "payment_intent_data": {"metadata": about},
            **({"payment_method_types": METHODS[method]} if method in METHODS else {}),
        }

        def made(answer: object) -> PaymentLink:
            link = read(SessionEntity, answer).view()
            same("the reference", link.reference, reference)
            same("the amount", (link.amount, link.currency), (amount, currency))
            if not link.url:
                raise OddAnswer("a session that cannot be opened")
            return link

        def create(key: str) -> Callable[[Any], Any]:
            return lambda client: client.v1.checkout.sessions.create(body, {"idempotency_key": key})

        try:
            return await self._ask("create_link", create(f"link-{reference}"), made)
        except KeyUsed:
            pass  # made before, with a session to show for it or with nothing but an error: Stripe remembers either
        if await self.find_link(reference) is not None:
            raise PaymentRefused(NAME, Refusal.REFERENCE_USED, reference=reference)
        return await self._ask("create_link", create(f"link-{reference}-{body['expires_at']}"), made)

    async def fetch_link(self, link: LinkId) -> PaymentLink:
        return await self._ask(
            "fetch_link", lambda client: client.v1.checkout.sessions.retrieve(link), _session_named(link)
        )

    async def find_link(self, reference: str) -> PaymentLink | None:
        """Stripe does not look for references: the sessions of the last day are looked through, newest first."""

        def looked_through(answer: object) -> tuple[list[PaymentLink], str]:
            page = read(SessionList, answer)
            return [session.view() for session in page.named(reference)], page.next

        since = (self._clock.ms() - LONGEST // timedelta(milliseconds=1)) // 1000
        asked: dict[str, Any] = {"limit": PAGE, "created": {"gte": since}}
        for _ in range(MAX_PAGES):
            found, following = await self._ask(
                "find_link",
                lambda client, asked=asked: client.v1.checkout.sessions.list(asked),  # type: ignore[misc]
                looked_through,
            )
            if found or not following:
                return max(found, key=lambda link: link.status is LinkStatus.PAID, default=None)
            asked = {**asked, "starting_after": following}
        raise ProviderError(NAME, retryable=True, why="too many sessions to look through", reference=reference)

    async def link_of(self, payment: PaymentId) -> PaymentLink | None:
        """The session a payment was made in: for news that names neither the session nor anything of ours."""

        def found(answer: object) -> PaymentLink | None:
            views = [session.view() for session in read(SessionList, answer).paid_by(payment)]
            return next((view for view in views if order_of(view.reference) is not None), None)

        asked = {"payment_intent": payment, "limit": 1}
        return await self._ask("link_of", lambda client: client.v1.checkout.sessions.list(asked), found)

    async def cancel_link(self, link: LinkId) -> LinkStatus:
        try:
            ended = await self._ask(
                "cancel_link", lambda client: client.v1.checkout.sessions.expire(link), _session_named(link)
            )
        except PaymentRefused:  # only an open one can be ended: how it ended, the session itself says
            return self._over(await self.fetch_link(link))
        status = self._over(ended)
        return LinkStatus.CANCELLED if status is LinkStatus.EXPIRED else status

    async def payments_of(self, link: PaymentLink) -> tuple[PaymentView, ...]:
        intent = link.provider_order
        if not intent:
            if link.status is LinkStatus.PAID:
                raise ProviderError(NAME, retryable=True, why="paid by nothing", link=link.id)
            return ()

        def fetched(answer: object) -> PaymentView:
            entity = read(IntentEntity, answer)
            same("the payment", entity.id, intent)
            same("the reference", note(entity.metadata, REFERENCE) or link.reference, link.reference)
            return entity.view()

        view = await self._ask(
            "payments_of",
            lambda client: client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]}),
            fetched,
        )
        if link.status is LinkStatus.PAID and view.state is not PaymentState.CAPTURED:
            raise ProviderError(NAME, retryable=True, why="paid by nothing", link=link.id)
        return (view,)

    # Refunds

    async def refund(self, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        body = {"payment_intent": payment, "amount": amount.paise, "metadata": {REFUND: key}}

        def made(answer: object) -> RefundView:
            view = read(RefundEntity, answer).view()
            same("the payment", view.payment, payment)
            same("the amount", view.amount, amount)
            same("the key", view.key, key)
            return view

        return await self._ask("refund", lambda client: client.v1.refunds.create(body, {"idempotency_key": key}), made)

    async def refunds_of(self, payment: PaymentId) -> tuple[RefundView, ...]:
        def page(answer: object) -> RefundList:
            refunds = read(RefundList, answer)
            for refund in refunds.data:
                same("the payment", refund.payment_intent, payment)
            return refunds

        asked: dict[str, Any] = {"payment_intent": payment, "limit": PAGE}
        found: list[RefundView] = []
        for _ in range(MAX_PAGES):
            more = await self._ask(
                "refunds_of",
                lambda client, asked=asked: client.v1.refunds.list(asked),  # type: ignore[misc]
                page,
            )
            found += [refund.view() for refund in more.data]
            if not more.has_more or not more.data:
                break
            asked = {**asked, "starting_after": more.data[-1].id}
        return tuple({view.id: view for view in found}.values())

    async def fetch_refund(self, refund: str) -> RefundView:
        def fetched(answer: object) -> RefundView:
            view = read(RefundEntity, answer).view()
            same("the refund", view.id, refund)
            return view

        return await self._ask("fetch_refund", lambda client: client.v1.refunds.retrieve(refund), fetched)

    # The account's lists

    async def payments_between(self, since_ms: int, until_ms: int) -> tuple[PaymentRecord, ...]:
        """Charges: a payment that was tried three times has three, and the one that was taken stands for it."""
        charges = await self._listed(
            "payments_between",
            {**_made_in(since_ms, until_ms), "expand": ["data.balance_transaction"]},
            lambda client, asked: client.v1.charges.list(asked),
            lambda items: readable(ChargeEntity, items, ChargeEntity.record),
        )
        found: dict[PaymentId, PaymentRecord] = {}
        for record in charges:
            known = found.get(record.payment.id)
            if known is None or known.payment.state is not PaymentState.CAPTURED:
                found[record.payment.id] = record
        return tuple(found.values())

    async def refunds_between(self, since_ms: int, until_ms: int) -> tuple[RefundRecord, ...]:
        found = await self._listed(
            "refunds_between",
            _made_in(since_ms, until_ms),
            lambda client, asked: client.v1.refunds.list(asked),
            lambda items: readable(RefundEntity, items, RefundEntity.record),
        )
        return tuple({record.refund.id: record for record in found}.values())

    async def _listed(
        self,
        what: str,
        asked: dict[str, Any],
        call: Callable[[Any, dict[str, Any]], Any],
        lines: Callable[[list[dict[str, Any]]], list[Listed]],
    ) -> list[Listed]:
        """Page by page. Raises ProviderError rather than hand out half a list."""

        def page(answer: object) -> tuple[str, list[Listed]]:
            listed = read(AccountList, answer)
            return listed.next, lines(listed.data)

        found: list[Listed] = []
        for _ in range(MAX_LISTED):
            following, more = await self._ask(
                what,
                lambda client, asked=asked: call(client, asked),  # type: ignore[misc]
                page,
            )
            found += more
            if not following:
                return found
            asked = {**asked, "starting_after": following}
        raise ProviderError(NAME, retryable=True, why="too much to list", call=what)

    # News

    def read(self, raw: str) -> tuple[PaymentEvent, ...]:
        return read_event(raw)

    # How

    @staticmethod
    def _over(link: PaymentLink) -> LinkStatus:
        if link.status is LinkStatus.OPEN:
            raise ProviderError(NAME, retryable=True, why="still open", link=link.id)
        return link.status

    async def _ask(self, what: str, call: Callable[[Any], Any], reading: Callable[[object], Read]) -> Read:
        """One call, and its answer read. Raises ProviderError alone."""

        def ask(client: Any) -> Read:
            from stripe import StripeError

            from core.payments.stripe_refusals import translated

            try:
                # Not the objects the library makes of an answer: they take anything for anything.
                return reading(call(client).last_response.data)
            except (StripeError, ValueError, TypeError, AttributeError, LookupError) as failure:
                raise translated(NAME, what, failure) from None

        return await self._sdk.ask(what, ask)

    def _open(self, line: Line) -> Any:
        import stripe

        from core.payments.stripe_wire import Session

        logging.getLogger(NAME).setLevel(logging.WARNING)  # it would log what it sends, and whole answers
        stripe.enable_telemetry = False  # it would write a file into the home directory and report on itself
        return stripe.StripeClient(
            self._secret_key.get_secret_value(),
            base_addresses={"api": self._api_url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=self._patience.seconds, session=Session(line)),  # type: ignore[arg-type]
        )


def _made_in(since_ms: int, until_ms: int) -> dict[str, Any]:
    return {"created": {"gte": since_ms // 1000, "lte": -(-until_ms // 1000)}, "limit": PAGE}


def _session_named(link: LinkId) -> Callable[[object], PaymentLink]:
    def named(answer: object) -> PaymentLink:
        view = read(SessionEntity, answer).view()
        same("the session", view.id, link)
        return view

    return named
