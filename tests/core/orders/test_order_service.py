"""What guests, cooks and owners can do to an order, and what they are told when they cannot."""

import re
from datetime import timedelta

import pytest

from core.errors import Forbidden, InvalidInput, NotFound, StoreError
from core.ids import CheckoutId, CustomerId, OrderId, OutletId
from core.money import Money
from core.orders.codes import DIGITS, LETTERS, day_code, new_code
from core.orders.errors import (
    AlreadyAccepted,
    AlreadyPaid,
    CashNotCollected,
    NextStepOnly,
    NoCancelRequest,
    NoCashDue,
    NotAcceptedYet,
    NothingToRefund,
    NothingToUndo,
    NotPaidYet,
    OrderClosed,
    OrderNotFound,
    StillNeeded,
    TooLateToCancel,
    TooMuchToRefund,
    UnpaidOrderOpen,
    UseCancel,
    WrongCashAmount,
)
from core.orders.facts import RefundProcessed
from core.orders.models import Order, PaymentStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import Fulfilment, PayMethod
from tests.core.orders.builders import (
    ASHA,
    COOK,
    LUNCH_MS,
    MG_ROAD,
    MINUTE,
    PAYMENT,
    TOTAL,
    a_draft,
    an_order,
    captured,
    kinds,
    money_back,
)
from tests.core.orders.house import House

S = OrderStatus
K = DeliveryKind
RAVI = CustomerId("cus_ravi")
OTHER_OUTLET = OutletId("indiranagar")


async def put(house: House, status: OrderStatus, **how: object) -> Order:
    order = an_order(status, **how)  # type: ignore[arg-type]
    stored = await house.store.insert(order)
    assert stored is not None
    return stored


# Making


async def test_a_checkout_becomes_an_order_once(house: House):
    draft = a_draft(method=PayMethod.CASH)
    order, created = await house.orders.create(draft)
    assert created
    assert order.status is S.PLACED
    again, created = await house.orders.create(draft)
    assert not created
    assert again == order
    assert house.wakes == 1
    assert await house.orders.by_checkout(draft.checkout_id) == order
    assert await house.orders.by_checkout(CheckoutId("chk_none")) is None


async def test_a_code_can_be_said_aloud_and_is_found_again(house: House):
    order, _ = await house.orders.create(a_draft(method=PayMethod.CASH))
    assert re.fullmatch(r"[A-HJ-NPR-Z] \d{3}", order.code)
    assert order.day_code == f"mgroad:20260302:{order.code.replace(' ', '')}"
    said = order.code.lower().replace(" ", "  ")
    assert await house.orders.by_code(MG_ROAD, "Asia/Kolkata", said) == order
    assert await house.orders.by_code(OTHER_OUTLET, "Asia/Kolkata", order.code) is None
    assert len({new_code() for _ in range(200)}) > 150
    assert len(LETTERS) * DIGITS == 23_000


def test_the_day_of_a_code_is_the_day_on_the_outlets_wall():
    midnight_in_kolkata = LUNCH_MS + (11 * 60 + 30) * MINUTE
    assert day_code(MG_ROAD, "Asia/Kolkata", midnight_in_kolkata - 1, "K 472") == "mgroad:20260302:K472"
    assert day_code(MG_ROAD, "Asia/Kolkata", midnight_in_kolkata, "K 472") == "mgroad:20260303:K472"


async def test_a_code_that_is_taken_today_is_drawn_again(mongo, clock):
    house = await House(mongo, clock, codes=["K 472", "K 472", "K 472", "M 001"]).open()
    first, _ = await house.orders.create(a_draft(method=PayMethod.CASH))
    second, created = await house.orders.create(a_draft(method=PayMethod.CASH))
    assert (first.code, second.code, created) == ("K 472", "M 001", True)


