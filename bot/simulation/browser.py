"""A browser with one chat open: it sends what its person does and keeps what is on the screen, as the page does."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import aiohttp

PATIENCE = aiohttp.ClientTimeout(total=30)
TRIES = 5
RECONNECT = timedelta(seconds=0.5)


class Refused(Exception):
    """The server said no, in a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status}: {sentence}")
        self.status, self.sentence = status, sentence


class ButtonMissing(Exception):
    """What the person wanted to tap is not on the screen; `offered` is."""

    def __init__(self, wanted: str, offered: list[str], text: str) -> None:
        super().__init__(f"no button {wanted!r} among {offered} under {text!r}")
        self.wanted, self.offered, self.text = wanted, offered, text


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    action: str | None
    url: str | None
    message: str  # the id of the message it hangs under


@dataclass(slots=True)
class Message:
    """A message on the screen. One that replaces another takes its place and answers to both names."""

    ids: list[str]
    text: str
    buttons: list[list[Button]]
    image: str | None = None
    document: dict[str, str] | None = None
    edits: int = 0

    @property
    def labels(self) -> list[str]:
        return [button.label for row in self.buttons for button in row]

    def find(self, part: str) -> list[Button]:
        """The buttons a person means by `part`: those of that very label, else those that begin so, else hold it."""
        wanted = part.casefold()
        buttons = [button for row in self.buttons for button in row]
        for fits in (str.__eq__, str.startswith, str.__contains__):
            found = [button for button in buttons if fits(button.label.casefold(), wanted)]
            if found:
                return found
        return []


@dataclass
class Browser:
    http: aiohttp.ClientSession
    base: str
    session: str = ""
    language: str = "en-IN"
    on_turn: Callable[[float], None] = lambda seconds: None  # told how long each answer took
    messages: list[Message] = field(default_factory=list)
    answer: list[Message] = field(default_factory=list)  # what the last thing done here was answered with
    news: list[Message] = field(default_factory=list)  # what came by itself, each as it read when it came
    taps: int = 0
    texts: int = 0
    last_event_id: str = ""
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    _by_id: dict[str, Message] = field(default_factory=dict)

    async def open(self) -> None:
        """Get a session of one's own."""
        async with self.http.post(f"{self.base}/chat", json={}, timeout=PATIENCE) as response:
            self.session = (await _answer(response))["session"]

    # What the person does; each answers the messages that came back

    async def start(self, payload: str = "") -> list[Message]:
        return await self.send({"type": "start", "payload": payload})

    async def say(self, text: str, *, reply_to: str = "") -> list[Message]:
        self.texts += 1
        return await self.send({"type": "text", "text": text, **({"reply_to": reply_to} if reply_to else {})})

    async def tap(self, button: Button) -> list[Message]:
        if button.action is None:
            raise ButtonMissing(button.label, [], "a link cannot be tapped here")
        self.taps += 1
        return await self.send({"type": "tap", "action": button.action, "message": button.message})

    async def locate(self, latitude: float, longitude: float) -> list[Message]:
        self.taps += 1
        return await self.send({"type": "location", "latitude": latitude, "longitude": longitude})

    async def send(self, event: dict[str, Any]) -> list[Message]:
        """Send an event, the same one again while the server is away or asks for patience. Raises Refused."""
        event = {"id": secrets.token_hex(12), **event}
        for attempt in range(1, TRIES + 1):
            began = time.perf_counter()
            try:
                async with self.http.post(
                    f"{self.base}/chat/{self.session}/events",
                    json=event,
                    headers={"Accept-Language": self.language},
                    timeout=PATIENCE,
                ) as response:
                    answer = await _answer(response)
            except Refused as refused:
                if attempt == TRIES or refused.status not in (429, 503):
                    raise
                await asyncio.sleep(attempt)
            except (aiohttp.ClientConnectionError, TimeoutError):
                if attempt == TRIES:
                    raise
                await asyncio.sleep(attempt)
            else:
                self.on_turn(time.perf_counter() - began)
                self.answer = await self._take(answer["replies"])
                return self.answer
        raise AssertionError("unreachable")

    # What is on the screen

    @property
    def latest(self) -> Message:
        return self.messages[-1]

    def find(self, part: str, *, back: int = 12) -> Button:
        """The button a person means, in the newest message that has one. Raises ButtonMissing."""
        for message in self.messages[: -back - 1 : -1]:
            if found := message.find(part):
                return found[0]
        newest = next((m for m in reversed(self.messages) if m.buttons), None)
        raise ButtonMissing(part, newest.labels if newest else [], self.messages[-1].text if self.messages else "")

    def by_id(self, id: str) -> Message | None:
        return self._by_id.get(id)

    async def wait_for(self, fits: Callable[["Browser"], bool], timeout: float) -> None:
        """Until what is there fits; looks again whenever something came by itself. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self.heard:
            await self.heard.wait_for(lambda: fits(self))

    async def _take(self, replies: list[dict[str, Any]]) -> list[Message]:
        """Show what came, once each, whichever way it came."""
        touched = []
        for reply in replies:
            if reply["id"] in self._by_id:
                touched.append(self._by_id[reply["id"]])
                continue
            shown = Message([reply["id"]], reply["text"], _buttons(reply), reply["image"], reply["document"])
            old = self._by_id.get(reply["replaces"] or "")
            if old is not None:
                old.ids.append(reply["id"])
                old.text, old.buttons, old.image, old.document = shown.text, shown.buttons, shown.image, shown.document
                old.edits += 1
                shown = old
            else:
                self.messages.append(shown)
            self._by_id[reply["id"]] = shown
            touched.append(shown)
        return touched

    # What comes later

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hear what comes later for as long as this lasts."""
        ready = asyncio.Event()
        task = asyncio.create_task(self._listen(ready))
        try:
            async with asyncio.timeout(10):
                await ready.wait()
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self, ready: asyncio.Event) -> None:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, Refused):
                async for id, data in server_events(
                    self.http, f"{self.base}/chat/{self.session}/stream", self.last_event_id, ready
                ):
                    self.news.extend(replace(message) for message in await self._take(data["replies"]))
                    async with self.heard:
                        self.heard.notify_all()
                    self.last_event_id = id or self.last_event_id
            await asyncio.sleep(RECONNECT.total_seconds())


async def server_events(
    http: aiohttp.ClientSession, url: str, last_event_id: str = "", ready: asyncio.Event | None = None
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """(id, data) of one stream until it ends. Raises Refused when it does not open."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    async with http.get(url, headers=headers, timeout=aiohttp.ClientTimeout(total=None, sock_read=60)) as response:
        if response.status != 200:
            await _answer(response)
        if ready is not None:
            ready.set()
        id, data = "", ""
        async for raw in response.content:
            line = raw.decode().rstrip("\r\n")
            name, _, value = line.partition(":")
            if name == "id":
                id = value.removeprefix(" ")
            elif name == "data":
                data += value.removeprefix(" ")
            elif not line and data:
                yield id, json.loads(data)
                data = ""


async def _answer(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        body = await response.json(content_type=None)
    except ValueError:
        body = {}
    if response.status >= 400:
        raise Refused(response.status, str((body or {}).get("error", response.reason)))
    return dict(body)


def _buttons(reply: dict[str, Any]) -> list[list[Button]]:
    return [[Button(b["label"], b.get("action"), b.get("url"), reply["id"]) for b in row] for row in reply["buttons"]]
