"""From an update to its answers: whose turn it is, the spinner on a tapped button, and what goes wrong.

An update is handled when its answers are on the screen. Whoever delivered it is told so only then, so that a crash in
between brings it again; the turn it belongs to is then a repeat, and so are its answers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.base import Unreachable
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.errors import named
from bot.channels.telegram.events import OnGroupEvent
from bot.channels.telegram.incoming import Json, Me, read
from bot.channels.telegram.lanes import Flooded, Lanes
from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing
from bot.conversation.texts import Texts
from core.clock import Clock
from core.connections import STORE_FAILURES, Connections, mongo_answers, redis_answers
from core.ending import end
from core.errors import ProviderError
from core.limits.store import TokenBucket
from core.logs import get_logger

log = get_logger(__name__)

Handle = Callable[[Incoming], Awaitable[tuple[Outgoing, ...]]]
Ride = dict[str, Any]  # a call that travels in the answer to the webhook

SPINNER = timedelta(milliseconds=700)  # a button is released after so long even if its turn takes longer
DELIVERIES = 6  # of one update that our stores refuse although they are well
DELIVERY_WINDOW = timedelta(hours=1)


@dataclass(slots=True)
class Listeners:
    """Who is told what: the router, and whoever looks after groups."""

    handle: Handle
    on_event: OnGroupEvent
    flooded: Handle | None = None


class Dispatcher:
    def __init__(
        self,
        *,
        bot: Bot,
        channel: TelegramChannel,
        connections: Connections,
        clock: Clock,
        listeners: Listeners,
        lanes: Lanes | None = None,
    ) -> None:
        self._bot = bot
        self._channel = channel
        self._connections = connections
        self._clock = clock
        self._listeners = listeners
        self._lanes = lanes or Lanes()
        self._deliveries = TokenBucket(connections.redis, "telegram-update", capacity=DELIVERIES, fill=DELIVERY_WINDOW)
        self._telling: set[asyncio.Task[None]] = set()
        self.me = Me()

    async def close(self) -> None:
        """End what is still being said beside the updates."""
        await end(self._telling)

    async def handle(self, update: Json, *, ride: bool) -> Ride | None:
        """Handle one update, and give the call that may ride on the answer to whoever delivered it.

        Raises one of STORE_FAILURES when nothing was done and the update should come again. Nothing else is raised:
        an update nobody can handle would otherwise come back for a day and hold up its chat. So this is the door of
        this channel, as the turn and the job runner are of theirs.
        """
        try:
            return await self._handle(update, ride=ride)
        except STORE_FAILURES as failure:
            if await self._given_up(update):
                log.error("telegram_update_given_up", update=update.get("update_id"), error=type(failure).__name__)
                return None
            raise
        except Exception:
            log.exception("telegram_update_failed", update=update.get("update_id"))
            return None

    async def _handle(self, update: Json, *, ride: bool) -> Ride | None:
        what = read(update, self.me, self._clock)
        if what is None:
            return None
        if not isinstance(what, Incoming):
            await self._listeners.on_event(what)
            return None
        spinner = _Spinner(self._bot, what.extra.get("callback", ""), ride=ride)
        overflowed = False
        try:
            async with self._lanes.turn(what.handle) as lane:
                answers = await self._listeners.handle(what)
                async with lane.patiently():
                    await self._channel.answer(what, answers)
        except Flooded as flood:
            overflowed = flood.first
            spinner.text = Texts.of(what.language_hint[:2]).t("That was too fast. Please wait a moment.")
        except Unreachable:
            log.info("telegram_chat_closed", chat=what.chat)
        except ProviderError as error:
            log.error("telegram_answer_not_shown", chat=what.chat, error=str(error))
        finally:
            riding = await spinner.release()
        if overflowed:
            log.warning("telegram_flood", handle=what.handle)
            await self._pause(what)
        return riding

    async def _pause(self, what: Incoming) -> None:
        """What was thrown away is not done; that, and how long to wait, is said once.

        Beside the update, since whoever floods has used up their chat's pace: an update that waited for it would hold
        back the confirmation of everybody else's.
        """
        if self._listeners.flooded is not None and (answers := await self._listeners.flooded(what)):
            telling = asyncio.create_task(self._tell(what, answers), name="telegram-flood-told")
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def _tell(self, what: Incoming, answers: tuple[Outgoing, ...]) -> None:
        try:
            await self._channel.answer(what, answers)
        except ProviderError as error:
            log.warning("telegram_answer_not_shown", chat=what.chat, error=str(error))
        except STORE_FAILURES as failure:
            log.warning("telegram_answer_not_shown", chat=what.chat, error=type(failure).__name__)

    async def _given_up(self, update: Json) -> bool:
        """Whether an update keeps failing although both stores answer: then it is the update."""
        try:
            well = await redis_answers(self._connections.redis) and await mongo_answers(self._connections.mongo)
            return well and bool(await self._deliveries.take(str(update.get("update_id"))))
        except STORE_FAILURES:
            return False


class _Spinner:
    """The little clock on a tapped button, which runs until the tap is answered.

    Where it can, the answer rides on the webhook's own; a turn that takes long is not waited for. Without a webhook it
    is asked for at once, beside the turn.
    """

    def __init__(self, bot: Bot, query: str, *, ride: bool) -> None:
        self._bot = bot
        self._query = query
        self.text = ""
        self._call: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        if query and ride:
            self._timer = asyncio.get_running_loop().call_later(SPINNER.total_seconds(), self._begin)
        elif query:
            self._begin()

    async def release(self) -> Ride | None:
        if self._timer is not None:
            self._timer.cancel()
        if self._call is not None:
            await self._call
            return None
        if not self._query:
            return None
        riding: Ride = {"method": "answerCallbackQuery", "callback_query_id": self._query}
        return riding | {"text": self.text} if self.text else riding

    def _begin(self) -> None:
        self._call = asyncio.create_task(self._answer(), name="telegram-spinner")

    async def _answer(self) -> None:
        try:
            await self._bot.answer_callback_query(self._query)
        except TelegramError as error:  # too old, most likely; nothing hangs on it
            log.debug("telegram_spinner_stays", error=named(error))
