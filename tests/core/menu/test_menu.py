"""The menu chats read, and what cooks and owners do to it, on the real stores."""

import asyncio
import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.clock import FrozenClock
from core.connections import Database, ensure_indexes
from core.errors import NotFound, StoreError
from core.ids import MenuItemId, OutletId
from core.menu.errors import BranchRefused, ItemNotFound, ItemSoldOut, PriceRefused, VariantNotFound
from core.menu.menu_file import parse_menu
from core.menu.menu_writer import write_menu
from core.menu.models import UNLIMITED, UNTIL_BACK_MS, MenuItem
from core.menu.service import MenuService, uncollected
from core.menu.snapshot import MenuSnapshot
from core.menu.store import INDEXES, MenuStore
from core.money import Money
from core.outlets.errors import OutletExists
from core.outlets.models import Category, Meal
from core.outlets.service import OutletService
from core.outlets.store import OutletStore
from tests.core.menu.builders import A_FILE, SPICE, an_item
from tests.core.outlets.builders import an_outlet

MGROAD = OutletId("mgroad")
DOSA, TIKKA, CHICKEN = (MenuItemId(f"mgroad.{code}") for code in ("masala-dosa", "paneer-tikka", "chicken-65"))


@dataclass
class Replica:
    outlets: OutletService
    menu: MenuService


@pytest.fixture
def replica(mongo: Database, redis: Redis, clock: FrozenClock) -> Callable[[], Replica]:
    def make() -> Replica:
        outlets = OutletService(store=OutletStore(mongo), clock=clock, redis=redis)
        return Replica(outlets, MenuService(store=MenuStore(mongo), outlets=outlets, clock=clock))

    return make


@pytest.fixture
async def house(replica: Callable[[], Replica], mongo: Database) -> Replica:
    """MG Road and Indiranagar, as the test menu file has them."""
    await ensure_indexes(mongo, INDEXES)
    made = replica()
    await made.menu.load()
    await made.menu.import_file(parse_menu(A_FILE))
    await made.menu.refresh()
    return made


@pytest.fixture
async def other(house: Replica, replica: Callable[[], Replica]) -> Replica:
    """A second process."""
    made = replica()
    await made.menu.load()
    return made


async def stocked(house: Replica, mongo: Database, item: MenuItemId, stock: int) -> None:
    await mongo["menu_items"].update_one({"_id": item}, {"$set": {"stock": stock}, "$inc": {"v": 1}})
    await house.outlets.changed(MGROAD)
    await house.menu.refresh()


async def test_the_menu_is_read_by_category_in_the_owners_order(other: Replica):
    menu = other.menu.snapshot(MGROAD)
    assert [(category.name, [item.name for item in items]) for category, items in menu.categories] == [
        ("Breakfast", ["Masala Dosa"]),
        ("Mains", ["Paneer Tikka", "Chicken 65"]),
    ]
    assert set(menu.items) == {DOSA, TIKKA, CHICKEN}
    assert menu.get(MenuItemId("mgroad.gone")) is None
    assert [item.id for item in menu.search("panir")] == [TIKKA]
    with pytest.raises(NotFound):
        other.menu.snapshot(OutletId("nowhere"))


async def test_a_dish_is_there_at_its_meal_and_until_it_is_sold_out(house: Replica, clock: FrozenClock):
    menu = house.menu.snapshot(MGROAD)
    assert menu.availability(menu.items[DOSA], clock.now()) == "not_now"  # half past twelve, and it is for breakfast
    clock.advance(-timedelta(hours=3))
    assert menu.availability(menu.items[DOSA], clock.now()) is None
    until = clock.ms() + 60_000
    gone = await house.menu.sold_out(DOSA, until, "telegram:7")
    menu = house.menu.snapshot(MGROAD)
    assert menu.availability(gone, clock.now()) == "sold_out"
    assert menu.availability(menu.items[DOSA], clock.now()) == "sold_out"
    clock.advance(timedelta(minutes=1))
    assert menu.availability(menu.items[DOSA], clock.now()) is None  # back by itself


async def test_what_sells_out_here_is_sold_out_everywhere_at_the_next_look(
    house: Replica, other: Replica, clock: FrozenClock
):
    before = other.menu.snapshot(MGROAD)
    await house.menu.sold_out(TIKKA, UNTIL_BACK_MS, "telegram:7")
    assert house.menu.snapshot(MGROAD).items[TIKKA].sold_out(clock.ms())
    assert not other.menu.snapshot(MGROAD).items[TIKKA].sold_out(clock.ms())
    await other.menu.refresh()
    after = other.menu.snapshot(MGROAD)
    assert after.items[TIKKA].sold_out(clock.ms())
    assert after.version != before.version
    assert not before.items[TIKKA].sold_out(clock.ms())  # a page being shown does not change under one's eyes
    await other.menu.back(TIKKA, "telegram:7")
    await house.menu.refresh()
    assert not house.menu.snapshot(MGROAD).items[TIKKA].sold_out(clock.ms())


