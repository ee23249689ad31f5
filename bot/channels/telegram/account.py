"""Tiffin's account at Telegram: everything of this channel put together, opened and closed."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import chain, repeat

from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application

from bot.channels.telegram.calls import Calls
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.dispatcher import Dispatcher, Handle, Listeners, Ride
from bot.channels.telegram.errors import named
from bot.channels.telegram.events import OnGroupEvent
from bot.channels.telegram.files import Files
from bot.channels.telegram.incoming import Json, Me
from bot.channels.telegram.limits import Allowance, Paces
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.posting import Posts
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.sent import SentMessages
from bot.channels.telegram.setup import AdminCommands, deep_link, present, present_to_admins
from bot.channels.telegram.webhook import Webhook
from core.clock import Clock
from core.connections import Connections
from core.ending import end
from core.errors import SettingsError
from core.logs import get_logger
from core.settings import Settings, TelegramMode

log = get_logger(__name__)

AGAIN = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30))
FINISH = timedelta(seconds=10)


class TelegramAccount:
    """Raises SettingsError when there is no token."""

    def __init__(
        self, settings: Settings, connections: Connections, clock: Clock, *, paces: Paces | None = None
    ) -> None:
        if settings.telegram_bot_token is None:
            raise SettingsError(["TELEGRAM_BOT_TOKEN is missing: Telegram is asked for."])
        self.polls = settings.telegram_mode is TelegramMode.POLLING
        self._connections = connections
        self._clock = clock
        request, polling = self._requests = AiohttpRequest(), AiohttpRequest(connections=2)
        self._app = (
            Application.builder()
            .token(settings.telegram_bot_token.get_secret_value())
            .base_url(f"{settings.telegram_api_url}/bot")
            .base_file_url(f"{settings.telegram_api_url}/file/bot")
            .request(request)
            .get_updates_request(polling)
            .updater(None)
            .job_queue(None)
            .build()
        )
        self.bot = self._app.bot
        self.allowance = Allowance(connections, paces)
        self._calls = Calls(self.allowance)
        own_door = settings.own_address or f"http://127.0.0.1:{settings.port}"
        self.files = Files(request.retrieve, own_door, settings.public_url)
        posts = Posts(self.bot, self._calls, self.files)
        self.channel = TelegramChannel(self.bot, self._calls, posts, SentMessages(connections, clock))
        secret = settings.telegram_webhook_secret
        self.webhook = (
            None
            if self.polls or secret is None
            else Webhook(self.bot, connections, clock, public_url=settings.public_url, secret=secret.get_secret_value())
        )
        self._dispatcher: Dispatcher | None = None
        self._admins: AdminCommands | None = None

    def serve(
        self,
        handle: Handle,
        on_event: OnGroupEvent,
        admins: AdminCommands | None = None,
        *,
        flooded: Handle | None = None,
    ) -> None:
        """Hand what people do to `handle`, what happens to groups to `on_event`, and to `flooded` the first message of
        those that are thrown away because too many wait. Call before `listening`.
        """
        self._admins = admins
        self._calls.on_event = on_event
        self._dispatcher = Dispatcher(
            bot=self.bot,
            channel=self.channel,
            connections=self._connections,
            clock=self._clock,
            listeners=Listeners(handle, on_event, flooded),
        )

    async def handle(self, update: Json) -> Ride | None:
        """One delivery to the webhook; what to answer it with. Raises one of STORE_FAILURES: it should come again."""
        return await self._serving.handle(update, ride=True)

    @property
    def username(self) -> str:
        """The bot's name without @; empty before Telegram told us."""
        return self._serving.me.username

    def deep_link(self, payload: str, *, group: bool = False) -> str:
        """A link that opens the bot with a payload. Raises ValueError, also before Telegram told us our name."""
        return deep_link(self._serving.me.username, payload, group=group)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Sending works while this lasts. Raises SettingsError for a token Telegram does not know.

        When Telegram cannot be reached Tiffin opens all the same, and goes on trying.
        """
        try:
            met = await self._met()
            async with _beside(self._introduce(met), "telegram-introduction"), self.allowance.listening():
                yield
        finally:
            if self._dispatcher is not None:
                await self._dispatcher.close()
            await self._app.shutdown()
            for request in self._requests:  # the library leaves them open when it never got through
                await request.shutdown()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Updates come while this lasts: fetched, or delivered to the webhook once it is set."""
        if self.webhook is not None:
            async with _beside(self._set_webhook(self.webhook), "telegram-webhook"):
                yield
            return
        polling = Polling(self.bot, self._serving)
        try:
            async with _beside(polling.run(), "telegram-polling"):
                yield
        finally:
            await polling.drain(FINISH)

    async def check(self) -> None:
        """A job for every few minutes: is the webhook still ours, and do deliveries arrive."""
        if self.webhook is not None:
            await self.webhook.check()

    async def present_to_admins(self) -> None:
        """A job for every few minutes: new owners find an owner's commands, former ones no longer do."""
        if self._admins is not None:
            await present_to_admins(self.bot, self._connections, self._admins)

    @property
    def _serving(self) -> Dispatcher:
        assert self._dispatcher is not None, "serve() comes first"
        return self._dispatcher

    async def _met(self) -> bool:
        """Whether Telegram told us who we are."""
        try:
            await self._app.initialize()
        except InvalidToken:
            raise SettingsError(["TELEGRAM_BOT_TOKEN is not known to Telegram; @BotFather gives a new one."]) from None
        except TelegramError as failure:
            log.warning("telegram_not_reached", error=named(failure))
            return False
        self._serving.me = Me(self.bot.id, self.bot.username)
        log.info("telegram_met", username=self.bot.username, mode="polling" if self.polls else "webhook")
        return True

    async def _introduce(self, met: bool) -> None:
        """What a guest sees of the bot before they write; first of all that it exists, where that is not known yet."""
        for pause in _pauses():
            if met:
                break
            await asyncio.sleep(pause.total_seconds())
            try:
                met = await self._met()
            except SettingsError as unfit:
                log.error("telegram_token_refused", problem=unfit.problems[0])
                return
        await present(self.bot, self._connections)
        await self.present_to_admins()

    async def _set_webhook(self, webhook: Webhook) -> None:
        for pause in _pauses():
            try:
                await webhook.ensure()
            except TelegramError as failure:
                log.warning("telegram_webhook_not_set", error=named(failure))
                await asyncio.sleep(pause.total_seconds())
            else:
                return


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        await end([task])


def _pauses() -> Iterator[timedelta]:
    """How long to wait between tries, for ever."""
    return chain(AGAIN, repeat(AGAIN[-1]))
