"""Pieces of work in MongoDB, and the leases of their lanes."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.clock import Clock
from core.connections import Collection, Database
from core.lanes.models import WorkItem, WorkState

LANES = "lanes"
LEASE_MS = 30_000
OPEN = [WorkState.NEW.value, WorkState.LEASED.value]
LOOK_AHEAD = 50  # items of one lane that are looked at together

Item = TypeVar("Item", bound=WorkItem)


class WorkStore(Generic[Item]):
    """One collection of work. Lanes are rows of their own: a lease with a fence number that only rises."""

    def __init__(self, db: Database, collection: str, item: type[Item], clock: Clock) -> None:
        self._items: Collection = db[collection]
        self._lanes: Collection = db[LANES]
        self._collection = collection
        self._item = item
        self._clock = clock

    async def add(self, item: Item) -> bool:
        """Store a piece of work. False: it is stored already, and perhaps done."""
        try:
            await self._items.insert_one(item.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def get(self, item_id: str) -> Item | None:
        document = await self._items.find_one({"_id": item_id})
        return None if document is None else self._item.from_document(document)

    async def ready_lanes(self, limit: int) -> list[str]:
        """Lanes in which something waits to be done now, longest waiting first."""
        now = self._clock.ms()
        ready = {"state": {"$in": OPEN}, "next_ms": {"$lte": now}, "lease_until_ms": {"$lt": now}}
        found = self._items.find(ready, {"lane": 1}).sort([("next_ms", 1)]).limit(limit)
        return list(dict.fromkeys(document["lane"] for document in await found.to_list(length=limit)))

    async def take_lane(self, lane: str) -> int | None:
        """The fence of a fresh lease on the lane; None: somebody else works on it. Atomic."""
        now, lane_id = self._clock.ms(), self._lane_id(lane)
        held = await self._lanes.find_one_and_update(
            {"_id": lane_id, "lease_until_ms": {"$lt": now}},
            {"$set": {"lease_until_ms": now + LEASE_MS}, "$inc": {"fence": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if held is not None:
            return int(held["fence"])
        # Held, or a lane nobody used before. Its first fence is the time, so that a lane that was swept away and comes
        # back still counts upwards.
        try:
            await self._lanes.insert_one({"_id": lane_id, "lease_until_ms": now + LEASE_MS, "fence": now})
        except DuplicateKeyError:
            return None
        return now

    async def release_lane(self, lane: str, fence: int) -> None:
        await self._lanes.update_one({"_id": self._lane_id(lane), "fence": fence}, {"$set": {"lease_until_ms": 0}})

    async def waiting(self, lane: str) -> list[Item]:
        """What is to be done in a lane, in order."""
        found = self._items.find({"lane": lane, "state": {"$in": OPEN}})
        ordered = found.sort([("created_ms", 1), ("seq", 1), ("_id", 1)]).limit(LOOK_AHEAD)
        return [self._item.from_document(document) for document in await ordered.to_list(length=LOOK_AHEAD)]

    async def claim(self, item: Item, fence: int) -> Item | None:
        """Take a piece of work under a lane's lease; None: it is done, or a newer lease has had it. Atomic."""
        now = self._clock.ms()
        claimed = await self._items.find_one_and_update(
            {
                "_id": item.id,
                "state": {"$in": OPEN},
                "next_ms": {"$lte": now},
                "lease_until_ms": {"$lt": now},
                "fence": {"$lte": fence},
            },
            {
                "$set": {"state": WorkState.LEASED.value, "lease_until_ms": now + LEASE_MS, "fence": fence},
                "$inc": {"tries": 1},
            },
            return_document=ReturnDocument.AFTER,
        )
        return None if claimed is None else self._item.from_document(claimed)

    async def done(self, item: Item, *, ref: str = "", note: str = "", drop: Sequence[str] = ()) -> bool:
        """False: the lease was lost meanwhile, somebody else does it. The fields in `drop` are emptied."""
        fields: dict[str, str | int] = dict.fromkeys(drop, "")
        fields |= {"state": WorkState.DONE.value, "done_ms": self._clock.ms(), "lease_until_ms": 0}
        return await self._finish(item, fields | {"ref": ref, "note": note})

    async def again(self, item: Item, after_ms: int, note: str) -> bool:
        next_ms = self._clock.ms() + after_ms
        return await self._finish(
            item, {"state": WorkState.NEW.value, "next_ms": next_ms, "lease_until_ms": 0, "note": note}
        )

    async def dead(self, item: Item, note: str) -> bool:
        return await self._finish(
            item, {"state": WorkState.DEAD.value, "done_ms": self._clock.ms(), "lease_until_ms": 0, "note": note}
        )

    async def _finish(self, item: Item, fields: dict[str, str | int]) -> bool:
        result = await self._items.update_one(
            {"_id": item.id, "fence": item.fence, "state": WorkState.LEASED.value}, {"$set": fields}
        )
        return bool(result.modified_count)

    async def dead_items(self, limit: int) -> list[Item]:
        """What was given up, newest first."""
        found = self._items.find({"state": WorkState.DEAD.value}).sort([("next_ms", -1)]).limit(limit)
        return [self._item.from_document(document) for document in await found.to_list(length=limit)]

    async def revive(self, item_id: str) -> bool:
        """Try something again that was given up."""
        result = await self._items.update_one(
            {"_id": item_id, "state": WorkState.DEAD.value},
            {"$set": {"state": WorkState.NEW.value, "next_ms": self._clock.ms(), "tries": 0, "note": ""}},
        )
        return bool(result.modified_count)

    async def oldest_ms(self) -> int:
        """Since when the oldest piece of work waits; 0: nothing does."""
        found = self._items.find({"state": {"$in": OPEN}}, {"next_ms": 1}).sort([("next_ms", 1)]).limit(1)
        documents = await found.to_list(length=1)
        return int(documents[0]["next_ms"]) if documents else 0

    async def forget_before(self, ms: int) -> int:
        """Drop what was done before a moment, and lanes nobody has used since. Says how many pieces."""
        result = await self._items.delete_many({"state": WorkState.DONE.value, "next_ms": {"$lt": ms}})
        await self._lanes.delete_many({"lease_until_ms": 0, "fence": {"$lt": ms}})
        return int(result.deleted_count)

    def _lane_id(self, lane: str) -> str:
        return f"{self._collection}:{lane}"
