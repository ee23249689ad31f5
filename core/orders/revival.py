"""An order that ended unpaid lives again when its money comes late, unless the guest has ordered anew meanwhile.

Two documents, no transaction: so it is looked at before the revival is written, after it, and once more right before
anybody hears of it. A new order that is inserted later than that comes after a revived one, not beside it.
"""

from core.clock import Clock
from core.orders.facts import Cancelled
from core.orders.kitchen import Kitchen
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.orders.store import OrderStore

FLAG = "revived"


class Revivals:
    def __init__(self, store: OrderStore, kitchen: Kitchen, clock: Clock) -> None:
        self._store = store
        self._kitchen = kitchen
        self._clock = clock

    async def possible(self, order: Order) -> bool:
        return not await self._ordered_since(order) and await self._kitchen.can_cook(order)

    async def look_again(self, order: Order) -> Order:
        """The order as it stands now: withdrawn, and its money on the way back, if a newer one stands."""
        if order.status is not OrderStatus.PLACED or FLAG not in order.flags or not await self._ordered_since(order):
            return order
        return await self._store.record(
            order.id, Cancelled(at_ms=self._clock.ms(), step=order.acts, reason="newer_order")
        )

    async def _ordered_since(self, order: Order) -> bool:
        """Whether the guest has a newer order that is alive."""
        under_way = await self._store.open_for(order.customer)
        return any(other.created_ms > order.created_ms for other in under_way)
