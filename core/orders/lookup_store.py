"""Orders in MongoDB, looked up by people. Reads only: an order changes through OrderStore alone."""

from collections.abc import Sequence
from typing import Any

from core.connections import Collection, Database, Index
from core.ids import OrderId, OutletId
from core.orders.models import Order

ORDERS = "orders"
INDEXES: tuple[Index, ...] = (Index(ORDERS, (("outlet", 1), ("created_ms", -1))),)
LOOKED_THROUGH = 2_000  # orders of an outlet, the newest; only their phones are read


class OrderLookupStore:
    def __init__(self, db: Database) -> None:
        self._orders: Collection = db[ORDERS]

    async def get(self, order_id: OrderId) -> Order | None:
        document = await self._orders.find_one({"_id": order_id})
        return None if document is None else Order.from_document(document)

    async def of_day_codes(self, day_codes: Sequence[str]) -> list[Order]:
        """Newest first."""
        return await self._read({"day_code": {"$in": list(day_codes)}}, len(day_codes))

    async def of_phone(self, outlets: Sequence[OutletId], digits: str, since_ms: int, limit: int) -> list[Order]:
        """Newest first. The end of a number has no index, so the latest orders are gone through, by outlet."""
        found: list[tuple[int, str]] = []
        for outlet in outlets:
            recent = self._orders.find(
                {"outlet": outlet, "created_ms": {"$gte": since_ms}}, {"phone": 1, "created_ms": 1}
            )
            rows = await recent.sort([("created_ms", -1)]).limit(LOOKED_THROUGH).to_list(length=LOOKED_THROUGH)
            found += [(row["created_ms"], row["_id"]) for row in rows if row["phone"].endswith(digits)]
        ids = [order_id for _, order_id in sorted(found, reverse=True)[:limit]]
        return await self._read({"_id": {"$in": ids}}, limit) if ids else []

    async def _read(self, wanted: dict[str, Any], limit: int) -> list[Order]:
        found = self._orders.find(wanted).sort([("created_ms", -1), ("_id", -1)]).limit(limit)
        return [Order.from_document(document) for document in await found.to_list(length=limit)]
