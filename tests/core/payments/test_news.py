"""What a provider says: often, late, in any order, about money nobody ordered with, or not at all."""

import itertools
import random
from collections import Counter
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Database
from core.ids import CustomerId, LinkId, PaymentId
from core.lanes.models import WorkState
from core.money import Money
from core.orders.ledger import RefundStatus
from core.orders.models import NEVER_MS, Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.payments.models import (
    Binding,
    LinkStatus,
    News,
    PaymentEvent,
    PaymentState,
    PaymentView,
    RefundState,
    RefundView,
)
from core.payments.store import PAYMENTS, BindingStore
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, TOTAL, a_draft, money_back
from tests.core.orders.house import House
from tests.core.payments.careless import careless

K = DeliveryKind
S = OrderStatus


async def now(house: House, order: Order) -> Order:
    return await house.orders.require(order.id)


async def an_unpaid_order(house: House, guest: str = ASHA) -> Order:
    order, _ = await house.orders.create(a_draft(customer=CustomerId(guest)))
    await house.settle()
    return await now(house, order)


def a_payment(name: str = "pay_1", state: PaymentState = PaymentState.CAPTURED, amount: Money = TOTAL) -> PaymentView:
    return PaymentView(id=PaymentId(name), amount=amount, currency="INR", state=state, method="upi")


_events = itertools.count(1)


async def say(house: House, order: Order, news: News, *, event_id: str = "", **about: object) -> None:
    """An event as it comes out of the inbox."""
    about.setdefault("reference", order.reference(1))
    event = PaymentEvent.model_validate({"news": news, "at_ms": house.clock.ms(), **about})
    await house.inbox.put("sandbox", event_id or f"evt_{next(_events)}", f"order:{order.id}", event.model_dump_json())
    await house.inbox.inbox_once(None)


# The same, in other words


MESSAGES = {
    "authorised": (News.PAYMENT, {"payment": a_payment(state=PaymentState.AUTHORISED)}),
    "captured": (News.PAYMENT, {"payment": a_payment()}),
    "order.paid": (News.PAYMENT, {"payment": a_payment()}),
    "link.paid": (News.LINK_PAID, {"payment": a_payment()}),
}


async def test_all_24_orders_of_the_four_events_place_the_order_once(house: House):
    finals = set()
    for n, messages in enumerate(itertools.permutations(MESSAGES)):
        order = await an_unpaid_order(house, f"cus_{n}")
        payment = a_payment(f"pay_{n}")
        for name in messages:
            news, about = MESSAGES[name]
            await say(house, order, news, payment=about["payment"].model_copy(update={"id": payment.id}))
        await house.settle()
        final = await now(house, order)
        finals.add((final.status, final.placed_n, final.kept == payment.id, len(final.facts), money_back(final).paise))
    assert finals == {(S.PLACED, 1, True, 5, 0)}
    assert house.ears.count(K.OUTLET_NEW_ORDER) == 24


async def test_one_event_ten_times_and_one_fact_under_ten_ids_have_one_effect(house: House):
    order = await an_unpaid_order(house)
    for n in range(10):
        await say(house, order, News.PAYMENT, event_id="evt_same", payment=a_payment())
        await say(house, order, News.PAYMENT, event_id=f"evt_other_{n}", payment=a_payment())
    await house.settle()
    assert (await now(house, order)).placed_n == 1
    assert house.ears.count(K.OUTLET_NEW_ORDER) == 1


async def test_failed_and_then_captured_eats_and_captured_and_then_failed_stays_on_the_stove(house: House):
    for n, states in enumerate(
        [(PaymentState.FAILED, PaymentState.CAPTURED), (PaymentState.CAPTURED, PaymentState.FAILED)]
    ):
        order = await an_unpaid_order(house, f"cus_{n}")
        for state in states:
            await say(house, order, News.PAYMENT, payment=a_payment(f"pay_{n}", state))
        assert (await now(house, order)).status is S.PLACED


async def test_a_payment_the_bank_only_looks_at_is_no_payment(house: House):
    order = await an_unpaid_order(house)
    await say(house, order, News.PAYMENT, payment=a_payment(state=PaymentState.CREATED))
    seen = await now(house, order)
    assert seen.status is S.AWAITING_PAYMENT
    assert seen.payments[0].seen_ms


# Whose it is