async def test_when_no_code_is_left_nothing_is_half_made(mongo, clock):
    house = await House(mongo, clock, codes=["K 472"] * 60).open()
    await house.orders.create(a_draft(method=PayMethod.CASH))
    with pytest.raises(StoreError, match="no code left"):
        await house.orders.create(a_draft(method=PayMethod.CASH))
    assert len(await house.orders.open_for(ASHA)) == 1


async def test_a_guest_with_an_unpaid_order_is_led_back_to_it(house: House):
    first, _ = await house.orders.create(a_draft())
    with pytest.raises(UnpaidOrderOpen) as refused:
        await house.orders.create(a_draft())
    assert (refused.value.order_id, refused.value.code) == (first.id, first.code)
    await house.orders.cancel(first.id, ASHA)
    _, created = await house.orders.create(a_draft())
    assert created


# Whose order it is


async def test_orders_of_others_are_not_found(house: House):
    order = await put(house, S.PLACED)
    assert await house.orders.of_customer(order.id, ASHA) == order
    assert await house.orders.at_outlet(order.id, MG_ROAD) == order
    for refused in (
        house.orders.of_customer(order.id, RAVI),
        house.orders.cancel(order.id, RAVI),
        house.orders.ask_to_cancel(order.id, RAVI),
        house.orders.pay_again(order.id, RAVI),
        house.orders.change_method(order.id, RAVI, PayMethod.CARD),
        house.orders.at_outlet(order.id, OTHER_OUTLET),
        house.orders.accept(order.id, OTHER_OUTLET, COOK, 15),
        house.orders.reject(order.id, OTHER_OUTLET, COOK, "busy"),
        house.orders.advance(order.id, OTHER_OUTLET, COOK, S.READY),
        house.orders.collect_cash(order.id, OTHER_OUTLET, COOK),
        house.orders.undo(order.id, OTHER_OUTLET, COOK),
        house.orders.staff_cancel(order.id, OTHER_OUTLET, COOK, "x"),
        house.orders.answer_cancel_request(order.id, OTHER_OUTLET, COOK, agree=True),
        house.orders.accept(OrderId("ord_none"), MG_ROAD, COOK, 15),
        house.orders.require(OrderId("ord_none")),
    ):
        with pytest.raises(OrderNotFound):
            await refused
    assert issubclass(OrderNotFound, NotFound)
    assert not issubclass(OrderNotFound, Forbidden)
    assert await house.orders.require(order.id) == order
    assert await house.orders.get(OrderId("ord_none")) is None


async def test_an_outlet_does_not_see_orders_that_are_not_paid(house: House):
    order = await put(house, S.AWAITING_PAYMENT)
    with pytest.raises(OrderNotFound):
        await house.orders.at_outlet(order.id, MG_ROAD)
    assert await house.orders.live_at(MG_ROAD) == []


# The cook


async def test_a_cook_accepts_and_the_second_cook_learns_who_was_faster(house: House):
    order = await put(house, S.PLACED)
    accepted = await house.orders.accept(order.id, MG_ROAD, COOK, 25)
    assert accepted.status is S.ACCEPTED
    assert house.wakes == 1
    with pytest.raises(AlreadyAccepted) as late:
        await house.orders.accept(order.id, MG_ROAD, "telegram:8", 15)
    assert (late.value.by, late.value.at_ms) == (COOK, house.clock.ms())
    assert (await house.orders.require(order.id)).promised_ms == accepted.promised_ms


async def test_what_cannot_be_accepted_says_why(house: House):
    with pytest.raises(NotPaidYet):
        await house.orders.accept((await put(house, S.AWAITING_PAYMENT)).id, MG_ROAD, COOK, 15)
    for status in (S.CANCELLED, S.REJECTED, S.EXPIRED):
        order = await put(house, status)
        with pytest.raises(OrderClosed) as closed:
            await house.orders.accept(order.id, MG_ROAD, COOK, 15)
        assert closed.value.status is status
    done = await put(house, S.COMPLETED)
    assert await house.orders.accept(done.id, MG_ROAD, COOK, 15) == done
    for minutes in (-1, 241):
        with pytest.raises(InvalidInput):
            await house.orders.accept(done.id, MG_ROAD, COOK, minutes)


