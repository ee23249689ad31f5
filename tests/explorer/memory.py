"""The operations of EMBEDDED.md on lists of documents in this process: as fast as a search through schedules needs.

A document is replaced and never changed in place, so nobody sees one half made. `tests/explorer/test_memory.py` does
the same with the embedded server and with this, side by side.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import AutoReconnect, DuplicateKeyError

from core.connections import Index

Doc = dict[str, Any]
Watch = Callable[[str, Doc | None, Doc | None], None]  # collection, before, after; told of each write

_MISSING: Any = object()
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda one, other: one > other,
    "$gte": lambda one, other: one >= other,
    "$lt": lambda one, other: one < other,
    "$lte": lambda one, other: one <= other,
    "$in": lambda one, other: one in other,
    "$ne": lambda one, other: one != other,
}


class OutsideTheSubset(AssertionError):
    """The double is asked for something that EMBEDDED.md does not list."""


def matches(document: Doc, wanted: Mapping[str, Any]) -> bool:
    for name, value in wanted.items():
        if name == "$or":
            if not any(matches(document, one) for one in value):
                return False
            continue
        if name.startswith("$") or "." in name:
            raise OutsideTheSubset(name)
        found = document.get(name, _MISSING)
        if isinstance(value, Mapping):
            for operator, other in value.items():
                if operator not in _COMPARE:
                    raise OutsideTheSubset(operator)
                if found is _MISSING or not _COMPARE[operator](found, other):
                    return False
        elif found is _MISSING or found != value:
            return False
    return True


@dataclass(frozen=True)
class Outcome:
    """What a write came to, as far as stores ask."""

    modified_count: int = 0
    deleted_count: int = 0


class Table:
    """One collection: documents by id, and what must be unique in it."""

    def __init__(self, name: str, indexes: Iterable[Index], watch: Watch) -> None:
        self.name = name
        self.documents: dict[str, Doc] = {}
        self._unique = [[key for key, _ in index.key_list()] for index in indexes if index.unique]
        self._watch = watch

    def put(self, document: Doc, over: Doc | None) -> None:
        for keys in self._unique:
            mark = [document.get(key, _MISSING) for key in keys]
            if _MISSING in mark:
                continue
            for other in self.documents.values():
                if other is not over and [other.get(key, _MISSING) for key in keys] == mark:
                    raise DuplicateKeyError(f"{self.name}: {keys} = {mark}")
        self._watch(self.name, over, document)
        self.documents[document["_id"]] = document

    def remove(self, document: Doc) -> None:
        self._watch(self.name, document, None)
        del self.documents[document["_id"]]

    def first(self, wanted: Mapping[str, Any]) -> Doc | None:
        by_id = wanted.get("_id")
        if isinstance(by_id, str):
            found = self.documents.get(by_id)
            return found if found is not None and matches(found, wanted) else None
        return next((document for document in self.documents.values() if matches(document, wanted)), None)

    def all(self, wanted: Mapping[str, Any]) -> list[Doc]:
        return [document for document in self.documents.values() if matches(document, wanted)]


class Memory:
    """What a database holds, whoever looks at it."""

    def __init__(self, indexes: Iterable[Index] = (), watch: Watch = lambda *_: None) -> None:
        self._indexes = list(indexes)
        self._watch = watch
        self._tables: dict[str, Table] = {}

    def table(self, name: str) -> Table:
        if name not in self._tables:
            mine = [index for index in self._indexes if index.collection == name]
            self._tables[name] = Table(name, mine, self._watch)
        return self._tables[name]

    def database(self, point: "Point | None" = None) -> "MemoryDatabase":
        """The database as one process sees it: each of its operations waits at `point` first."""
        return MemoryDatabase(self, point)


# Waits until the operation may go on. Says go, lost (it happens, the answer does not arrive) or down (nothing happens).
Point = Callable[[str], Awaitable[str]]


class MemoryDatabase:
    def __init__(self, memory: Memory, point: Point | None) -> None:
        self._memory = memory
        self._point = point

    def __getitem__(self, name: str) -> "MemoryCollection":
        return MemoryCollection(self._memory.table(name), self._point)


class MemoryCollection:
    """The calls of a collection that Motor and PyMongo share, each one atomic."""

    def __init__(self, table: Table, point: Point | None) -> None:
        self._table = table
        self._point = point

    async def at_point(self, operation: str, do: Callable[[], Any]) -> Any:
        word = "go" if self._point is None else await self._point(f"{self._table.name}.{operation}")
        if word == "down":
            raise AutoReconnect("the connection was lost before")
        done = do()
        if word == "lost":
            raise AutoReconnect("the connection was lost after")
        return done

    async def insert_one(self, document: Doc) -> None:
        def insert() -> None:
            if document["_id"] in self._table.documents:
                raise DuplicateKeyError(document["_id"])
            self._table.put(document, None)

        await self.at_point("insert_one", insert)

    async def replace_one(self, wanted: Doc, document: Doc) -> Outcome:
        def replace() -> Outcome:
            before = self._table.first(wanted)
            if before is None:
                return Outcome()
            self._table.put({"_id": before["_id"], **document}, before)
            return Outcome(modified_count=1)

        done: Outcome = await self.at_point("replace_one", replace)
        return done

    async def update_one(self, wanted: Doc, change: Doc) -> Outcome:
        after = await self.at_point("update_one", lambda: self._update(wanted, change, []))
        return Outcome(modified_count=int(after is not None))

    async def find_one_and_update(
        self,
        wanted: Doc,
        change: Doc,
        *,
        sort: list[tuple[str, int]] | None = None,
        upsert: bool = False,
        return_document: bool = ReturnDocument.BEFORE,
    ) -> Doc | None:
        if return_document is not ReturnDocument.AFTER:
            raise OutsideTheSubset("returning BEFORE")
        if upsert and (set(wanted) != {"_id"} or set(change) != {"$inc"}):
            raise OutsideTheSubset("upsert of anything but a counter")
        after: Doc | None = await self.at_point(
            "find_one_and_update", lambda: self._update(wanted, change, sort or [], upsert=upsert)
        )
        return after

    def _update(self, wanted: Doc, change: Doc, sort: list[tuple[str, int]], *, upsert: bool = False) -> Doc | None:
        if set(change) - {"$set", "$inc"}:
            raise OutsideTheSubset(str(change))
        found = in_order(self._table.all(wanted), sort) if sort else None
        before = (found[0] if found else None) if sort else self._table.first(wanted)
        if before is None and not upsert:
            return None
        after = {**(before or {"_id": wanted["_id"]}), **change.get("$set", {})}
        for name, by in change.get("$inc", {}).items():
            after[name] = after.get(name, 0) + by
        self._table.put(after, before)
        return after

    async def find_one(self, wanted: Doc) -> Doc | None:
        found: Doc | None = await self.at_point("find_one", lambda: self._table.first(wanted))
        return found

    def find(self, wanted: Doc, names: Mapping[str, int] | None = None) -> "Found":
        return Found(self, self._table, wanted, names)

    async def count_documents(self, wanted: Doc) -> int:
        return int(await self.at_point("count_documents", lambda: len(self._table.all(wanted))))

    async def delete_one(self, wanted: Doc) -> Outcome:
        def delete() -> int:
            found = self._table.first(wanted)
            if found is not None:
                self._table.remove(found)
            return int(found is not None)

        return Outcome(deleted_count=await self.at_point("delete_one", delete))

    async def delete_many(self, wanted: Doc) -> Outcome:
        def delete() -> int:
            found = self._table.all(wanted)
            for document in found:
                self._table.remove(document)
            return len(found)

        return Outcome(deleted_count=await self.at_point("delete_many", delete))


def in_order(documents: list[Doc], by: list[tuple[str, int]]) -> list[Doc]:
    for name, way in reversed(by):
        documents = sorted(documents, key=lambda document: document[name], reverse=way < 0)
    return documents


class Found:
    """A cursor: asked in one go."""

    def __init__(
        self, collection: MemoryCollection, table: Table, wanted: Doc, names: Mapping[str, int] | None
    ) -> None:
        self._collection = collection
        self._table = table
        self._wanted = wanted
        self._names = names
        self._by: list[tuple[str, int]] = []
        self._skip = 0
        self._limit = 0

    def sort(self, by: list[tuple[str, int]]) -> "Found":
        self._by = by
        return self

    def skip(self, n: int) -> "Found":
        self._skip = n
        return self

    def limit(self, n: int) -> "Found":
        self._limit = n
        return self

    async def to_list(self, length: int | None) -> list[Doc]:
        found: list[Doc] = await self._collection.at_point("find", self._read)
        return found if length is None else found[:length]

    def _read(self) -> list[Doc]:
        found = in_order(self._table.all(self._wanted), self._by)
        found = found[self._skip : self._skip + self._limit if self._limit else None]
        if self._names is None:
            return found
        names = {"_id", *self._names}
        return [{name: value for name, value in document.items() if name in names} for document in found]
