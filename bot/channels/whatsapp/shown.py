"""What a guest was shown last, in Redis: so that "2" and the name of a row mean something, and More knows what is more.

May be lost: then a number means what the screen itself would number, and a repeat may be sent twice.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bot.channels.whatsapp.options import Option
from bot.conversation.incoming import Choice
from core.connections import STORE_FAILURES, Connections
from core.ids import ChatKey
from core.logs import get_logger

log = get_logger(__name__)

KEPT: Final = timedelta(days=7)
SENT_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """`key` names the choices, `message` is the message that showed them, `choices` are its rows in their order,
    `options` all of them, on whichever page, `image` is the picture above and `body` the words.
    """

    key: str = ""
    message: str = ""
    choices: tuple[Choice, ...] = ()
    options: tuple[Option, ...] = ()
    image: str = ""
    body: str = ""


NOTHING: Final = Shown()


class ShownLast:
    def __init__(self, connections: Connections) -> None:
        self._redis = connections.redis

    @staticmethod
    def key(chat: ChatKey) -> str:
        return f"{{chat:{chat}}}:shown"

    @staticmethod
    def sent_key(chat: ChatKey, id: str) -> str:
        return f"{{chat:{chat}}}:sent:{id}"

    async def read(self, chat: ChatKey) -> Shown:
        try:
            kept = await self._redis.get(self.key(chat))
        except STORE_FAILURES as failure:
            log.warning("whatsapp_shown_unknown", chat=chat, error=type(failure).__name__)
            return NOTHING
        return _unpacked(str(kept)) if kept else NOTHING

    async def keep(self, chat: ChatKey, shown: Shown) -> None:
        try:
            await self._redis.set(self.key(chat), _packed(shown), ex=KEPT)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_shown_not_kept", chat=chat, error=type(failure).__name__)

    async def sent(self, chat: ChatKey, ids: Iterable[str]) -> dict[str, str]:
        """Which of our messages went out before, and what Twilio calls the last part of each."""
        wanted = list(ids)
        try:
            found = await self._redis.mget([self.sent_key(chat, id) for id in wanted])
        except STORE_FAILURES as failure:
            log.warning("whatsapp_sent_unknown", chat=chat, error=type(failure).__name__)
            return {}
        return {id: str(sid) for id, sid in zip(wanted, found, strict=True) if sid}

    async def remember(self, chat: ChatKey, id: str, sid: str) -> None:
        try:
            await self._redis.set(self.sent_key(chat, id), sid, ex=SENT_KEPT)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_sent_not_kept", chat=chat, error=type(failure).__name__)


def _packed(shown: Shown) -> str:
    wire = {
        "k": shown.key,
        "m": shown.message,
        "c": [[choice.action, list(choice.names)] for choice in shown.choices],
        "o": [[option.label, option.action, option.hint] for option in shown.options],
        "i": shown.image,
        "b": shown.body,
    }
    return json.dumps(wire, ensure_ascii=False, separators=(",", ":"))


def _unpacked(kept: str) -> Shown:
    wire: dict[str, Any] = json.loads(kept)
    return Shown(
        key=wire["k"],
        message=wire["m"],
        choices=tuple(Choice(action, tuple(names)) for action, names in wire["c"]),
        options=tuple(Option(*option) for option in wire["o"]),
        image=wire["i"],
        body=wire["b"],
    )