async def test_a_cook_rejects_with_a_reason_and_the_money_goes_back(house: House):
    order = await put(house, S.PLACED)
    rejected = await house.orders.reject(order.id, MG_ROAD, COOK, "busy")
    assert (rejected.status, rejected.cancel_reason, money_back(rejected)) == (S.REJECTED, "busy", TOTAL)
    assert await house.orders.reject(order.id, MG_ROAD, COOK, "busy") == rejected
    with pytest.raises(UseCancel):
        await house.orders.reject((await put(house, S.READY)).id, MG_ROAD, COOK, "busy")
    with pytest.raises(OrderClosed):
        await house.orders.reject((await put(house, S.COMPLETED)).id, MG_ROAD, COOK, "busy")


async def test_an_order_goes_step_by_step_and_a_step_taken_twice_is_taken_once(house: House):
    order = await put(house, S.ACCEPTED)
    for to in (S.PREPARING, S.READY, S.OUT_FOR_DELIVERY, S.COMPLETED):
        moved = await house.orders.advance(order.id, MG_ROAD, COOK, to)
        assert moved.status is to
        assert await house.orders.advance(order.id, MG_ROAD, COOK, to) == moved
    with pytest.raises(NotAcceptedYet):
        await house.orders.advance((await put(house, S.PLACED)).id, MG_ROAD, COOK, S.READY)


async def test_a_step_that_does_not_follow_names_those_that_do(house: House):
    order = await put(house, S.READY)
    with pytest.raises(NextStepOnly) as wrong:
        await house.orders.advance(order.id, MG_ROAD, COOK, S.PREPARING)
    assert wrong.value.allowed == (S.OUT_FOR_DELIVERY, S.COMPLETED)
    with pytest.raises(NextStepOnly):
        await house.orders.advance((await put(house, S.PREPARING)).id, MG_ROAD, COOK, S.CANCELLED)


async def test_cash_is_collected_before_the_order_is_handed_over(house: House):
    order = await put(house, S.READY, method=PayMethod.CASH, fulfilment=Fulfilment.TAKEAWAY)
    with pytest.raises(CashNotCollected) as first:
        await house.orders.advance(order.id, MG_ROAD, COOK, S.COMPLETED)
    assert first.value.amount == TOTAL
    with pytest.raises(WrongCashAmount) as wrong:
        await house.orders.collect_cash(order.id, MG_ROAD, COOK, TOTAL - Money(1))
    assert wrong.value.expected == TOTAL
    paid = await house.orders.collect_cash(order.id, MG_ROAD, COOK, TOTAL)
    assert paid.paid
    assert await house.orders.collect_cash(order.id, MG_ROAD, COOK) == paid
    done = await house.orders.advance(order.id, MG_ROAD, COOK, S.COMPLETED)
    assert done.status is S.COMPLETED
    with pytest.raises(NoCashDue):
        await house.orders.collect_cash((await put(house, S.READY)).id, MG_ROAD, COOK)


async def test_a_wrong_tap_is_taken_back_within_a_minute(house: House):
    order = await put(house, S.PLACED)
    await house.orders.accept(order.id, MG_ROAD, COOK, 15)
    house.clock.advance(timedelta(seconds=59))
    back = await house.orders.undo(order.id, MG_ROAD, COOK)
    assert back.status is S.PLACED
    with pytest.raises(NothingToUndo):
        await house.orders.undo(order.id, MG_ROAD, COOK)
    assert (await house.orders.accept(order.id, MG_ROAD, COOK, 35)).status is S.ACCEPTED
    house.clock.advance(timedelta(seconds=60))
    with pytest.raises(NothingToUndo):
        await house.orders.undo(order.id, MG_ROAD, COOK)


