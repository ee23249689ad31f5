"""An order that was to be paid in cash, and the guest at the door would rather pay by UPI."""

import asyncio
from datetime import timedelta

import pytest

from core.errors import ProviderError
from core.ids import LinkId, OutletId, PaymentId
from core.money import Money
from core.orders.decide import decide
from core.orders.errors import NextStepOnly, NoCashDue, NotAcceptedYet, OrderNotFound
from core.orders.facts import DoorLinkAsked, LinkFailed
from core.orders.ledger import LinkEnd, LinkState, RefundStatus
from core.orders.models import Order, PaymentStatus
from core.orders.outcomes import OUTCOMES, STOP, _keep
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from core.payments.errors import PaymentRefused, Refusal
from tests.core.orders.builders import (
    COOK,
    LUNCH_MS,
    MG_ROAD,
    MINUTE,
    TOTAL,
    a_draft,
    after,
    an_order,
    captured,
    cash,
    kinds,
    link_opened,
    relayed,
)
from tests.core.orders.house import House

K = DeliveryKind
S = OrderStatus
AT = LUNCH_MS + 30 * MINUTE


async def at_the_door(house: House, status: OrderStatus = S.OUT_FOR_DELIVERY) -> Order:
    """A cash order the rider stands at the door with."""
    order, _ = await house.orders.create(a_draft(method=PayMethod.CASH))
    await house.orders.accept(order.id, MG_ROAD, COOK, 25)
    for to in (S.READY, S.OUT_FOR_DELIVERY):
        order = await house.orders.advance(order.id, MG_ROAD, COOK, to)
        if to is status:
            break
    await house.settle()
    house.ears.heard.clear()
    return order


async def shown(house: House, order: Order) -> LinkId:
    """The rider asks for the code, and it is there."""
    await house.orders.door_link(order.id, MG_ROAD, COOK)
    await house.settle()
    link = (await house.orders.require(order.id)).door_link
    assert link is not None
    assert link.state is LinkState.OPEN
    return link.id


async def now(house: House, order: Order) -> Order:
    return await house.orders.require(order.id)


async def test_the_guest_scans_and_the_card_says_paid_and_the_order_completes(house: House):
    order = await at_the_door(house)
    link = await shown(house, order)
    page = await house.sandbox.link(link)
    assert (page.amount, page.reference) == (TOTAL, f"{order.id}.1")
    assert house.ears.kinds() == ["outlet.card", "outlet.door_link"]
    house.ears.heard.clear()
    await house.sandbox.pay(link)
    await house.settle()
    paid = await now(house, order)
    assert (paid.payment_status, paid.status, paid.flags) == (PaymentStatus.PAID, S.OUT_FOR_DELIVERY, ())
    assert sorted(house.ears.kinds()) == ["guest.paid", "outlet.card"]
    assert paid.method is PayMethod.UPI
    done = await house.orders.advance(order.id, MG_ROAD, COOK, S.COMPLETED)
    await house.settle()
    assert done.status is S.COMPLETED
    assert not (await now(house, order)).refunds
    (invoice,) = await house.invoices.papers(done)
    assert [(one.method, one.reference) for one in invoice.payments] == [("upi", paid.kept)]


async def test_without_any_news_asking_finds_the_payment_within_half_a_minute(house: House):
    order = await at_the_door(house)
    await house.sandbox.pay(await shown(house, order), quiet=True)
    house.clock.advance(timedelta(seconds=30))
    await house.all_jobs()
    assert (await now(house, order)).payment_status is PaymentStatus.PAID


async def test_cash_that_was_faster_closes_the_link(house: House):
    order = await at_the_door(house)
    link = await shown(house, order)
    await house.orders.collect_cash(order.id, MG_ROAD, COOK)
    await house.settle()
    collected = await now(house, order)
    assert collected.payment_status is PaymentStatus.CASH_COLLECTED
    assert collected.links[0].end is LinkEnd.CANCELLED
    assert (await house.sandbox.link(link)).status_at(house.clock.ms()).value == "cancelled"


