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
