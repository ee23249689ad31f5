"""How fast Telegram lets us speak, kept by all replicas together.

30 messages a second over all, about one a second in a chat with short bursts, 20 a minute in a group; and when Telegram
says wait, nobody speaks in that chat until then (PLATFORMS.md A3). Each process keeps a chat's pace for itself, and for
messages Redis keeps it for all processes together. An answer to a tap that swaps the tapped message is no message: it
asks nobody, so that browsing costs no round trip. Without Redis every process is alone with the limits.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.telegram.keys import CHANNEL, is_group
from core.connections import STORE_FAILURES, Connections, LuaScript
from core.ending import end
from core.errors import ProviderError
from core.logs import get_logger

log = get_logger(__name__)

PAUSES = "tiffin:telegram:pauses"
LISTEN = timedelta(seconds=10)
AGAIN = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
FOR_THE_CHAT, TOO_LONG = 1, 3  # what the script says a wait is for
ALL_CHATS = 0  # no chat has this number


class Held(ProviderError):
    """It is not our turn to speak for longer than the caller would wait; nothing was sent."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(CHANNEL, retryable=True, retry_after=retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Pace:
    """One message every so many milliseconds on average, `burst` of them at once."""

    every_ms: int
    burst: int

    @property
    def ahead_ms(self) -> int:
        return (self.burst - 1) * self.every_ms


@dataclass(frozen=True, slots=True)
class Paces:
    """Chosen so that burst and average together stay within Telegram's figure in any window: 5 + 15 in a minute."""

    private: Pace = Pace(every_ms=1_000, burst=5)
    group: Pace = Pace(every_ms=4_000, burst=5)
    overall: Pace = Pace(every_ms=40, burst=4)  # 4 + 24, for calls on their way bunch up a little
    edits_a_message: int = 4  # an edit weighs a part of a message: Telegram limits edits too, but far less

    def of(self, chat: int) -> Pace:
        return self.group if is_group(chat) else self.private


