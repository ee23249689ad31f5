"""One call to Telegram about a chat: in its turn, repeated where that helps, and its errors by our names."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.base import Unreachable
from bot.channels.telegram.errors import ChatMoved, Refused, Unanswered, named
from bot.channels.telegram.events import GroupMigrated, OnGroupEvent
from bot.channels.telegram.keys import CHANNEL, chat_id, chat_key
from bot.channels.telegram.limits import Allowance, Held
from core.ids import ChatKey
from core.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")

NOT_MODIFIED = "message is not modified"
NOBODY_THERE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "have no rights to send",
    "not enough rights to send",
)
AGAIN = (timedelta(milliseconds=300), timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Manner:
    """How long a call may wait for its turn, and whether it is made again when no answer came."""

    patience: timedelta
    repeats: int


ANSWERING = Manner(patience=timedelta(seconds=40), repeats=2)  # Telegram waits 60 s for us
TELLING = Manner(patience=timedelta(seconds=10), repeats=0)  # the outbox comes again by itself


class Calls:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self.on_event: OnGroupEvent | None = None

    async def make(
        self,
        chat: ChatKey,
        call: Callable[[], Awaitable[T]],
        manner: Manner,
        *,
        edit: bool = False,
        tapped: bool = False,
    ) -> T:
        """What `call` returns. `edit`: it changes what is there, so that doing it twice does no harm.

        Raises Unreachable, ChatMoved, Refused, Held and Unanswered, which are all ProviderErrors.
        """
        number = chat_id(chat)
        failures = 0
        while True:
            await self._allowance.take(number, edit=edit, tapped=tapped, patience=manner.patience)
            try:
                return await call()
            except RetryAfter as held:
                wait = _duration(held)
                log.warning("telegram_says_wait", chat=chat, seconds=wait.total_seconds())
                await self._allowance.pause(number, wait)
                if wait > manner.patience:
                    raise Held(wait) from held
            except Forbidden as shut:
                raise Unreachable(CHANNEL, chat=chat) from shut
            except ChatMigrated as moved:
                raise await self._moved(chat, chat_key(moved.new_chat_id)) from moved
            except BadRequest as refused:
                reason = str(refused)
                if any(known in reason.casefold() for known in NOBODY_THERE):
                    raise Unreachable(CHANNEL, chat=chat) from refused
                raise Refused(reason, chat=chat) from refused
            except (InvalidToken, Conflict) as ours:
                log.error("telegram_token_refused", error=named(ours))
                raise Unanswered(type(ours).__name__, chat=chat) from ours
            except NetworkError as failure:
                if failures >= (max(manner.repeats, 1) if edit else manner.repeats):
                    raise Unanswered(named(failure), chat=chat) from failure
                await asyncio.sleep(AGAIN[min(failures, len(AGAIN) - 1)].total_seconds())
                failures += 1
            except TelegramError as odd:
                raise Unanswered(named(odd), chat=chat) from odd

    async def _moved(self, old: ChatKey, new: ChatKey) -> ChatMoved:
        log.info("telegram_group_moved", chat=old, new=new)
        if self.on_event is not None:
            await self.on_event(GroupMigrated(old, new))
        return ChatMoved(chat=old, new=new)


def _duration(held: RetryAfter) -> timedelta:
    wait = held.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
