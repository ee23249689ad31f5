"""Dishes in MongoDB: one document each, and its `v` rises with every change, whoever makes it."""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, DuplicateKeyError

from core.background import beside
from core.connections import Collection, Database, Index
from core.ids import MenuItemId, OutletId
from core.menu.models import LONG_AGO_MS, UNLIMITED, MenuItem, OptionGroup

MENU_ITEMS = "menu_items"
INDEXES: tuple[Index, ...] = (Index(MENU_ITEMS, ("outlet", "code"), unique=True),)

BATCH = 250  # documents made into dishes at a time: a long menu must not hold up the chats
AT_ONCE = 25  # made into dishes faster than a thread is asked


class MenuStore:
    def __init__(self, db: Database) -> None:
        self._items: Collection = db[MENU_ITEMS]

    async def of_outlet(self, outlet: OutletId) -> list[MenuItem]:
        """Every dish of an outlet, made into models off the loop."""
        items: list[MenuItem] = []
        batch: list[dict[str, Any]] = []
        groups: dict[str, OptionGroup] = {}
        async for document in self._items.find({"outlet": outlet}, batch_size=BATCH):
            batch.append(document)
            if len(batch) == BATCH:
                items += await beside(_read, batch, groups)
                batch = []
        items += await beside(_read, batch, groups)
        return items

    async def versions(self, outlet: OutletId) -> dict[MenuItemId, int]:
        """What `v` each dish of an outlet is at."""
        found = self._items.find({"outlet": outlet}, {"v": 1}, batch_size=BATCH)
        return {document["_id"]: document["v"] async for document in found}

    async def some(self, ids: Iterable[MenuItemId]) -> dict[MenuItemId, MenuItem]:
        """Those of `ids` that are on the menu."""
        wanted, groups = list(ids), dict[str, OptionGroup]()
        items: dict[MenuItemId, MenuItem] = {}
        for at in range(0, len(wanted), BATCH):
            documents = await self._items.find({"_id": {"$in": wanted[at : at + BATCH]}}).to_list(length=None)
            few = len(documents) <= AT_ONCE
            read = _read(documents, groups) if few else await beside(_read, documents, groups)
            items |= {item.id: item for item in read}
        return items

    async def insert(self, items: Sequence[MenuItem]) -> bool:
        """False: one of them was there already, and those after it were not inserted."""
        try:
            if items:
                await self._items.insert_many([item.to_document() for item in items])
        except (BulkWriteError, DuplicateKeyError):
            return False
        return True

    async def replace(self, new: MenuItem) -> bool:
        """Replace the document of the version before `new`. False: somebody else was faster, or it is gone."""
        result = await self._items.replace_one({"_id": new.id, "v": new.v - 1}, new.to_document())
        return bool(result.modified_count)

    async def remove(self, ids: Sequence[MenuItemId]) -> None:
        if ids:
            await self._items.delete_many({"_id": {"$in": list(ids)}})

    async def set_sold_out(self, item: MenuItemId, until_ms: int) -> bool:
        """False: the dish is gone."""
        change = {"$set": {"sold_out_until_ms": until_ms}, "$inc": {"v": 1}}
        result = await self._items.update_one({"_id": item}, change)
        return bool(result.matched_count)

    async def set_back(self, item: MenuItemId) -> bool:
        """No longer sold out; a counted stock that is at nought is counted no longer. False: the dish is gone."""
        uncounted = {"$set": {"sold_out_until_ms": LONG_AGO_MS, "stock": UNLIMITED}, "$inc": {"v": 1}}
        result = await self._items.update_one({"_id": item, "stock": 0}, uncounted)
        return bool(result.matched_count) or await self.set_sold_out(item, LONG_AGO_MS)

    async def take(self, item: MenuItemId, portions: int) -> MenuItem | None:
        """Take portions off a counted stock; answers the dish after. Atomic.

        None: there are not so many, or they are not counted, or the dish is gone.
        """
        return await self._count(item, portions, by=-portions)

    async def put_back(self, item: MenuItemId, portions: int) -> MenuItem | None:
        """Add portions to a counted stock; answers the dish after. Atomic. None: not counted any more, or gone."""
        return await self._count(item, 0, by=portions)

    async def _count(self, item: MenuItemId, at_least: int, *, by: int) -> MenuItem | None:
        document = await self._items.find_one_and_update(
            {"_id": item, "stock": {"$gte": at_least}},
            {"$inc": {"stock": by, "v": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else MenuItem.from_document(document)


def _read(documents: list[dict[str, Any]], groups: dict[str, OptionGroup]) -> list[MenuItem]:
    """Dishes of a menu ask the same few questions: `groups` holds those met so far, so that each is made once."""
    for document in documents:
        document["groups"] = [_shared(group, groups) for group in document["groups"]]
    return [MenuItem.from_document(document) for document in documents]


def _shared(group: dict[str, Any], groups: dict[str, OptionGroup]) -> OptionGroup:
    word = repr(group)
    found = groups.get(word)
    if found is None:
        found = groups[word] = OptionGroup.model_validate(group)
    return found