class Allowance:
    def __init__(self, connections: Connections, paces: Paces | None = None) -> None:
        self._redis = connections.redis
        self.paces = paces or Paces()
        self._take = LuaScript("bot.channels.telegram", "take.lua")
        self._own = _Places()
        self._pauses: dict[int, float] = {}  # chats Telegram told to wait, until when on the loop's clock
        self._alone = False
        self._returning: set[asyncio.Task[None]] = set()

    async def take(self, chat: int, *, edit: bool, tapped: bool = False, patience: timedelta) -> None:
        """Wait for our turn to speak in `chat`. `tapped`: an edit that answers a tap.

        Raises Held, having reserved nothing, when that would take longer than `patience`.
        """
        pace = self.paces.of(chat)
        weight = pace.every_ms // self.paces.edits_a_message if edit else pace.every_ms
        await self._wait_out(chat, patience)
        await self._own.take(chat, weight, pace.ahead_ms, patience)
        if tapped:
            return
        try:
            await self._take_shared(chat, weight, pace, patience)
        except STORE_FAILURES as failure:
            self._lost(failure)
            await self._own.take(ALL_CHATS, self.paces.overall.every_ms, self.paces.overall.ahead_ms, patience)
        except (Held, asyncio.CancelledError):
            self._own.give_back(chat, weight)
            raise

    async def _take_shared(self, chat: int, weight: int, pace: Pace, patience: timedelta) -> None:
        """A place among what all processes say: first in the chat, and when its time has come, in the whole."""
        takes = weight
        while True:
            wait_ms, what = await self._ask(chat, takes, pace, patience // MILLISECOND)
            self._alone = False
            if what == TOO_LONG:
                raise Held(wait_ms * MILLISECOND)
            if wait_ms:
                try:
                    await asyncio.sleep(wait_ms / 1000)
                except asyncio.CancelledError:
                    self._give_back(chat, weight, pace)
                    raise
            if what != FOR_THE_CHAT:
                return
            await self._wait_out(chat, patience)  # Telegram may have said so meanwhile
            takes = 0

    async def _ask(self, chat: int, takes: int, pace: Pace, patience_ms: int) -> tuple[int, int]:
        """How many milliseconds to wait, and what for (see the script)."""
        whole = self.paces.overall
        wait_ms, what = await self._take(
            self._redis,
            [f"{{telegram}}:chat:{chat}", "{telegram}:all", f"{{telegram}}:pause:{chat}"],
            [takes, pace.ahead_ms, whole.every_ms, whole.ahead_ms, patience_ms],
        )
        return int(wait_ms), int(what)

    def _give_back(self, chat: int, takes: int, pace: Pace) -> None:
        """Whoever waited is gone; those who come later need not wait for a place nobody uses."""
        task = asyncio.create_task(self._returned(chat, takes, pace))
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)

    async def _returned(self, chat: int, takes: int, pace: Pace) -> None:
        with suppress(*STORE_FAILURES):
            await self._ask(chat, -takes, pace, 0)

    async def pause(self, chat: int, duration: timedelta) -> None:
        """Telegram said wait: until then nobody speaks in `chat`, in whatever process."""
        self._note(chat, duration)
        ms = max(1, duration // MILLISECOND)
        try:
            async with self._redis.pipeline(transaction=False) as both:
                both.set(f"{{telegram}}:pause:{chat}", "1", px=ms)
                both.publish(PAUSES, f"{chat} {ms}")
                await both.execute()
        except STORE_FAILURES as failure:
            self._lost(failure)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hear of pauses other processes were told of. One that is missed costs one refused call."""
        task = asyncio.create_task(self._listen(), name="telegram-pauses")
        try:
            yield
        finally:
            await end([task])

    async def _wait_out(self, chat: int, patience: timedelta) -> None:
        until = self._pauses.get(chat)
        if until is None:
            return
        left = until - asyncio.get_running_loop().time()
        if left > patience.total_seconds():
            raise Held(timedelta(seconds=left))
        if left > 0:
            await asyncio.sleep(left)
        if self._pauses.get(chat) == until:
            del self._pauses[chat]

    def _note(self, chat: int, duration: timedelta) -> None:
        now = asyncio.get_running_loop().time()
        for over in [one for one, until in self._pauses.items() if until <= now]:
            del self._pauses[over]
        self._pauses[chat] = max(self._pauses.get(chat, 0.0), now + duration.total_seconds())

    def _lost(self, failure: Exception) -> None:
        if not self._alone:
            log.warning("telegram_limits_alone", error=type(failure).__name__)
        self._alone = True

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as line:
                    await line.subscribe(PAUSES)
                    silent = False
                    while True:
                        heard = await line.get_message(timeout=LISTEN.total_seconds())
                        if heard is None:
                            if silent:
                                break  # it does not answer a ping
                            await line.ping()
                            silent = True
                            continue
                        silent = False
                        if heard["type"] == "message":
                            chat, ms = heard["data"].split()
                            self._note(int(chat), int(ms) * MILLISECOND)
            except STORE_FAILURES as failure:
                log.warning("telegram_pauses_unheard", error=type(failure).__name__)
            await asyncio.sleep(AGAIN.total_seconds())


class _Places:
    """Sending order in this process. Whoever's time has passed is forgotten, so nothing is kept of people at rest."""

    def __init__(self) -> None:
        self._arrivals: OrderedDict[int, float] = OrderedDict()  # milliseconds on the loop's clock, last used last

    def __len__(self) -> int:
        return len(self._arrivals)

    async def take(self, who: int, takes: int, ahead: int, patience: timedelta) -> None:
        now = asyncio.get_running_loop().time() * 1000
        self._forget(now)
        arrival = max(self._arrivals.get(who, 0.0), now)
        wait = max(0.0, arrival - ahead - now)
        if wait > patience / MILLISECOND:
            raise Held(wait * MILLISECOND)
        self._arrivals[who] = arrival + takes
        self._arrivals.move_to_end(who)
        if wait:
            try:
                await asyncio.sleep(wait / 1000)
            except asyncio.CancelledError:
                self.give_back(who, takes)
                raise

    def give_back(self, who: int, takes: int) -> None:
        if who in self._arrivals:
            self._arrivals[who] -= takes

    def _forget(self, now: float) -> None:
        for _ in range(2):
            first = next(iter(self._arrivals.items()), None)
            if first is None or first[1] > now:
                return
            del self._arrivals[first[0]]