async def test_news_is_understood_by_reference_by_link_by_the_providers_order_and_by_payment(house: House):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    books = BindingStore(house.mongo)
    await books.bind(Binding(id="order_77", order=order.id, n=1, kind="provider_order", at_ms=0))
    names: list[dict[str, str]] = [
        {"reference": order.reference(1)},
        {"link": link},
        {"provider_order": "order_77"},
        {},
    ]
    for n, named in enumerate(names, start=1):
        if not named:
            await books.bind(Binding(id=f"pay_{n}", order=order.id, n=1, kind="payment", at_ms=0))
        await say(house, order, News.PAYMENT, **{"reference": "", **named}, payment=a_payment(f"pay_{n}"))
    final = await now(house, order)
    assert {payment.id for payment in final.payments} == {"pay_1", "pay_2", "pay_3", "pay_4"}
    assert money_back(final) == TOTAL * 3


async def test_money_nobody_ordered_with_is_kept_for_a_person_and_never_returned_by_itself(house: House):
    order = await an_unpaid_order(house)
    await say(house, order, News.PAYMENT, reference="", payment=a_payment("pay_stray"))
    await say(house, order, News.PAYMENT, reference="ord_none.1", payment=a_payment("pay_stray"))
    await say(house, order, News.DISPUTE, reference="", dispute="d1")
    dead = await house.inbox.dead()
    assert [item.note for item in dead] == ["OrphanEvent"] * 3
    assert money_back(await now(house, order)) == Money(0)


async def test_an_event_we_cannot_read_is_kept_for_a_person(house: House):
    await house.inbox.put("sandbox", "evt_x", "x", "<html>")
    await house.settle()
    assert [item.note for item in await house.inbox.dead()] == ["UnreadableEvent"]


async def test_a_payment_of_another_order_does_not_place_this_one(house: House):
    first, second = await an_unpaid_order(house, "cus_1"), await an_unpaid_order(house, "cus_2")
    await say(house, first, News.PAYMENT, payment=a_payment())
    await say(house, second, News.PAYMENT, payment=a_payment())
    await house.settle()
    assert (await now(house, first)).status is S.PLACED
    other = await now(house, second)
    assert other.status is S.AWAITING_PAYMENT
    assert "payment_bound_elsewhere" in other.flags
    assert (await house.mongo[PAYMENTS].find_one({"_id": "pay_1"}))["order"] == first.id
    alerts = [delivery for delivery in house.ears.heard if delivery.kind is K.ADMIN_ALERT]
    assert [alert.data["what"] for alert in alerts] == ["payment_bound_elsewhere"]


# Amounts


@pytest.mark.parametrize("off", [1, -1, TOTAL.paise * 99])
async def test_a_wrong_amount_goes_back_and_the_kitchen_hears_nothing(house: House, off: int):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    payment = await house.sandbox.pay(link, TOTAL + Money(off))
    await house.settle()
    wrong = await now(house, order)
    assert wrong.status is S.AWAITING_PAYMENT
    assert money_back(wrong) == payment.amount
    assert K.OUTLET_NEW_ORDER not in house.ears.kinds()
    assert K.ADMIN_ALERT in house.ears.kinds()


async def test_a_link_paid_in_part_is_closed_and_the_part_returned(house: House):
    order = await an_unpaid_order(house)
    part = a_payment(amount=Money(10_000))
    await say(house, order, News.LINK_PARTLY_PAID, payment=part)
    await house.outbox.relay_once()
    final = await now(house, order)
    assert money_back(final) == Money(10_000)
    assert final.open_link is None


# Money that went back before


async def test_a_refund_heard_of_before_its_payment_keeps_the_kitchen_quiet(house: House):
    order = await an_unpaid_order(house)
    hand = RefundView(id="rfnd_1", payment=PaymentId("pay_1"), amount=TOTAL, state=RefundState.PROCESSED)
    await say(house, order, News.REFUND, refund=hand)
    await say(house, order, News.PAYMENT, payment=a_payment())
    await house.settle()
    assert (await now(house, order)).status is S.AWAITING_PAYMENT
    assert K.OUTLET_NEW_ORDER not in house.ears.kinds()


async def test_a_payment_that_comes_with_its_refund_is_looked_up_before_it_counts(house: House):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    payment = await house.sandbox.pay(link, quiet=True)
    await house.sandbox.refund_by_hand(payment.id, quiet=True)
    await house.payments.reconcile(order.id)
    quiet = await now(house, order)
    assert quiet.status is S.AWAITING_PAYMENT
    assert money_back(quiet) == TOTAL


