"""Messages and their fate in MongoDB, for thirty days."""

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from core.clock import Clock
from core.connections import Collection, Database, Index
from core.sms.delivery import DeliveryStatus, Score, SentMessage

KEPT = timedelta(days=30)
LAST = 50

INDEXES = (
    Index("sms_messages", ("provider", "settled_ms")),
    Index("sms_messages", ("at",), ttl_seconds=int(KEPT.total_seconds())),
)


class SmsStore:
    """A status only ever moves forward, in whatever order the reports of it arrive, and however often."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._messages: Collection = db["sms_messages"]
        self._clock = clock

    async def get(self, provider: str, message_id: str) -> SentMessage | None:
        document = await self._messages.find_one({"_id": _key(provider, message_id)})
        return SentMessage.from_document(document) if document else None

    async def took(self, provider: str, message_id: str) -> None:
        """The service took a message. A report that was quicker than its answer stays."""
        await self._insert(provider, message_id, DeliveryStatus.ACCEPTED, "")

    async def advance(self, provider: str, message_id: str, status: DeliveryStatus, *, error: str = "") -> bool:
        """Move the message on. False: it was there already, or further. Each report is one conditional write."""
        return (
            await self._replace_lower(provider, message_id, status, error)
            or await self._insert(provider, message_id, status, error)
            or await self._replace_lower(provider, message_id, status, error)  # `took` came in between
        )

    async def score(self, provider: str) -> Score:
        """Of the last fifty messages that arrived or never will."""
        settled = {"provider": provider, "settled_ms": {"$gt": 0}}
        last = self._messages.find(settled, {"status": 1}).sort([("settled_ms", -1)]).limit(LAST)
        fates = [DeliveryStatus(document["status"]) async for document in last]
        return Score(delivered=sum(fate.arrived for fate in fates), of=len(fates))

    async def _replace_lower(self, provider: str, message_id: str, status: DeliveryStatus, error: str) -> bool:
        now = self._clock.ms()
        change = {"status": status.value, "rank": status.rank, "error": error, "changed_ms": now}
        if status.arrived or status.went_wrong:
            change["settled_ms"] = now
        lower = {"_id": _key(provider, message_id), "rank": {"$lt": status.below}}
        return bool((await self._messages.update_one(lower, {"$set": change})).modified_count)

    async def _insert(self, provider: str, message_id: str, status: DeliveryStatus, error: str) -> bool:
        now = self._clock.ms()
        message = SentMessage(
            id=_key(provider, message_id),
            provider=provider,
            status=status,
            rank=status.rank,
            error=error,
            sent_ms=now,
            changed_ms=now,
            settled_ms=now if status.arrived or status.went_wrong else 0,
        )
        try:
            await self._messages.insert_one({**message.to_document(), "at": self._clock.now()})
        except DuplicateKeyError:
            return False
        return True


def _key(provider: str, message_id: str) -> str:
    return f"{provider}:{message_id}"
