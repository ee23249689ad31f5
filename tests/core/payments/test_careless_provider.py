"""A provider that does not answer, loses answers or says no: no rupee is lost, none taken or returned twice."""

from datetime import timedelta

import pytest

from core.ids import PaymentId
from core.money import Money
from core.orders.ledger import LinkEnd, LinkState, RefundStatus
from core.orders.models import NEVER_MS, Order
from core.orders.outgoing import DeliveryKind
from core.orders.service import OrderService
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from core.payments.errors import Refusal
from core.payments.models import LinkStatus
from core.payments.practice.store import LINKS
from core.payments.provider import order_of, reference_of
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


async def pass_time(house: House, *, minutes: float, step_s: int = 5) -> None:
    """Time goes by, and everything that ticks ticks."""
    for _ in range(int(minutes * 60 / step_s)):
        house.clock.advance(timedelta(seconds=step_s))
        await house.all_jobs()


async def an_unpaid_order(house: House) -> Order:
    order, _ = await house.orders.create(a_draft())
    await house.settle()
    return await now(house, order)


async def a_paid_order(house: House) -> tuple[Order, PaymentId]:
    order = await an_unpaid_order(house)
    payment = await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    return await now(house, order), payment.id


async def links_made(house: House) -> int:
    return int(await house.mongo[LINKS].count_documents({}))


# Making a link


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_a_link_whose_answer_was_lost_is_found_and_not_made_again(house: House, bank: Careless, lost: int):
    bank.plan["create_link"] = ["lost"] * lost
    order = await an_unpaid_order(house)
    assert (await now(house, order)).open_link is None
    await pass_time(house, minutes=0.5)
    waiting = await now(house, order)
    assert waiting.open_link is not None
    assert [link.n for link in waiting.links] == [1]
    assert await links_made(house) == 1
    assert house.ears.kinds() == ["guest.pay"]


async def test_a_link_that_was_made_and_cannot_be_looked_up_yet_is_waited_for(house: House, bank: Careless):
    bank.plan = {"create_link": [Refusal.REFERENCE_USED, "lost", "lost"], "find_link": ["down"]}
    order = await an_unpaid_order(house)
    await pass_time(house, minutes=1)
    assert (await now(house, order)).open_link is not None
    assert await links_made(house) == 1


async def test_a_guest_who_waits_three_minutes_for_a_link_hears_of_it_and_gets_it_when_it_comes(
    house: House, bank: Careless
):
    bank.plan["create_link"] = ["down"] * 9
    order = await an_unpaid_order(house)
    await pass_time(house, minutes=2.9)
    assert house.ears.kinds() == []
    await pass_time(house, minutes=4)
    told = [delivery for delivery in house.ears.heard if delivery.kind is K.GUEST_PAYMENT_FAILED]
    assert [delivery.data["reason"] for delivery in told] == ["no_link"]
    assert house.ears.kinds()[-1] == "guest.pay"
    assert (await now(house, order)).open_link is not None


async def test_a_link_the_provider_will_not_make_is_told_to_guest_and_owner_and_can_be_asked_for_again(
    house: House, bank: Careless
):
    bank.plan["create_link"] = [Refusal.REFUSED]
    order = await an_unpaid_order(house)
    assert sorted(house.ears.kinds()) == ["admin.alert", "guest.payment_failed"]
    assert (await now(house, order)).links[0].end is LinkEnd.FAILED
    await house.orders.pay_again(order.id, ASHA)
    await house.settle()
    link = (await now(house, order)).open_link
    assert link is not None
    assert link.n == 2


async def test_cash_is_a_way_out_when_there_is_no_link(house: House, bank: Careless):
    bank.plan["create_link"] = [Refusal.REFUSED]
    order = await an_unpaid_order(house)
    await house.orders.change_method(order.id, ASHA, PayMethod.CASH)
    await house.settle()
    assert (await now(house, order)).status is S.PLACED
    assert K.OUTLET_NEW_ORDER in house.ears.kinds()


