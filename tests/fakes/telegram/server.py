"""The Bot API: parses calls as Telegram does, keeps its rules, remembers everything, and fails when told to."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from itertools import count
from typing import Any

from aiohttp import web

from tests.fakes.loopback import on_loopback
from tests.fakes.telegram.chats import BOT, BOT_ID, Chat, Message
from tests.fakes.telegram.flood import Flood
from tests.fakes.telegram.methods import METHODS, SENDING
from tests.fakes.telegram.rules import Refusal
from tests.fakes.telegram.updates import Pending, Updates

TOKEN = "7000000001:AAH-tests-talk-to-a-telegram-of-their-own"
STRUCTURED = frozenset(
    {"reply_markup", "allowed_updates", "commands", "scope", "media", "link_preview_options", "entities"}
)
NUMBERS = frozenset({"message_id", "offset", "limit", "timeout", "max_connections", "message_thread_id", "cache_time"})


@dataclass
class Call:
    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes]]
    at: float = field(default_factory=time.monotonic)
    riding: bool = False
    error: Refusal | None = None
    content_type: str = ""

    @property
    def chat(self) -> int | None:
        return self.params.get("chat_id")


@dataclass
class Trouble:
    """What goes wrong with the next `times` calls: an error, silence, or an answer that is lost after the deed."""

    status: int = 0
    description: str = ""
    silence: float = 0.0
    after: bool = False  # the call is carried out first
    times: int = 1
    drop: bool = False  # the connection is closed without an answer
    raw: bytes | None = None


class FakeTelegram:
    def __init__(self) -> None:
        self.token = TOKEN
        self.base = ""
        self.calls: list[Call] = []
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, dict[str, Any]] = {}
        self.queries: dict[str, tuple[float, int, bool]] = {}  # made, by whom, answered
        self.answered: dict[str, str] = {}
        self.query_life = 15.0
        self.flood: Flood | None = None
        self.delay = 0.0
        # What the bot itself calls its answers, by chat, where a test can look into it. Only so can a person tell an
        # answer from news that comes while they wait for it.
        self.known_answers: dict[int, list[str]] | None = None
        self.pardons: set[str] = set()  # refusals the test brings about on purpose
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.updates = Updates(self._ride)
        self.changed = asyncio.Condition()
        self._troubles: dict[str, list[Trouble]] = {}
        self._ids = count(1000)
        self._query_ids = count(4_000_000_000)

    # What a test arranges and asks

    def fails(self, method: str, trouble: Trouble) -> None:
        """From the next call of `method` ("*": of any) on, `trouble.times` times."""
        self._troubles.setdefault(method.lower(), []).append(trouble)

    def made(self, *methods: str, chat: int | None = None) -> list[Call]:
        """The calls that were carried out."""
        return [
            call
            for call in self.calls
            if (not methods or call.method in methods) and call.error is None and chat in (None, call.chat)
        ]

    def refusals(self) -> list[str]:
        """Everything that was refused as a mistake, but for what is expected in the life of a bot."""
        usual = {"message is not modified", "query is too old", "message to delete not found", *self.pardons}
        return [
            f"{call.method}: {call.error.description}"
            for call in self.calls
            if call.error is not None and call.error.code == 400 and not any(u in call.error.description for u in usual)
        ]

    def private(self, user: int, first_name: str = "Asha", language: str = "en") -> Chat:
        """A person who knows the bot."""
        self.people.setdefault(user, {"id": user, "is_bot": False, "first_name": first_name, "language_code": language})
        return self.chats.setdefault(user, Chat(user, first_name=first_name, ids=self._ids))

    def group(self, id: int, title: str = "Kitchen") -> Chat:
        kind = "supergroup" if id <= -1_000_000_000_000 else "group"
        ids = count(1) if kind == "supergroup" else self._ids
        return self.chats.setdefault(id, Chat(id, kind=kind, title=title, ids=ids))

    def migrate(self, old: int, new: int) -> Chat:
        """The group becomes a supergroup; whoever speaks to the old number is told."""
        chat = self.group(new, self.chats[old].title)
        self.chats[old].moved_to = new
        return chat

    def say(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any]) -> tuple[Message, dict[str, Any]]:
        """Somebody writes: the message, and how an update shows it. Nothing is sent to the bot yet."""
        message = Message(chat, next(chat.ids), sender, content)
        chat.messages[message.id] = message
        return message, message.shown()

    def queue_message(self, body: dict[str, Any]) -> Pending | None:
        return self.updates.add("message", body, f"chat:{body['chat']['id']}")

    def queue_tap(self, user: dict[str, Any], message: dict[str, Any] | None, data: str) -> Pending | None:
        id = str(next(self._query_ids))
        self.queries[id] = (time.monotonic(), user["id"], False)
        body = {"id": id, "from": user, "chat_instance": "1", "data": data}
        if message is not None:
            body["message"] = message
        return self.updates.add("callback_query", body, f"user:{user['id']}")

    # The API

    async def handle(self, request: web.Request) -> web.StreamResponse:
        token, method = request.match_info["token"], request.match_info["method"]
        if token != self.token:
            return _answer(Refusal(401, "Unauthorized"))
        params, files = await _read(request)
        known = next((name for name in METHODS if name.lower() == method.lower()), None)
        call = Call(known or method, params, files, content_type=request.content_type)
        if known is None:
            call.error = Refusal(404, "Not Found: method not found")
            self.calls.append(call)
            return _answer(call.error)
        if self.delay:
            await asyncio.sleep(self.delay)
        trouble = self._trouble(known)
        if trouble is not None and not trouble.after:
            self.calls.append(call)
            call.error = Refusal(trouble.status or 500, trouble.description)
            return await self._fail(request, trouble)
        try:
            result = await self.perform(call)
        except Refusal as refusal:
            return _answer(refusal)
        if trouble is not None:
            return await self._fail(request, trouble)
        return web.json_response({"ok": True, "result": result})

    async def perform(self, call: Call) -> Any:
        """Carry out a call, which is remembered either way."""
        self.calls.append(call)
        try:
            if self.flood is not None and call.method in SENDING and call.chat is not None:
                self.flood.check(call.chat, edit=call.method.startswith("edit"))
            result = await METHODS[call.method](self, call)
        except Refusal as refusal:
            call.error = refusal
            raise
        async with self.changed:
            self.changed.notify_all()
        return result

    async def _ride(self, body: dict[str, Any]) -> None:
        method = next((name for name in METHODS if name.lower() == body["method"].lower()), None)
        if method is None or method.startswith("get") or method in ("setWebhook", "deleteWebhook"):
            return
        await self.perform(Call(method, {k: v for k, v in body.items() if k != "method"}, {}, riding=True))

    def _trouble(self, method: str) -> Trouble | None:
        for name in (method.lower(), "*"):
            waiting = self._troubles.get(name)
            if waiting:
                waiting[0].times -= 1
                return waiting.pop(0) if waiting[0].times <= 0 else waiting[0]
        return None

    @staticmethod
    async def _fail(request: web.Request, trouble: Trouble) -> web.StreamResponse:
        if trouble.silence:
            await asyncio.sleep(trouble.silence)
        if trouble.drop:
            assert request.transport is not None
            request.transport.abort()
        if trouble.raw is not None:
            return web.Response(status=trouble.status or 200, body=trouble.raw)
        return _answer(Refusal(trouble.status or 500, trouble.description or "Internal Server Error"))

    # Files

    def keep_file(self, name: str, data: bytes) -> str:
        """The id of an uploaded file; the same bytes have the same."""
        id = f"AgAC{sha1(data).hexdigest()[:24]}"
        self.files[id] = (name, data)
        return id


def _answer(refusal: Refusal) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


async def _read(request: web.Request) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    """Parameters from the query string, a form, a multipart form or JSON; structured ones are JSON inside forms."""
    params: dict[str, Any] = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "application/json":
        params |= await request.json()
    elif request.content_type.startswith("multipart/"):
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
                value.file.close()
            else:
                params[name] = value
    elif request.can_read_body:
        params |= dict(await request.post())
    for name, value in params.items():
        if isinstance(value, str) and name in STRUCTURED:
            params[name] = json.loads(value)
        elif isinstance(value, str) and (name in NUMBERS or (name == "chat_id" and value.lstrip("-").isdigit())):
            params[name] = int(value)
    return params, files


@asynccontextmanager
async def running_telegram() -> AsyncIterator[FakeTelegram]:
    """Telegram on a free port; `base` is what TELEGRAM_API_URL should be."""
    fake = FakeTelegram()
    app = web.Application(client_max_size=60 * 1024 * 1024)
    app.router.add_route("*", "/bot{token}/{method}", fake.handle)
    async with on_loopback(app, patience=0.5) as fake.base:
        try:
            yield fake
        finally:
            await fake.updates.close()


__all__ = ["BOT", "BOT_ID", "TOKEN", "Call", "FakeTelegram", "Trouble", "running_telegram"]
