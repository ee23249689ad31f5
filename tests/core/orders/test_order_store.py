"""Orders on the real store: written once, changed by comparing versions, found again."""

import asyncio
from datetime import timedelta

import pytest
from pymongo.errors import AutoReconnect

from core.clock import FrozenClock
from core.connections import Database
from core.errors import StoreError
from core.ids import CheckoutId, CustomerId, OrderId, OutletId
from core.orders.errors import OrderNotFound, UnpaidOrderOpen
from core.orders.facts import Created, Review
from core.orders.models import NEVER_MS, Order
from core.orders.status import LIVE, OrderStatus
from core.orders.store import ORDERS, OrderStore
from core.outlets.models import PayMethod
from tests.core.orders.builders import ASHA, LUNCH_MS, MG_ROAD, MINUTE, a_draft, an_order, captured, new_order
from tests.core.orders.house import House

S = OrderStatus


def review(n: int) -> Review:
    return Review(at_ms=LUNCH_MS, what="odd", about=str(n))


async def stored(house: House, order: Order) -> Order:
    kept = await house.store.insert(order)
    assert kept is not None
    return kept


async def test_an_order_is_read_as_it_was_written(house: House):
    order = await stored(house, an_order(S.PREPARING))
    assert await house.store.get(order.id) == order
    assert await house.store.by_checkout(order.checkout_id) == order
    assert await house.store.by_day_code(order.day_code) == order


async def test_what_is_not_there_is_not_found(house: House):
    assert await house.store.get(OrderId("ord_none")) is None
    assert await house.store.by_checkout(CheckoutId("chk_none")) is None
    with pytest.raises(OrderNotFound):
        await house.store.require(OrderId("ord_none"))


async def test_only_an_unpaid_order_carries_the_mark_of_its_guest(house: House):
    unpaid = await stored(house, an_order(S.AWAITING_PAYMENT))
    document = await house.mongo[ORDERS].find_one({"_id": unpaid.id})
    assert document["unpaid_of"] == ASHA
    placed = await house.store.record(unpaid.id, captured())
    assert placed.status is S.PLACED
    assert "unpaid_of" not in await house.mongo[ORDERS].find_one({"_id": unpaid.id})


async def test_a_second_unpaid_order_of_a_guest_is_refused_and_names_the_first(house: House):
    first = await stored(house, an_order(S.AWAITING_PAYMENT))
    with pytest.raises(UnpaidOrderOpen) as refused:
        await house.store.insert(an_order(S.AWAITING_PAYMENT))
    assert refused.value.order_id == first.id
    assert refused.value.code == first.code
    await house.store.record(first.id, captured())
    await stored(house, an_order(S.AWAITING_PAYMENT))


async def test_a_checkout_becomes_one_order_and_a_taken_code_is_told(house: House):
    first = await stored(house, new_order(a_draft(method=PayMethod.CASH)))
    twin = new_order(a_draft(method=PayMethod.CASH, checkout=first.checkout_id))
    assert await house.store.insert(twin) == first
    same_code = new_order(a_draft(method=PayMethod.CASH)).model_copy(update={"day_code": first.day_code})
    assert await house.store.insert(same_code) is None


async def test_each_write_is_a_version_and_nothing_new_writes_nothing(house: House):
    order = await stored(house, an_order(S.PLACED))
    once = await house.store.record(order.id, review(1))
    assert once.v == order.v + 1
    again = await house.store.record(order.id, review(1))
    assert again == once
    assert (await house.store.require(order.id)).v == once.v


async def test_twelve_at_once_all_leave_their_fact(house: House):
    order = await stored(house, an_order(S.PLACED))
    await asyncio.gather(*(house.store.record(order.id, review(n)) for n in range(12)))
    final = await house.store.require(order.id)
    assert {fact.key for fact in final.facts} >= {review(n).key for n in range(12)}
    assert final.v == order.v + 12