async def test_a_link_made_for_an_order_that_was_cancelled_meanwhile_is_closed(house: House, bank: Careless):
    bank.plan["create_link"] = ["lost"]
    order = await an_unpaid_order(house)
    await house.orders.cancel(order.id, ASHA)
    await pass_time(house, minutes=1)
    link = await house.sandbox.find_link(reference_of(order.id, 1))
    assert link is not None
    assert link.status is LinkStatus.CANCELLED
    gone = await now(house, order)
    assert gone.links[0].state is LinkState.CLOSED
    assert "guest.pay" not in house.ears.kinds()


async def test_a_link_that_was_never_made_is_closed_by_finding_nothing(house: House, bank: Careless):
    bank.plan["create_link"] = ["down"] * 2
    order = await an_unpaid_order(house)
    await house.orders.cancel(order.id, ASHA)
    await pass_time(house, minutes=1)
    gone = await now(house, order)
    assert (gone.links[0].state, gone.links[0].end) == (LinkState.CLOSED, LinkEnd.FAILED)
    assert await links_made(house) == 0


async def test_a_link_given_up_that_turns_up_after_the_order_ended_is_closed(house: House, bank: Careless):
    bank.plan["create_link"] = [Refusal.REFUSED]
    order = await an_unpaid_order(house)
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    await house.sandbox.create_link(
        order_id=order.id,
        n=1,
        amount=TOTAL,
        currency="INR",
        method=PayMethod.UPI,
        expire_by_ms=house.clock.ms() + 10**6,
        description="made after all",
    )
    await house.payments.reconcile(order.id)
    await house.settle()
    link = await house.sandbox.find_link(reference_of(order.id, 1))
    assert link is not None
    assert link.status is LinkStatus.CANCELLED


# Closing a link