async def test_paid_and_collected_both_and_the_second_goes_back(house: House):
    order = await at_the_door(house)
    link = await shown(house, order)
    await house.sandbox.pay(link, quiet=True)  # its news is still on the way
    await house.orders.collect_cash(order.id, MG_ROAD, COOK)
    await house.settle()
    house.clock.advance(timedelta(seconds=30))
    await house.all_jobs()
    house.clock.advance(timedelta(seconds=30))
    await house.all_jobs()
    twice = await now(house, order)
    assert twice.cash_ms
    assert twice.kept is None
    assert [(refund.amount, refund.reason, refund.status) for refund in twice.refunds] == [
        (TOTAL, "paid_twice", RefundStatus.PROCESSED)
    ]
    assert "review" not in twice.flags  # nobody has to look into it
    assert house.ears.count(K.GUEST_REFUND_REQUESTED) == 1


async def test_who_collects_what_was_paid_is_told_and_nothing_is_taken_twice(house: House):
    order = await at_the_door(house)
    await house.sandbox.pay(await shown(house, order))
    await house.settle()
    with pytest.raises(NoCashDue):
        await house.orders.collect_cash(order.id, MG_ROAD, COOK)
    with pytest.raises(NoCashDue):
        await house.orders.door_link(order.id, MG_ROAD, COOK)
    assert not (await now(house, order)).cash_ms


async def test_one_code_at_a_time_and_a_new_one_once_it_ran_out(house: House):
    order = await at_the_door(house)
    first = await shown(house, order)
    assert await shown(house, order) == first
    house.clock.advance(timedelta(minutes=17))
    await house.all_jobs()
    assert (await now(house, order)).door_link is None
    assert house.ears.kinds()[-1] == "outlet.card"  # the button is back
    second = await shown(house, order)
    assert second != first
    assert [link.n for link in (await now(house, order)).links] == [1, 2]


async def test_the_code_goes_with_the_order_and_money_that_comes_after_goes_back(house: House):
    order = await at_the_door(house)
    link = await shown(house, order)
    await house.sandbox.pay(link, quiet=True)
    await house.orders.staff_cancel(order.id, MG_ROAD, COOK, "abse")
    await house.settle()
    house.clock.advance(timedelta(seconds=30))
    await house.all_jobs()
    ended = await now(house, order)
    assert ended.status is S.CANCELLED
    assert ended.refunds[0].amount == TOTAL


@pytest.mark.race
async def test_collecting_and_paying_at_once_takes_the_money_once(house: House):
    for _ in range(5):
        order = await at_the_door(house)
        link = await shown(house, order)

        async def collects(order=order):
            try:
                await house.orders.collect_cash(order.id, MG_ROAD, COOK)
            except NoCashDue:
                return

        await asyncio.gather(house.sandbox.pay(link), collects(), house.inbox.inbox_once(None))
        await house.settle()
        house.clock.advance(timedelta(seconds=30))
        await house.all_jobs()
        ended = await now(house, order)
        if ended.cash_ms:
            assert ended.kept is None
            assert sum(refund.amount.paise for refund in ended.refunds) == TOTAL.paise
        else:
            assert ended.kept is not None
            assert not ended.refunds


async def test_without_a_look_at_the_cash_the_money_would_be_taken_twice(house: House, monkeypatch):
    """The twin of the race above: the payment at the door no longer asks whether cash was faster."""

    def keeps(d, fact, event):
        _keep(d, fact)
        return STOP

    monkeypatch.setitem(OUTCOMES, "door", keeps)
    order = await at_the_door(house)
    await house.sandbox.pay(await shown(house, order), quiet=True)
    await house.orders.collect_cash(order.id, MG_ROAD, COOK)
    await house.settle()
    house.clock.advance(timedelta(seconds=30))
    await house.all_jobs()
    twice = await now(house, order)
    assert twice.cash_ms
    assert twice.kept is not None
    assert not twice.refunds


async def test_many_fingers_on_pay_by_upi_make_one_link(house: House):
    order = await at_the_door(house)
    await asyncio.gather(*(house.orders.door_link(order.id, MG_ROAD, COOK) for _ in range(5)))
    await house.settle()
    assert len((await now(house, order)).links) == 1


async def test_a_provider_that_makes_no_link_leaves_the_cash_and_says_so(house: House, monkeypatch):
    order = await at_the_door(house)

    async def refuses(**_):
        raise PaymentRefused("sandbox", Refusal.REFUSED)

    monkeypatch.setattr(house.sandbox, "create_link", refuses)
    await house.orders.door_link(order.id, MG_ROAD, COOK)
    await house.settle()
    without = await now(house, order)
    assert without.door_link is None
    assert K.OUTLET_REMIND in [delivery.kind for delivery in house.ears.heard]
    collected = await house.orders.collect_cash(order.id, MG_ROAD, COOK)
    assert collected.paid


