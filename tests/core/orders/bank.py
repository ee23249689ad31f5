"""Our Razorpay provider with the practice Razorpay behind it, in one process and with no network between them."""

import asyncio
import json
from base64 import b64encode
from contextvars import ContextVar
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.clock import Clock
from core.connections import Database
from core.ids import LinkId, PaymentId
from core.inbox.service import InboxService
from core.money import Money
from core.payments.answers import read
from core.payments.line import Line, Received
from core.payments.models import PaymentEvent, PaymentView, RefundView
from core.payments.practice.api import Api, Asked
from core.payments.practice.entities import payment_entity
from core.payments.practice.ledger import Ledger
from core.payments.practice.models import PracticeLink, PracticePayment
from core.payments.practice.news import Event
from core.payments.practice.store import MongoBook
from core.payments.razorpay import RazorpayProvider
from core.payments.razorpay_entities import PaymentEntity, RefundEntity
from core.payments.razorpay_news import lane_of

NAME = "sandbox"
KEY = ("rzp_test_Inside00000001", "inside-key-secret-4Kq0Zs81")

_events = count()
_lost: ContextVar[bool] = ContextVar("lost", default=False)


class Inside(Line):
    """The library's thread asks the test's loop, and waits."""

    def __init__(self, api: Api) -> None:
        super().__init__(1)
        self._api = api
        self._loop = asyncio.get_running_loop()

    def send(self, method: str, url: str, **options: Any) -> Received:
        key = b64encode(":".join(options["auth"]).encode()).decode()
        headers = {**options.get("headers", {}), "Authorization": f"Basic {key}"}
        query = {name: str(value) for name, value in (options.get("params") or {}).items()}
        asked = Asked(method, urlsplit(url).path, query, headers, options.get("data", "").encode())
        answer = asyncio.run_coroutine_threadsafe(self._api.answer(asked), self._loop)
        status, document = answer.result(10)
        return Received(status, json.dumps(document).encode(), {})


class Bank(RazorpayProvider):
    """News goes straight to the inbox; what is played with `quiet` nobody tells."""

    def __init__(self, mongo: Database, clock: Clock, inbox: InboxService) -> None:
        self._clock = clock
        self._inbox = inbox
        self.ledger = Ledger(
            book=MongoBook(mongo), clock=clock, courier=self, page=lambda link: f"https://pay.example/{link}"
        )
        super().__init__(
            name=NAME,
            key_id=KEY[0],
            key_secret=SecretStr(KEY[1]),
            api_url="https://inside.example",
            return_url="https://tiffin.example.in/pay/return",
            clock=clock,
            line=Inside(Api(self.ledger, key_id=KEY[0], key_secret=KEY[1])),
        )

    async def post(self, event: Event) -> None:
        if not _lost.get():
            raw = event.body.decode()
            after_ms = max(0, event.due_ms - self._clock.ms())
            lane = f"later:{event.id}" if after_ms else lane_of(raw)
            # On a clock that stands still names decide who comes first; a test asks for the order of events.
            await self._inbox.put(NAME, f"evt{next(_events):08d}-{event.id}", lane, raw, after_ms=after_ms)

    def read(self, raw: str) -> tuple[PaymentEvent, ...]:
        """Razorpay's news, and what tests say of payments in our own words."""
        try:
            return (PaymentEvent.model_validate_json(raw),)
        except ValueError:
            return super().read(raw)

    # What people do at it

    async def link(self, link: LinkId) -> PracticeLink:
        return await self.ledger.require(link)

    async def pay(self, link: LinkId, amount: Money | None = None, *, quiet: bool = False) -> PaymentView:
        _lost.set(quiet)
        return await self._view(link, await self.ledger.pay(link, amount=amount))

    async def fail(self, link: LinkId, *, quiet: bool = False) -> PaymentView:
        _lost.set(quiet)
        return await self._view(link, await self.ledger.fail(link))

    async def pay_late(self, link: LinkId, *, quiet: bool = False) -> PaymentView:
        _lost.set(quiet)
        return await self._view(link, await self.ledger.pay_late(link))

    async def pay_twice(self, link: LinkId, *, quiet: bool = False) -> PaymentView:
        _lost.set(quiet)
        return await self._view(link, await self.ledger.pay_twice(link))

    async def refund_by_hand(
        self, payment: PaymentId, amount: Money | None = None, *, quiet: bool = False
    ) -> RefundView:
        _lost.set(quiet)
        return read(RefundEntity, await self.ledger.refund_by_hand(payment, amount)).view()

    async def _view(self, link: LinkId, payment: PracticePayment) -> PaymentView:
        entity = payment_entity(await self.ledger.require(link), payment, self._clock.ms())
        return read(PaymentEntity, entity).view()
