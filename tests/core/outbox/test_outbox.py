"""What an order has to say reaches guest and kitchen at least once, in order, and only while it is true."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Database
from core.errors import ProviderError, StoreError
from core.ids import ChatKey, CustomerId, DeliveryId, OrderId
from core.lanes.models import WorkState
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outbox.models import Delivery, Failed, Retry, Sent, Skipped
from core.outbox.schedules import GIVE_UP_MS, gap_ms
from core.outbox.service import KEEP_MS
from core.outbox.stock import StockKeeper
from core.outbox.store import DELIVERIES, DeliveryStore
from core.outlets.models import PayMethod
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, a_draft
from tests.core.orders.house import GROUP, Directory, House

K = DeliveryKind
S = OrderStatus


async def cash_order(house: House) -> Order:
    order, _ = await house.orders.create(a_draft(method=PayMethod.CASH))
    return order


async def now(house: House, order: Order) -> Order:
    return await house.orders.require(order.id)


async def test_guest_and_kitchen_are_told_of_an_order(house: House):
    order = await cash_order(house)
    assert house.wakes == 1
    assert await house.outbox.relay_once() == 2
    assert (await now(house, order)).outbox_n == 0
    assert await house.outbox.dispatch_once() == 2
    assert sorted(house.ears.kinds()) == ["guest.placed", "outlet.new_order"]
    card = next(delivery for delivery in house.ears.heard if delivery.kind is K.OUTLET_NEW_ORDER)
    assert (card.target, card.lane, card.order) == (GROUP, GROUP, order.id)
    assert await house.outbox.relay_once() == await house.outbox.dispatch_once() == 0


async def test_each_group_of_an_outlet_gets_its_own_card(house: House):
    house.directory = Directory(ChatKey("telegram:-1"), ChatKey("telegram:-2"))
    house.use(house.sandbox)
    order = await cash_order(house)
    await house.settle()
    cards = [delivery for delivery in house.ears.heard if delivery.kind is K.OUTLET_NEW_ORDER]
    assert {card.target for card in cards} == {"telegram:-1", "telegram:-2"}
    ref = await house.outbox.ref(order.id, "telegram:-2", K.OUTLET_NEW_ORDER, K.OUTLET_CARD)
    assert ref.startswith("msg-")
    assert await house.outbox.ref(order.id, "telegram:-3", K.OUTLET_NEW_ORDER) == ""


async def test_an_outlet_without_a_group_is_a_matter_for_whoever_carries_it_out(house: House):
    house.directory = Directory()
    house.use(house.sandbox)
    house.ears.answers[K.OUTLET_NEW_ORDER] = [Failed("no group")]
    order = await cash_order(house)
    await house.settle()
    assert house.ears.kinds() == ["guest.placed", "admin.alert"]
    assert "undelivered" in (await now(house, order)).flags
    assert [delivery.target for delivery in await house.outbox.dead()] == ["outlet:mgroad"]


async def test_messages_to_one_chat_come_in_the_order_things_happened(house: House):
    order = await cash_order(house)
    await house.orders.accept(order.id, MG_ROAD, COOK, 15)
    for to in (S.PREPARING, S.READY):
        await house.orders.advance(order.id, MG_ROAD, COOK, to)
    await house.settle()
    guest = [kind for kind in house.ears.kinds() if kind.startswith("guest.")]
    assert guest == ["guest.placed", "guest.accepted", "guest.ready"], "what it is past is left out"
    outlet = [kind for kind in house.ears.kinds() if kind.startswith("outlet.")]
    assert outlet == ["outlet.new_order", "outlet.card", "outlet.card", "outlet.card"]


async def test_the_last_card_can_be_found_to_edit_it(house: House):
    order = await cash_order(house)
    await house.settle()
    first = await house.outbox.ref(order.id, GROUP, K.OUTLET_NEW_ORDER, K.OUTLET_CARD)
    house.clock.advance(timedelta(seconds=1))
    await house.orders.accept(order.id, MG_ROAD, COOK, 15)
    await house.settle()
    second = await house.outbox.ref(order.id, GROUP, K.OUTLET_NEW_ORDER, K.OUTLET_CARD)
    assert first
    assert second
    assert first != second
    assert await house.outbox.ref(order.id, GROUP, K.OUTLET_NEW_ORDER) == first


# What is no longer true is not said


async def test_a_kitchen_is_not_told_of_an_order_that_was_cancelled_before_its_card_went_out(house: House):
    order = await cash_order(house)
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    assert house.ears.kinds() == ["guest.cancelled"], "and not told to stop what it never heard of"
    notes = {delivery.kind: delivery.note for delivery in await house.outbox.of_order(order.id)}
    assert notes[K.OUTLET_NEW_ORDER] == "skipped: not to be cooked"
    assert notes[K.OUTLET_STOP] == "skipped: never told of it"
    assert house.stove.returned == [order.id]


async def test_a_kitchen_that_was_told_is_told_to_stop(house: House):
    order = await cash_order(house)
    await house.settle()
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    assert house.ears.kinds().count("outlet.stop") == 1


async def test_a_kitchen_that_may_have_heard_of_it_is_told_to_stop(house: House):
    house.ears.answers[K.OUTLET_NEW_ORDER] = [Retry("no answer")]
    order = await cash_order(house)
    await house.settle()
    await house.orders.cancel(order.id, ASHA)
    house.clock.advance(timedelta(seconds=2))
    await house.settle()
    assert house.ears.kinds() == ["guest.placed", "guest.cancelled", "outlet.stop"]


async def test_a_reminder_that_comes_after_the_answer_is_left_out(house: House):
    order = await cash_order(house)
    await house.settle()
    house.clock.advance(timedelta(minutes=5))
    await house.orders.accept_ladder_due()
    await house.orders.accept(order.id, MG_ROAD, COOK, 15)
    await house.settle()
    assert K.OUTLET_REMIND not in house.ears.kinds()
    assert K.GUEST_STILL_WAITING not in house.ears.kinds()


async def test_a_request_that_was_answered_is_not_asked(house: House):
    order = await cash_order(house)
    await house.orders.accept(order.id, MG_ROAD, COOK, 15)
    await house.settle()
    await house.orders.ask_to_cancel(order.id, ASHA)
    await house.orders.answer_cancel_request(order.id, MG_ROAD, COOK, agree=False)
    await house.settle()
    assert "outlet.cancel_requested" not in house.ears.kinds()
    assert house.ears.kinds()[-2:] in (["guest.cancel_refused", "outlet.card"], ["outlet.card", "guest.cancel_refused"])


async def test_a_link_that_is_closed_is_not_offered(house: House):
    order, _ = await house.orders.create(a_draft())
    await house.outbox.relay_once()
    await house.outbox.dispatch_once()
    await house.sandbox.pay(await house.link_of(order))
    await house.inbox.inbox_once()
    await house.settle()
    assert "guest.pay" not in house.ears.kinds()


async def test_news_of_a_stage_that_is_over_is_left_out(house: House):
    order = await cash_order(house)
    await house.orders.accept(order.id, MG_ROAD, COOK, 15)
    house.clock.advance(timedelta(minutes=37))
    await house.orders.accept_ladder_due()
    for to in (S.READY, S.OUT_FOR_DELIVERY):
        await house.orders.advance(order.id, MG_ROAD, COOK, to)
    await house.orders.collect_cash(order.id, MG_ROAD, COOK)
    await house.orders.advance(order.id, MG_ROAD, COOK, S.COMPLETED)
    await house.settle()
    guest = [kind for kind in house.ears.kinds() if kind.startswith("guest.")]
    assert guest == ["guest.placed", "guest.accepted", "guest.completed"]
    left_out = {delivery.kind: delivery.note for delivery in await house.outbox.of_order(order.id) if delivery.note}
    assert left_out == {
        K.GUEST_LATE: "skipped: handed over",
        K.GUEST_READY: "skipped: moved on",
        K.GUEST_OUT: "skipped: moved on",
    }


# Trouble on the way


async def test_a_message_is_tried_again_by_the_schedule_of_its_kind(house: House):
    house.ears.answers[K.GUEST_PLACED] = [Retry("busy")] * 3
    house.ears.answers[K.OUTLET_NEW_ORDER] = [ProviderError("telegram", retryable=True)] * 3
    await cash_order(house)
    arrived: dict[str, int] = {}
    for second in range(30):
        await house.settle()
        for kind in house.ears.kinds():
            arrived.setdefault(kind, second)
        house.clock.advance(timedelta(seconds=1))
    assert arrived == {"outlet.new_order": 1 + 2 + 4, "guest.placed": 2 + 5 + 15}


async def test_a_channel_that_asks_for_time_gets_it(house: House):
    house.ears.answers[K.GUEST_PLACED] = [Retry("flood", timedelta(seconds=30))]
    await cash_order(house)
    await house.settle()
    house.clock.advance(timedelta(seconds=29))
    await house.settle()
    assert "guest.placed" not in house.ears.kinds()
    house.clock.advance(timedelta(seconds=1))
    await house.settle()
    assert "guest.placed" in house.ears.kinds()


async def test_a_guest_who_blocked_us_is_flagged_and_nobody_is_woken(house: House):
    house.ears.answers[K.GUEST_PLACED] = [ProviderError("telegram", retryable=False)]
    order = await cash_order(house)
    await house.settle()
    assert (await now(house, order)).flags == ("guest_unreachable",)
    assert house.ears.kinds() == ["outlet.new_order"]
    dead = await house.outbox.dead()
    assert [delivery.kind for delivery in dead] == [K.GUEST_PLACED]
    assert await house.outbox.retry(dead[0].id)
    await house.settle()
    assert "guest.placed" in house.ears.kinds()


async def test_a_card_that_does_not_arrive_for_two_minutes_is_the_owners_matter_once(house: House):
    house.ears.answers[K.OUTLET_NEW_ORDER] = [StoreError("down") for _ in range(40)]
    order = await cash_order(house)
    for _ in range(30):
        await house.settle()
        house.clock.advance(timedelta(seconds=10))
    alerts = [delivery for delivery in house.ears.heard if delivery.kind is K.ADMIN_ALERT]
    assert [alert.data["what"] for alert in alerts] == ["undelivered"]
    assert alerts[0].data["delivery"] == "outlet.new_order"
    assert (await now(house, order)).status is S.PLACED


async def test_an_alert_that_cannot_be_delivered_does_not_alert(house: House):
    house.ears.answers[K.OUTLET_NEW_ORDER] = [Failed("gone")]
    house.ears.answers[K.ADMIN_ALERT] = [Failed("gone")]
    await cash_order(house)
    await house.settle()
    assert house.ears.kinds() == ["guest.placed"]
    assert len(await house.outbox.dead()) == 2


async def test_what_a_handler_skips_is_done(house: House):
    house.ears.answers[K.GUEST_PLACED] = [Skipped("opted out")]
    order = await cash_order(house)
    await house.settle()
    notes = {delivery.kind: delivery.note for delivery in await house.outbox.of_order(order.id)}
    assert notes[K.GUEST_PLACED] == "skipped: opted out"


async def test_nobody_to_carry_it_out_is_a_reason_to_wait_and_a_wrong_name_is_refused(house: House):
    house.use(house.sandbox)
    house.outbox._handlers.pop("guest")
    await cash_order(house)
    await house.settle()
    assert house.ears.kinds() == ["outlet.new_order"]
    with pytest.raises(ValueError, match="no delivery is for 'gest'"):
        house.outbox.handle({"gest": house.ears.hear})
    house.outbox.handle({"guest": house.ears.hear})
    house.clock.advance(timedelta(seconds=2))
    await house.settle()
    assert "guest.placed" in house.ears.kinds()


async def test_a_delivery_of_an_order_that_is_gone_is_given_up(house: House):
    order = await cash_order(house)
    await house.outbox.relay_once()
    await house.mongo["orders"].delete_one({"_id": order.id})
    await house.settle()
    assert {delivery.note for delivery in await house.outbox.dead()} == {"no such order"}


def test_the_schedules_are_those_that_were_promised():
    minute = 60_000

    def tried(kind: DeliveryKind, until_ms: int) -> list[int]:
        at, moments, tries = 0, [0], 1
        while (gap := gap_ms(kind, tries, at)) is not None and at + gap <= until_ms:
            at, tries = at + gap, tries + 1
            moments.append(at // 1_000)
        return moments

    outlet = tried(K.OUTLET_NEW_ORDER, 2 * minute)
    assert outlet == [0, 1, 3, 7, 15, 30, 60, 90, 120]
    late = tried(K.OUTLET_NEW_ORDER, 40 * minute)
    assert late[-2:] == [late[-1] - 300, late[-1]]
    assert tried(K.GUEST_PLACED, 10 * minute) == [0, 2, 7, 22, 82, 382]
    assert tried(K.PROVIDER_CLOSE_LINK, 2 * minute) == [0, 2, 7, 17, 47, 107]
    assert tried(K.PROVIDER_CREATE_LINK, 4 * minute) == [0, 2, 7, 17, 47, 107, 167, 227]
    assert tried(K.PROVIDER_REFUND, 40 * minute) == [0, 10, 70, 370, 2170]
    assert gap_ms(K.PROVIDER_REFUND, 9, GIVE_UP_MS - 1) == 2 * 60 * minute
    for kind in DeliveryKind:
        assert gap_ms(kind, 99, GIVE_UP_MS) is None


# Crashes between the steps


class Killed(BaseException):
    """The process dies here."""


async def relay_killed(house: House, monkeypatch: pytest.MonkeyPatch, where: str, name: str, after: int) -> None:
    """Relay until the `after`-th call of a step, and die right after it was done."""
    target = getattr(house.outbox, where)
    original = getattr(target, name)
    calls = 0

    async def step(*args: object, **kwargs: object) -> object:
        nonlocal calls
        result = await original(*args, **kwargs)
        calls += 1
        if calls == after:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(target, name, step)
        with pytest.raises(Killed):
            await house.outbox.relay_once()


@pytest.mark.crash
@pytest.mark.parametrize(
    ("where", "step", "after"),
    [("_store", "add", 1), ("_store", "add", 2), ("_orders", "outbox_relayed", 1)],
    ids=["C11/C12: one entry copied", "C12: all copied, none removed", "all removed"],
)
async def test_killed_while_relaying_everything_is_said_once(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str, step: str, after: int
):
    order = await cash_order(house)
    await relay_killed(house, monkeypatch, where, step, after)
    await house.settle()
    assert sorted(house.ears.kinds()) == ["guest.placed", "outlet.new_order"]
    assert (await now(house, order)).outbox_n == 0


@pytest.mark.crash
async def test_killed_before_relaying_the_kitchen_hears_of_it_after_the_restart(mongo: Database, clock: FrozenClock):
    first = await House(mongo, clock).open()
    await first.orders.create(a_draft(method=PayMethod.CASH))  # C8, C11: and the process dies
    second = await House(mongo, clock).open()
    await second.settle()
    assert sorted(second.ears.kinds()) == ["guest.placed", "outlet.new_order"]


async def dispatch_killed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send what waits, and die before it is noted."""

    async def die(*args: object, **kwargs: object) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(house.outbox._store, "done", die)
        with pytest.raises(Killed):
            await house.outbox.dispatch_once(None)
    assert len(house.ears.heard) >= 1