async def test_a_menu_nobody_touched_is_not_read_again(house: Replica):
    before = house.menu.snapshot(MGROAD)
    await house.menu.refresh()
    assert house.menu.snapshot(MGROAD) is before


async def test_only_dishes_that_changed_are_read_again(house: Replica, other: Replica):
    before = other.menu.snapshot(MGROAD)
    await house.menu.set_price(TIKKA, "half", Money.rupees(199), "")
    await other.menu.refresh()
    after = other.menu.snapshot(MGROAD)
    assert after.items[DOSA] is before.items[DOSA]
    assert after.items[TIKKA] is not before.items[TIKKA]
    assert after.names is before.names  # nothing is called otherwise, so the index stands


async def test_a_dish_that_went_and_came_again_is_read_anew(house: Replica, other: Replica, clock: FrozenClock):
    await house.menu.import_file(parse_menu(A_FILE.replace("Chicken 65", "Chicken 66")))
    clock.advance(timedelta(seconds=1))
    await house.menu.import_file(parse_menu(A_FILE.replace("price: 240", "price: 250")))
    await other.menu.refresh()
    assert other.menu.snapshot(MGROAD).items[CHICKEN].price_from == Money.rupees(250)


async def test_a_long_menu_is_read_whole_and_its_garbage_left_for_later(
    house: Replica, other: Replica, mongo: Database
):
    dishes = [an_item(f"dish-{n}", category="mains", groups=(SPICE,)) for n in range(1100)]
    await MenuStore(mongo).insert(dishes)
    await house.outlets.changed(MGROAD)
    await other.menu.refresh()
    assert len(other.menu.snapshot(MGROAD).items) == 1103
    assert gc.isenabled()
    await house.outlets.changed(MGROAD)
    await other.menu.refresh()
    assert gc.isenabled()
    fresh = await MenuStore(mongo).of_outlet(MGROAD)
    asked = [item.groups[0] for item in fresh if item.code.startswith("dish-")]
    assert len({id(group) for group in asked}) == 1  # the same question, made once


def test_garbage_is_looked_for_again_whatever_happens():
    with uncollected(False):
        assert gc.isenabled()
    with uncollected(True):
        assert not gc.isenabled()
        with uncollected(True):
            assert not gc.isenabled()
    assert gc.isenabled()


async def test_a_pause_keeps_the_dishes_and_changes_the_version(house: Replica):
    before = house.menu.snapshot(MGROAD)
    await house.outlets.pause(MGROAD, 10, "rush", "telegram:7")
    after = house.menu.snapshot(MGROAD)
    assert after.outlet.pause_reason == "rush"
    assert after.items == before.items
    assert after.version != before.version


async def test_a_new_price_is_seen_at_once_and_read_fresh(house: Replica, other: Replica):
    await house.menu.set_price(TIKKA, "half", Money.rupees(199), "telegram:1")
    assert house.menu.snapshot(MGROAD).items[TIKKA].price_from == Money.rupees(199)
    assert other.menu.snapshot(MGROAD).items[TIKKA].price_from == Money.rupees(180)
    fresh = await other.menu.fresh([TIKKA, MenuItemId("mgroad.gone")])
    assert {item.id: item.price_from for item in fresh.values()} == {TIKKA: Money.rupees(199)}


async def test_prices_and_dishes_that_are_none_are_refused(house: Replica):
    with pytest.raises(VariantNotFound):
        await house.menu.set_price(TIKKA, "quarter", Money.rupees(90), "")
    with pytest.raises(PriceRefused):
        await house.menu.set_price(TIKKA, "half", Money(0), "")
    with pytest.raises(PriceRefused):
        await house.menu.set_price(TIKKA, "half", Money.rupees(100_001), "")
    gone = MenuItemId("mgroad.gone")
    for change in (
        house.menu.set_price(gone, "one", Money.rupees(90), ""),
        house.menu.sold_out(gone, 1, ""),
        house.menu.back(gone, ""),
    ):
        with pytest.raises(ItemNotFound):
            await change


