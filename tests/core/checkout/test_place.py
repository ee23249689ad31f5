"""The one tap that places an order: exactly what was shown, once, and never half."""

from dataclasses import dataclass

import pytest
from pymongo.errors import AutoReconnect
from redis.asyncio import Redis

from core.cart.errors import AlreadyPlaced, CartChanged, CartEmpty
from core.checkout.errors import (
    BelowMinimum,
    CashLimit,
    MethodNotOffered,
    OutletPaused,
    PhoneNeeded,
    PriceChanged,
)
from core.connections import open_connections
from core.customers.models import DietProfile
from core.menu.errors import ItemSoldOut
from core.menu.service import MenuService
from core.menu.store import MenuStore
from core.money import Money
from core.mongo_subset import SubsetListener
from core.orders.errors import TooManyOpenCashOrders, UnpaidOrderOpen
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from core.outlets.service import OutletService
from core.outlets.store import OutletStore
from tests.core.cart.house import COFFEE, DOSA, line
from tests.core.checkout.conftest import ASHA, DELIVERY, HOME, TABLE, TAKEAWAY, Counter, open_counter

FAR = 4_102_444_800_000
HALWA = line("halwa").item


async def test_what_was_shown_is_what_is_ordered(counter, clock):
    guest = ASHA.model_copy(update={"diet": DietProfile(allergies=("nuts",))})
    await counter.fill()
    await counter.cart.set_note(guest.id, "less oil", "n")
    plan = DELIVERY.model_copy(update={"rider_note": "ring\u202e twice\n", "tip": Money.rupees(20)})
    quote = await counter.quote(plan, guest)
    placed = await counter.place(quote, guest=guest, chat="webchat:abc")
    order = placed.order
    assert placed.first
    assert order.status is OrderStatus.PLACED
    assert (order.bill, order.promised_ms, order.method) == (quote.bill, quote.promised_ms, PayMethod.CASH)
    assert (order.outlet, order.outlet_name, order.customer, order.phone) == (
        "mgroad", "Tiffin Mgroad", guest.id, guest.phone,
    )  # fmt: skip
    assert (order.chat, order.language, order.address) == ("webchat:abc", "en", HOME)
    assert (order.note, order.rider_note, order.diet) == ("less oil", "ring twice", guest.diet)
    assert order.road_minutes == 15
    assert [ordered.id for ordered in order.lines] == [DOSA.id, COFFEE.id]
    assert (await counter.cart.view(guest.id)).lines == ()


async def test_fetched_and_table_orders_have_no_address_and_only_what_they_need(counter):
    fetched = await counter.order(TAKEAWAY.model_copy(update={"address": HOME, "rider_note": "x", "table": "7"}))
    assert (fetched.address, fetched.rider_note, fetched.table, fetched.road_minutes) == (None, "", "", 0)
    assert (await counter.order(TABLE, line("dosa"))).table == "7"


async def test_an_online_order_waits_for_its_payment(counter):
    assert (await counter.order(method=PayMethod.UPI)).status is OrderStatus.AWAITING_PAYMENT


async def test_without_a_proved_phone_nothing_is_placed(counter):
    view = await counter.fill()
    nameless = ASHA.model_copy(update={"phone": ""})
    quote = await counter.quote(guest=nameless)
    with pytest.raises(PhoneNeeded):
        await counter.place(quote, guest=nameless)
    assert (await counter.cart.view(ASHA.id)).version == view.version


async def test_a_price_that_moved_is_told_with_both_totals_and_the_new_one_can_be_taken(counter):
    await counter.fill()
    old = await counter.quote(TABLE)
    await counter.menu.set_price(DOSA.item, "one", Money.rupees(150), "owner")
    with pytest.raises(PriceChanged) as changed:
        await counter.place(old)
    new = await counter.quote(TABLE)
    assert (changed.value.was, changed.value.now) == (old.bill.total, new.bill.total)
    assert (await counter.place(new)).order.total == new.bill.total


async def test_a_price_changed_by_another_replica_a_moment_ago_is_noticed(counter, redis, clock):
    """The dishes are read from the database, whatever this process believes."""
    await counter.fill()
    quote = await counter.quote(TABLE)
    outlets = OutletService(store=OutletStore(counter.mongo), clock=clock, redis=redis)
    elsewhere = MenuService(store=MenuStore(counter.mongo), outlets=outlets, clock=clock)
    await elsewhere.load()
    await elsewhere.set_price(DOSA.item, "one", Money.rupees(119), "owner")
    with pytest.raises(PriceChanged):
        await counter.place(quote)
    await elsewhere.sold_out(DOSA.item, FAR, "cook")
    with pytest.raises(ItemSoldOut) as sold_out:
        await counter.place(quote)
    assert sold_out.value.name == "Masala Dosa"
    assert await counter.all_orders() == []


