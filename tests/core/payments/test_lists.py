"""The provider's own lists: every payment and refund of a time, ours or not, page by page and never half."""

from datetime import timedelta

import pytest

from core.errors import ProviderError
from core.ids import PaymentId
from core.money import Money
from core.payments import razorpay as razorpay_module
from core.payments import stripe as stripe_module
from core.payments.models import PaymentState, RefundState
from tests.core.orders.builders import TOTAL
from tests.core.payments.test_razorpay import ORDER, a_link, is_unknown, key_for, paid
from tests.fakes.stripe.client import client_of as stripe_client_of
from tests.fakes.stripe.server import FakeStripe
from tests.fakes.trouble import Lie, Trouble

HOUR = timedelta(hours=1)
HOUR_MS = 3_600_000


@pytest.fixture
async def stripe(clock):
    async with FakeStripe(clock).serving() as fake:
        yield fake


@pytest.fixture
async def stripes(stripe, clock):
    async with stripe_client_of(stripe, clock) as provider:
        yield provider


async def test_a_payment_is_listed_with_its_moment_its_fee_and_whose_it_is(provider, razorpay, clock):
    at_ms = clock.ms()
    link, payment = await paid(provider, razorpay, clock)
    clock.advance(HOUR)
    (record,) = await provider.payments_between(at_ms - HOUR_MS, clock.ms())
    assert (record.payment.id, record.payment.amount, record.payment.state) == (payment, TOTAL, PaymentState.CAPTURED)
    assert record.at_ms == at_ms
    assert record.fee == Money(1_227), "two per cent and the tax on them"
    assert record.link == link.id
    assert record.provider_order


