"""The practice bank in MongoDB: its links, the news it has to bring, and whether that news gets lost."""

import asyncio
import random
from collections.abc import Callable

from pymongo.errors import DuplicateKeyError

from core.clock import Clock
from core.connections import Collection, Database, Index
from core.errors import StoreError
from core.lanes.models import WorkItem
from core.lanes.store import WorkStore
from core.payments.practice.models import PracticeLink

LINKS = "practice_links"
NEWS = "practice_news"
SWITCHES = "practice_switches"
INDEXES = (
    Index(LINKS, ("reference_key",), unique=True),
    Index(LINKS, ("created_ms",)),
    Index(NEWS, ("state", "next_ms")),
    Index(NEWS, ("lane", "state")),
)
ROUNDS = 20
DROPPING = "dropping"


class MongoBook:
    """Links, changed by whole replacement under {_id, v} as orders are."""

    def __init__(self, db: Database) -> None:
        self._links: Collection = db[LINKS]

    async def insert(self, link: PracticeLink) -> bool:
        """False: there is a link of this reference."""
        try:
            await self._links.insert_one(_document(link))
        except DuplicateKeyError:
            return False
        return True

    async def get(self, link_id: str) -> PracticeLink | None:
        if not link_id.startswith("plink_"):
            return None
        document = await self._links.find_one({"_id": link_id})
        return None if document is None else PracticeLink.from_document(document)

    async def by_reference(self, reference: str) -> PracticeLink | None:
        document = await self._links.find_one({"reference_key": reference})
        return None if document is None else PracticeLink.from_document(document)

    async def recent(self, limit: int) -> list[PracticeLink]:
        found = self._links.find({}).sort([("created_ms", -1)]).limit(limit)
        return [PracticeLink.from_document(document) for document in await found.to_list(length=limit)]

    async def change(self, link_id: str, change: Callable[[PracticeLink], PracticeLink]) -> PracticeLink | None:
        """None: there is no such link. What `change` raises ends it."""
        for lost in range(ROUNDS):
            link = await self.get(link_id)
            if link is None:
                return None
            new = change(link)
            if new == link:
                return link
            new = new.model_copy(update={"v": link.v + 1})
            result = await self._links.replace_one({"_id": link.id, "v": link.v}, _document(new))
            if result.modified_count:
                return new
            await asyncio.sleep(random.uniform(0, 0.005 * (lost + 1)))
        raise StoreError("practice link kept changing", link=link_id)


def _document(link: PracticeLink) -> dict[str, object]:
    """References are unique; links without one go by their own name."""
    return {**link.to_document(), "reference_key": link.reference or link.id}


class PracticeNews(WorkItem):
    """`event` is the id it carries each time it is brought; `raw` the very bytes that are signed, as text."""

    event: str
    name: str
    raw: str


class NewsStore(WorkStore[PracticeNews]):
    def __init__(self, db: Database, clock: Clock) -> None:
        super().__init__(db, NEWS, PracticeNews, clock)


class SwitchStore:
    """Kept, so that a restart does not bring back what was switched off."""

    def __init__(self, db: Database) -> None:
        self._switches: Collection = db[SWITCHES]

    async def dropping(self) -> bool:
        found = await self._switches.find_one({"_id": DROPPING})
        return found is not None and bool(found["on"])

    async def set_dropping(self, on: bool) -> None:
        try:
            await self._switches.insert_one({"_id": DROPPING, "on": int(on)})
        except DuplicateKeyError:
            await self._switches.update_one({"_id": DROPPING}, {"$set": {"on": int(on)}})
