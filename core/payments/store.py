"""What is kept of a provider's payments: whose each is, which nobody ordered with, when all were looked through."""

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database, Index
from core.payments.models import Binding, Orphan

PAYMENTS = "payments"
ORPHANS = "orphans"
SWEEPS = "sweeps"
INDEXES = (Index(ORPHANS, ("closed_ms", "found_ms")),)


class BindingStore:
    """Whose a provider's payment is: written once, never changed."""

    def __init__(self, db: Database) -> None:
        self._bindings: Collection = db[PAYMENTS]

    async def bind(self, binding: Binding) -> Binding:
        """Bind it, unless it is bound already. Answers the binding that holds."""
        try:
            await self._bindings.insert_one(binding.to_document())
        except DuplicateKeyError:
            return await self.get(binding.id) or binding
        return binding

    async def get(self, provider_id: str) -> Binding | None:
        if not provider_id[:1].isalpha():
            return None  # no provider's id; the embedded server would answer wrongly rather than with nothing
        document = await self._bindings.find_one({"_id": provider_id})
        return None if document is None else Binding.from_document(document)


class OrphanStore:
    def __init__(self, db: Database) -> None:
        self._orphans: Collection = db[ORPHANS]

    async def insert(self, orphan: Orphan) -> bool:
        """False: it is known."""
        try:
            await self._orphans.insert_one(orphan.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def get(self, provider_id: str) -> Orphan | None:
        document = await self._orphans.find_one({"_id": provider_id})
        return None if document is None else Orphan.from_document(document)

    async def open(self, limit: int) -> list[Orphan]:
        """Those nobody has closed, oldest first."""
        found = self._orphans.find({"closed_ms": 0}).sort([("found_ms", 1), ("_id", 1)]).limit(limit)
        return [Orphan.from_document(document) for document in await found.to_list(length=limit)]

    async def count_open(self) -> int:
        return int(await self._orphans.count_documents({"closed_ms": 0}))

    async def close(self, provider_id: str, *, at_ms: int, by: str, reason: str) -> Orphan | None:
        """Once; None: it is closed already, or was never there. Atomic."""
        closed = await self._orphans.find_one_and_update(
            {"_id": provider_id, "closed_ms": 0},
            {"$set": {"closed_ms": at_ms, "closed_by": by, "reason": reason}, "$inc": {"v": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return None if closed is None else Orphan.from_document(closed)


class SweepStore:
    """When each provider's lists were last gone through to the end."""

    def __init__(self, db: Database) -> None:
        self._sweeps: Collection = db[SWEEPS]

    async def done_ms(self, provider: str) -> int:
        """0: never."""
        document = await self._sweeps.find_one({"_id": provider})
        return 0 if document is None else int(document["done_ms"])

    async def done(self, provider: str, at_ms: int) -> None:
        try:
            await self._sweeps.insert_one({"_id": provider, "done_ms": at_ms})
        except DuplicateKeyError:
            await self._sweeps.update_one({"_id": provider, "done_ms": {"$lt": at_ms}}, {"$set": {"done_ms": at_ms}})
