"""Outside the 24 hours in which WhatsApp lets us speak freely: an approved template, a text message, or the next time.

What could not be said is not stored as words: by the time the guest writes again it may be untrue. The order is kept,
and the guest then reads where it stands.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from bot.channels.whatsapp.api import Fields
from bot.channels.whatsapp.keys import phone_of
from bot.conversation.reply import Notice
from core.connections import STORE_FAILURES, Connections
from core.errors import ProviderError
from core.ids import ChatKey, OrderId, Phone
from core.logs import get_logger

log = get_logger(__name__)

WORTH_AN_SMS: Final = frozenset({"accepted", "out", "refunded", "rejected", "cancelled", "new_order"})
FOR_STAFF: Final = frozenset({"new_order", "card", "stop", "remind", "cancel_requested"})  # now, or somebody else
DEFAULT: Final = "en"
MISSED_KEPT: Final = timedelta(days=30)
STOP_KEPT: Final = timedelta(days=400)
SMS_LIMIT: Final = 300
VALUE_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class News:
    """A notice with its words, as it is kept while it may have to be said another way."""

    notice: Notice
    text: str

    def to_json(self) -> str:
        return json.dumps({**asdict(self.notice), "text": self.text}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, written: str) -> "News":
        wire: dict[str, Any] = json.loads(written)
        text = str(wire.pop("text"))
        return cls(Notice(**wire), text)


class Sms(Protocol):
    async def send(self, phone: Phone, text: str) -> object: ...


class Elsewhere:
    """`templates` are the sids of approved ones by `<kind>.<language>`."""

    def __init__(self, templates: Mapping[str, str], sms: Sms, connections: Connections) -> None:
        self._templates = templates
        self._sms = sms
        self._redis = connections.redis

    def template(self, news: News) -> Fields | None:
        """The approved template for this news, filled in; None when there is none."""
        kind = news.notice.kind
        sid = self._templates.get(f"{kind}.{news.notice.language}") or self._templates.get(f"{kind}.{DEFAULT}")
        if sid is None:
            return None
        values = {"1": news.notice.code, "2": news.notice.outlet, "3": _one_line(news.text, VALUE_LIMIT)}
        return {"ContentSid": sid, "ContentVariables": json.dumps(values, ensure_ascii=False, separators=(",", ":"))}

    async def by_sms(self, chat: ChatKey, news: News) -> bool:
        """Say it by SMS where it matters and a number is known. False: it was not said."""
        phone = news.notice.phone or phone_of(chat)
        if news.notice.kind not in WORTH_AN_SMS or not phone:
            return False
        try:
            await self._sms.send(Phone(phone), _one_line(news.text, SMS_LIMIT))
        except ProviderError as failure:
            log.warning("whatsapp_news_not_sent_by_sms", order_id=news.notice.order, error=str(failure))
            return False
        log.info("whatsapp_news_sent_by_sms", order_id=news.notice.order, kind=news.notice.kind)
        return True

    async def stop(self, chat: ChatKey) -> None:
        """Nothing more by itself. Kept with the guest's handle too; this spares every message a look there."""
        try:
            await self._redis.set(_stopped_key(chat), "1", ex=STOP_KEPT)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_stop_not_kept", chat=chat, error=type(failure).__name__)

    async def resume(self, chat: ChatKey) -> bool:
        """They write again. Whether they had stopped us."""
        try:
            return bool(await self._redis.delete(_stopped_key(chat)))
        except STORE_FAILURES as failure:
            log.warning("whatsapp_stop_unknown", chat=chat, error=type(failure).__name__)
            return False

    async def next_time(self, chat: ChatKey, order: OrderId) -> None:
        """Remember that the guest has not heard how this order stands."""
        key = _missed_key(chat)
        try:
            await self._redis.set(key, order, ex=MISSED_KEPT)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_missed_not_kept", chat=chat, error=type(failure).__name__)
        else:
            log.info("whatsapp_news_waits", chat=chat, order_id=order)

    async def missed(self, chat: ChatKey) -> OrderId | None:
        """The order the guest has missed news of, once."""
        try:
            order = await self._redis.getdel(_missed_key(chat))
        except STORE_FAILURES as failure:
            log.warning("whatsapp_missed_unknown", chat=chat, error=type(failure).__name__)
            return None
        return OrderId(str(order)) if order else None


def _stopped_key(chat: ChatKey) -> str:
    return f"{{chat:{chat}}}:stopped"


def _missed_key(chat: ChatKey) -> str:
    return f"{{chat:{chat}}}:missed"


def _one_line(text: str, limit: int) -> str:
    """A template's variable holds no line ends (PLATFORMS.md B5)."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
