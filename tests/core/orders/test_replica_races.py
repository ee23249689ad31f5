"""Three replicas that do the same thing at the same moment, with every guard and with the guards out."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Database
from core.ids import CustomerId, DeliveryId, PaymentId, RefundKey, new_id
from core.lanes.models import WorkState
from core.money import Money
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind, OutboxEntry
from core.outbox.models import Delivery
from core.outbox.service import OutboxService
from core.outbox.store import DeliveryStore
from core.payments.models import RefundView
from tests.core.orders.bank import Bank
from tests.core.orders.builders import a_draft
from tests.core.orders.house import House
from tests.core.orders.test_races import a_house

pytestmark = pytest.mark.race

K = DeliveryKind
FEW = 4
PART = Money(12_000)  # of 520: returned twice it would still fit into what was paid, so the provider would not refuse


@pytest.fixture(params=[FEW, pytest.param(200, marks=[pytest.mark.deep, pytest.mark.timeout(1_800)])])
def some(request: pytest.FixtureRequest, figure: Callable[[str], None]) -> int:
    """How many rounds: each is the whole way of a payment, so only a few whenever tests run."""
    if request.param > FEW:
        what = request.node.name.removeprefix("test_").replace("_", " ")
        figure(f"race, {request.param} rounds: {what}")
    return int(request.param)


async def three(mongo: Database, clock: FrozenClock) -> list[House]:
    return [await a_house(mongo, clock, guarded=True) for _ in range(3)]


# One refund


def without_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every worker believes that the lane and what lies on it are its own, as when a lease ran out under a slow one."""

    async def take_lane(self: DeliveryStore, lane: str) -> int:
        return self._clock.ms()

    async def claim(self: DeliveryStore, item: Delivery, fence: int) -> Delivery:
        mine = {"state": WorkState.LEASED.value, "fence": fence}
        await self._items.update_one({"_id": item.id}, {"$set": mine, "$inc": {"tries": 1}})
        return item.model_copy(update={"state": WorkState.LEASED, "fence": fence, "tries": item.tries + 1})

    monkeypatch.setattr(DeliveryStore, "take_lane", take_lane)
    monkeypatch.setattr(DeliveryStore, "claim", claim)


def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call to the provider goes under a name of its own."""
    refund = Bank.refund

    async def nameless(self: Bank, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        return await refund(self, payment, amount, RefundKey(new_id("rfx")))

    monkeypatch.setattr(Bank, "refund", nameless)


Removal = Callable[[pytest.MonkeyPatch], None]


async def refunded_at_once(replicas: list[House], n: int, *out: Removal) -> list[Money]:
    """All three carry out one wish of the owner's, with these guards `out`; what the provider has given back then."""
    first = replicas[0]
    order, _ = await first.orders.create(a_draft(customer=CustomerId(f"cus_h{n}")))
    await first.settle()
    payment = await first.sandbox.pay(await first.link_of(order))
    await first.settle()
    await first.orders.refund(order.id, "owner", "cold", PART, request=f"w{n}")
    with pytest.MonkeyPatch.context() as patch:
        for remove in out:
            remove(patch)
        await asyncio.gather(*(house.outbox.relay_once() for house in replicas))
        await asyncio.gather(*(house.outbox.dispatch_once(None) for house in replicas))
    back = await first.sandbox.refunds_of(payment.id)
    await first.settle()
    return [refund.amount for refund in back]


@pytest.mark.parametrize("out", [(), (without_leases,), (without_keys,)], ids=["all guards", "no leases", "no keys"])
async def test_a_part_given_back_by_three_replicas_goes_back_once_even_with_one_guard_out(
    mongo: Database, clock: FrozenClock, some: int, out: tuple[Removal, ...]
):
    replicas = await three(mongo, clock)
    for n in range(some):
        assert await refunded_at_once(replicas, n, *out) == [PART]


async def test_without_leases_and_without_keys_it_would_go_back_several_times(mongo: Database, clock: FrozenClock):
    replicas = await three(mongo, clock)
    backs = [await refunded_at_once(replicas, n, without_leases, without_keys) for n in range(FEW)]
    assert any(len(back) > 1 for back in backs), backs


# One end


async def ended_at_once(replicas: list[House], clock: FrozenClock, orders: int) -> tuple[list[Order], Counter[str]]:
    """The windows of so many orders close, and all three see it; the orders then, and what was told."""
    first = replicas[0]
    made = [(await first.orders.create(a_draft(customer=CustomerId(f"cus_j{n}"))))[0] for n in range(orders)]
    await first.settle()
    clock.advance(timedelta(minutes=18))
    await asyncio.gather(*(house.payments.expire_due() for house in replicas))
    await asyncio.gather(*(house.settle() for house in replicas))
    told = sum((Counter(house.ears.kinds()) for house in replicas), Counter[str]())
    return [await first.orders.require(order.id) for order in made], told


async def test_a_window_that_three_replicas_see_closing_is_one_step_and_one_message(
    mongo: Database, clock: FrozenClock, some: int
):
    orders, told = await ended_at_once(await three(mongo, clock), clock, some)
    for order in orders:
        assert [step.status.value for step in order.history] == ["awaiting_payment", "expired"]
    assert told[K.GUEST_EXPIRED] == some


def without_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries are not called after what they say, so the same one is another one each time."""
    deliveries = OutboxService._deliveries

    def nameless(self: OutboxService, order: Order, entry: OutboxEntry) -> Iterator[Delivery]:
        for delivery in deliveries(self, order, entry):
            yield delivery.model_copy(update={"id": DeliveryId(new_id("dlv"))})

    monkeypatch.setattr(OutboxService, "_deliveries", nameless)


async def test_without_names_made_of_what_they_say_messages_would_go_out_again(
    mongo: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    without_names(monkeypatch)
    _, told = await ended_at_once(await three(mongo, clock), clock, FEW)
    assert told[K.GUEST_EXPIRED] > FEW


# One payment, heard of by webhook, poll and browser


async def heard_from_everywhere(replicas: list[House], payments: int) -> Counter[str]:
    """What was told when three replicas learn of each payment in every way at once."""
    first = replicas[0]
    for n in range(payments):
        order, _ = await first.orders.create(a_draft(customer=CustomerId(f"cus_e{n}")))
        await first.settle()
        await first.sandbox.pay(await first.link_of(order))
        await asyncio.gather(
            *(house.inbox.inbox_once(None) for house in replicas),
            *(house.payments.reconcile(order.id) for house in replicas),
            *(house.payments.browser_returned(order.id) for house in replicas),
        )
        await asyncio.gather(*(house.settle() for house in replicas))
    return sum((Counter(house.ears.kinds()) for house in replicas), Counter[str]())


async def test_without_names_the_kitchen_would_be_told_of_it_again_and_again(
    mongo: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    """With them it is told once: test_races."""
    without_names(monkeypatch)
    told = await heard_from_everywhere(await three(mongo, clock), FEW)
    assert told[K.OUTLET_NEW_ORDER] > FEW