async def test_a_link_is_closed_even_if_the_provider_is_away_for_a_while(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    bank.plan["cancel_link"] = ["down"] * 3
    await house.orders.cancel(order.id, ASHA)
    await pass_time(house, minutes=1)
    assert (await house.sandbox.fetch_link(link)).status is LinkStatus.CANCELLED
    assert (await now(house, order)).links[0].end is LinkEnd.CANCELLED


async def test_a_link_that_was_paid_before_it_could_be_closed_gives_the_money_back(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    await house.orders.cancel(order.id, ASHA)
    payment = await house.sandbox.pay(link, quiet=True)
    await house.settle()
    gone = await now(house, order)
    assert gone.status is S.CANCELLED
    assert gone.links[0].end is LinkEnd.PAID
    assert money_back(gone) == TOTAL
    assert [refund.amount for refund in await house.sandbox.refunds_of(payment.id)] == [TOTAL]


# Returning money


@pytest.mark.parametrize("lost", [1, 2, 4])
async def test_a_refund_whose_answer_was_lost_is_found_and_not_made_again(house: House, bank: Careless, lost: int):
    order, payment = await a_paid_order(house)
    bank.plan["refund"] = ["lost"] * lost
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    await pass_time(house, minutes=3)
    assert [refund.amount for refund in await house.sandbox.refunds_of(payment)] == [TOTAL]
    assert bank.calls["refund"] == 1
    assert (await now(house, order)).refunds[0].status is RefundStatus.PROCESSED


async def test_half_refunds_whose_answers_are_lost_are_not_doubled(house: House, bank: Careless):
    order, payment = await a_paid_order(house)
    bank.plan = {"refund": ["lost", "lost"], "refunds_of": ["down"]}
    await house.orders.refund(order.id, "owner", "cold", Money(10_000), request="w1")
    await house.settle()
    await pass_time(house, minutes=8)
    assert [refund.amount for refund in await house.sandbox.refunds_of(payment)] == [Money(10_000)]


async def test_a_provider_that_is_away_for_hours_still_returns_the_money_once(house: House, bank: Careless):
    order, payment = await a_paid_order(house)
    bank.plan["refund"] = ["down"] * 4
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    await pass_time(house, minutes=40, step_s=60)
    assert [refund.amount for refund in await house.sandbox.refunds_of(payment)] == [TOTAL]
    assert (await now(house, order)).refunds[0].n == 1, "one number, however often it was tried"


async def test_a_refund_a_person_was_faster_with_is_not_made_again(house: House, bank: Careless):
    order, payment = await a_paid_order(house)
    await house.sandbox.refund_by_hand(payment, quiet=True)
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    gone = await now(house, order)
    assert [(refund.ours, refund.status) for refund in gone.refunds] == [
        (True, RefundStatus.FAILED),
        (False, RefundStatus.PENDING),
    ]
    assert money_back(gone) == TOTAL
    assert [refund.amount for refund in await house.sandbox.refunds_of(payment)] == [TOTAL]


async def test_what_a_person_left_over_is_returned_by_us(house: House, bank: Careless):
    order, payment = await a_paid_order(house)
    await house.sandbox.refund_by_hand(payment, Money(12_000), quiet=True)
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    back = await house.sandbox.refunds_of(payment)
    assert sorted(refund.amount.paise for refund in back) == [12_000, TOTAL.paise - 12_000]
    assert money_back(await now(house, order)) == TOTAL


@pytest.mark.parametrize("why", [Refusal.TOO_OLD, Refusal.BALANCE, Refusal.NOT_FOUND])
async def test_a_refund_that_cannot_succeed_is_handed_to_a_person_at_once(house: House, bank: Careless, why: Refusal):
    order, _ = await a_paid_order(house)
    bank.plan["refund"] = [why]
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    gone = await now(house, order)
    assert [refund.status for refund in gone.refunds] == [RefundStatus.FAILED, RefundStatus.MANUAL]
    assert gone.refunds[0].failure == why
    alerts = [delivery.data["what"] for delivery in house.ears.heard if delivery.kind is K.ADMIN_ALERT]
    assert "refund_manual" in alerts
    assert gone.next_check_ms < NEVER_MS


async def test_a_refusal_of_what_is_there_already_is_no_failure(house: House, bank: Careless):
    order, payment = await a_paid_order(house)
    bank.plan["refund"] = ["lost"]
    bank.plan["refunds_of"] = ["down"]
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    bank.plan["refund"] = [Refusal.TOO_MUCH]
    bank.plan["refunds_of"] = [(), *[None] * 5]
    await pass_time(house, minutes=2)
    assert [refund.status for refund in (await now(house, order)).refunds] == [RefundStatus.PROCESSED]
    assert len(await house.sandbox.refunds_of(payment)) == 1


async def test_a_provider_silent_for_a_day_is_a_persons_matter(house: House, bank: Careless):
    order, _ = await a_paid_order(house)
    bank.plan["refund"] = ["down"] * 40
    await house.orders.cancel(order.id, ASHA)
    await house.settle()
    for _ in range(14):
        house.clock.advance(timedelta(hours=2, seconds=1))
        await house.settle()
    stuck = await now(house, order)
    assert stuck.refunds[0].status is RefundStatus.MANUAL
    assert "refund_manual" in stuck.flags
    assert bank.calls["refund"] < 20


# The window


async def test_an_order_waits_while_the_provider_does_not_say_whether_the_link_is_closed_but_an_hour_at_most(
    house: House, bank: Careless
):
    order = await an_unpaid_order(house)
    bank.plan = {"cancel_link": ["down"] * 500, "fetch_link": ["down"] * 500}
    await pass_time(house, minutes=59, step_s=30)
    assert (await now(house, order)).status is S.AWAITING_PAYMENT
    tries = bank.calls["cancel_link"]
    assert 30 <= tries <= 45, "about once a minute"
    await pass_time(house, minutes=2, step_s=30)
    assert (await now(house, order)).status is S.EXPIRED
    assert house.ears.kinds().count("guest.expired") == 1


async def test_a_payment_found_while_closing_the_window_places_the_order(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    link = await house.link_of(order)
    house.clock.advance(timedelta(minutes=15))
    await house.sandbox.pay(link, quiet=True)
    house.clock.advance(timedelta(minutes=3))
    await house.payments.expire_due()
    assert (await now(house, order)).status is S.PLACED


async def test_the_window_of_a_link_that_was_never_made_closes_too(house: House, bank: Careless):
    bank.plan["create_link"] = ["down"] * 500
    order = await an_unpaid_order(house)
    await pass_time(house, minutes=19, step_s=30)
    gone = await now(house, order)
    assert gone.status is S.EXPIRED
    assert gone.links[0].end is LinkEnd.FAILED


async def test_a_link_made_anew_keeps_its_own_time(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    house.clock.advance(timedelta(minutes=10))
    await house.orders.change_method(order.id, ASHA, PayMethod.CARD)
    await house.settle()
    house.clock.advance(timedelta(minutes=9))
    await house.all_jobs()
    still = await now(house, order)
    assert still.status is S.AWAITING_PAYMENT
    assert (await house.payments.expire(order.id)) == still, "called too early it does nothing"
    await house.sandbox.pay(await house.link_of(order))
    await house.settle()
    assert (await now(house, order)).status is S.PLACED


async def test_after_the_window_closes_within_five_minutes_nothing_can_be_paid(house: House, bank: Careless):
    orders = []
    for n in range(5):
        order, _ = await house.orders.create(a_draft(customer=type(ASHA)(f"cus_{n}")))
        orders.append(order)
    await house.settle()
    await pass_time(house, minutes=21, step_s=15)
    for order in orders:
        gone = await now(house, order)
        link = await house.sandbox.fetch_link(gone.links[0].id)
        assert gone.status is S.EXPIRED
        assert link.status in (LinkStatus.CANCELLED, LinkStatus.EXPIRED)


async def test_a_link_the_provider_shows_as_expired_need_not_be_closed(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    bank.plan = {"cancel_link": ["down"] * 500}
    await pass_time(house, minutes=20, step_s=30)
    assert (await now(house, order)).status is S.EXPIRED


# Asking


async def test_a_provider_that_does_not_answer_is_asked_again_and_what_it_did_say_counts(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    await house.sandbox.pay(await house.link_of(order), quiet=True)
    bank.plan["payments_of"] = ["down"]
    house.clock.advance(timedelta(seconds=30))
    assert await house.payments.reconcile_due() == 1
    assert (await now(house, order)).status is S.AWAITING_PAYMENT
    house.clock.advance(timedelta(seconds=29))
    assert await house.payments.reconcile_due() == 0
    house.clock.advance(timedelta(seconds=1))
    assert await house.payments.reconcile_due() == 1
    assert (await now(house, order)).status is S.PLACED


async def test_a_browser_that_comes_back_makes_us_ask_at_once_but_not_again_and_again(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    await house.sandbox.pay(await house.link_of(order), quiet=True)
    placed = await house.payments.browser_returned(order.id)
    assert placed.status is S.PLACED
    asked = bank.calls["fetch_link"]
    for _ in range(5):
        await house.payments.browser_returned(order.id)
    assert bank.calls["fetch_link"] == asked
    unpaid, _ = await house.orders.create(a_draft())
    await house.settle()
    for _ in range(5):
        house.clock.advance(timedelta(seconds=1))
        await house.payments.browser_returned(unpaid.id)
    assert bank.calls["fetch_link"] == asked + 1


async def test_orders_of_a_provider_that_was_taken_out_of_the_settings_wait_and_alarm(house: House, bank: Careless):
    order = await an_unpaid_order(house)
    elsewhere = OrderService(store=house.store, kitchen=house.stove, clock=house.clock, provider="barter")
    other, _ = await elsewhere.create(a_draft(customer=type(ASHA)("cus_2")))
    await house.settle()
    assert "admin.alert" in house.ears.kinds()
    assert not await house.payments.reconcile(other.id)
    house.clock.advance(timedelta(minutes=61))
    await house.payments.expire_due()
    assert (await now(house, other)).status is S.EXPIRED
    assert (await now(house, order)).status is S.EXPIRED


def test_a_reference_names_its_order_and_foreign_ones_name_none():
    assert order_of("ord_1.2") == ("ord_1", 2)
    for foreign in ("", "ord_1", "ord_1.", "ord_1.x", "inv_1.2", "ord_1.²"):
        assert order_of(foreign) is None
