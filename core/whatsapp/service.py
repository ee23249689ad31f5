"""The fate and the cost of what went out."""

import logging
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from core.clock import Clock
from core.ids import ChatKey, OrderId
from core.sms.delivery import DeliveryStatus
from core.whatsapp.models import ChatMessage, Cost
from core.whatsapp.store import ChatMessageStore

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=90)
_MICRO: Final = Decimal(1_000_000)


class ChatMessages:
    def __init__(self, *, store: ChatMessageStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def took(
        self, sid: str, chat: ChatKey, *, fields: str, order: str = "", about: str = "", attempt: int = 1
    ) -> None:
        """Twilio took a message. Noting it twice is noting it once."""
        now = self._clock.ms()
        await self._store.add(
            ChatMessage(
                id=sid, chat=chat, order=order, about=about, fields=fields, attempt=attempt, sent_ms=now, changed_ms=now
            )
        )

    async def get(self, sid: str) -> ChatMessage | None:
        return await self._store.get(sid)

    async def many(self, sids: list[str]) -> dict[str, ChatMessage]:
        """Those of them that are ours, by their names."""
        return {message.id: message for message in await self._store.many(sids)}

    async def progressed(self, sid: str, status: DeliveryStatus, *, error: str = "") -> bool:
        """Twilio reports. In whatever order reports come, a message only moves forward. False: nothing new."""
        return await self._store.advance(sid, status, error=error)

    async def dealt_with(self, sid: str) -> None:
        """What became of it was answered; its words are not needed any more."""
        await self._store.forget_words(sid)

    async def billed(self, sid: str, price: str, currency: str) -> bool:
        """What Twilio took for a message, as it writes it: "-0.00500", a charge being less than nothing."""
        try:
            micros = int(-Decimal(price) * _MICRO)
        except InvalidOperation:
            log.warning("whatsapp_price_unreadable", extra={"sid": sid})
            return False
        return await self._store.price(sid, max(0, micros), currency[:3].upper())

    async def sweep(self) -> int:
        """Drop messages older than ninety days; how many."""
        return await self._store.forget_before(self._clock.ms() - KEPT // timedelta(milliseconds=1))

    async def cost_of(self, order: OrderId) -> Cost:
        """What the order's messages cost the restaurant so far."""
        sent = await self._store.of_order(order)
        known = [message for message in sent if message.micros >= 0]
        return Cost(
            messages=len(sent),
            micros=sum(message.micros for message in known),
            currency=next((message.currency for message in known), ""),
            unknown=len(sent) - len(known),
        )