async def test_an_order_that_keeps_changing_is_given_up_with_an_error(house: House):
    order = await stored(house, an_order(S.PLACED))
    n = 0

    async def somebody_else() -> None:
        nonlocal n
        n += 1
        document = await house.mongo[ORDERS].find_one({"_id": order.id})
        changed = document | {"v": document["v"] + 1}
        await house.mongo[ORDERS].replace_one({"_id": order.id, "v": document["v"]}, changed)

    class Unlucky(OrderStore):
        async def _replace(self, v: int, new: Order) -> bool:
            await somebody_else()
            return await super()._replace(v, new)

    with pytest.raises(StoreError, match="kept changing"):
        await Unlucky(house.mongo, house.clock).record(order.id, review(1))
    assert n == 20


async def test_a_change_that_raises_writes_nothing(house: House):
    order = await stored(house, an_order(S.PLACED))

    def refuse(_: Order) -> Order:
        raise OrderNotFound(order_id=order.id)

    with pytest.raises(OrderNotFound):
        await house.store.change(order.id, refuse)
    assert await house.store.require(order.id) == order


class CutOff:
    """A collection whose connection breaks right after (or right before) a write."""

    def __init__(self, collection, *, after_write: bool) -> None:
        self._collection = collection
        self._after_write = after_write
        self._cut = True

    def __getattr__(self, name: str):
        return getattr(self._collection, name)

    async def _call(self, write, *args):
        if self._cut and not self._after_write:
            self._cut = False
            raise AutoReconnect("cut")
        result = await write(*args)
        if self._cut:
            self._cut = False
            raise AutoReconnect("cut")
        return result

    async def replace_one(self, *args):
        return await self._call(self._collection.replace_one, *args)

    async def insert_one(self, *args):
        return await self._call(self._collection.insert_one, *args)


def cut_off(house: House, *, after_write: bool) -> OrderStore:
    return OrderStore({ORDERS: CutOff(house.mongo[ORDERS], after_write=after_write)}, house.clock)


@pytest.mark.parametrize("after_write", [True, False])
async def test_a_connection_cut_around_a_write_leaves_one_effect(house: House, after_write: bool):
    order = await stored(house, an_order(S.AWAITING_PAYMENT))
    placed = await cut_off(house, after_write=after_write).record(order.id, captured())
    assert placed == await house.store.require(order.id)
    assert placed.placed_n == 1
    assert placed.v == order.v + 1


async def test_an_order_whose_confirmation_was_lost_is_found_and_one_that_was_lost_is_told(house: House):
    order = new_order(a_draft(method=PayMethod.CASH))
    found = await cut_off(house, after_write=True).insert(order)
    assert found is not None
    assert (found.id, found.code) == (order.id, order.code)
    other = new_order(a_draft(method=PayMethod.CASH))
    with pytest.raises(StoreError, match="may not be stored"):
        await cut_off(house, after_write=False).insert(other)
    kept = await stored(house, other)
    assert kept.id == other.id


# Lists


async def test_a_guest_sees_their_orders_newest_first_page_by_page(house: House):
    made = []
    for n in range(5):
        order = an_order(S.COMPLETED).model_copy(update={"created_ms": LUNCH_MS + n})
        made.append(await stored(house, order))
    await stored(house, an_order(S.COMPLETED, draft=a_draft(customer=CustomerId("cus_ravi"))))
    first = await house.store.list_for(ASHA, NEVER_MS, 2)
    assert [order.id for order in first] == [made[4].id, made[3].id]
    rest = await house.store.list_for(ASHA, first[-1].created_ms, 10)
    assert [order.id for order in rest] == [made[2].id, made[1].id, made[0].id]


