"""Fetching updates, for those without a public address.

An update is confirmed by asking for those behind it. So we ask from the first one that is not handled yet: what is
under way comes again with every answer and is passed over, and after a crash it is all still there.
"""

import asyncio
from datetime import timedelta

from telegram import Bot
from telegram.error import Conflict, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram.dispatcher import Dispatcher
from bot.channels.telegram.errors import named
from bot.channels.telegram.incoming import ALLOWED, Json
from core.connections import STORE_FAILURES
from core.ending import end
from core.logs import get_logger

log = get_logger(__name__)

WAIT = timedelta(seconds=25)
# How soon we look for more while something is under way, and how seldom when nothing new comes.
GLANCE, LONGEST_GLANCE = timedelta(milliseconds=5), timedelta(milliseconds=50)
AFTER_FAILURE = (timedelta(seconds=0.5), timedelta(seconds=2), timedelta(seconds=5))
AFTER_CONFLICT = timedelta(seconds=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=10)  # while our stores are away
ANSWER_TIME = 8.0  # seconds Telegram may take beyond the wait asked for
MOST = 100


class Polling:
    def __init__(self, bot: Bot, dispatcher: Dispatcher, *, wait: timedelta = WAIT) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._wait = wait
        self._glance = GLANCE
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._handled: set[int] = set()  # behind one that is still under way
        self._next = 0  # behind the newest one handed to the dispatcher

    async def run(self) -> None:
        """Until cancelled. What is under way then is finished by `drain`."""
        failures = 0
        free = False
        while True:
            try:
                if not free:
                    await self._bot.delete_webhook(drop_pending_updates=False)
                    free = True
                await self._round()
                failures = 0
            except Conflict as conflict:
                free = "webhook" not in str(conflict)
                log.error(
                    "telegram_polled_elsewhere",
                    error=named(conflict),
                    advice="Another process fetches this bot's updates. Run one with TELEGRAM_MODE=polling, or use "
                    "TELEGRAM_MODE=webhook, which several processes can share.",
                )
                await asyncio.sleep(AFTER_CONFLICT.total_seconds())
            except RetryAfter as held:
                wait = held.retry_after
                await asyncio.sleep(wait.total_seconds() if isinstance(wait, timedelta) else wait)
            except TelegramError as failure:
                if failures == 0 or not isinstance(failure, NetworkError):
                    log.warning("telegram_not_heard", error=named(failure))
                await asyncio.sleep(AFTER_FAILURE[min(failures, len(AFTER_FAILURE) - 1)].total_seconds())
                failures += not isinstance(failure, TimedOut)

    async def drain(self, patience: timedelta) -> None:
        """Let what is under way end, then confirm it, so that it does not come again."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=patience.total_seconds())
            await end(late)
        try:
            if self._next:
                await self._fetch(timedelta())
        except TelegramError as failure:
            log.info("telegram_last_not_confirmed", error=named(failure))

    @property
    def _offset(self) -> int:
        return min(self._under_way, default=self._next)

    async def _round(self) -> None:
        updates = await self._fetch(timedelta() if self._under_way else self._wait)
        self._glance = min(self._glance * 2, LONGEST_GLANCE)
        for update in updates:
            number = int(update["update_id"])
            if number not in self._under_way and number not in self._handled:
                self._glance = GLANCE
                self._next = number + 1
                task = asyncio.create_task(self._handle(number, update), name="telegram-update")
                self._under_way[number] = task
        if self._under_way:
            glance = self._glance.total_seconds()
            await asyncio.wait(self._under_way.values(), timeout=glance, return_when=asyncio.FIRST_COMPLETED)
        self._handled = {number for number in self._handled if number > self._offset}

    async def _fetch(self, wait: timedelta) -> list[Json]:
        """From the first update that is not handled, as they came."""
        asked = {
            "offset": self._offset,
            "limit": MOST,
            "timeout": int(wait.total_seconds()),
            "allowed_updates": ALLOWED,
        }
        # The library's own method reads all updates into objects, and one it cannot read would hold up all others.
        # Under this spelling it passes the answer through.
        fetched: list[Json] = await self._bot.do_api_request(
            "get_Updates", asked, read_timeout=wait.total_seconds() + ANSWER_TIME
        )
        return fetched

    async def _handle(self, number: int, update: Json) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._dispatcher.handle(update, ride=False)
            except STORE_FAILURES as failure:
                log.warning("telegram_update_waits", update=number, error=type(failure).__name__)
                await asyncio.sleep(pause.total_seconds())
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                break
        del self._under_way[number]
        self._handled.add(number)
