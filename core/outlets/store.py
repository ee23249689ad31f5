"""Outlets in MongoDB, and in Redis the versions that tell every replica when to read them again."""

from collections.abc import Sequence
from typing import TypeAlias

from pymongo.errors import DuplicateKeyError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.connections import Collection, Database, Index
from core.errors import StoreError
from core.ids import OutletId, new_id
from core.outlets.models import Outlet

OUTLETS = "outlets"
INDEXES: tuple[Index, ...] = ()  # a handful of documents, read whole

RedisClient: TypeAlias = Redis  # for those who hand the client on and never call it


class OutletStore:
    """One document an outlet, changed by whole replacement under {_id, v}."""

    def __init__(self, db: Database) -> None:
        self._outlets: Collection = db[OUTLETS]

    async def all(self) -> list[Outlet]:
        documents = await self._outlets.find({}).to_list(length=None)
        return [Outlet.from_document(document) for document in documents]

    async def get(self, outlet: OutletId) -> Outlet | None:
        document = await self._outlets.find_one({"_id": outlet})
        return None if document is None else Outlet.from_document(document)

    async def insert(self, outlet: Outlet) -> bool:
        """False: there is an outlet of this code already."""
        try:
            await self._outlets.insert_one(outlet.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def replace(self, new: Outlet) -> bool:
        """Replace the document of the version before `new`. False: somebody else was faster, or it is gone."""
        result = await self._outlets.replace_one({"_id": new.id, "v": new.v - 1}, new.to_document())
        return bool(result.modified_count)


class MenuVersions:
    """A word for each outlet that changes whenever the outlet or its menu does.

    The word is never used twice, so that a Redis that lost everything cannot count its way back to a word a replica
    has seen. A missing word is a version too: lost since.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @staticmethod
    def _key(outlet: str) -> str:
        return f"{{outlet:{outlet}}}:menu"

    async def read(self, outlets: Sequence[OutletId]) -> tuple[str, dict[OutletId, str]]:
        """The version of the list of outlets, and each outlet's: one round trip. Raises StoreError."""
        try:
            first, *rest = await self._redis.mget([self._key("*"), *map(self._key, outlets)])
        except (RedisError, OSError) as failure:
            raise StoreError("menu versions cannot be read") from failure
        return str(first or ""), {outlet: str(word or "") for outlet, word in zip(outlets, rest, strict=True)}

    async def bump(self, outlet: OutletId, *, listed: bool = False) -> None:
        """Give the outlet a new version; `listed` says that the list of outlets changed too. Raises StoreError."""
        word = new_id("ver")
        try:
            if listed:
                await self._redis.set(self._key("*"), word)
            await self._redis.set(self._key(outlet), word)
        except (RedisError, OSError) as failure:
            raise StoreError("menu version cannot be written", outlet=outlet) from failure
