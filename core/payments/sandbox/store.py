"""The practice ledger in MongoDB, changed by whole replacement under {_id, v} as orders are."""

import asyncio
import random
from collections.abc import Callable

from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database, Index
from core.errors import StoreError
from core.ids import LinkId
from core.payments.sandbox.models import SandboxLink

SANDBOX_LINKS = "sandbox_links"
INDEXES = (Index(SANDBOX_LINKS, ("reference",), unique=True), Index(SANDBOX_LINKS, ("created_ms",)))
ROUNDS = 20


class SandboxStore:
    def __init__(self, db: Database) -> None:
        self._links: Collection = db[SANDBOX_LINKS]

    async def insert(self, link: SandboxLink) -> bool:
        """False: a link of this reference exists."""
        try:
            await self._links.insert_one(link.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def get(self, link_id: LinkId) -> SandboxLink | None:
        if not link_id.startswith("plink_"):
            return None  # the name of a payment that is not ours, taken apart
        document = await self._links.find_one({"_id": link_id})
        return None if document is None else SandboxLink.from_document(document)

    async def by_reference(self, reference: str) -> SandboxLink | None:
        document = await self._links.find_one({"reference": reference})
        return None if document is None else SandboxLink.from_document(document)

    async def recent(self, limit: int) -> list[SandboxLink]:
        found = self._links.find({}).sort([("created_ms", -1)]).limit(limit)
        return [SandboxLink.from_document(document) for document in await found.to_list(length=limit)]

    async def change(self, link_id: LinkId, change: Callable[[SandboxLink], SandboxLink]) -> SandboxLink | None:
        """Apply `change` to the link as it is; None: there is no such link. What `change` raises ends it."""
        for lost in range(ROUNDS):
            link = await self.get(link_id)
            if link is None:
                return None
            new = change(link)
            if new == link:
                return link
            new = new.model_copy(update={"v": link.v + 1})
            result = await self._links.replace_one({"_id": link.id, "v": link.v}, new.to_document())
            if result.modified_count:
                return new
            await asyncio.sleep(random.uniform(0, 0.005 * (lost + 1)))
        raise StoreError("practice link kept changing", link=link_id)