async def test_a_provider_that_does_not_answer_gives_the_button_back_after_three_minutes(house: House, monkeypatch):
    order = await at_the_door(house)

    async def silent(**_):
        raise ProviderError("sandbox", retryable=True)

    monkeypatch.setattr(house.sandbox, "create_link", silent)
    await house.orders.door_link(order.id, MG_ROAD, COOK)
    for _ in range(12):
        await house.settle()
        house.clock.advance(timedelta(seconds=30))
    await house.settle()
    assert (await now(house, order)).door_link is None
    assert K.OUTLET_REMIND in [delivery.kind for delivery in house.ears.heard]


async def test_nobody_elses_order_and_none_that_cannot_be_handed_over_yet(house: House):
    order = await at_the_door(house, S.READY)
    with pytest.raises(OrderNotFound):
        await house.orders.door_link(order.id, OutletId("indira"), COOK)
    waiting, _ = await house.orders.create(a_draft(method=PayMethod.CASH))
    with pytest.raises(NotAcceptedYet):
        await house.orders.door_link(waiting.id, MG_ROAD, COOK)
    await house.orders.accept(waiting.id, MG_ROAD, COOK, 25)
    with pytest.raises(NextStepOnly):
        await house.orders.door_link(waiting.id, MG_ROAD, COOK)


# What single facts do


def with_code(status: OrderStatus = S.OUT_FOR_DELIVERY) -> Order:
    order = an_order(status, method=PayMethod.CASH)
    order = after(order, DoorLinkAsked(at_ms=AT, by=COOK, step=order.acts), link_opened(at_ms=AT))
    return relayed(order)


def test_each_state_takes_the_door_payment_as_the_table_says():
    paid = after(with_code(), captured(at_ms=AT))
    assert (paid.kept, paid.flags, paid.refunds) == (captured().payment, (), ())
    assert decide(paid.with_facts([captured(at_ms=AT)]), AT, True) == paid

    unnoted = with_code().model_copy(update={"status": S.COMPLETED})
    forgotten = after(unnoted, captured(at_ms=AT))
    assert forgotten.kept is not None  # handed over by the clock, paid after all

    taken = after(with_code(), cash(with_code(), AT), captured(at_ms=AT))
    assert taken.kept is None
    assert [refund.reason for refund in taken.refunds] == ["paid_twice"]

    wrong = after(with_code(), captured(amount=TOTAL + Money(1), at_ms=AT))
    assert wrong.kept is None
    assert wrong.refunds[0].amount == TOTAL + Money(1)
    assert wrong.door_link is not None  # the right amount can still be paid

    second = after(paid, captured(PaymentId("pay_again"), at_ms=AT))
    assert [refund.reason for refund in second.refunds] == ["paid_twice"]


def test_money_for_a_cash_order_that_belongs_to_no_door_link_goes_back_and_is_looked_at():
    order = after(an_order(S.OUT_FOR_DELIVERY, method=PayMethod.CASH), captured(n=7, at_ms=AT))
    assert order.kept is None
    assert order.refunds[0].amount == TOTAL
    assert "review" in order.flags


def test_of_two_door_links_only_the_newest_stays_open():
    order = with_code()
    lost = order.model_copy(update={"links": (order.links[0].model_copy(update={"n": 2, "id": LinkId("plink_2")}),)})
    old = order.links[0]
    both = after(lost.model_copy(update={"links": (old, *lost.links)}), now_ms=AT)
    assert [link.state for link in both.links] == [LinkState.CLOSING, LinkState.OPEN]
    assert kinds(both) == [K.PROVIDER_CLOSE_LINK]


def test_an_acceptance_taken_back_takes_the_code_along():
    order = an_order(S.ACCEPTED, method=PayMethod.CASH)
    order = after(order, DoorLinkAsked(at_ms=AT, by=COOK, step=order.acts), link_opened(at_ms=AT))
    assert order.door_link is not None
    back = order.model_copy(update={"status": S.PLACED})
    assert after(back, now_ms=AT).links[0].state is LinkState.CLOSING
    lost = LinkFailed(at_ms=AT, n=1, reason="timeout")
    assert after(back, lost).links[0].state is LinkState.CLOSING  # its own command finds or buries it