async def test_what_is_taken_while_the_provider_answers_is_still_to_be_asked_about(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    order = await an_unpaid_order(house)
    fetch, began = house.sandbox.fetch_link, house.clock.ms()

    async def slow(link: LinkId) -> object:
        found = await fetch(link)
        house.clock.advance(timedelta(seconds=2))
        return found

    monkeypatch.setattr(house.sandbox, "fetch_link", slow)
    await house.payments.reconcile(order.id)
    assert (await now(house, order)).checked_ms == began


async def test_a_refund_by_hand_of_what_is_being_cooked_calls_people(house: House):
    order = await an_unpaid_order(house)
    payment = await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    await house.sandbox.refund_by_hand(payment.id)
    await house.settle()
    flagged = await now(house, order)
    assert flagged.status is S.PLACED
    assert "review" in flagged.flags
    assert {"outlet.remind", "admin.alert"} <= set(house.ears.kinds())


async def test_a_failed_refund_is_believed_only_after_asking(house: House):
    plan, provider = careless(house.sandbox)
    house.use(provider)
    order = await an_unpaid_order(house)
    payment = await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    key = (await now(house, order)).refunds[0].key
    claimed = RefundView(
        id=f"r{payment.id}_1", payment=payment.id, amount=TOTAL, state=RefundState.FAILED, key=key, reason="bank"
    )
    await say(house, order, News.REFUND, refund=claimed)
    assert [refund.status for refund in (await now(house, order)).refunds] == [RefundStatus.PENDING]
    plan.plan["fetch_refund"] = [claimed]
    await say(house, order, News.REFUND, refund=claimed)
    assert [refund.status for refund in (await now(house, order)).refunds] == [RefundStatus.FAILED, RefundStatus.DUE]


async def test_a_dispute_is_flagged_wherever_the_order_is(house: House):
    order = await an_unpaid_order(house)
    await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    paid = await now(house, order)
    await say(house, order, News.DISPUTE, payment=a_payment(paid.payments[0].id), dispute="disp_1")
    assert (await now(house, order)).payments[0].disputed


@pytest.mark.parametrize("news", [News.LINK_EXPIRED, News.LINK_CANCELLED])
async def test_a_link_that_ended_by_itself_ends_the_order(house: House, news: News):
    order = await an_unpaid_order(house)
    plan, provider = careless(house.sandbox)
    house.use(provider)
    link = await house.sandbox.fetch_link(await house.link_of(order))
    ended = link.model_copy(update={"status": LinkStatus(news.value.removeprefix("link_"))})
    plan.plan["fetch_link"] = [ended] * 5
    await say(house, order, news)
    await house.all_jobs()
    assert (await now(house, order)).status is S.EXPIRED


# Late money


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (timedelta(minutes=1), "placed"),
        (timedelta(minutes=9), "placed"),
        (timedelta(minutes=11), "given back"),
        (timedelta(days=1), "given back"),
        (timedelta(days=3), "given back"),
    ],
)
@pytest.mark.parametrize("ending", ["expired", "cancelled", "rejected"])
async def test_money_that_comes_late(house: House, after: timedelta, outcome: str, ending: str):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    if ending == "expired":
        house.clock.advance(timedelta(minutes=18))
        await house.all_jobs()
    elif ending == "cancelled":
        await house.orders.cancel(order.id, ASHA)
        await house.settle()
    else:
        await house.sandbox.pay(link)
        await house.settle()
        await house.orders.reject(order.id, MG_ROAD, COOK, "busy")
        await house.settle()
    assert (await now(house, order)).status.value == ending
    house.clock.advance(after)
    await house.sandbox.pay_late(link)
    await house.inbox.inbox_once(None)
    late = await now(house, order)
    if ending == "expired" and outcome == "placed":
        assert (late.status, money_back(late)) == (S.PLACED, Money(0))
        await house.settle()
        assert "guest.revived" in house.ears.kinds()
        assert house.stove.taken == [order.id]
    else:
        captured = sum(payment.amount.paise for payment in late.payments if payment.captured)
        assert (late.status.value, money_back(late).paise) == (ending, captured)