async def test_without_reading_anew_the_old_price_would_be_charged(counter, redis, clock, monkeypatch):
    """The twin of the test above."""
    await counter.fill()
    quote = await counter.quote(TABLE)

    async def from_memory(ids):
        return {item: counter.menu.snapshot("mgroad").items[item] for item in ids}

    monkeypatch.setattr(counter.menu, "fresh", from_memory)
    await counter.mongo["menu_items"].update_one({"_id": DOSA.item}, {"$set": {"sold_out_until_ms": FAR}})
    assert (await counter.place(quote)).first


async def test_a_cart_changed_on_another_device_is_shown_again(counter):
    await counter.fill()
    quote = await counter.quote(TABLE)
    await counter.cart.change(ASHA.id, DOSA.id, 1, "other device")
    with pytest.raises(CartChanged):
        await counter.place(quote)
    assert await counter.all_orders() == []


@pytest.mark.parametrize("total", [0, -1, 1, 10**12])
async def test_a_forged_total_places_nothing(counter, total):
    await counter.fill()
    quote = await counter.quote(TABLE)
    with pytest.raises(PriceChanged):
        await counter.place(quote, shown_total=Money(total))
    for version in (0, -1, quote.cart_version + 1, 10**15):
        with pytest.raises(CartChanged):
            await counter.place(quote, cart_version=version)
    assert await counter.all_orders() == []


async def test_what_stands_in_the_way_is_named(counter, clock):
    await counter.fill(line("coffee"))
    small = await counter.quote()
    with pytest.raises(BelowMinimum) as below:
        await counter.place(small)
    assert below.value.missing == Money.rupees(160)
    await counter.cart.replace(ASHA.id, [line("tikka", 8, variant="full", options=("spice=hot",))], "much")
    dear = await counter.quote(TABLE)
    with pytest.raises(CashLimit) as limit:
        await counter.place(dear)
    assert limit.value.limit == Money.rupees(2000)
    await counter.outlets.alter("mgroad", lambda it: it.model_copy(update={"methods": (PayMethod.UPI,)}))
    with pytest.raises(MethodNotOffered):
        await counter.place(dear)
    await counter.outlets.pause("mgroad", 10, "rush", "cook")
    with pytest.raises(OutletPaused):
        await counter.place(dear, method=PayMethod.UPI)
    await counter.outlets.resume("mgroad")
    assert (await counter.place(dear, method=PayMethod.UPI)).first


async def test_two_dinners_on_trust_are_enough(counter):
    first, _ = await counter.order(), await counter.order(TABLE)
    with pytest.raises(TooManyOpenCashOrders) as enough:
        await counter.order(TABLE)
    assert enough.value.limit == 2
    await counter.orders.cancel(first.id, ASHA.id)
    assert await counter.order(TABLE)


async def test_one_unpaid_order_at_a_time(counter):
    waiting = await counter.order(method=PayMethod.UPI)
    with pytest.raises(UnpaidOrderOpen) as unpaid:
        await counter.order(TABLE, method=PayMethod.CARD)
    assert (unpaid.value.order_id, unpaid.value.code) == (waiting.id, waiting.code)
    assert (await counter.cart.view(ASHA.id)).count == 3  # the cart is kept


async def test_a_second_device_is_told_of_the_order_the_first_one_made(counter):
    await counter.fill()
    quote = await counter.quote()
    first = await counter.place(quote, chat="telegram:42")
    second = await counter.place(quote, chat="webchat:abc")
    assert (first.first, second.first) == (True, False)
    assert second.order.id == first.order.id
    assert second.order.chat == "telegram:42"


async def test_portions_come_back_when_no_order_came_about(counter):
    await counter.order(method=PayMethod.UPI)
    with pytest.raises(UnpaidOrderOpen):
        await counter.order(TABLE, line("halwa", 2), method=PayMethod.UPI)
    assert (await counter.menu.fresh([HALWA]))[HALWA].stock == 2
    with pytest.raises(ItemSoldOut) as few:
        await counter.order(TABLE, line("halwa", 3))
    assert few.value.left == 2


@pytest.mark.crash
async def test_killed_after_freezing_the_next_tap_places_it(counter):
    """C6."""
    await counter.fill()
    quote = await counter.quote()
    frozen = await counter.cart.freeze(ASHA.id, quote.cart_version)
    placed = await counter.place(quote)
    assert placed.first
    assert placed.order.checkout_id == frozen.checkout_id


