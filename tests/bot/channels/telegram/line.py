"""A bot on a Telegram of the test's own, with a kitchen behind it that the test plays."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from pydantic import SecretStr

from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.events import GroupEvent
from bot.channels.telegram.keys import chat_id
from bot.channels.telegram.limits import Pace, Paces
from bot.conversation.incoming import Incoming, Tap
from bot.conversation.reply import Outgoing, PackedButton
from bot.conversation.text import Text
from core.clock import Clock
from core.connections import Connections
from core.conversations.store import Begun, ConversationStore, Repeated
from core.settings import Settings, TelegramMode
from tests.fakes.loopback import on_loopback
from tests.fakes.telegram import FakeTelegram
from webhooks.middleware import answer_errors
from webhooks.telegram import add_telegram

SECRET = "a-secret-that-Telegram-repeats_1234"
PUBLIC = "https://tiffin.example"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
UNHURRIED = Paces(private=Pace(1, 1000), group=Pace(1, 1000), overall=Pace(1, 1000))

Answer = Callable[[Incoming], Awaitable[tuple[Outgoing, ...]]]


def says(id: str, text: str, *labels: str, replaces: str = "", image: str = "", ask: str = "") -> Outgoing:
    """An answer with a button for each label; each button's action is its label."""
    rows = tuple((PackedButton(label, action=label.casefold()[:40]),) for label in labels)
    return Outgoing(id, Text.of(text), rows, image=image, replaces=replaces, ask=ask)


@dataclass
class Line:
    """What a test holds of the bot."""

    telegram: FakeTelegram
    account: TelegramAccount
    address: str  # where our web door really is
    heard: list[Incoming] = field(default_factory=list)
    events: list[GroupEvent] = field(default_factory=list)
    answers: Answer | None = None

    @property
    def channel(self) -> TelegramChannel:
        return self.account.channel

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        self.heard.append(incoming)
        answers = () if self.answers is None else await self.answers(incoming)
        if self.telegram.known_answers is not None:
            known = self.telegram.known_answers.setdefault(chat_id(incoming.chat), [])
            known.extend(answer.text.plain.strip() for answer in answers)
        return answers

    async def hear(self, event: GroupEvent) -> None:
        self.events.append(event)


def telegram_settings(settings: Settings, telegram: FakeTelegram, mode: TelegramMode) -> Settings:
    return settings.model_copy(
        update={
            "telegram_bot_token": SecretStr(telegram.token),
            "telegram_api_url": telegram.base,
            "telegram_mode": mode,
            "telegram_webhook_secret": SecretStr(SECRET) if mode is TelegramMode.WEBHOOK else None,
            "public_url": PUBLIC,
        }
    )


@asynccontextmanager
async def open_line(
    telegram: FakeTelegram,
    settings: Settings,
    connections: Connections,
    clock: Clock,
    *,
    mode: TelegramMode = TelegramMode.WEBHOOK,
    paces: Paces | None = UNHURRIED,
    listens: bool = True,
) -> AsyncIterator[Line]:
    """The account at work, and a web door that has its webhook and two pictures."""
    async with AsyncExitStack() as stack:
        door = web.Application(middlewares=[answer_errors])
        door.router.add_get("/media/{name}", _picture)
        wished = telegram_settings(settings, telegram, mode)
        account = TelegramAccount(wished, connections, clock, paces=paces)
        add_telegram(door, account)
        address = await stack.enter_async_context(on_loopback(door, patience=0.5))
        telegram.updates.reaches[PUBLIC] = address
        telegram.updates.retry_unit = 0.05
        account.files.bases = (address,)
        line = Line(telegram, account, address)
        account.serve(line.handle, line.hear)
        await stack.enter_async_context(account.open())
        if listens:
            await stack.enter_async_context(account.listening())
            await set_up(telegram, mode)
        yield line


async def set_up(telegram: FakeTelegram, mode: TelegramMode) -> None:
    wanted = "setWebhook" if mode is TelegramMode.WEBHOOK else "deleteWebhook"
    async with asyncio.timeout(10), telegram.changed:
        await telegram.changed.wait_for(lambda: bool(telegram.made(wanted)))


async def _picture(request: web.Request) -> web.Response:
    pictures = {f"{dish}.png": PIXEL + dish.encode() for dish in ("idli", "vada")}
    pictures |= {"dosa.png": PIXEL, "broken.png": b"not a picture"}
    name = request.match_info["name"]
    return web.Response(body=pictures[name]) if name in pictures else web.Response(status=404)


class Counter:
    """A kitchen in small: it remembers updates as the engine does, and counts each of them once, in Redis."""

    def __init__(self, connections: Connections) -> None:
        self._redis = connections.redis
        self._conversations = ConversationStore(connections.redis)

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        begun = await self._conversations.begin(incoming.chat, incoming.update_id, incoming.update_id)
        while not isinstance(begun, Begun | Repeated):
            await asyncio.sleep(0.01)
            begun = await self._conversations.begin(incoming.chat, incoming.update_id, incoming.update_id)
        if isinstance(begun, Repeated):
            count = begun.answer
        else:
            count = str(await self._redis.incr(f"count:{incoming.chat}"))
            version = begun.version
            await self._conversations.end(
                incoming.chat, incoming.update_id, incoming.update_id, version=version, state=count, answer=count
            )
        swapped = f"n{int(count) - 1}" if isinstance(incoming.content, Tap) else ""
        return (says(f"n{count}", f"Counted {count}", "More", replaces=swapped),)