async def test_late_money_nobody_told_of_is_found_by_asking_for_four_days(house: House):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    house.clock.advance(timedelta(minutes=18))
    await house.all_jobs()
    house.clock.advance(timedelta(hours=60))
    await house.sandbox.pay_late(link, quiet=True)
    for _ in range(40):
        house.clock.advance(timedelta(hours=1))
        await house.all_jobs()
    late = await now(house, order)
    assert (late.status, late.refunded) == (S.EXPIRED, TOTAL)
    assert late.next_check_ms == NEVER_MS


# Everything dropped, everything doubled


WAYS = ["pay", "fail", "forget", "twice", "cancel", "wrong"]


async def a_lunch(house: House, *, orders: int, quiet: bool) -> Counter[str]:
    """Guests order, pay, fail, pay twice, cancel and forget to pay; then time passes. How it ended."""
    made = []
    for n in range(orders):
        order, _ = await house.orders.create(a_draft(customer=CustomerId(f"cus_{n}")))
        made.append(order)
    await house.settle()
    for order, way in zip(made, itertools.cycle(WAYS), strict=False):
        link = await house.link_of(order)
        match way:
            case "pay":
                await house.sandbox.pay(link, quiet=quiet)
            case "fail":
                await house.sandbox.fail(link, quiet=quiet)
                await house.sandbox.pay(link, quiet=quiet)
            case "twice":
                await house.sandbox.pay(link, quiet=quiet)
                await house.sandbox.pay_twice(link, quiet=quiet)
            case "cancel":
                await house.sandbox.pay(link, quiet=quiet)
                await house.orders.cancel(order.id, order.customer)
            case "wrong":
                await house.sandbox.pay(link, Money(100), quiet=quiet)
            case _:
                pass
    for minutes in (0, 1, 1, 2, 4, 8, 5, 20):
        house.clock.advance(timedelta(minutes=minutes, seconds=1))
        await house.payments.expire_due()
        await house.payments.reconcile_due()
        await house.settle()
    ends: Counter[str] = Counter()
    clock_ms = house.clock.ms()
    for order in made:
        final = await house.orders.require(order.id)
        captured = sum(payment.amount.paise for payment in final.payments if payment.captured)
        kept = TOTAL.paise if final.status is S.PLACED else 0
        ledger = await house.sandbox.link(final.links[0].id)
        paid = [payment for payment in ledger.payments if payment.captured]
        at_bank = sum((each.amount - each.refunded_at(clock_ms)).paise for each in paid)
        assert captured - money_back(final).paise == kept == at_bank, final.status
        ends[final.status] += 1
    return ends


@pytest.mark.parametrize("quiet", [True, False], ids=["every piece of news dropped", "all news arrives"])
async def test_a_whole_lunch_ends_right(house: House, quiet: bool):
    ends = await a_lunch(house, orders=24, quiet=quiet)
    assert ends == {S.PLACED: 12, S.CANCELLED: 4, S.EXPIRED: 8}
    assert house.ears.count(K.OUTLET_NEW_ORDER) == ends[S.PLACED]


async def test_a_lunch_on_three_replicas_where_news_is_shuffled_and_repeated_ends_right(
    mongo: Database, clock: FrozenClock
):
    chance = random.Random(3)
    replicas = [await House(mongo, clock).open() for _ in range(3)]
    house = replicas[0]
    orders = []
    for n in range(12):
        order, _ = await house.orders.create(a_draft(customer=CustomerId(f"cus_{n}")))
        orders.append(order)
    await house.settle()
    said = []
    for order in orders:
        link = await house.link_of(order)
        view = await house.sandbox.pay(link, quiet=True)
        authorised = view.model_copy(update={"state": PaymentState.AUTHORISED})
        for payment in (authorised, view, view, view):
            event = PaymentEvent(news=News.PAYMENT, at_ms=clock.ms(), link=LinkId(link), payment=payment)
            said += [(order, event.model_dump_json())] * 5
    chance.shuffle(said)
    for n, (order, raw) in enumerate(said):
        await chance.choice(replicas).inbox.put("sandbox", f"evt_{n % 150}_{order.id}", f"order:{order.id}", raw)
    for _ in range(20):
        for replica in replicas:
            await replica.settle()
    for order in orders:
        final = await house.orders.require(order.id)
        assert (final.status, final.placed_n, money_back(final)) == (S.PLACED, 1, Money(0))
    assert sum(replica.ears.count(K.OUTLET_NEW_ORDER) for replica in replicas) == 12
    assert await mongo["inbox"].count_documents({"state": WorkState.NEW.value}) == 0
