"""Alerts in MongoDB."""

from core.clock import Clock
from core.connections import Database, Index
from core.lanes.store import WorkStore
from core.monitoring.alerts.models import Alert

ALERTS = "alerts"
INDEXES: tuple[Index, ...] = (
    Index(ALERTS, ("state", "next_ms")),
    Index(ALERTS, ("lane", "state")),
    Index(ALERTS, (("created_ms", -1),)),
)


class AlertStore(WorkStore[Alert]):
    def __init__(self, db: Database, clock: Clock) -> None:
        super().__init__(db, ALERTS, Alert, clock)

    async def latest(self, limit: int) -> list[Alert]:
        """The newest first, told of already or not."""
        found = self._items.find({}).sort([("created_ms", -1), ("_id", 1)]).limit(limit)
        return [Alert.from_document(document) for document in await found.to_list(length=limit)]
