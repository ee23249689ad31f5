"""The inbox in MongoDB."""

from core.clock import Clock
from core.connections import Database, Index
from core.inbox.models import InboxItem
from core.lanes.store import WorkStore

INBOX = "inbox"
INDEXES = (Index(INBOX, ("state", "next_ms")), Index(INBOX, ("lane", "state")))


class InboxStore(WorkStore[InboxItem]):
    def __init__(self, db: Database, clock: Clock) -> None:
        super().__init__(db, INBOX, InboxItem, clock)

    async def last_ms(self, lane: str) -> int:
        """When the newest event of a lane was stored; 0: there is none."""
        found = self._items.find({"lane": lane}, {"created_ms": 1}).sort([("created_ms", -1)]).limit(1)
        documents = await found.to_list(length=1)
        return int(documents[0]["created_ms"]) if documents else 0