async def test_staff_cancel_what_they_cannot_finish(house: House):
    order = await put(house, S.PREPARING)
    gone = await house.orders.staff_cancel(order.id, MG_ROAD, COOK, "kitchen")
    assert (gone.status, gone.cancel_by, money_back(gone)) == (S.CANCELLED, COOK, TOTAL)
    assert await house.orders.staff_cancel(order.id, MG_ROAD, COOK, "kitchen") == gone
    done = await put(house, S.COMPLETED)
    with pytest.raises(OrderClosed):
        await house.orders.staff_cancel(done.id, MG_ROAD, COOK, "x")
    assert money_back(await house.orders.require(done.id)) == Money(0)
    with pytest.raises(NotPaidYet):
        await house.orders.staff_cancel((await put(house, S.AWAITING_PAYMENT)).id, MG_ROAD, COOK, "x")


async def test_the_kitchen_answers_a_request_to_cancel(house: House):
    order = await put(house, S.PREPARING)
    with pytest.raises(NoCancelRequest):
        await house.orders.answer_cancel_request(order.id, MG_ROAD, COOK, agree=True)
    asked = await house.orders.ask_to_cancel(order.id, ASHA, "wrong address")
    assert kinds(asked) == [K.OUTLET_CANCEL_REQUESTED]
    assert await house.orders.ask_to_cancel(order.id, ASHA) == asked
    refused = await house.orders.answer_cancel_request(order.id, MG_ROAD, COOK, agree=False)
    assert (refused.status, refused.cancel_requested_ms) == (S.PREPARING, 0)
    await house.orders.ask_to_cancel(order.id, ASHA)
    agreed = await house.orders.answer_cancel_request(order.id, MG_ROAD, COOK, agree=True)
    assert (agreed.status, agreed.cancel_reason) == (S.CANCELLED, "guest_asked")
    with pytest.raises(NoCancelRequest):
        await house.orders.answer_cancel_request(order.id, MG_ROAD, COOK, agree=True)


async def test_a_request_that_was_overtaken_by_the_hand_over_cannot_be_granted(house: House):
    order = await put(house, S.OUT_FOR_DELIVERY)
    await house.orders.ask_to_cancel(order.id, ASHA)
    await house.orders.advance(order.id, MG_ROAD, COOK, S.COMPLETED)
    with pytest.raises(NoCancelRequest):
        await house.orders.answer_cancel_request(order.id, MG_ROAD, COOK, agree=True)
    assert money_back(await house.orders.require(order.id)) == Money(0)


# The guest


async def test_a_guest_cancels_before_the_kitchen_accepts_and_asks_afterwards(house: House):
    for status in (S.AWAITING_PAYMENT, S.PLACED):
        order = await put(house, status)
        gone = await house.orders.cancel(order.id, ASHA, "changed my mind")
        assert (gone.status, gone.cancel_by, gone.cancel_reason) == (S.CANCELLED, "guest", "changed my mind")
        assert await house.orders.cancel(order.id, ASHA) == gone
    order = await put(house, S.ACCEPTED)
    with pytest.raises(TooLateToCancel):
        await house.orders.cancel(order.id, ASHA)
    with pytest.raises(OrderClosed):
        await house.orders.cancel((await put(house, S.COMPLETED)).id, ASHA)
    waiting = await put(house, S.PLACED)
    assert (await house.orders.ask_to_cancel(waiting.id, ASHA)).status is S.CANCELLED


async def test_paying_again_says_what_is_true(house: House):
    order = await put(house, S.AWAITING_PAYMENT)
    assert (await house.orders.pay_again(order.id, ASHA)).open_link == order.open_link
    for status, error in (
        (S.PLACED, AlreadyPaid),
        (S.READY, AlreadyPaid),
        (S.COMPLETED, OrderClosed),
        (S.CANCELLED, OrderClosed),
        (S.EXPIRED, OrderClosed),
    ):
        with pytest.raises(error):
            await house.orders.pay_again((await put(house, status)).id, ASHA)
    with pytest.raises(AlreadyPaid):
        await house.orders.change_method((await put(house, S.PLACED)).id, ASHA, PayMethod.CARD)
    same = await house.orders.change_method(order.id, ASHA, order.method)
    assert same == await house.orders.require(order.id)


