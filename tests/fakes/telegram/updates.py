"""Updates on their way to the bot: fetched with an offset that confirms, or delivered to a webhook until it says 2xx.

Messages of a chat and callbacks of a person are queues of their own: the next of a queue leaves only when the one
before was acknowledged, different queues leave at once (tdlib/telegram-bot-api, WebhookActor.cpp).
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.telegram.rules import Refusal, bad

CALLBACK_LIFE = 150.0
MESSAGE_LIFE = 24 * 3600.0
READ_TIMEOUT = 60.0


@dataclass
class Pending:
    id: int
    body: dict[str, Any]
    queue: str
    made: float = field(default_factory=time.monotonic)
    tries: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False

    @property
    def expired(self) -> bool:
        life = CALLBACK_LIFE if "callback_query" in self.body else MESSAGE_LIFE
        return time.monotonic() - self.made > life

    def end(self, *, lost: bool = False) -> None:
        self.lost = lost
        self.done.set()


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    allowed: list[str] | None = None
    set_at: float = 0.0
    last_error: str = ""
    last_error_date: int = 0


@dataclass
class Delivery:
    """One attempt to reach the webhook, as a test may want to look at it."""

    update_id: int
    status: int
    body: bytes
    seconds: float


class Updates:
    def __init__(self, on_ride: Callable[[dict[str, Any]], Awaitable[None]], *, first_id: int = 500_000) -> None:
        self.pending: dict[int, Pending] = {}
        self.webhook = Webhook()
        self.deliveries: list[Delivery] = []
        self.retry_unit = 2.0  # the first delay between retries; the test may not have the time Telegram has
        self.reaches: dict[str, str] = {}  # public address → where it is on this machine
        self.conflicts = 0
        self._next = first_id
        self._on_ride = on_ride
        self._came = asyncio.Condition()
        self._poll = 0
        self._queues: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self._places = asyncio.Semaphore(40)

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def add(self, kind: str, body: dict[str, Any], queue: str) -> Pending | None:
        """Queue an update for the bot; None when the bot did not ask for this kind."""
        if self.webhook.allowed and kind not in self.webhook.allowed:
            return None
        one = Pending(self._next, {"update_id": self._next, kind: body}, queue)
        self._next += 1
        self.put(one)
        return one

    def put(self, one: Pending) -> None:
        self.pending[one.id] = one
        self._start(self._wake() if not self.webhook.url else self._deliver(one))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # GetUpdates

    async def fetch(self, offset: int, limit: int, timeout: float, allowed: list[str] | None) -> list[dict[str, Any]]:
        """Confirm what is before `offset`, then give what is there, waiting `timeout` seconds for something."""
        if self.webhook.url:
            raise _conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete it first")
        if allowed is not None:
            self.webhook.allowed = allowed
        self._poll += 1
        mine = self._poll
        await self._wake()
        if offset < 0:
            offset = max(self.pending, default=0) + 1 + offset
        for id in [id for id in self.pending if id < offset]:
            self.pending.pop(id).end()
        self._drop_expired()
        if not self.pending and timeout:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout), self._came:
                    await self._came.wait_for(lambda: bool(self.pending or self._poll != mine))
            if self.webhook.url:
                raise _conflict("terminated by setWebhook request")
            if self._poll != mine:
                self.conflicts += 1
                raise _conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
        return [self.pending[id].body for id in sorted(self.pending)[:limit]]

    async def _wake(self) -> None:
        async with self._came:
            self._came.notify_all()

    def _drop_expired(self) -> None:
        for one in [one for one in self.pending.values() if one.expired]:
            del self.pending[one.id]
            one.end(lost=True)

    # Webhook

    async def set_webhook(self, url: str, secret: str, max_connections: int, allowed: list[str] | None) -> None:
        if url and not url.startswith(("https://", "http://127.0.0.1")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        now = time.monotonic()
        if url and now - self.webhook.set_at < 1.0 and self.webhook.set_at:
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self.webhook = Webhook(url, secret, max_connections, allowed, now if url else 0.0)
        self._places = asyncio.Semaphore(max_connections)
        if url:
            self._poll += 1
            await self._wake()
            for one in self.pending.values():
                self._start(self._deliver(one))

    async def _deliver(self, one: Pending) -> None:
        delay = 0.0
        async with self._queues.setdefault(one.queue, asyncio.Lock()):
            while self.webhook.url and one.id in self.pending:
                if one.expired:
                    self.pending.pop(one.id).end(lost=True)
                    return
                wait = await self._attempt(one)
                if wait is None:
                    self.pending.pop(one.id, None)
                    one.end()
                    return
                delay = min(max(delay * 2, self.retry_unit), self.retry_unit * 30) if one.tries > 1 else 0.0
                await asyncio.sleep(max(delay, wait))

    async def _attempt(self, one: Pending) -> float | None:
        """None when it was taken, else how long to wait at least."""
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        one.tries += 1
        headers = {"Content-Type": "application/json"}
        if self.webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.webhook.secret
        began = time.monotonic()
        try:
            async with (
                self._places,
                self._http.post(
                    self._address(),
                    data=json.dumps(one.body).encode(),
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=READ_TIMEOUT),
                ) as answer,
            ):
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as failure:
            self._failed(f"{type(failure).__name__}")
            self.deliveries.append(Delivery(one.id, 0, b"", time.monotonic() - began))
            return self.retry_unit / 2
        self.deliveries.append(Delivery(one.id, answer.status, body, time.monotonic() - began))
        if 200 <= answer.status < 300:
            await self._ride(body)
            return None
        self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
        return min(float(answer.headers.get("Retry-After", 0)), self.retry_unit)

    def _address(self) -> str:
        for public, here in self.reaches.items():
            if self.webhook.url.startswith(public):
                return here + self.webhook.url.removeprefix(public)
        return self.webhook.url

    async def _ride(self, body: bytes) -> None:
        """A call that came as the answer; Telegram tells nobody how it went."""
        try:
            call = json.loads(body) if body else None
        except ValueError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            with suppress(Refusal):
                await self._on_ride(call)

    def _failed(self, why: str) -> None:
        self.webhook.last_error, self.webhook.last_error_date = why, int(time.time())


def _conflict(what: str) -> Refusal:
    return Refusal(409, f"Conflict: {what}")