@pytest.mark.race
async def test_a_price_and_a_sold_out_mark_made_at_once_both_stand(house: Replica, other: Replica, clock: FrozenClock):
    await asyncio.gather(
        *(house.menu.set_price(TIKKA, size, Money.rupees(price), "") for size, price in (("half", 111), ("full", 222))),
        other.menu.sold_out(TIKKA, UNTIL_BACK_MS, ""),
    )
    item = (await house.menu.fresh([TIKKA]))[TIKKA]
    assert [variant.price for variant in item.variants] == [Money.rupees(111), Money.rupees(222)]
    assert item.sold_out(clock.ms())


async def test_a_dish_that_never_stops_changing_is_given_up(house: Replica, mongo: Database):
    class Restless(MenuStore):
        async def replace(self, new: MenuItem) -> bool:
            return False

    house.menu._store = Restless(mongo)
    with pytest.raises(StoreError):
        await house.menu.set_price(TIKKA, "half", Money.rupees(1), "")


# Stock


async def test_counted_dishes_are_taken_all_or_none(house: Replica, mongo: Database):
    await stocked(house, mongo, TIKKA, 3)
    await stocked(house, mongo, CHICKEN, 1)
    await house.menu.take_stock({TIKKA: 2, DOSA: 5, CHICKEN: 1})
    with pytest.raises(ItemSoldOut) as short:
        await house.menu.take_stock({CHICKEN: 1, TIKKA: 1})
    assert (short.value.name, short.value.item, short.value.left) == ("Chicken 65", CHICKEN, 0)
    with pytest.raises(ItemSoldOut) as fewer:
        await house.menu.take_stock({TIKKA: 2})
    assert (fewer.value.name, fewer.value.left) == ("Paneer Tikka", 1)
    items = await house.menu.fresh([TIKKA, CHICKEN, DOSA])
    assert {item.id: item.stock for item in items.values()} == {TIKKA: 1, CHICKEN: 0, DOSA: UNLIMITED}


async def test_when_one_of_two_is_short_the_other_is_put_back(house: Replica, mongo: Database):
    await stocked(house, mongo, CHICKEN, 5)  # comes before paneer-tikka
    await stocked(house, mongo, TIKKA, 1)
    with pytest.raises(ItemSoldOut):
        await house.menu.take_stock({CHICKEN: 2, TIKKA: 2})
    items = await house.menu.fresh([TIKKA, CHICKEN])
    assert {item.id: item.stock for item in items.values()} == {TIKKA: 1, CHICKEN: 5}


async def test_the_last_portion_is_seen_as_sold_out_and_a_cancelled_one_comes_back(
    house: Replica, other: Replica, mongo: Database, clock: FrozenClock
):
    await stocked(house, mongo, TIKKA, 2)
    await house.menu.take_stock({TIKKA: 2})
    await other.menu.refresh()
    assert other.menu.snapshot(MGROAD).availability(other.menu.snapshot(MGROAD).items[TIKKA], clock.now()) == "sold_out"
    await house.menu.return_stock({TIKKA: 1, DOSA: 1, MenuItemId("mgroad.gone"): 1})
    await other.menu.refresh()
    assert other.menu.snapshot(MGROAD).items[TIKKA].stock == 1
    assert (await house.menu.fresh([DOSA]))[DOSA].stock == UNLIMITED


