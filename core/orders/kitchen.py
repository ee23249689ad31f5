"""Whether an outlet could cook an order now, and the shelf its limited dishes came from."""

from collections import Counter
from typing import Protocol

from core.clock import Clock
from core.ids import MenuItemId
from core.menu.errors import ItemSoldOut
from core.menu.service import MenuService
from core.orders.models import Order
from core.outlets.hours import opening, slot_open
from core.outlets.service import OutletService


class Kitchen(Protocol):
    async def can_cook(self, order: Order) -> bool:
        """Whether it could be placed at this moment: open, not paused, every dish there."""
        ...

    async def return_stock(self, order: Order) -> None:
        """Put back what was taken off the shelf for it."""
        ...

    async def take_stock(self, order: Order) -> None:
        """Take it off again, as far as it is there: a revived order is paid, and cooked whatever the count says."""
        ...


class OutletKitchen:
    """The kitchen as outlets and menu describe it."""

    def __init__(self, *, outlets: OutletService, menu: MenuService, clock: Clock) -> None:
        self._outlets = outlets
        self._menu = menu
        self._clock = clock

    async def can_cook(self, order: Order) -> bool:
        outlet, now = self._outlets.get(order.outlet), self._clock.now()
        if outlet is None or not opening(outlet, now).open:
            return False
        if order.slot is not None and not slot_open(outlet, order.slot, now):
            return False
        snapshot = self._menu.snapshot(order.outlet)
        fresh = await self._menu.fresh(list(portions(order)))
        for item_id in portions(order):
            item = fresh.get(item_id)
            if item is None or snapshot.availability(item, now) is not None:
                return False
        return True

    async def return_stock(self, order: Order) -> None:
        await self._menu.return_stock(portions(order))

    async def take_stock(self, order: Order) -> None:
        for item, qty in portions(order).items():
            try:
                await self._menu.take_stock({item: qty})
            except ItemSoldOut:
                continue


def portions(order: Order) -> dict[MenuItemId, int]:
    """How many of each dish the order holds."""
    counted: Counter[MenuItemId] = Counter()
    for line in order.bill.lines:
        counted[line.item] += line.qty
    return dict(counted)
