"""Wishes in MongoDB."""

from collections.abc import Sequence

from core.connections import Collection, Database, Index
from core.ids import OutletId
from core.refunds.models import Wish, WishState

REFUNDS = "refunds"
INDEXES = (Index(REFUNDS, ("due_ms",)), Index(REFUNDS, (("outlet", 1), ("state", 1), ("made_ms", -1))))


class WishStore:
    def __init__(self, db: Database) -> None:
        self._wishes: Collection = db[REFUNDS]

    async def insert(self, wish: Wish) -> None:
        await self._wishes.insert_one(wish.to_document())

    async def get(self, wish_id: str) -> Wish | None:
        document = await self._wishes.find_one({"_id": wish_id})
        return None if document is None else Wish.from_document(document)

    async def replace(self, new: Wish) -> bool:
        """Write it over the version before it. False: somebody else was faster. Atomic."""
        result = await self._wishes.replace_one({"_id": new.id, "v": new.v - 1}, new.to_document())
        return bool(result.modified_count)

    async def due(self, now_ms: int, limit: int) -> list[Wish]:
        found = self._wishes.find({"due_ms": {"$lte": now_ms}}).sort([("due_ms", 1)]).limit(limit)
        return [Wish.from_document(document) for document in await found.to_list(length=limit)]

    async def asked_at(self, outlets: Sequence[OutletId], limit: int) -> list[Wish]:
        """Those that wait for a second person, oldest first."""
        wanted = {"outlet": {"$in": list(outlets)}, "state": WishState.ASKED.value}
        found = self._wishes.find(wanted).sort([("made_ms", 1)]).limit(limit)
        return [Wish.from_document(document) for document in await found.to_list(length=limit)]

    async def forget_before(self, at_ms: int) -> int:
        """Drop drafts nobody finished."""
        result = await self._wishes.delete_many({"state": WishState.DRAFT.value, "made_ms": {"$lt": at_ms}})
        return int(result.deleted_count)
