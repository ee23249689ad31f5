"""The server: Razorpay's API, its webhooks, and the knobs."""

import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp
from aiohttp import web

from core.clock import Clock
from core.payments.practice.api import Api, Asked
from core.payments.practice.ledger import Ledger
from core.payments.practice.news import Event
from tests.fakes.loopback import answering, on_loopback
from tests.fakes.razorpay.book import MemoryBook
from tests.fakes.trouble import Instead, Plan, happen

KEY_ID = "rzp_test_Tiffin00000001"
KEY_SECRET = "canary-key-secret-EnLs21M47BllR3X8"
WEBHOOK_SECRET = "canary-webhook-secret-7hQ2"

_CALLS = {
    "create_link": ("POST", r"/v1/payment_links/?"),
    "find_link": ("GET", r"/v1/payment_links/?"),
    "fetch_link": ("GET", r"/v1/payment_links/\w+"),
    "cancel_link": ("POST", r"/v1/payment_links/\w+/cancel"),
    "payments_of": ("GET", r"/v1/orders/\w+/payments"),
    "payments_between": ("GET", r"/v1/payments/?"),
    "refunds_between": ("GET", r"/v1/refunds/?"),
    "fetch_payment": ("GET", r"/v1/payments/\w+"),
    "refund": ("POST", r"/v1/payments/\w+/refund"),
    "refunds_of": ("GET", r"/v1/payments/\w+/refunds"),
    "fetch_refund": ("GET", r"/v1/refunds/\w+"),
}


class FakeRazorpay:
    """`plan[call]` lists what happens to the next calls of a kind, `always[call]` to every one after those.

    News waits in `news` until a test delivers it: in which order, how often, and whether at all.
    """

    def __init__(self, clock: Clock) -> None:
        self.base = ""
        self.hook = ""  # where news goes
        self.clock = clock
        self.book = MemoryBook()
        self.ledger = Ledger(book=self.book, clock=clock, courier=self, page=lambda link: f"{self.base}/pay/{link}")
        self.api = Api(self.ledger, key_id=KEY_ID, key_secret=KEY_SECRET)
        self.plan: dict[str, deque[Plan]] = {}
        self.always: dict[str, Plan] = {}
        self.asked: list[tuple[str, Asked]] = []
        self.calls: Counter[str] = Counter()
        self.under_way = 0
        self.most_under_way = 0
        self.news: list[Event] = []

    def next(self, call: str, *plans: Plan) -> None:
        self.plan.setdefault(call, deque()).extend(plans)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        async with on_loopback(answering(self._handle), handler_cancellation=True) as self.base:
            yield self

    # News

    async def post(self, event: Event) -> None:
        """The ledger has something to tell."""
        self.news.append(event)

    def take(self, *names: str) -> list[Event]:
        """News that is due, of these kinds or of all; it no longer waits."""
        due = [event for event in self.news if event.due_ms <= self.clock.ms() and (not names or event.name in names)]
        self.news = [event for event in self.news if event not in due]
        return due

    async def deliver(self, events: Iterable[Event] | None = None) -> list[int]:
        """Send news, in the order given; what was answered."""
        return [await self.send(event) for event in (self.take() if events is None else events)]

    async def send(
        self,
        event: Event,
        *,
        event_id: str | None = None,
        secret: str = WEBHOOK_SECRET,
        headers: dict[str, str] | None = None,
    ) -> int:
        signed = {
            "Content-Type": "application/json",
            "X-Razorpay-Signature": event.signature(secret),
            "x-razorpay-event-id": event.id if event_id is None else event_id,
        }
        given = {name: value for name, value in {**signed, **(headers or {})}.items() if value}
        async with aiohttp.ClientSession() as http, http.post(self.hook, data=event.body, headers=given) as answer:
            return answer.status

    # The API

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._answer(request)
        finally:
            self.under_way -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(request.method, request.path, request.query, request.headers, await request.read())
        call = _call(asked)
        self.calls[call] += 1
        self.asked.append((call, asked))
        planned = self.plan.get(call)
        plan = planned.popleft() if planned else self.always.get(call)
        status, document = (500, {}) if _stops(plan) else await self.api.answer(asked)
        if plan is not None:
            return await happen(request, plan, status, document)
        return web.json_response(document, status=status)


def _stops(plan: Plan | None) -> bool:
    """Whether it never gets as far as the ledger."""
    return plan is not None and not getattr(plan, "done", True)


def _call(asked: Asked) -> str:
    for call, (method, path) in _CALLS.items():
        if asked.method == method and re.fullmatch(path, asked.path):
            return call
    return "unknown"


def error(status: int, description: str, code: str = "BAD_REQUEST_ERROR", **more: Any) -> Instead:
    """One of Razorpay's own, in place of the right answer; nothing was done."""
    return Instead(status, {"error": {"code": code, "description": description, **more}})