async def test_a_refund_is_listed_under_the_day_it_was_made(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    clock.advance(timedelta(days=2))
    at_ms = clock.ms()
    await provider.refund(payment, Money(5_000), key_for(payment))
    await razorpay.ledger.refund_by_hand(payment, Money(1_000))
    ours, by_hand = sorted(await provider.refunds_between(at_ms, at_ms), key=lambda record: -record.refund.amount.paise)
    assert (ours.refund.amount, ours.refund.key, ours.refund.state) == (
        Money(5_000), key_for(payment), RefundState.PENDING)  # fmt: skip
    assert (by_hand.refund.amount, by_hand.refund.key, by_hand.at_ms) == (Money(1_000), "", at_ms)
    assert await provider.refunds_between(at_ms - 48 * HOUR_MS, at_ms - HOUR_MS) == ()


async def test_only_what_was_made_in_the_time_is_listed(provider, razorpay, clock):
    moments = []
    for n in range(1, 4):
        await paid(provider, razorpay, clock, n=n)
        moments.append(clock.ms())
        clock.advance(HOUR)
    listed = await provider.payments_between(moments[1] - 1_000, moments[1] + 1_000)
    assert [record.at_ms for record in listed] == [moments[1]]
    assert len(await provider.payments_between(moments[0], moments[2])) == 3


async def test_every_page_is_turned_though_payments_come_in_meanwhile(provider, razorpay, clock, monkeypatch):
    monkeypatch.setattr(razorpay_module, "PAGE", 4)
    link = await a_link(provider, clock)
    for _ in range(10):
        await razorpay.ledger.pay_twice(link.id)
    at_ms = clock.ms()
    whole = razorpay.api.answer

    async def one_more(asked):
        answer = await whole(asked)
        if asked.path == "/v1/payments" and len(razorpay.book.links[link.id].payments) < 13:
            await razorpay.ledger.pay_twice(link.id)  # the list grows at its head while it is read
        return answer

    monkeypatch.setattr(razorpay.api, "answer", one_more)
    listed = await provider.payments_between(at_ms - HOUR_MS, at_ms)
    assert len(listed) == len({record.payment.id for record in listed}) >= 10
    first = {payment.id for payment in razorpay.book.links[link.id].payments[:10]}
    assert first <= {record.payment.id for record in listed}


@pytest.mark.parametrize("trouble", [Trouble.IS_DOWN, Trouble.HANGS_UP])
async def test_half_a_list_is_no_list(provider, razorpay, clock, monkeypatch, trouble):
    monkeypatch.setattr(razorpay_module, "PAGE", 2)
    for n in range(1, 5):
        await paid(provider, razorpay, clock, n=n)
    razorpay.next("payments_between", Lie(lambda page: page), trouble)
    await is_unknown(provider.payments_between(clock.ms() - HOUR_MS, clock.ms()))
    assert len(await provider.payments_between(clock.ms() - HOUR_MS, clock.ms())) == 4


async def test_a_list_without_an_end_is_given_up(provider, razorpay, clock, monkeypatch):
    monkeypatch.setattr(razorpay_module, "PAGE", 1)
    monkeypatch.setattr(razorpay_module, "MAX_LISTED", 3)
    for n in range(1, 5):
        await paid(provider, razorpay, clock, n=n)
    assert "too much" in str(await is_unknown(provider.payments_between(clock.ms() - HOUR_MS, clock.ms())))


async def test_a_line_that_makes_no_sense_hides_none_of_the_others(provider, razorpay, clock, caplog):
    await paid(provider, razorpay, clock)

    def spoiled(page):
        return {**page, "count": page["count"] + 1, "items": [{"id": "pay_odd", "amount": "12"}, *page["items"]]}

    razorpay.next("payments_between", Lie(spoiled))
    assert len(await provider.payments_between(clock.ms() - HOUR_MS, clock.ms())) == 1
    assert [record.id for record in caplog.records if record.message == "payment_record_unreadable"] == ["pay_odd"]


async def test_stripe_lists_what_was_taken_with_its_fee_and_its_reference(stripes, stripe, clock):
    link = await a_link(stripes, clock, minutes=40)
    at_ms = clock.ms()
    intent = PaymentId(stripe.pay(link.id))
    await stripes.refund(intent, Money(2_000), key_for(intent))
    stripe.others.append({"id": "ch_elsewhere", "payment_intent": None, "amount": 900, "amount_captured": 900,
                          "amount_refunded": 0, "currency": "inr", "status": "succeeded", "captured": True,
                          "created": at_ms // 1000, "metadata": {}})  # fmt: skip
    ours, others = sorted(
        await stripes.payments_between(at_ms - HOUR_MS, at_ms), key=lambda record: -record.payment.amount.paise
    )
    assert (ours.payment.id, ours.payment.amount, ours.reference) == (intent, TOTAL, f"{ORDER}.1")
    assert (ours.fee, ours.payment.refunded, ours.at_ms) == (Money(1_560), Money(2_000), at_ms)
    assert (others.payment.id, others.reference, others.fee) == ("ch_elsewhere", "", Money(0))
    (refund,) = await stripes.refunds_between(at_ms - HOUR_MS, at_ms)
    assert (refund.refund.payment, refund.refund.key, refund.at_ms) == (intent, key_for(intent), at_ms)


async def test_stripes_pages_are_turned_by_their_last_line(stripes, stripe, clock, monkeypatch):
    monkeypatch.setattr(stripe_module, "PAGE", 2)
    for n in range(1, 6):
        stripe.pay((await a_link(stripes, clock, n=n, minutes=40)).id)
        clock.advance(timedelta(seconds=1))
    listed = await stripes.payments_between(clock.ms() - HOUR_MS, clock.ms())
    assert len(listed) == 5
    assert stripe.calls["payments_between"] == 3
    monkeypatch.setattr(stripe_module, "MAX_LISTED", 2)
    with pytest.raises(ProviderError, match="too much"):
        await stripes.payments_between(clock.ms() - HOUR_MS, clock.ms())


async def test_of_a_payment_that_was_tried_twice_the_charge_that_was_taken_counts(stripes, stripe, clock):
    link = await a_link(stripes, clock, minutes=40)
    intent = stripe.pay(link.id)
    failed = {"id": "ch_first", "payment_intent": intent, "amount": 52_000, "currency": "inr", "status": "failed",
              "captured": False, "created": clock.ms() // 1000 + 1, "failure_code": "card_declined"}  # fmt: skip
    stripe.others += [failed, {**failed, "id": "ch_second", "created": clock.ms() // 1000 - 1}]
    (record,) = await stripes.payments_between(clock.ms() - HOUR_MS, clock.ms() + 1_000)
    assert record.payment.state is PaymentState.CAPTURED
