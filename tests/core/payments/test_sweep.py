"""The daily sweep: what no webhook told and no order asked about is found all the same, and strangers' money named."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.errors import ProviderError
from core.ids import CustomerId, PaymentId
from core.money import Money
from core.orders.ledger import RefundStatus
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.payments.calls import PATIENCE
from core.payments.models import News, Orphan
from core.payments.store import PAYMENTS
from core.payments.sweep import LOOK_BACK_MS
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, TOTAL, a_draft
from tests.core.orders.house import House
from tests.core.payments.test_news import a_payment, say
from tests.core.payments.test_razorpay import a_link
from tests.fakes.razorpay.client import client_of
from tests.fakes.razorpay.server import FakeRazorpay
from tests.fakes.stripe.client import client_of as stripe_client_of
from tests.fakes.stripe.server import FakeStripe
from tests.fakes.trouble import Trouble

K = DeliveryKind
S = OrderStatus
DAY = timedelta(days=1)


@pytest.fixture
async def silent(house: House, razorpay: FakeRazorpay, clock: FrozenClock) -> AsyncIterator[House]:
    """A house that takes money through Razorpay and never hears a word from it."""
    async with client_of(razorpay, clock, patience=PATIENCE) as provider:
        house.use(provider)
        house.orders._provider = provider.name
        yield house


async def waiting(house: House, guest: str = ASHA) -> Order:
    order, _ = await house.orders.create(a_draft(customer=CustomerId(guest)))
    await house.settle()
    return await now(house, order)


async def now(house: House, order: Order) -> Order:
    return await house.orders.require(order.id)


async def eaten(house: House, razorpay: FakeRazorpay, guest: str = ASHA) -> Order:
    """An order that was paid, cooked and handed over; nothing is asked about it any more."""
    order = await waiting(house, guest)
    await razorpay.ledger.pay(await house.link_of(order))
    await house.payments.reconcile(order.id)
    await house.orders.accept(order.id, MG_ROAD, COOK, 10)
    for to in (S.READY, S.COMPLETED):
        await house.orders.advance(order.id, MG_ROAD, COOK, to)
    await house.settle()
    return await now(house, order)


async def orphans(house: House) -> list[Orphan]:
    return await house.payments.orphans.open()


async def test_a_payment_nobody_told_of_is_found_and_given_back_by_the_same_way(silent: House, razorpay: FakeRazorpay):
    """A second tab, paid after the order was eaten: no webhook came, and no check would see it before the next day."""
    order = await eaten(silent, razorpay)
    second = await razorpay.ledger.pay_twice(order.links[0].id)
    assert await silent.payments.sweep_due() == 1
    await silent.settle()
    found = await now(silent, order)
    assert [(refund.payment, refund.amount) for refund in found.refunds] == [(second.id, TOTAL)]
    assert found.kept != second.id
    assert await orphans(silent) == []


async def test_a_refund_by_hand_nobody_told_of_stands_in_the_order(silent: House, razorpay: FakeRazorpay):
    order = await eaten(silent, razorpay)
    assert order.kept is not None
    await razorpay.ledger.refund_by_hand(order.kept, Money(5_000))
    silent.clock.advance(timedelta(minutes=1))
    assert await silent.payments.sweep_due() == 1
    (refund,) = (await now(silent, order)).refunds
    assert (refund.amount, refund.ours, refund.status) == (Money(5_000), False, RefundStatus.PROCESSED)


async def test_a_refund_the_bank_sent_back_is_asked_about_and_made_anew(silent: House, razorpay: FakeRazorpay):
    order = await eaten(silent, razorpay)
    assert order.kept is not None
    razorpay.ledger.refunds_fail = True
    await silent.orders.refund(order.id, "telegram:900", "cold", Money(5_000), request="w1")
    await silent.settle()
    silent.clock.advance(timedelta(seconds=5))
    assert await silent.payments.sweep_due() == 1
    (failed, *_) = (await now(silent, order)).refunds
    assert failed.status is RefundStatus.FAILED
    assert razorpay.calls["fetch_refund"] == 1


async def test_what_the_orders_know_is_no_news(silent: House, razorpay: FakeRazorpay):
    order = await eaten(silent, razorpay)
    before = await now(silent, order)
    assert await silent.payments.sweep_due() == 0
    assert await now(silent, order) == before


async def test_money_without_an_order_is_named_once_and_never_given_back(silent: House, razorpay: FakeRazorpay, clock):
    body = {"amount": 30_000, "currency": "INR", "reference_id": "somebody-elses-shop"}
    link = await razorpay.ledger.create_link(body)
    stranger = await razorpay.ledger.pay(link["id"])
    for days in range(4):
        assert await silent.payments.sweep_due() == (1 if days == 0 else 0)
        clock.advance(DAY)
    (orphan,) = await orphans(silent)
    assert (orphan.id, orphan.amount, orphan.kind, orphan.provider) == (stranger.id, Money(30_000), "payment",
                                                                        "razorpay")  # fmt: skip
    assert [alert.about for alert in await silent.alerts.latest()] == [stranger.id], "and said once"
    assert razorpay.calls["refund"] == 0


async def test_what_went_back_of_an_orphan_is_not_a_second_one(silent: House, razorpay: FakeRazorpay, clock):
    link = await razorpay.ledger.create_link({"amount": 30_000, "currency": "INR", "reference_id": "elsewhere"})
    stranger = await razorpay.ledger.pay(link["id"])
    await razorpay.ledger.refund_by_hand(stranger.id)
    await silent.payments.sweep_due()
    assert [orphan.id for orphan in await orphans(silent)] == [stranger.id]


async def test_an_order_that_was_lost_with_an_old_backup_leaves_an_orphan(silent: House, razorpay: FakeRazorpay, mongo):
    order = await eaten(silent, razorpay)
    await mongo["orders"].delete_one({"_id": order.id})
    await silent.payments.sweep_due()
    assert [orphan.id for orphan in await orphans(silent)] == [order.kept]


async def test_a_payment_is_found_by_its_link_though_no_binding_was_kept(silent: House, razorpay: FakeRazorpay, mongo):
    order = await waiting(silent)
    await razorpay.ledger.pay(await silent.link_of(order))
    await mongo[PAYMENTS].delete_many({})
    assert await silent.payments.sweep_due() == 1
    assert (await now(silent, order)).status is S.PLACED
    assert await orphans(silent) == []


async def test_an_orphan_is_closed_once_with_a_reason(silent: House, razorpay: FakeRazorpay):
    link = await razorpay.ledger.create_link({"amount": 30_000, "currency": "INR", "reference_id": "elsewhere"})
    stranger = await razorpay.ledger.pay(link["id"])
    await silent.payments.sweep_due()
    closed = await silent.payments.orphans.close(stranger.id, by="telegram:900", reason="not ours")
    assert closed is not None
    assert (closed.closed_by, closed.reason) == ("telegram:900", "not ours")
    assert await silent.payments.orphans.close(stranger.id, by="telegram:901", reason="mine") is None
    assert await orphans(silent) == []
    silent.clock.advance(DAY)
    assert await silent.payments.sweep_due() == 0, "closed is not forgotten"


async def test_it_is_done_once_a_day_and_at_once_after_a_long_night(silent: House, razorpay: FakeRazorpay):
    for hours, swept in ((0, True), (12, False), (13, True), (1, False), (24 * 9, True)):
        silent.clock.advance(timedelta(hours=hours))
        before = razorpay.calls["payments_between"]
        await silent.payments.sweep_due()
        assert (razorpay.calls["payments_between"] > before) is swept, hours
    asked = [asked.query["from"] for name, asked in razorpay.asked if name == "payments_between"]
    assert int(min(asked[-14:])) * 1000 <= silent.clock.ms() - 9 * 86_400_000 - LOOK_BACK_MS + 86_400_000


async def test_a_provider_that_is_down_is_swept_as_soon_as_it_is_back(silent: House, razorpay: FakeRazorpay):
    order = await eaten(silent, razorpay)
    await razorpay.ledger.pay_twice(order.links[0].id)
    razorpay.next("payments_between", Trouble.IS_DOWN)
    with pytest.raises(ProviderError):
        await silent.payments.sweep_due()
    silent.clock.advance(timedelta(minutes=5))
    assert await silent.payments.sweep_due() == 1


async def test_two_replicas_at_once_do_it_twice_and_it_happens_once(silent: House, razorpay: FakeRazorpay):
    order = await eaten(silent, razorpay)
    second = await razorpay.ledger.pay_twice(order.links[0].id)
    link = await razorpay.ledger.create_link({"amount": 30_000, "currency": "INR", "reference_id": "elsewhere"})
    stranger = await razorpay.ledger.pay(link["id"])
    await asyncio.gather(silent.payments.sweep_due(), silent.payments.sweep_due())
    await silent.settle()
    assert [refund.payment for refund in (await now(silent, order)).refunds] == [second.id]
    assert [orphan.id for orphan in await orphans(silent)] == [stranger.id]
    assert razorpay.calls["refund"] == 1


async def test_with_every_webhook_dropped_and_redis_empty_all_orders_end_right(silent: House, razorpay, redis):
    """Paid in time, paid after it expired, paid twice, never paid: asked and swept, never told."""
    orders = [await waiting(silent, f"cus_{n}") for n in range(4)]
    links = [await silent.link_of(order) for order in orders]
    await razorpay.ledger.pay(links[0])
    await razorpay.ledger.pay(links[2])
    await razorpay.ledger.pay_twice(links[2])
    for minute in range(40):
        await redis.flushdb()
        silent.clock.advance(timedelta(minutes=1))
        if minute == 2:
            for order in (orders[0], orders[2]):
                await silent.orders.accept(order.id, MG_ROAD, COOK, 30)
        if minute == 35:
            await razorpay.ledger.pay_late(links[1])
        await silent.all_jobs()
    await silent.payments.sweep_due()
    await silent.settle()
    silent.clock.advance(timedelta(hours=7))
    await silent.all_jobs()
    first, late, twice, never = [await now(silent, order) for order in orders]
    assert first.kept is not None
    assert first.refunds == ()
    assert (late.status, late.kept, late.refunded) == (S.EXPIRED, None, TOTAL)
    assert twice.kept is not None
    assert twice.refunded == TOTAL
    assert (never.status, never.payments) == (S.EXPIRED, ())
    assert razorpay.take() != [], "and not a word of it was delivered"


async def test_stripe_is_swept_by_its_charges(house: House, clock: FrozenClock):
    async with FakeStripe(clock).serving() as stripe, stripe_client_of(stripe, clock, patience=PATIENCE) as provider:
        house.use(provider)
        house.orders._provider = provider.name
        order = await waiting(house)
        intent = PaymentId(stripe.pay(await house.link_of(order)))
        stripe.others.append({"id": "ch_elsewhere", "payment_intent": None, "amount": 900, "amount_captured": 900,
                              "amount_refunded": 0, "currency": "inr", "status": "succeeded", "captured": True,
                              "created": clock.ms() // 1000, "metadata": {}})  # fmt: skip
        assert await house.payments.sweep_due() == 2
        assert ((await now(house, order)).status, (await now(house, order)).kept) == (S.PLACED, intent)
        assert [orphan.id for orphan in await orphans(house)] == ["ch_elsewhere"]


async def test_news_of_money_without_an_order_makes_an_orphan_at_once(house: House):
    order = await waiting(house)
    await say(house, order, News.PAYMENT, reference="", payment=a_payment("pay_stranger"))
    assert [orphan.id for orphan in await orphans(house)] == ["pay_stranger"]


@pytest.mark.parametrize("known", [True, False])
async def test_a_link_of_ours_is_no_orphan(silent: House, razorpay: FakeRazorpay, known: bool):
    order = await waiting(silent)
    link = await silent.link_of(order)
    if not known:  # the answer to our asking for it was lost, and so was the binding
        provider = silent.payments._providers["razorpay"]
        link = (await a_link(provider, silent.clock, order_id=order.id, n=2)).id
    await razorpay.ledger.pay(link)
    await silent.payments.sweep_due()
    assert await orphans(silent) == []
    assert (await now(silent, order)).kept is not None
