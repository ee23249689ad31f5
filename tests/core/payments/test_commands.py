"""Commands that come late, twice, or about something that is no longer so."""

from datetime import timedelta

import pytest

from core.ids import CustomerId, DeliveryId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.orders.facts import RefundProcessed, RefundSent
from core.orders.ledger import LinkEnd, LinkState, RefundStatus
from core.orders.models import Order, PaymentStatus
from core.orders.outgoing import Data, DeliveryKind
from core.orders.status import OrderStatus
from core.outbox.models import Delivery, DeliveryResult, Failed, Retry, Sent, Skipped
from core.outlets.models import PayMethod
from core.payments.errors import Refusal
from core.payments.models import LinkStatus, PaymentLink
from core.payments.news import link_opened
from core.payments.store import PAYMENTS, BindingStore
from tests.core.orders.builders import ASHA, TOTAL, a_draft, money_back
from tests.core.orders.house import House
from tests.core.payments.careless import Careless, careless

K = DeliveryKind
S = OrderStatus


@pytest.fixture
def bank(house: House) -> Careless:
    plan, provider = careless(house.sandbox)
    house.use(provider)
    return plan


async def now(house: House, order: Order) -> Order:
    return await house.orders.require(order.id)


async def an_unpaid_order(house: House) -> Order:
    order, _ = await house.orders.create(a_draft())
    await house.settle()
    return await now(house, order)


async def a_cancelled_order(house: House) -> Order:
    """Cancelled, its money due and not sent."""
    order = await an_unpaid_order(house)
    await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    return await house.orders.cancel(order.id, ASHA)


def command(order: Order, kind: DeliveryKind, data: Data, *, tries: int = 1, created_ms: int = 0) -> Delivery:
    return Delivery(
        id=DeliveryId(f"{order.id}:{kind}:x"),
        order=order.id,
        kind=kind,
        target="provider:sandbox",
        lane="x",
        step="x",
        data=data,
        created_ms=created_ms,
        next_ms=0,
        tries=tries,
    )


async def carry_out(house: House, order: Order, kind: DeliveryKind, **data: str | int) -> DeliveryResult:
    return await house.payments.carry_out(command(order, kind, dict(data), created_ms=house.clock.ms()), order)


