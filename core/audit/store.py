"""Acts in MongoDB: inserted, read, never changed."""

from collections.abc import Iterable

from pymongo.errors import DuplicateKeyError

from core.audit.models import Act
from core.connections import Collection, Database, Index
from core.ids import OutletId

AUDIT = "audit"
INDEXES: tuple[Index, ...] = (
    Index(AUDIT, (("at_ms", -1),)),
    Index(AUDIT, (("outlet", 1), ("at_ms", -1))),
)


class AuditStore:
    def __init__(self, db: Database) -> None:
        self._acts: Collection = db[AUDIT]

    async def insert(self, act: Act) -> bool:
        """False: an act of this id is written already."""
        try:
            await self._acts.insert_one(act.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def get(self, act_id: str) -> Act | None:
        document = await self._acts.find_one({"_id": act_id})
        return None if document is None else Act.from_document(document)

    async def latest(self, limit: int, outlets: Iterable[OutletId] | None) -> list[Act]:
        """The newest first; `outlets` None: of all of them, and of none."""
        wanted = {} if outlets is None else {"outlet": {"$in": list(outlets)}}
        found = self._acts.find(wanted).sort([("at_ms", -1), ("_id", -1)]).limit(limit)
        return [Act.from_document(document) for document in await found.to_list(length=limit)]
