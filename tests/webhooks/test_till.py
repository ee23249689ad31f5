"""Practice money, as somebody plays with it at the till: whatever goes wrong, every order ends right."""

from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.payments.practice.bank import Play
from core.settings import Settings
from tests.core.orders.builders import COOK, MG_ROAD, TOTAL, money_back
from tests.webhooks.practice_shop import PracticeShop, open_practice_shop

P = Play
S = OrderStatus
NOTHING, ALL = 0, TOTAL.paise

# What seven guests do, by the minute.
GUESTS: dict[str, dict[int, list[Play]]] = {
    "pays": {0: [P.PAY]},
    "fails, then pays": {0: [P.FAIL, P.PAY]},
    "pays twice": {0: [P.PAY_TWICE]},
    "pays a little late": {0: [P.EXPIRE], 2: [P.PAY_LATE]},
    "pays much too late": {0: [P.EXPIRE], 13: [P.PAY_LATE]},
    "never pays": {0: [P.EXPIRE]},
    "has it refunded by hand": {0: [P.PAY], 2: [P.REFUND]},
}
ENDS = {
    "pays": (S.ACCEPTED, NOTHING),
    "fails, then pays": (S.ACCEPTED, NOTHING),
    "pays twice": (S.ACCEPTED, ALL),
    "pays a little late": (S.ACCEPTED, NOTHING),
    "pays much too late": (S.EXPIRED, ALL),
    "never pays": (S.EXPIRED, NOTHING),
    "has it refunded by hand": (S.ACCEPTED, ALL),
}
# Nobody told of the late payment; it is found a quarter of an hour later, and then it is too late to cook.
UNTOLD_ENDS = {**ENDS, "pays a little late": (S.EXPIRED, ALL)}


class Afternoon:
    """Seven guests of one house, which may be closed and opened again while money is on its way."""

    def __init__(self, settings: Settings, connections: Connections, clock: FrozenClock) -> None:
        self._house = (settings, connections, clock)
        self._street = AsyncExitStack()
        self.orders: dict[str, Order] = {}

    async def opens(self) -> PracticeShop:
        await self._street.aclose()
        self._street = AsyncExitStack()
        self.shop = await self._street.enter_async_context(open_practice_shop(*self._house))
        return self.shop

    async def closes(self) -> None:
        await self._street.aclose()

    async def goes_by(self, *, restarts: bool) -> None:
        shop = self.shop
        self.orders = {guest: (await shop.ordered())[0] for guest in GUESTS}
        for minute, until in ((0, 2), (2, 13), (13, 75)):
            for guest, plays in GUESTS.items():
                for play in plays.get(minute, []):
                    await shop.plays(self.orders[guest], play)
            if restarts:
                shop = await self.opens()
                shop.house.clock.advance(timedelta(seconds=2))  # news that found the door closed comes again
            await shop.settle()
            await shop.time_goes_by(minutes=1)
            await self.kitchen_accepts()
            await shop.time_goes_by(minutes=until - minute - 1, step_s=240 if minute else 30)

    async def kitchen_accepts(self) -> None:
        for order in self.orders.values():
            if (await self.shop.now(order)).status is S.PLACED:
                await self.shop.services.orders.accept(order.id, MG_ROAD, COOK, 25)
        await self.shop.settle()

    async def ends(self) -> dict[str, tuple[OrderStatus, int]]:
        final = {guest: await self.shop.now(order) for guest, order in self.orders.items()}
        return {guest: (order.status, money_back(order).paise) for guest, order in final.items()}

    async def kept(self) -> tuple[Counter[str], Counter[str]]:
        """What each guest's money comes to in our books, and in the bank's."""
        ours, theirs = Counter[str](), Counter[str]()
        now_ms = self.shop.house.clock.ms()
        for guest, order in self.orders.items():
            final = await self.shop.now(order)
            ours[guest] = sum(each.amount.paise for each in final.payments if each.captured) - money_back(final).paise
            link = await self.shop.bank.ledger.require(final.links[0].id)
            paid = [each for each in link.payments if each.captured]
            theirs[guest] = sum((each.amount - each.refunded_at(now_ms)).paise for each in paid)
        return ours, theirs


@pytest.fixture
async def afternoon(settings, connections, clock):
    afternoon = Afternoon(settings, connections, clock)
    await afternoon.opens()
    yield afternoon
    await afternoon.closes()


@pytest.mark.parametrize(
    ("dropping", "restarts"),
    [
        pytest.param(False, True, id="closed and opened with news on its way"),
        pytest.param(True, False, id="every webhook dropped"),
        pytest.param(False, False, id="all news arrives", marks=pytest.mark.deep),
        pytest.param(True, True, id="dropped, closed and opened", marks=pytest.mark.deep),
    ],
)
async def test_whatever_is_played_at_the_till_every_order_ends_right(
    afternoon: Afternoon, dropping: bool, restarts: bool
):
    await afternoon.shop.drops_webhooks(dropping)
    await afternoon.goes_by(restarts=restarts)
    assert await afternoon.ends() == (UNTOLD_ENDS if dropping else ENDS)
    ours, theirs = await afternoon.kept()
    assert ours == theirs
    for guest, order in afternoon.orders.items():
        cooked = (await afternoon.ends())[guest][0] is S.ACCEPTED
        assert await afternoon.shop.told(order, DeliveryKind.OUTLET_NEW_ORDER) == cooked, guest
    news = await afternoon.shop.news()
    assert {(each["state"], each["note"]) for each in news} == {("done", "dropped" if dropping else "")}
    heard = await afternoon.shop.house.runtime.connections.mongo["inbox"].find({}).to_list(length=1000)
    assert {each["_id"] for each in heard} == (set() if dropping else {f"sandbox:{each['event']}" for each in news})