async def test_a_link_that_is_open_is_not_made_again_and_a_closed_one_not_closed_again(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    made = bank.calls["create_link"]
    assert await carry_out(house, order, K.PROVIDER_CREATE_LINK, n=1) == Skipped("no longer wanted")
    assert await carry_out(house, order, K.PROVIDER_CREATE_LINK, n=9) == Skipped("no longer wanted")
    assert bank.calls["create_link"] == made
    assert await carry_out(house, order, K.PROVIDER_CLOSE_LINK, n=1) == Sent()
    assert await carry_out(house, await now(house, order), K.PROVIDER_CLOSE_LINK, n=1) == Skipped("closed already")
    assert await carry_out(house, order, K.PROVIDER_CLOSE_LINK, n=9) == Skipped("closed already")


async def test_what_is_not_for_a_provider_is_not_carried_out(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    assert isinstance(await carry_out(house, order, K.GUEST_PAY, n=1), Failed)
    elsewhere = command(order, K.PROVIDER_CREATE_LINK, {"n": 1}).model_copy(update={"target": "provider:barter"})
    assert await house.payments.carry_out(elsewhere, order) == Failed("no payment provider barter")


async def test_a_reference_that_is_used_and_not_shown_is_asked_for_again(house: House, bank: Careless):
    bank.plan["create_link"] = [Refusal.REFERENCE_USED]
    order, _ = await house.orders.create(a_draft())
    assert isinstance(await carry_out(house, order, K.PROVIDER_CREATE_LINK, n=1), Retry)
    assert isinstance(await carry_out(house, order, K.PROVIDER_CREATE_LINK, n=1), Sent)


async def look_a_moment_too_early(house: House, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first who looks for the link finds nothing; before that is written down, it is made and opened."""
    find = house.sandbox.find_link

    async def too_early(reference: str) -> PaymentLink | None:
        monkeypatch.setattr(house.sandbox, "find_link", find)
        made = await find(reference)
        assert made is not None
        await house.orders.record(order.id, link_opened(made, 1, house.clock.ms()))
        return None

    monkeypatch.setattr(house.sandbox, "find_link", too_early)


async def test_a_link_made_in_the_moment_it_was_looked_for_is_closed_with_its_order(
    house: House, bank: Careless, monkeypatch: pytest.MonkeyPatch
):
    bank.plan["create_link"] = ["lost"]
    order = await an_unpaid_order(house)
    await house.orders.cancel(order.id, ASHA)
    await look_a_moment_too_early(house, order, monkeypatch)
    for _ in range(3):
        house.clock.advance(timedelta(seconds=5))
        await house.settle()
    gone = (await now(house, order)).links[0]
    assert (gone.state, gone.end) == (LinkState.CLOSED, LinkEnd.CANCELLED)
    assert (await house.sandbox.fetch_link(gone.id)).status is LinkStatus.CANCELLED


async def test_a_refund_that_was_withdrawn_between_reading_and_sending_is_not_sent(house: House, bank: Careless):
    stale = await a_cancelled_order(house)
    key = stale.refunds[0].key
    hand = RefundProcessed(
        at_ms=house.clock.ms(), payment=stale.refunds[0].payment, amount=TOTAL, provider_id="rfnd_hand"
    )
    await house.orders.record(stale.id, hand)
    assert await carry_out(house, stale, K.PROVIDER_REFUND, key=key) == Skipped("taken back before it was sent")
    assert bank.calls["refund"] == 0
    assert [r.status for r in (await now(house, stale)).refunds if r.ours] == [RefundStatus.WITHDRAWN]


async def test_a_refund_that_is_done_or_unknown_is_not_sent(house: House, bank: Careless):
    order = await a_cancelled_order(house)
    await house.settle()
    done = await now(house, order)
    assert await carry_out(house, done, K.PROVIDER_REFUND, key=done.refunds[0].key) == Skipped("nothing to send")
    assert await carry_out(house, done, K.PROVIDER_REFUND, key="rf_none") == Skipped("nothing to send")
    assert bank.calls["refund"] == 1


async def test_a_refusal_of_a_refund_that_stands_in_the_books_is_taken_as_done(house: House, bank: Careless):
    order = await a_cancelled_order(house)
    refund = order.refunds[0]
    await house.sandbox.refund(refund.payment, refund.amount, refund.key)
    bank.plan["refund"] = [Refusal.TOO_MUCH]
    assert isinstance(await carry_out(house, order, K.PROVIDER_REFUND, key=refund.key), Skipped)
    after = await now(house, order)
    assert [r.status for r in after.refunds] == [RefundStatus.PENDING]


async def test_a_refund_sent_before_and_not_found_is_sent_under_the_same_key(house: House, bank: Careless):
    order = await a_cancelled_order(house)
    key = order.refunds[0].key
    bank.plan["refund"] = ["down"]
    assert isinstance(await carry_out(house, order, K.PROVIDER_REFUND, key=key), Retry)
    sent = await now(house, order)
    assert sent.refunds[0].status is RefundStatus.SENT
    assert isinstance(await carry_out(house, sent, K.PROVIDER_REFUND, key=key), Sent)
    assert bank.calls["refunds_of"] == 1, "it looked first"
    (back,) = await house.sandbox.refunds_of(order.refunds[0].payment)
    assert back.key == key


async def test_a_link_shown_as_paid_in_part_is_closed(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    link = await house.sandbox.fetch_link(await house.link_of(order))
    bank.plan["fetch_link"] = [link.model_copy(update={"status": LinkStatus.PARTLY_PAID})]
    await house.payments.reconcile(order.id)
    partly = await now(house, order)
    assert partly.open_link is None
    assert K.PROVIDER_CLOSE_LINK in {entry.kind for entry in partly.outbox}


async def test_a_providers_own_order_is_bound_with_its_link(house: House, bank: Careless):
    order, _ = await house.orders.create(a_draft())
    made = await house.sandbox.create_link(
        order_id=order.id,
        n=1,
        amount=TOTAL,
        currency="INR",
        method=PayMethod.UPI,
        expire_by_ms=house.clock.ms() + 10**6,
        description="x",
    )
    bank.plan["create_link"] = [made.model_copy(update={"provider_order": "order_77"})]
    await house.settle()
    assert (await house.mongo[PAYMENTS].find_one({"_id": "order_77"}))["order"] == order.id
    assert await BindingStore(house.mongo).get("2026-03-01") is None


async def test_an_order_that_surprises_does_not_keep_the_others_from_being_asked_about(house: House, bank: Careless):
    odd = await an_unpaid_order(house)
    other, _ = await house.orders.create(a_draft(customer=CustomerId("cus_2")))
    await house.settle()
    house.clock.advance(timedelta(minutes=1))
    reconcile = house.payments.reconcile

    async def surprising(order_id: OrderId) -> bool:
        if order_id == odd.id:
            raise KeyError(order_id)
        return await reconcile(order_id)

    house.payments.reconcile = surprising  # type: ignore[method-assign]
    with pytest.raises(KeyError):
        await house.payments.reconcile_due()
    assert (await now(house, other)).checked_ms == house.clock.ms()


async def test_where_the_money_stands_can_be_told_at_every_moment(house: House, bank: Careless):
    order = await a_cancelled_order(house)
    assert (order.payment_status, order.refunding, order.refunded) == (PaymentStatus.REFUNDING, TOTAL, Money(0))
    assert not order.can_cancel
    await house.settle()
    house.clock.advance(timedelta(seconds=5))
    await house.settle()
    done = await now(house, order)
    assert (done.payment_status, done.refunding, done.refunded) == (PaymentStatus.REFUNDED, Money(0), TOTAL)
    assert money_back(done) == TOTAL
    assert done.refund(RefundKey("rf_none")) is None
    assert done.payment(PaymentId("pay_none")) is None
    unpaid = await an_unpaid_order(house)
    assert unpaid.can_cancel
    await house.orders.cancel(unpaid.id, ASHA)
    assert (await now(house, unpaid)).payment_status is PaymentStatus.NONE


async def test_a_refund_whose_answer_and_news_were_both_lost_is_found_in_the_books(house: House, bank: Careless):
    order = await a_cancelled_order(house)
    refund = order.refunds[0]
    await house.sandbox.refund(refund.payment, refund.amount, refund.key)
    sent = await house.orders.record(order.id, RefundSent(at_ms=house.clock.ms(), refund_key=refund.key))
    assert await carry_out(house, sent, K.PROVIDER_REFUND, key=refund.key) == Sent()
    assert bank.calls["refund"] == 0
    assert [r.status for r in (await now(house, order)).refunds] == [RefundStatus.PENDING]