# The owner


async def test_the_owner_ends_any_order_and_keeps_what_was_agreed(house: House):
    order = await put(house, S.PREPARING)
    gone = await house.orders.force_cancel(order.id, "owner", "spilt", refund=Money(20_000))
    assert money_back(gone) == Money(20_000)
    unpaid = await put(house, S.AWAITING_PAYMENT)
    assert (await house.orders.force_cancel(unpaid.id, "owner", "test")).status is S.CANCELLED
    done = await put(house, S.COMPLETED)
    assert money_back(await house.orders.force_cancel(done.id, "owner", "hair in the soup")) == TOTAL


async def test_the_owner_gives_money_back_once_for_each_wish(house: House):
    order = await put(house, S.COMPLETED)
    for _ in range(2):
        given = await house.orders.refund(order.id, "owner", "cold", Money(5_000), request="w1")
    assert money_back(given) == Money(5_000)
    with pytest.raises(InvalidInput):
        await house.orders.refund(order.id, "owner", "cold", Money(0), request="w2")
    with pytest.raises(TooMuchToRefund) as much:
        await house.orders.refund(order.id, "owner", "cold", TOTAL, request="w3")
    assert much.value.left == TOTAL - Money(5_000)
    all_of_it = await house.orders.refund(order.id, "owner", "cold", request="w4")
    assert money_back(all_of_it) == TOTAL
    assert await house.orders.refund(order.id, "owner", "cold", request="w4") == all_of_it
    with pytest.raises(NothingToRefund):
        await house.orders.refund(order.id, "owner", "cold", request="w5")
    with pytest.raises(NothingToRefund):
        await house.orders.refund((await put(house, S.AWAITING_PAYMENT)).id, "owner", "x", request="w")


async def test_each_goodwill_is_told_to_the_guest_though_the_reason_is_the_same(house: House):
    order = await put(house, S.COMPLETED)
    for wish in ("w1", "w2"):
        order = await house.orders.refund(order.id, "owner", "cold", Money(5_000), request=wish)
    assert kinds(order).count(DeliveryKind.GUEST_REFUND_REQUESTED) == 2


async def test_cash_is_handed_back_by_a_person_and_never_more_than_was_taken(house: House):
    order = await put(house, S.COMPLETED, method=PayMethod.CASH)
    for _ in range(2):
        back = await house.orders.refund(order.id, "owner", "cold", Money(5_000), request="w1")
    assert (back.cash_back, back.returnable, back.refunds) == (Money(5_000), TOTAL - Money(5_000), ())
    assert back.payment_status is PaymentStatus.PARTLY_REFUNDED
    assert kinds(back) == [DeliveryKind.GUEST_CASH_BACK, DeliveryKind.BOOKS_CREDIT]
    with pytest.raises(TooMuchToRefund):
        await house.orders.refund(order.id, "owner", "cold", TOTAL, request="w2")
    gone = await house.orders.refund(order.id, "owner", "cold", request="w3")
    assert (gone.cash_back, gone.payment_status) == (TOTAL, PaymentStatus.REFUNDED)
    with pytest.raises(NothingToRefund):
        await house.orders.refund(order.id, "owner", "cold", request="w4")
    uncollected = await put(house, S.READY, method=PayMethod.CASH)
    with pytest.raises(NothingToRefund):
        await house.orders.refund(uncollected.id, "owner", "cold", request="w5")