@pytest.mark.race
async def test_ten_guests_want_the_last_three_portions_and_three_get_them(house: Replica, mongo: Database):
    await stocked(house, mongo, TIKKA, 3)
    outcomes = await asyncio.gather(*(house.menu.take_stock({TIKKA: 1}) for _ in range(10)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 3
    assert all(outcome is None or isinstance(outcome, ItemSoldOut) for outcome in outcomes)
    assert (await house.menu.fresh([TIKKA]))[TIKKA].stock == 0


@pytest.mark.race
async def test_without_the_guard_in_the_filter_more_would_be_sold_than_there_are(
    house: Replica, mongo: Database, monkeypatch: pytest.MonkeyPatch
):
    count = MenuStore._count

    async def unguarded(self: MenuStore, item: MenuItemId, at_least: int, *, by: int) -> MenuItem | None:
        return await count(self, item, -1_000, by=by)

    monkeypatch.setattr(MenuStore, "_count", unguarded)
    await stocked(house, mongo, TIKKA, 3)
    await asyncio.gather(*(house.menu.take_stock({TIKKA: 1}) for _ in range(10)), return_exceptions=True)
    assert (await house.menu.fresh([TIKKA]))[TIKKA].stock < 0


async def test_a_dish_that_is_counted_no_longer_or_gone_is_told_apart(house: Replica, mongo: Database):
    await stocked(house, mongo, TIKKA, 1)
    await mongo["menu_items"].update_one({"_id": TIKKA}, {"$set": {"stock": UNLIMITED}})
    await house.menu.take_stock({TIKKA: 9})
    await mongo["menu_items"].update_one({"_id": TIKKA}, {"$set": {"stock": 4}})
    await stocked(house, mongo, TIKKA, 1)
    await mongo["menu_items"].delete_one({"_id": TIKKA})
    with pytest.raises(ItemSoldOut) as gone:
        await house.menu.take_stock({TIKKA: 1})
    assert gone.value.left == 0


async def test_back_means_it_can_be_had_even_if_the_count_was_at_nought(
    house: Replica, mongo: Database, clock: FrozenClock
):
    await stocked(house, mongo, TIKKA, 0)
    item = await house.menu.back(TIKKA, "telegram:7")
    assert (item.stock, item.sold_out(clock.ms())) == (UNLIMITED, False)


# Import, export, branches


async def test_an_import_is_shown_at_once_and_says_what_it_changed(house: Replica, other: Replica):
    text = A_FILE.replace("price: 110", "price: 115").replace("Chicken 65", "Chicken 66")
    file = parse_menu(text)
    told = await house.menu.compare(file)
    assert house.menu.snapshot(MGROAD).items[DOSA].price_from == Money.rupees(110)  # only said so far
    mgroad, indira = await house.menu.import_file(file)
    assert mgroad == told[0]
    assert ([i.code for i in mgroad.added], [i.code for i in mgroad.removed]) == (["chicken-66"], ["chicken-65"])
    assert not indira
    assert house.menu.snapshot(MGROAD).items[DOSA].price_from == Money.rupees(115)
    assert house.menu.snapshot(MGROAD).get(CHICKEN) is None
    await other.menu.refresh()
    assert set(other.menu.snapshot(MGROAD).items) == {DOSA, TIKKA, "mgroad.chicken-66"}


async def test_importing_twice_changes_nothing_the_second_time(house: Replica):
    before = await house.menu.fresh([DOSA, TIKKA])
    assert not any(await house.menu.import_file(parse_menu(A_FILE)))
    assert await house.menu.fresh([DOSA, TIKKA]) == before


async def test_an_import_at_lunchtime_brings_nothing_back_that_has_run_out(house: Replica, clock: FrozenClock):
    await house.menu.sold_out(TIKKA, UNTIL_BACK_MS, "telegram:7")
    await house.outlets.pause(MGROAD, 20, "rush", "telegram:7")
    await house.menu.import_file(parse_menu(A_FILE.replace("full: 320.50", "full: 330").replace("T1-T12", "T1-T9")))
    item = house.menu.snapshot(MGROAD).items[TIKKA]
    assert item.sold_out(clock.ms())
    assert item.variants[1].price == Money.rupees(330)
    assert house.outlets.require(MGROAD).pause_reason == "rush"
    assert len(house.outlets.require(MGROAD).tables) == 10


async def test_an_outlet_the_file_does_not_name_stays_as_it_is(house: Replica):
    alone = A_FILE[: A_FILE.index("  indira:")] + A_FILE[A_FILE.index("taxes:") :].replace(
        "      at: {indira: {price: 120}}\n", ""
    )
    await house.menu.import_file(parse_menu(alone))
    assert len(house.menu.snapshot(OutletId("indira")).items) == 2


@pytest.mark.race
async def test_two_imports_of_the_same_file_at_once_end_as_one(replica: Callable[[], Replica], mongo: Database):
    await ensure_indexes(mongo, INDEXES)
    houses = [replica() for _ in range(4)]
    await asyncio.gather(*(house.menu.load() for house in houses))
    await asyncio.gather(*(house.menu.import_file(parse_menu(A_FILE)) for house in houses))
    outlets, items = await houses[0].menu.everything()
    assert ([o.id for o in outlets], len(items)) == (["mgroad", "indira"], 5)


@pytest.mark.race
async def test_a_dish_sold_out_while_the_import_writes_stays_sold_out(
    house: Replica, mongo: Database, clock: FrozenClock
):
    store = MenuStore(mongo)

    class Slow(MenuStore):
        async def replace(self, new: MenuItem) -> bool:
            if not self.done:
                self.done = True
                await store.set_sold_out(TIKKA, UNTIL_BACK_MS)  # between reading and writing
            return await super().replace(new)

        done = False

    house.menu._store = Slow(mongo)
    await house.menu.import_file(parse_menu(A_FILE.replace("full: 320.50", "full: 330")))
    item = (await house.menu.fresh([TIKKA]))[TIKKA]
    assert (item.sold_out(clock.ms()), item.variants[1].price) == (True, Money.rupees(330))


async def test_a_dish_removed_while_the_import_writes_is_there_afterwards(house: Replica, mongo: Database):
    class Emptied(MenuStore):
        async def replace(self, new: MenuItem) -> bool:
            await self.remove([new.id])
            return await super().replace(new)

    house.menu._store = Emptied(mongo)
    await house.menu.import_file(parse_menu(A_FILE.replace("full: 320.50", "full: 330")))
    assert (await house.menu.fresh([TIKKA]))[TIKKA].variants[1].price == Money.rupees(330)


async def test_what_is_exported_imports_as_it_was(house: Replica, clock: FrozenClock):
    await house.menu.sold_out(TIKKA, clock.ms() + 3_600_123, "")
    outlets, items = await house.menu.everything()
    file = parse_menu(write_menu(outlets, items, now_ms=clock.ms()))
    assert not any(await house.menu.import_file(file))
    assert await house.menu.everything() == (outlets, items)


async def test_a_branch_begins_as_another_outlet_is(house: Replica, clock: FrozenClock):
    await house.menu.sold_out(TIKKA, UNTIL_BACK_MS, "")
    facts = {"name": "Tiffin, Koramangala", "address": "80 Feet Road", "city": "Bengaluru", "phone": "+91 80 4123 4599"}
    opened = await house.menu.open_branch(MGROAD, code="kora", **facts)
    assert (opened.name, opened.phone, opened.groups) == ("Tiffin, Koramangala", "+918041234599", ())
    menu = house.menu.snapshot(OutletId("kora"))
    assert set(menu.items) == {"kora.masala-dosa", "kora.paneer-tikka", "kora.chicken-65"}
    assert not menu.items[MenuItemId("kora.paneer-tikka")].sold_out(clock.ms())
    with pytest.raises(OutletExists):
        await house.menu.open_branch(MGROAD, code="kora", **facts)
    with pytest.raises(NotFound):
        await house.menu.open_branch(OutletId("nowhere"), code="kora2", **facts)
    with pytest.raises(BranchRefused) as refused:
        await house.menu.open_branch(MGROAD, code="Kora Two", **(facts | {"phone": "12"}))
    assert len(refused.value.problems) == 2


# The snapshot by itself


def test_categories_nobody_listed_come_last_and_empty_ones_not_at_all():
    outlet = an_outlet(categories=(Category(code="mains", name="Mains"), Category(code="drinks", name="Drinks")))
    menu = MenuSnapshot.build(outlet, "m1", [an_item(), an_item("soup", category="day-specials")])
    assert [category.name for category, _ in menu.categories] == ["Mains", "Day specials"]


def test_one_tap_adds_a_dish_of_one_size_whose_questions_have_their_usual_answer():
    asked = SPICE.model_copy(update={"default": ()})
    assert an_item().simple
    assert an_item(groups=(SPICE,)).simple
    assert not an_item(groups=(asked,)).simple
    assert an_item(groups=(asked.model_copy(update={"min": 0}),)).simple
    (size,) = an_item().variants
    assert not an_item(variants=(size, size.model_copy(update={"code": "half"}))).simple


def test_a_stock_of_nought_is_sold_out_and_an_uncounted_one_is_not():
    assert an_item(stock=0).sold_out(0)
    assert not an_item(stock=UNLIMITED).sold_out(0)


def test_what_a_household_sees_of_a_category_follows_the_menu_and_the_hour():
    """Found once and remembered, and never longer than it is true."""
    breakfast = Meal(code="breakfast", name="Breakfast", start=7 * 60, end=11 * 60)
    outlet = an_outlet(meals=(breakfast,))
    idli, dosa = an_item("Idli", meals=("breakfast",)), an_item("Dosa")
    menu = MenuSnapshot.build(outlet, "m1", [idli, dosa])
    morning, noon = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (3, 7))  # half past eight and half past twelve

    def seen(menu: MenuSnapshot, at: datetime, like: str = "all") -> list[str]:
        return sorted(item.name for item in menu.served(idli.category, at, lambda item: like == "all", like))

    assert seen(menu, morning) == ["Dosa", "Idli"]
    assert seen(menu, noon) == ["Dosa"]
    assert seen(menu, morning, "nothing") == []
    renamed = menu.having(dosa.model_copy(update={"name": "Ghee Dosa"}), "m2")
    assert seen(renamed, noon) == ["Ghee Dosa"]
    assert seen(menu, noon) == ["Dosa"]
