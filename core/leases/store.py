"""Leases in MongoDB. They spare double work; nothing is wrong when two replicas do a job at once."""

from collections.abc import Iterable
from datetime import timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.clock import Clock
from core.connections import Collection, Database


class LeaseStore:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._leases: Collection = db["leases"]
        self._clock = clock

    async def prepare(self, names: Iterable[str]) -> None:
        """Make the rows that are not there yet: taking one never inserts."""
        for name in names:
            try:
                await self._leases.insert_one({"_id": f"job-{name}", "owner": "", "until_ms": 0, "fence": 0})
            except DuplicateKeyError:
                continue

    async def take(self, name: str, owner: str, keep: timedelta) -> bool:
        """Take the lease, or keep it, for `keep`. False: somebody else has it. Atomic."""
        now = self._clock.ms()
        held = await self._leases.find_one_and_update(
            {"_id": f"job-{name}", "$or": [{"owner": owner}, {"until_ms": {"$lte": now}}]},
            {"$set": {"owner": owner, "until_ms": now + keep // timedelta(milliseconds=1)}, "$inc": {"fence": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return held is not None

    async def release(self, name: str, owner: str) -> None:
        await self._leases.update_one({"_id": f"job-{name}", "owner": owner}, {"$set": {"until_ms": 0}})
