"""Which of Telegram's messages shows which of ours, in Redis: so that what comes later edits instead of repeating.

May be lost: then a message is sent anew where it would have been edited.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.channels.telegram.keys import chat_id, is_group
from core.clock import Clock
from core.connections import STORE_FAILURES, Connections, LuaScript
from core.ids import ChatKey
from core.logs import get_logger

log = get_logger(__name__)

TTL = timedelta(days=2)
KEPT_PRIVATE = 32
KEPT_GROUP = 256  # cards of a busy evening; the board is touched with every edit and so stays
KEYBOARD = "keyboard"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it stands in the chat. One with a picture is edited by other calls than one of text."""

    message: int
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the keyboard below the text field asks for ("" for no keyboard), and the message that brought it."""

    what: str
    message: int = 0


NOTHING_ASKED = Asked("")


class SentMessages:
    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._redis = connections.redis
        self._clock = clock
        self._remember = LuaScript("bot.channels.telegram", "remember.lua")

    @staticmethod
    def key(chat: ChatKey) -> str:
        return f"{{chat:{chat}}}:messages"

    async def find(self, chat: ChatKey, *ids: str) -> tuple[dict[str, Sent], Asked]:
        """The messages that show `ids`, and what the chat's keyboard asks for. One round trip; Redis lost: nothing."""
        try:
            kept: list[Any] = await self._redis.hmget(self.key(chat), [*ids, KEYBOARD])
        except STORE_FAILURES as failure:
            log.warning("telegram_messages_unknown", chat=chat, error=type(failure).__name__)
            return {}, NOTHING_ASKED
        found = {id: _sent(what) for id, what in zip(ids, kept, strict=False) if what}
        return found, _asked(kept[-1]) if kept[-1] else NOTHING_ASKED

    async def remember(self, chat: ChatKey, shown: Mapping[str, Sent], asked: Asked | None = None) -> None:
        """Keep `shown`, and the keyboard when it has changed, for two days from now."""
        pairs = [part for id, sent in shown.items() for part in (id, f"{sent.message}:{'p' if sent.picture else 't'}")]
        if asked is not None:
            pairs += [KEYBOARD, f"{asked.message}:{asked.what}" if asked.what else ""]
        if not pairs:
            return
        limit = KEPT_GROUP if is_group(chat_id(chat)) else KEPT_PRIVATE
        about = [TTL // timedelta(milliseconds=1), limit, self._clock.ms() // 1000]
        try:
            await self._remember(self._redis, [self.key(chat)], [*about, *pairs])
        except STORE_FAILURES as failure:
            log.warning("telegram_messages_not_kept", chat=chat, error=type(failure).__name__)


def _sent(kept: str) -> Sent:
    message, kind, _ = kept.split(":")
    return Sent(int(message), kind == "p")


def _asked(kept: str) -> Asked:
    message, what, _ = kept.split(":")
    return Asked(what, int(message))
