"""`tiffin run`: one process of Tiffin, or one part of it, until it is told to stop."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum

from bot.bootstrap import Runtime, open_runtime
from bot.commands.opening import open_settings
from core.errors import SettingsError
from core.logs import get_logger
from core.settings import Settings, TelegramMode
from webhooks.app import build_app
from webhooks.serving import BALANCER_NOTICES, address_of, listen, serving

log = get_logger(__name__)

COLLECT_AFTER = (20_000, 20, 100)  # Python's own: 700, 10, 10


class Part(StrEnum):
    """What one process can be limited to."""

    BOT = "bot"
    WEBHOOKS = "webhooks"
    JOBS = "jobs"


def run(*, only: str | None = None) -> None:
    """Serve until stopped; `only` is one of Part. Raises SettingsError when it cannot start."""
    asyncio.run(serve(open_settings(), Part(only) if only is not None else None))


async def serve(settings: Settings, only: Part | None = None) -> None:
    """Run until SIGTERM or Ctrl-C, then drain and stop."""
    polls = settings.telegram_bot_token is not None and settings.telegram_mode is TelegramMode.POLLING
    if only is Part.BOT and not polls:
        why = "no chat app is set up, and the web chat is part of webhooks"
        if settings.telegram_bot_token is not None:
            why = "Telegram delivers to webhooks (TELEGRAM_MODE=webhook)"
        raise SettingsError([f"A process for the bot alone has nothing to listen to: {why}."])
    async with stopped_by_signal() as stop, AsyncExitStack() as house:
        listener = None
        if only in (None, Part.WEBHOOKS):
            listener = listen(settings.host, settings.port)  # a taken port is known before anything is opened
            house.callback(listener.close)
            settings = settings.model_copy(update={"own_address": address_of(listener)})
        runtime = await house.enter_async_context(open_runtime(settings))
        await house.enter_async_context(working(runtime, ticking=only in (None, Part.JOBS)))
        if listener is not None:
            port = await house.enter_async_context(serving(build_app(runtime), listener, notice=BALANCER_NOTICES))
            log.info("serving", host=settings.host, port=port)
        if only in (None, Part.BOT if polls else Part.WEBHOOKS):
            await house.enter_async_context(hearing(runtime))
        settle()
        await stop.wait()
        log.info("stopping")


@asynccontextmanager
async def working(runtime: Runtime, *, ticking: bool = True) -> AsyncIterator[None]:
    """The jobs at work. Without `ticking`, only what every process has to do, and what was just caused here."""
    await runtime.jobs.start(shared=ticking)
    try:
        yield
    finally:
        await runtime.jobs.stop()


@asynccontextmanager
async def hearing(runtime: Runtime) -> AsyncIterator[None]:
    """What people write in chat apps comes in: fetched, or delivered to a web door that is open by now."""
    async with AsyncExitStack() as ears:
        if runtime.telegram is not None:
            await ears.enter_async_context(runtime.telegram.listening())
        if runtime.whatsapp is not None:
            await ears.enter_async_context(runtime.whatsapp.listening())
        yield


@asynccontextmanager
async def stopped_by_signal() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and Ctrl-C set; a second one of them acts as it always does."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked() -> None:
        stop.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, asked)
    try:
        yield stop
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


def settle() -> None:
    """What was loaded at start stays for good: the collector need not walk it again.

    A turn makes a few thousand objects and leaves no cycles worth hurrying for, so it looks seldom: each look at the
    oldest of them keeps everybody waiting (docs/measurements.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
