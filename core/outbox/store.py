"""Deliveries in MongoDB."""

from core.clock import Clock
from core.connections import Database, Index
from core.ids import OrderId
from core.lanes.models import WorkState
from core.lanes.store import WorkStore
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Delivery

DELIVERIES = "deliveries"
INDEXES = (
    Index(DELIVERIES, ("state", "next_ms")),
    Index(DELIVERIES, ("lane", "state")),
    Index(DELIVERIES, ("order", "kind")),
)


class DeliveryStore(WorkStore[Delivery]):
    def __init__(self, db: Database, clock: Clock) -> None:
        super().__init__(db, DELIVERIES, Delivery, clock)

    async def last_sent(self, order_id: OrderId, target: str, kinds: tuple[DeliveryKind, ...]) -> Delivery | None:
        """The newest of these that went to a target and was given a reference there."""
        wanted = {
            "order": order_id,
            "kind": {"$in": [kind.value for kind in kinds]},
            "target": target,
            "state": WorkState.DONE.value,
            "ref": {"$ne": ""},
        }
        found = self._items.find(wanted).sort([("created_ms", -1), ("seq", -1)]).limit(1)
        documents = await found.to_list(length=1)
        return Delivery.from_document(documents[0]) if documents else None

    async def last_in(self, lane: str) -> Delivery | None:
        """What was given a reference last on a lane."""
        found = self._items.find({"lane": lane, "state": WorkState.DONE.value, "ref": {"$ne": ""}})
        documents = await found.sort([("done_ms", -1)]).limit(1).to_list(length=1)
        return Delivery.from_document(documents[0]) if documents else None

    async def of_order(self, order_id: OrderId) -> list[Delivery]:
        found = self._items.find({"order": order_id}).sort([("created_ms", 1), ("seq", 1), ("_id", 1)])
        return [Delivery.from_document(document) for document in await found.to_list(length=None)]
