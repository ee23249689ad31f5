"""The practice provider keeps a real ledger: a link is paid once, a payment returned once."""

import asyncio
from datetime import timedelta

import pytest

from core.ids import LinkId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.errors import PaymentRefused, Refusal, UnreadableEvent
from core.payments.models import LinkStatus, PaymentLink, PaymentState, RefundState
from core.payments.provider import PaymentProvider
from core.payments.sandbox.provider import LinkNotPayable
from tests.core.orders.builders import TOTAL
from tests.core.orders.house import House

ORDER = OrderId("ord_1")


async def a_link(house: House, n: int = 1) -> PaymentLink:
    provider: PaymentProvider = house.sandbox
    return await provider.create_link(
        order_id=ORDER,
        n=n,
        amount=TOTAL,
        currency="INR",
        method=PayMethod.UPI,
        expire_by_ms=house.clock.ms() + 16 * 60_000,
        description="Tiffin, K 472",
    )


async def test_a_link_is_made_once_for_each_reference_and_found_by_it(house: House):
    link = await a_link(house)
    assert (link.status, link.reference, link.amount) == (LinkStatus.OPEN, "ord_1.1", TOTAL)
    assert link.url == f"https://pay.example/{link.id}"
    with pytest.raises(PaymentRefused) as again:
        await a_link(house)
    assert again.value.reason is Refusal.REFERENCE_USED
    assert await house.sandbox.find_link("ord_1.1") == link
    assert await house.sandbox.find_link("ord_1.2") is None
    assert await house.sandbox.fetch_link(link.id) == link
    assert [found.id for found in await house.sandbox.recent()] == [link.id]


async def test_a_link_is_paid_once_by_ten_impatient_fingers(house: House):
    link = await a_link(house)
    tries = await asyncio.gather(*(house.sandbox.pay(link.id) for _ in range(10)), return_exceptions=True)
    refused = [one for one in tries if isinstance(one, LinkNotPayable)]
    assert len(refused) == 9
    assert {one.status for one in refused} == {LinkStatus.PAID}
    assert len(await house.sandbox.payments_of(link)) == 1


async def test_a_failed_try_leaves_the_link_open(house: House):
    link = await a_link(house)
    failed = await house.sandbox.fail(link.id, "insufficient funds")
    assert (failed.state, failed.reason) == (PaymentState.FAILED, "insufficient funds")
    assert (await house.sandbox.fetch_link(link.id)).status is LinkStatus.OPEN
    await house.sandbox.pay(link.id)
    assert [p.state for p in await house.sandbox.payments_of(link)] == [PaymentState.FAILED, PaymentState.CAPTURED]


async def test_a_link_expires_by_itself_and_can_be_cancelled_while_it_is_open(house: House):
    first, second, third = await a_link(house), await a_link(house, 2), await a_link(house, 3)
    assert await house.sandbox.cancel_link(first.id) is LinkStatus.CANCELLED
    await house.sandbox.pay(third.id)
    house.clock.advance(timedelta(minutes=16))
    assert await house.sandbox.cancel_link(second.id) is LinkStatus.EXPIRED
    assert await house.sandbox.cancel_link(third.id) is LinkStatus.PAID
    for link in (first, second):
        with pytest.raises(LinkNotPayable):
            await house.sandbox.pay(link.id)
        with pytest.raises(LinkNotPayable):
            await house.sandbox.fail(link.id)
        assert (await house.sandbox.pay_late(link.id)).state is PaymentState.CAPTURED


async def test_a_payment_is_never_returned_beyond_what_it_was_and_the_same_key_is_the_same_refund(house: House):
    link = await a_link(house)
    payment = await house.sandbox.pay(link.id)
    key = RefundKey("rf_1")
    first = await house.sandbox.refund(payment.id, Money(30_000), key)
    assert await house.sandbox.refund(payment.id, Money(30_000), key) == first
    with pytest.raises(PaymentRefused) as too_much:
        await house.sandbox.refund(payment.id, Money(30_000), RefundKey("rf_2"))
    assert too_much.value.reason is Refusal.TOO_MUCH
    rest = await house.sandbox.refund_by_hand(payment.id)
    assert (rest.amount, rest.key) == (TOTAL - Money(30_000), "")
    with pytest.raises(PaymentRefused):
        await house.sandbox.refund_by_hand(payment.id)
    tries = [house.sandbox.refund(payment.id, Money(1), RefundKey(f"rf_x{n}")) for n in range(5)]
    assert all(isinstance(one, PaymentRefused) for one in await asyncio.gather(*tries, return_exceptions=True))


async def test_a_refund_is_with_the_bank_after_a_moment(house: House):
    link = await a_link(house)
    payment = await house.sandbox.pay(link.id)
    refund = await house.sandbox.refund(payment.id, TOTAL, RefundKey("rf_1"))
    assert (refund.state, refund.bank_ref) == (RefundState.PENDING, "")
    house.clock.advance(timedelta(seconds=4))
    settled = await house.sandbox.fetch_refund(refund.id)
    assert settled.state is RefundState.PROCESSED
    assert settled.bank_ref.startswith("ARN")
    assert await house.sandbox.refunds_of(payment.id) == (settled,)


async def test_what_is_not_there_is_refused(house: House):
    link = await a_link(house)
    failed = await house.sandbox.fail(link.id)
    for refused in (
        house.sandbox.fetch_link(LinkId("plink_none")),
        house.sandbox.cancel_link(LinkId("plink_none")),
        house.sandbox.pay(LinkId("plink_none")),
        house.sandbox.refund(PaymentId(f"pay_{link.id}_9"), TOTAL, RefundKey("rf_1")),
        house.sandbox.refund(failed.id, TOTAL, RefundKey("rf_1")),
        house.sandbox.fetch_refund(f"r{failed.id}_1"),
    ):
        with pytest.raises(PaymentRefused) as missing:
            await refused
        assert missing.value.reason is Refusal.NOT_FOUND
    assert await house.sandbox.refunds_of(PaymentId(f"pay_{link.id}_9")) == ()
    assert await house.sandbox.link(LinkId("plink_none")) is None


async def test_news_goes_out_as_a_real_provider_sends_it_and_can_be_lost(house: House):
    link = await a_link(house)
    await house.sandbox.pay(link.id, quiet=True)
    assert await house.mongo["inbox"].count_documents({}) == 0
    second = await a_link(house, 2)
    payment = await house.sandbox.pay(second.id)
    found = await house.mongo["inbox"].find({}).sort([("_id", 1)]).to_list(length=10)
    kinds = [document["_id"].removeprefix(f"sandbox:{payment.id}:") for document in found]
    assert sorted(kinds) == ["authorised", "captured", "link_paid", "order_paid"]
    assert {document["lane"] for document in found} == {"order:ord_1"}
    for document in found:
        (event,) = house.sandbox.read(document["raw"])
        assert event.reference == "ord_1.2"
    with pytest.raises(UnreadableEvent):
        house.sandbox.read("{}")
