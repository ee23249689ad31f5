"""The whole house with a real provider's stand-in on the other side of the street, and orders to pay there."""

import asyncio
from dataclasses import dataclass
from itertools import count

from core.ids import CustomerId
from core.lanes.store import OPEN
from core.orders.ledger import Link
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.services import Services
from tests.core.orders.builders import a_draft
from tests.house import House

PATIENCE = 20.0

_guests = count(1)


@dataclass(frozen=True)
class Shop:
    house: House

    @property
    def services(self) -> Services:
        return self.house.runtime.services

    async def ordered(self) -> tuple[Order, Link]:
        """Somebody's order, and the link it waits to be paid on."""
        customer = CustomerId(f"cus_{next(_guests)}")
        order, _ = await self.services.orders.create(a_draft(customer=customer))
        await self.settle()
        order = await self.now(order)
        assert order.open_link is not None
        return order, order.open_link

    async def settle(self) -> None:
        """Everything that can happen at this moment happens; the house's own jobs are at it too."""
        services = self.services
        async with asyncio.timeout(PATIENCE):
            while await self._waiting():
                await services.inbox.inbox_once(None)
                await services.outbox.relay_once()
                await services.outbox.dispatch_once(None)
                await asyncio.sleep(0.005)

    async def _waiting(self) -> int:
        """Work moves from inbox to orders to deliveries and back: looked at twice in that direction, none slips by."""
        mongo = self.house.runtime.connections.mongo
        ready = {"state": {"$in": OPEN}, "next_ms": {"$lte": self.house.clock.ms()}}
        places = (("inbox", ready), ("orders", {"outbox_n": {"$gt": 0}}), ("deliveries", ready))
        return sum([await mongo[name].count_documents(query) for name, query in (*places, *places)])

    async def now(self, order: Order) -> Order:
        return await self.services.orders.require(order.id)

    async def told(self, order: Order, kind: DeliveryKind) -> int:
        """How many messages or commands of a kind went out for an order."""
        return sum(delivery.kind is kind for delivery in await self.services.outbox.of_order(order.id))