@pytest.mark.crash
async def test_killed_between_sending_and_noting_it_is_sent_at_most_once_more(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    await cash_order(house)
    await house.outbox.relay_once()
    await dispatch_killed(house, monkeypatch)
    house.clock.advance(timedelta(seconds=31))
    await house.settle()
    kinds = house.ears.kinds()
    assert set(kinds) == {"guest.placed", "outlet.new_order"}
    assert all(kinds.count(kind) <= 2 for kind in kinds)


@pytest.mark.crash
async def test_a_kitchen_that_heard_of_it_before_the_process_died_is_told_to_stop(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    order = await cash_order(house)
    await house.outbox.relay_once()
    await dispatch_killed(house, monkeypatch)
    await house.orders.cancel(order.id, ASHA)
    house.clock.advance(timedelta(seconds=31))
    await house.settle()
    assert house.ears.count(K.OUTLET_NEW_ORDER) == 1, "not told once more: it is cancelled by now"
    assert house.ears.count(K.OUTLET_STOP) == 1


class ForgetsIds(DeliveryStore):
    """The twin: every copy is a new delivery."""

    copies = 0

    async def add(self, item: Delivery) -> bool:
        ForgetsIds.copies += 1
        return await super().add(item.model_copy(update={"id": DeliveryId(f"{item.id}:{ForgetsIds.copies}")}))


async def test_without_ids_made_of_what_they_say_a_crash_would_say_it_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    house.outbox._store = ForgetsIds(house.mongo, house.clock)
    await cash_order(house)
    await relay_killed(house, monkeypatch, "_store", "add", 2)
    await house.settle()
    assert len(house.ears.heard) > 2


async def test_three_replicas_that_relay_and_send_say_everything_once(mongo: Database, clock: FrozenClock):
    replicas = [await House(mongo, clock).open() for _ in range(3)]
    for n in range(10):
        await replicas[0].orders.create(a_draft(method=PayMethod.CASH, customer=CustomerId(f"cus_{n}")))
    await asyncio.gather(*(house.outbox.relay_once() for house in replicas))
    for _ in range(4):
        await asyncio.gather(*(house.outbox.dispatch_once(None) for house in replicas))
    heard = [delivery.id for house in replicas for delivery in house.ears.heard]
    assert len(heard) == len(set(heard)) == 20


# Keeping house


async def test_old_deliveries_are_swept_away_and_what_waits_is_not(house: House):
    order = await cash_order(house)
    await house.settle()
    assert await house.outbox.oldest_ms() == 0
    house.clock.advance(timedelta(milliseconds=KEEP_MS))
    await house.orders.accept(order.id, MG_ROAD, COOK, 15)
    await house.outbox.relay_once()
    assert await house.outbox.oldest_ms() == house.clock.ms()
    assert await house.outbox.sweep() == 0
    house.clock.advance(timedelta(milliseconds=1))
    assert await house.outbox.sweep() == 2
    await house.settle()
    assert "guest.accepted" in house.ears.kinds()
    assert await house.mongo[DELIVERIES].count_documents({"state": WorkState.DONE.value}) == 2
    await house.outbox.close()


async def test_the_shelf_is_filled_and_emptied_with_the_order(house: House):
    keeper = StockKeeper(house.stove)
    order = await cash_order(house)
    for kind in (K.STOCK_RETURN, K.STOCK_TAKE):
        delivery = Delivery(
            id=DeliveryId(f"{order.id}:{kind}"),
            order=OrderId(order.id),
            kind=kind,
            target="stock",
            lane="stock",
            step="1",
            data={},
            created_ms=0,
            next_ms=0,
        )
        assert await keeper.carry_out(delivery, order) == Sent()
    assert (house.stove.returned, house.stove.taken) == ([order.id], [order.id])
