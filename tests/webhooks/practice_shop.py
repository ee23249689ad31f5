"""The whole house with the practice bank behind its own door, as `tiffin demo` runs it, and the till beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from core.clock import FrozenClock
from core.connections import Connections
from core.lanes.store import OPEN
from core.orders.models import Order
from core.payments.practice.bank import Play, PracticeBank
from core.payments.practice.store import NEWS
from core.settings import Settings
from tests.house import open_test_house
from tests.webhooks.shop import PATIENCE, Shop


@dataclass(frozen=True)
class PracticeShop(Shop):
    http: aiohttp.ClientSession

    @property
    def bank(self) -> PracticeBank:
        assert self.house.runtime.bank is not None
        return self.house.runtime.bank

    async def plays(self, order: Order, play: Play, *, n: int = 1) -> dict[str, Any]:
        """Somebody presses a button of the till, or of the payment page, on the order's n-th link."""
        link = order.link(n)
        assert link is not None
        body = {"action": play.value, "method": link.method.value}
        async with self.http.post(f"/sandbox/links/{link.id}/actions", json=body) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())

    async def drops_webhooks(self, on: bool) -> None:
        async with self.http.post("/demo/till/webhooks", json={"dropping": on}) as response:
            assert response.status == 200

    async def time_goes_by(self, *, minutes: float, step_s: int = 30) -> None:
        """Everything that ticks ticks."""
        services = self.services
        for _ in range(round(minutes * 60 / step_s)):
            self.house.clock.advance(timedelta(seconds=step_s))
            await self.bank.tick()
            await services.payments.expire_due()
            await services.payments.reconcile_due()
            await self.settle()

    async def settle(self) -> None:
        """What the bank has to tell is brought, too."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await super().settle()
                if not await self._undelivered():
                    return
                await self.bank.courier.bring_once()
                await asyncio.sleep(0.005)

    async def _undelivered(self) -> int:
        ready = {"state": {"$in": OPEN}, "next_ms": {"$lte": self.house.clock.ms()}}
        return int(await self.house.runtime.connections.mongo[NEWS].count_documents(ready))

    async def news(self) -> list[dict[str, Any]]:
        """All the bank ever had to tell, and what became of it."""
        found = self.house.runtime.connections.mongo[NEWS].find({}).sort([("created_ms", 1), ("seq", 1)])
        return list(await found.to_list(length=1000))


@asynccontextmanager
async def open_practice_shop(
    settings: Settings, connections: Connections, clock: FrozenClock
) -> AsyncIterator[PracticeShop]:
    async with open_test_house(settings, connections, clock) as house, aiohttp.ClientSession(house.base) as http:
        yield PracticeShop(house, http)
