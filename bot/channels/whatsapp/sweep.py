"""Looking at Twilio's own list of messages for what never reached us.

All of Twilio's tries together end within 15 seconds (PLATFORMS.md B2), so whatever a guest writes while we are down
longer is lost to the door; here it is found. The same look brings the fate and the price of what went out.
"""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bot.channels.whatsapp.api import TwilioApi
from bot.channels.whatsapp.keys import chat_key, lane_of
from bot.channels.whatsapp.reports import Reports
from core.clock import Clock
from core.connections import STORE_FAILURES, Connections
from core.errors import ProviderError
from core.inbox.service import InboxService
from core.logs import get_logger
from core.monitoring.alerts.models import AlertKind
from core.monitoring.alerts.service import AlertService
from core.sms.delivery import DeliveryStatus
from core.whatsapp.service import ChatMessages

log = get_logger(__name__)

MESSAGE: Final = "whatsapp"
KEY: Final = "{whatsapp}:swept"
BACK: Final = timedelta(minutes=30)
FURTHEST: Final = timedelta(hours=24)  # after a long night; who waited longer has gone elsewhere
SETTLING: Final = timedelta(seconds=20)  # what is younger may still be on its way to the door


class Sweep:
    def __init__(
        self,
        api: TwilioApi,
        *,
        address: str,
        inbox: InboxService,
        messages: ChatMessages,
        reports: Reports,
        alerts: AlertService,
        connections: Connections,
        clock: Clock,
    ) -> None:
        self._api = api
        self._address = address
        self._inbox = inbox
        self._messages = messages
        self._reports = reports
        self._alerts = alerts
        self._redis = connections.redis
        self._clock = clock

    async def run(self) -> int:
        """How many messages the door had missed. Safe to run twice at once: each is stored once."""
        now = self._clock.now()
        since = await self._since(now)
        try:
            found = await self._arrived(since, now)
            await self._left(since)
        except ProviderError as failure:
            log.warning("whatsapp_sweep_failed", error=str(failure))
            return 0
        await self._swept(now)
        if found:
            log.warning("whatsapp_sweep_found", messages=found)
            hour = now.strftime("%Y-%m-%d %H")
            await self._alerts.raise_once(AlertKind.DOOR_SHUT, "whatsapp", period=hour, messages=found)
        return found

    async def _arrived(self, since: datetime, now: datetime) -> int:
        waiting: list[tuple[datetime, dict[str, Any]]] = []
        async for message in self._api.messages({"To": self._address, "DateSent>": _iso(since)}):
            at = _moment(message)
            if message.get("direction") == "inbound" and at is not None and since <= at <= now - SETTLING:
                waiting.append((at, message))
        found = 0
        for at, message in sorted(waiting, key=lambda each: each[0]):
            chat, sid = chat_key(str(message.get("from", ""))), str(message.get("sid", ""))
            if chat is not None and sid:
                raw = json.dumps(_as_form(message, at), ensure_ascii=False)
                found += await self._inbox.put(MESSAGE, sid, lane_of(chat), raw)
        return found

    async def _left(self, since: datetime) -> None:
        sent = [one async for one in self._api.messages({"From": self._address, "DateSent>": _iso(since)})]
        ours = await self._messages.many([str(one.get("sid", "")) for one in sent])
        for message in sent:
            sid, word = str(message.get("sid", "")), str(message.get("status", ""))
            known = ours.get(sid)
            if known is None:
                continue
            if message.get("price") is not None and known.micros < 0:
                await self._messages.billed(sid, str(message["price"]), str(message.get("price_unit") or ""))
            if word in set(DeliveryStatus) and DeliveryStatus(word).rank > known.rank:
                error = str(message.get("error_code") or "")
                await self._reports.put({"MessageSid": sid, "MessageStatus": word, "ErrorCode": error})

    async def _since(self, now: datetime) -> datetime:
        """Half an hour ago; further back when nobody has looked since."""
        try:
            kept = await self._redis.get(KEY)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_sweep_unknown", error=type(failure).__name__)
            kept = None
        last = datetime.fromtimestamp(int(kept) / 1000, UTC) - BACK if kept else now - BACK
        return max(min(last, now - BACK), now - FURTHEST)

    async def _swept(self, now: datetime) -> None:
        try:
            await self._redis.set(KEY, str(int(now.timestamp() * 1000)), ex=FURTHEST * 2)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_sweep_not_noted", error=type(failure).__name__)


def _as_form(message: dict[str, Any], at: datetime) -> dict[str, str]:
    """As the door would have stored it. What a button carried is not in the list; its title is, as the body."""
    return {
        "MessageSid": str(message["sid"]),
        "From": str(message["from"]),
        "To": str(message.get("to", "")),
        "Body": str(message.get("body") or ""),
        "NumMedia": str(message.get("num_media") or "0"),
        "tiffin_sent_ms": str(int(at.timestamp() * 1000)),
    }


def _moment(message: dict[str, Any]) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message.get("date_sent") or message.get("date_created")))
    except ValueError:
        return None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