async def test_each_list_holds_just_the_statuses_it_is_for(house: House):
    orders = {status: await stored(house, an_order(status)) for status in OrderStatus}
    assert {order.status for order in await house.store.open_for(ASHA)} == set(LIVE)
    at_outlet = await house.store.live_at(MG_ROAD)
    assert {order.status for order in at_outlet} == set(LIVE) - {S.AWAITING_PAYMENT}
    assert await house.store.live_at(OutletId("indiranagar")) == []
    completed = await house.store.with_status(ASHA, (S.COMPLETED,), 5)
    assert [order.id for order in completed] == [orders[S.COMPLETED].id]


async def test_what_is_due_is_found_when_it_is_due_the_longest_waiting_first(house: House):
    early = await stored(house, an_order(S.PLACED))
    late = new_order(a_draft(method=PayMethod.CASH), now_ms=LUNCH_MS + MINUTE)
    await stored(house, late)
    at = LUNCH_MS + 3 * MINUTE
    assert await house.store.due(LUNCH_MS, (S.PLACED,), 10) == []
    assert await house.store.due(at + MINUTE, (S.PLACED,), 10) == [early.id, late.id]
    assert await house.store.due(at + MINUTE, (S.PLACED,), 1) == [early.id]
    assert await house.store.due(at + MINUTE, (S.AWAITING_PAYMENT,), 10) == []


async def test_orders_to_ask_about_and_orders_with_something_to_say_are_found(house: House):
    order = await stored(house, an_order(S.AWAITING_PAYMENT))
    assert await house.store.to_check(LUNCH_MS + 29_999, 10) == []
    assert await house.store.to_check(LUNCH_MS + 30_000, 10) == [order.id]
    assert await house.store.with_outbox(10) == []
    speaking = await house.store.record(order.id, captured())
    assert await house.store.with_outbox(10) == [speaking]


async def test_an_order_a_newer_release_wrote_does_not_stop_the_others(house: House, caplog: pytest.LogCaptureFixture):
    readable = await stored(house, an_order(S.PLACED))
    foreign = an_order(S.PLACED).to_document() | {"status": "placed", "method": "barter"}
    await house.mongo[ORDERS].insert_one(foreign)
    assert [order.id for order in await house.store.live_at(MG_ROAD)] == [readable.id]
    assert "order_unreadable" in caplog.text


async def test_facts_of_a_newer_release_survive_being_written_by_this_one(house: House):
    document = an_order(S.PLACED).to_document()
    document["facts"].append({"kind": "tipped", "at_ms": LUNCH_MS, "by": "guest", "paise": 100})
    await house.mongo[ORDERS].insert_one(document)
    await house.store.record(OrderId(document["_id"]), review(1))
    written = await house.mongo[ORDERS].find_one({"_id": document["_id"]})
    assert {"kind": "tipped", "at_ms": LUNCH_MS, "by": "guest", "paise": 100} in written["facts"]
    with pytest.raises(ValueError, match="validation error"):
        Order.from_document(document | {"facts": [{"kind": "created"}]})
    assert Created(at_ms=1).key == "created"


async def test_a_late_payment_is_only_asked_about_the_kitchen_when_the_order_expired(house: House, clock: FrozenClock):
    asked = []

    async def can_cook(order: Order) -> bool:
        asked.append(order.status)
        return True

    placed = await stored(house, an_order(S.PLACED))
    await house.store.record(placed.id, review(1), can_cook=can_cook)
    expired = await stored(house, an_order(S.EXPIRED))
    clock.advance(timedelta(minutes=21))
    revived = await house.store.record(expired.id, captured(), can_cook=can_cook)
    assert asked == [S.EXPIRED]
    assert revived.status is S.PLACED
    other = await stored(house, an_order(S.EXPIRED))
    assert (await house.store.record(other.id, captured())).status is S.EXPIRED


async def test_every_index_stands(mongo: Database, house: House):
    names = await mongo[ORDERS].index_information()
    fields = [tuple(name for name, _ in index["key"]) for index in names.values()]
    assert ("checkout_id",) in fields
    assert ("unpaid_of",) in fields
    assert ("on_trust_of",) in fields
    assert ("customer", "created_ms") in fields
