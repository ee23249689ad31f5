"""How many unpaid orders in cash a guest may have under way: MongoDB keeps the places, on any number of devices."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Database, ensure_indexes
from core.errors import DomainError
from core.ids import CustomerId
from core.money import Money
from core.orders.errors import TooManyOpenCashOrders
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.orders.store import INDEXES, ORDERS
from core.orders.trust import OPEN_CASH, on_trust
from core.outlets.models import PayMethod
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, TOTAL, a_draft, an_order, captured
from tests.core.orders.house import House

S = OrderStatus
BALA = CustomerId("cus_bala")
CASH = PayMethod.CASH


async def cash(house: House, customer: CustomerId = ASHA) -> Order:
    order, first = await house.orders.create(a_draft(method=CASH, customer=customer))
    assert first
    return order


async def place_of(house: House, order: Order) -> str | None:
    """What the database holds, where a field that is None would not do."""
    document = await house.mongo[ORDERS].find_one({"_id": order.id})
    assert document.get("on_trust_of", "") is not None
    place: str | None = document.get("on_trust_of")
    return place


async def handed_over(house: House, order: Order) -> Order:
    await house.orders.accept(order.id, MG_ROAD, COOK, 20)
    await house.orders.advance(order.id, MG_ROAD, COOK, S.READY)
    await house.orders.collect_cash(order.id, MG_ROAD, COOK)
    return await house.orders.advance(order.id, MG_ROAD, COOK, S.COMPLETED)


async def test_two_dinners_on_trust_and_the_third_is_paid_first(house: House):
    first, second = await cash(house), await cash(house)
    assert {await place_of(house, first), await place_of(house, second)} == {f"{ASHA}:0", f"{ASHA}:1"}
    with pytest.raises(TooManyOpenCashOrders) as enough:
        await cash(house)
    assert enough.value.limit == OPEN_CASH == 2
    await cash(house, BALA)  # it is each guest's own
    online, _ = await house.orders.create(a_draft())
    assert await place_of(house, online) is None
    assert len(await house.orders.open_for(ASHA)) == 3


async def test_cash_taken_and_an_end_each_make_room(house: House):
    first, second = await cash(house), await cash(house)
    await house.orders.cancel(second.id, ASHA)
    third = await cash(house)
    assert await place_of(house, third) == second.on_trust_of
    done = await handed_over(house, first)
    assert (done.on_trust_of, await place_of(house, first)) == (None, None)
    fourth = await cash(house)
    assert await place_of(house, fourth) == first.on_trust_of
    with pytest.raises(TooManyOpenCashOrders):
        await cash(house)


async def test_a_code_paid_at_the_door_makes_room_and_one_that_is_only_shown_does_not(house: House):
    first, _ = await cash(house), await cash(house)
    await house.orders.accept(first.id, MG_ROAD, COOK, 20)
    await house.orders.advance(first.id, MG_ROAD, COOK, S.READY)
    await house.orders.door_link(first.id, MG_ROAD, COOK)
    await house.settle()
    with pytest.raises(TooManyOpenCashOrders):
        await cash(house)
    shown = (await house.orders.require(first.id)).door_link
    assert shown is not None
    paid = await house.orders.record(first.id, captured(n=shown.n))
    assert (paid.paid, paid.on_trust_of) == (True, None)
    await cash(house)


async def test_an_order_nobody_took_cash_for_makes_room_when_the_clock_ends_it(house: House, clock: FrozenClock):
    first, _ = await cash(house), await cash(house)
    await house.orders.accept(first.id, MG_ROAD, COOK, 20)
    await house.orders.advance(first.id, MG_ROAD, COOK, S.READY)
    clock.advance(timedelta(hours=6))
    await house.orders.accept_ladder_due()
    assert (await house.orders.require(first.id)).status is S.COMPLETED
    await cash(house)


async def test_what_is_to_be_paid_in_cash_after_all_takes_a_place_and_gives_it_back(house: House):
    waiting, _ = await house.orders.create(a_draft())
    await house.settle()
    changed = await house.orders.change_method(waiting.id, ASHA, CASH)
    assert on_trust(changed)
    assert await place_of(house, waiting) == changed.on_trust_of == f"{ASHA}:0"
    await cash(house)
    with pytest.raises(TooManyOpenCashOrders):
        await cash(house)
    if changed.status is S.AWAITING_PAYMENT:  # its link is still being closed: the guest may think again
        await house.orders.change_method(waiting.id, ASHA, PayMethod.UPI)
        assert await place_of(house, waiting) is None
        await cash(house)


async def test_with_two_dinners_on_trust_a_third_cannot_become_one(house: House):
    await cash(house), await cash(house)
    waiting, _ = await house.orders.create(a_draft())
    await house.settle()
    before = await house.orders.require(waiting.id)
    with pytest.raises(TooManyOpenCashOrders):
        await house.orders.change_method(waiting.id, ASHA, CASH)
    assert await house.orders.require(waiting.id) == before
    paid = await house.orders.record(waiting.id, captured(amount=TOTAL))
    assert (paid.status, paid.on_trust_of) == (S.PLACED, None)


async def test_an_order_of_an_older_release_goes_its_way_without_a_place(house: House):
    order = await cash(house)
    document = await house.mongo[ORDERS].find_one({"_id": order.id})
    del document["on_trust_of"]
    await house.mongo[ORDERS].replace_one({"_id": order.id, "v": order.v}, document)
    await cash(house), await cash(house)
    assert (await house.orders.accept(order.id, MG_ROAD, COOK, 20)).on_trust_of is None
    assert (await handed_over_rest(house, order)).cash_ms


async def handed_over_rest(house: House, order: Order) -> Order:
    await house.orders.advance(order.id, MG_ROAD, COOK, S.READY)
    return await house.orders.collect_cash(order.id, MG_ROAD, COOK, Money(order.total.paise))


async def at_once(house: House, guest: CustomerId) -> int:
    """How many of six devices get their dinner in cash."""
    tried = await asyncio.gather(*(cash(house, guest) for _ in range(6)), return_exceptions=True)
    for answer in tried:
        assert isinstance(answer, Order | TooManyOpenCashOrders), answer
    return sum(isinstance(answer, Order) for answer in tried)


@pytest.mark.race
async def test_six_devices_at_once_get_two_dinners_on_trust(house: House):
    assert [await at_once(house, CustomerId(f"cus_{n}")) for n in range(10)] == [OPEN_CASH] * 10


@pytest.mark.race
async def test_without_the_unique_place_they_get_more(mongo: Database, clock: FrozenClock):
    """The twin."""
    house = House(mongo, clock)
    await ensure_indexes(mongo, [index for index in INDEXES if index.keys != ("on_trust_of",)])
    assert sum([await at_once(house, CustomerId(f"cus_{n}")) for n in range(3)]) > 3 * OPEN_CASH


async def change_or_order(house: House, n: int) -> int:
    """One place is left: a waiting order changes to cash in the moment another one is made. How many come to pass."""
    guest = CustomerId(f"cus_change_{n}")
    await cash(house, guest)
    waiting, _ = await house.orders.create(a_draft(customer=guest))
    both = [house.orders.change_method(waiting.id, guest, CASH), cash(house, guest)]
    tried = await asyncio.gather(*(both if n % 2 else both[::-1]), return_exceptions=True)
    for answer in tried:
        assert isinstance(answer, Order | DomainError), answer
    assert sum(on_trust(order) for order in await house.orders.open_for(guest)) == 1 + sum(
        isinstance(answer, Order) for answer in tried
    )
    return sum(isinstance(answer, Order) for answer in tried)


@pytest.mark.race
async def test_the_last_place_goes_to_a_new_order_or_to_one_that_changes(house: House):
    assert [await change_or_order(house, n) for n in range(12)] == [1] * 12


@pytest.mark.race
async def test_without_the_unique_place_both_would_have_it(mongo: Database, clock: FrozenClock):
    """The twin."""
    house = House(mongo, clock)
    await ensure_indexes(mongo, [index for index in INDEXES if index.keys != ("on_trust_of",)])
    assert 2 in [await change_or_order(house, n) for n in range(12)]


def test_every_order_a_guest_is_trusted_with_is_open_unpaid_and_in_cash():
    for status in S:
        online = an_order(status)
        assert not on_trust(online)
        in_cash = online.model_copy(update={"method": CASH, "kept": None, "cash_ms": 0})
        assert on_trust(in_cash) is status.live
        assert not on_trust(in_cash.model_copy(update={"cash_ms": 1}))
