"""Whether an order whose payment came late can still be cooked, and what goes back on the shelf."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import FrozenClock
from core.ids import MenuItemId
from core.menu.errors import ItemSoldOut
from core.orders.kitchen import OutletKitchen, portions
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.outlets.models import Hours, Outlet, PayMethod, Slot
from tests.core.orders.builders import LUNCH_MS, MINUTE, a_draft, an_order
from tests.core.orders.house import Directory

PANEER = MenuItemId("mgroad.paneer-tikka")


class Shelf:
    """A menu of one dish."""

    def __init__(self, left: int = 5, availability: str | None = None) -> None:
        self.left = left
        self.there = True
        self._availability = availability

    def snapshot(self, outlet: str) -> "Shelf":
        return self

    def availability(self, item: object, now: object) -> str | None:
        return self._availability

    async def fresh(self, ids: list[MenuItemId]) -> dict[MenuItemId, object]:
        return dict.fromkeys(ids, object()) if self.there else {}

    async def take_stock(self, items: dict[MenuItemId, int]) -> None:
        if sum(items.values()) > self.left:
            raise ItemSoldOut(name="Paneer Tikka")
        self.left -= sum(items.values())

    async def return_stock(self, items: dict[MenuItemId, int]) -> None:
        self.left += sum(items.values())


def kitchen(clock: FrozenClock, shelf: Shelf, outlet: Outlet | None = None) -> OutletKitchen:
    directory: Any = Directory()
    directory.outlet = outlet or directory.outlet.model_copy(
        update={"hours": (Hours(weekday=0, opens=11 * 60, closes=23 * 60),)}
    )
    menu: Any = shelf
    return OutletKitchen(outlets=directory, menu=menu, clock=clock)


@pytest.fixture
def order() -> Order:
    return an_order(OrderStatus.EXPIRED)


async def test_an_open_outlet_with_everything_there_can_cook(clock: FrozenClock, order: Order):
    assert await kitchen(clock, Shelf()).can_cook(order)


async def test_a_closed_outlet_cannot(clock: FrozenClock, order: Order):
    clock.advance(timedelta(hours=14))
    assert not await kitchen(clock, Shelf()).can_cook(order)


async def test_an_outlet_that_is_gone_cannot(clock: FrozenClock, order: Order):
    gone = Directory().outlet.model_copy(update={"id": "indiranagar"})
    assert not await kitchen(clock, Shelf(), gone).can_cook(order)


@pytest.mark.parametrize("why", ["sold_out", "not_now"])
async def test_a_dish_that_cannot_be_had_now_stops_it(clock: FrozenClock, order: Order, why: str):
    assert not await kitchen(clock, Shelf(availability=why)).can_cook(order)


async def test_a_dish_that_left_the_menu_stops_it(clock: FrozenClock, order: Order):
    shelf = Shelf()
    shelf.there = False
    assert not await kitchen(clock, shelf).can_cook(order)


async def test_a_time_that_has_passed_cannot_be_cooked_for(clock: FrozenClock):
    soon = Slot(start_ms=LUNCH_MS + 120 * MINUTE, end_ms=LUNCH_MS + 150 * MINUTE)
    past = Slot(start_ms=LUNCH_MS - 60 * MINUTE, end_ms=LUNCH_MS - 30 * MINUTE)
    stove = kitchen(clock, Shelf())
    assert await stove.can_cook(an_order(OrderStatus.PLACED, draft=a_draft(method=PayMethod.CASH, slot=soon)))
    assert not await stove.can_cook(an_order(OrderStatus.PLACED, draft=a_draft(method=PayMethod.CASH, slot=past)))


async def test_portions_go_back_and_are_taken_again_as_far_as_they_are_there(clock: FrozenClock, order: Order):
    assert portions(order) == {PANEER: 2}
    shelf = Shelf(left=0)
    stove = kitchen(clock, shelf)
    await stove.return_stock(order)
    assert shelf.left == 2
    await stove.take_stock(order)
    assert shelf.left == 0
    await stove.take_stock(order)
    assert shelf.left == 0