async def test_who_asks_to_be_forgotten_is_taken_out_and_the_figures_stay(house: House):
    order = await put(house, S.COMPLETED)
    gone = await put(house, S.CANCELLED)
    eaten_here = await put(house, S.COMPLETED, fulfilment=Fulfilment.DINE_IN)
    ravis = await put(house, S.COMPLETED, draft=a_draft(customer=RAVI))
    assert await house.orders.pseudonymise(ASHA) == 3
    assert (await house.orders.require(eaten_here.id)).address is None
    for order_id in (order.id, gone.id):
        blank = await house.orders.require(order_id)
        assert (blank.customer_name, blank.phone, blank.chat, blank.note) == ("", "", "", "")
        assert blank.address is not None
        assert (blank.address.line, blank.address.landmark, blank.address.pin) == ("", "", "560025")
        assert blank.bill.lines[0].note == ""
        assert blank.total == TOTAL
    assert (await house.orders.require(ravis.id)).phone
    key = (await house.orders.require(gone.id)).refunds[0].key
    back = RefundProcessed(at_ms=LUNCH_MS, payment=PAYMENT, amount=TOTAL, refund_key=key, provider_id="r1")
    assert kinds(await house.orders.record(gone.id, back)) == []


async def test_nobody_is_forgotten_while_their_dinner_is_on_the_stove(house: House):
    order = await put(house, S.READY)
    with pytest.raises(StillNeeded) as needed:
        await house.orders.pseudonymise(ASHA)
    assert needed.value.code == order.code


# Reading


async def test_the_usual_is_the_last_order_that_was_eaten(house: House):
    assert await house.orders.last_completed(ASHA) is None
    old = await put(house, S.COMPLETED)
    new = an_order(S.COMPLETED).model_copy(update={"created_ms": old.created_ms + 1})
    await house.store.insert(new)
    await put(house, S.CANCELLED)
    usual = await house.orders.last_completed(ASHA)
    assert usual is not None
    assert usual.id == new.id
    assert len(await house.orders.list_for(ASHA)) == 3
    assert await house.orders.open_for(ASHA) == []


# Clocks


async def test_the_ladder_rings_for_each_order_in_its_own_time(house: House):
    order, _ = await house.orders.create(a_draft(method=PayMethod.CASH))
    assert await house.orders.accept_ladder_due() == 0
    house.clock.advance(timedelta(minutes=2))
    assert await house.orders.accept_ladder_due() == 1
    assert await house.orders.accept_ladder_due() == 0, "late and twice it rings once"
    house.clock.advance(timedelta(minutes=13))
    await house.orders.accept_ladder_due()
    gone = await house.orders.require(order.id)
    assert (gone.status, gone.cancel_reason) == (S.CANCELLED, "no_answer")


# A late payment, and a guest who ordered anew meanwhile


async def test_a_late_payment_of_a_guest_who_ordered_something_else_goes_back(house: House):
    expired = await put(house, S.EXPIRED)
    house.clock.advance(timedelta(minutes=21))
    await house.orders.create(a_draft(method=PayMethod.CASH))
    late = await house.orders.record(expired.id, captured())
    assert (late.status, money_back(late)) == (S.EXPIRED, TOTAL)


async def test_an_order_made_in_the_moment_of_revival_stands_alone(house: House):
    expired = await put(house, S.EXPIRED)
    house.clock.advance(timedelta(minutes=21))
    can_cook = house.stove.can_cook

    async def while_the_guest_orders(order: Order) -> bool:
        await house.orders.create(a_draft(method=PayMethod.CASH))
        return await can_cook(order)

    house.stove.can_cook = while_the_guest_orders  # type: ignore[method-assign]
    late = await house.orders.record(expired.id, captured())
    assert (late.status, late.cancel_reason, money_back(late)) == (S.CANCELLED, "newer_order", TOTAL)
    assert [order.id for order in await house.orders.open_for(ASHA)] != [expired.id]
    assert len(await house.orders.open_for(ASHA)) == 1


async def test_a_late_payment_is_revived_when_the_kitchen_can(house: House):
    expired = await put(house, S.EXPIRED)
    house.clock.advance(timedelta(minutes=21))
    revived = await house.orders.record(expired.id, captured())
    assert revived.status is S.PLACED
    closed = await put(house, S.EXPIRED, draft=a_draft(customer=RAVI))
    house.stove.open = False
    assert (await house.orders.record(closed.id, captured())).status is S.EXPIRED
