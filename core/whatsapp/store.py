"""Messages and their fate in MongoDB."""

from typing import Final

from pymongo.errors import DuplicateKeyError

from core.clock import Clock
from core.connections import Collection, Database, Index
from core.ids import OrderId
from core.sms.delivery import DeliveryStatus
from core.whatsapp.models import ChatMessage

MESSAGES: Final = "whatsapp_messages"
NOT_NEEDED: Final = {"fields": "", "about": "", "chat": ""}  # once its fate is known: what it said, and to whom

INDEXES = (
    Index(MESSAGES, ("order",)),
    Index(MESSAGES, ("sent_ms",)),
)


class ChatMessageStore:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._messages: Collection = db[MESSAGES]
        self._clock = clock

    async def add(self, message: ChatMessage) -> bool:
        """False: it is there already."""
        try:
            await self._messages.insert_one(message.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def get(self, sid: str) -> ChatMessage | None:
        document = await self._messages.find_one({"_id": sid})
        return ChatMessage.from_document(document) if document else None

    async def many(self, sids: list[str]) -> list[ChatMessage]:
        found = self._messages.find({"_id": {"$in": sids}})
        return [ChatMessage.from_document(document) for document in await found.to_list(length=None)]

    async def advance(self, sid: str, status: DeliveryStatus, *, error: str = "") -> bool:
        """Move the message on, never back. False: it is there already, or further, or unknown. Atomic.

        A message that arrived is not needed any more: what it said is dropped by the same write.
        """
        now = self._clock.ms()
        change = {"status": status.value, "rank": status.rank, "error": error, "changed_ms": now}
        if status.arrived or status.went_wrong:
            change["settled_ms"] = now
        if status.arrived:
            change |= NOT_NEEDED
        done = await self._messages.update_one({"_id": sid, "rank": {"$lt": status.below}}, {"$set": change})
        return bool(done.modified_count)

    async def forget_words(self, sid: str) -> None:
        """It was said in another way, or never will be."""
        await self._messages.update_one({"_id": sid}, {"$set": NOT_NEEDED})

    async def price(self, sid: str, micros: int, currency: str) -> bool:
        """Note what a message cost. False: it is noted already, or the message is not ours."""
        found = {"_id": sid, "micros": -1}
        done = await self._messages.update_one(found, {"$set": {"micros": micros, "currency": currency}})
        return bool(done.modified_count)

    async def forget_before(self, ms: int) -> int:
        done = await self._messages.delete_many({"sent_ms": {"$lt": ms}})
        return int(done.deleted_count)

    async def of_order(self, order: OrderId) -> list[ChatMessage]:
        found = self._messages.find({"order": order}).sort([("sent_ms", 1)])
        return [ChatMessage.from_document(document) for document in await found.to_list(length=None)]