@pytest.mark.crash
@pytest.mark.parametrize("then", ["tap", "view", "edit", "quote"])
async def test_killed_after_the_order_was_written_there_is_one_order_and_no_cart(counter, monkeypatch, then):
    """C7, at the very line: the cart is not emptied because the process is gone."""

    class Killed(BaseException):
        pass

    async def killed(customer, checkout_id):
        raise Killed

    await counter.fill()
    quote = await counter.quote()
    with monkeypatch.context() as dying:
        dying.setattr(counter.cart, "clear_if", killed)
        with pytest.raises(Killed):
            await counter.place(quote)
    (order,) = await counter.all_orders()
    await counter.menu.set_price(DOSA.item, "one", Money.rupees(999), "owner")  # the world moves on meanwhile
    match then:
        case "tap":
            again = await counter.place(quote)
            assert (again.order.id, again.first) == (order["_id"], False)
        case "view":
            assert (await counter.cart.view(ASHA.id)).lines == ()
        case "edit":
            assert (await counter.cart.add(ASHA.id, COFFEE, "next")).count == 1
        case "quote":
            with pytest.raises(CartEmpty):
                await counter.quote()
    with pytest.raises(AlreadyPlaced):
        await counter.cart.freeze(ASHA.id, quote.cart_version)
    assert len(await counter.all_orders()) == 1


@pytest.mark.crash
async def test_when_the_answer_of_the_database_is_lost_the_next_tap_finds_the_order(counter, monkeypatch):
    await counter.fill()
    quote = await counter.quote()
    create = counter.orders.create

    async def cut(draft):
        await create(draft)
        raise AutoReconnect("connection lost")

    with monkeypatch.context() as failing:
        failing.setattr(counter.orders, "create", cut)
        with pytest.raises(AutoReconnect):
            await counter.place(quote)
    again = await counter.place(quote)
    assert not again.first
    assert len(await counter.all_orders()) == 1


async def test_an_order_that_the_database_no_longer_knows_leaves_an_empty_cart(counter):
    """As after a restore from a backup of before the order."""
    await counter.fill()
    quote = await counter.quote()
    await counter.place(quote)
    await counter.mongo["orders"].delete_many({})
    with pytest.raises(CartEmpty):
        await counter.place(quote)


class Counting(SubsetListener):
    """Counts what is sent to MongoDB."""

    def __init__(self):
        super().__init__()
        self.commands = []

    def started(self, event):
        self.commands.append(event.command_name)
        super().started(event)


@dataclass
class Wire:
    counter: Counter
    redis: Redis
    mongo: Counting

    async def sent(self, method: PayMethod) -> tuple[int, list[str]]:
        """What placing the lunch in the cart costs: round trips to Redis, and the commands to MongoDB."""
        await self.counter.fill()
        quote = await self.counter.quote()
        await self.redis.config_resetstat()
        self.mongo.commands.clear()
        assert (await self.counter.place(quote, method=method)).first
        calls = {name: stats["calls"] for name, stats in (await self.redis.info("commandstats")).items()}
        return calls["cmdstat_evalsha"], [name for name in self.mongo.commands if name not in {"ping", "hello"}]


@pytest.fixture
async def wire(redis, settings, clock, mongo):
    """The scripts are known, and no order is open."""
    heard = Counting()
    connections = await open_connections(settings, subset=heard)
    counter = await open_counter(redis, connections.mongo, clock)
    await counter.orders.cancel((await counter.order()).id, ASHA.id)
    yield Wire(counter, redis, heard)
    assert heard.breaches == []
    await connections.close()


@pytest.mark.parametrize("method", [PayMethod.UPI, PayMethod.CASH])
async def test_placing_takes_two_round_trips_to_redis_and_two_to_mongodb(wire, method):
    assert await wire.sent(method) == (2, ["find", "insert"])


async def test_a_look_at_the_guests_other_orders_would_be_seen_in_the_count(wire, monkeypatch):
    """The twin."""
    fresh = wire.counter.menu.fresh

    async def looks_first(ids):
        await wire.counter.orders.open_for(ASHA.id)
        return await fresh(ids)

    monkeypatch.setattr(wire.counter.menu, "fresh", looks_first)
    assert await wire.sent(PayMethod.CASH) == (2, ["find", "find", "insert"])


async def test_only_a_second_dinner_on_trust_looks_where_it_fits(wire):
    await wire.sent(PayMethod.CASH)
    assert await wire.sent(PayMethod.CASH) == (2, ["find", "insert", "find", "find", "insert"])
