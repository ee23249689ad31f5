"""What an order says about its guest when it ends: written once, where the next order in cash looks."""

import pytest

from core.customers.models import Strike
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, a_draft, an_order
from tests.core.orders.house import House

S = OrderStatus
CASH, UPI = PayMethod.CASH, PayMethod.UPI
ABSENT, CANCELLED = [Strike.ABSENT.value], [Strike.CANCELLED.value]


async def put(house: House, status: OrderStatus, method: PayMethod, *, test: bool = False) -> Order:
    order = await house.store.insert(an_order(status, draft=a_draft(method=method).model_copy(update={"test": test})))
    assert order is not None
    return order


@pytest.mark.parametrize(
    ("status", "method", "reason", "marks"),
    [
        (S.READY, CASH, "abse", ABSENT),
        (S.ACCEPTED, CASH, "abse", ABSENT),
        (S.OUT_FOR_DELIVERY, CASH, "refu", ABSENT),
        (S.READY, CASH, "kitc", []),  # our own doing
        (S.READY, CASH, "sold", []),
        (S.READY, CASH, "gues", CANCELLED),
        (S.READY, UPI, "abse", []),  # the money was in
        (S.PLACED, CASH, "kitc", []),
    ],
)
async def test_what_the_outlet_cancels_says_something_about_the_guest_or_nothing(
    house: House, status: OrderStatus, method: PayMethod, reason: str, marks: list[str]
):
    order = await put(house, status, method)
    for _ in range(2):
        await house.orders.staff_cancel(order.id, MG_ROAD, COOK, reason)
    await house.settle()
    assert [what for _, what in house.marks] == marks


@pytest.mark.parametrize(("status", "method", "marks"), [(S.PLACED, CASH, CANCELLED), (S.PLACED, UPI, [])])
async def test_what_the_guest_calls_off_in_cash_is_remembered_once(
    house: House, status: OrderStatus, method: PayMethod, marks: list[str]
):
    order = await put(house, status, method)
    for _ in range(2):
        await house.orders.cancel(order.id, ASHA)
    await house.settle()
    assert [what for _, what in house.marks] == marks


async def test_what_the_kitchen_agrees_to_cancel_was_called_off_by_the_guest(house: House):
    order = await put(house, S.ACCEPTED, CASH)
    await house.orders.ask_to_cancel(order.id, ASHA)
    await house.orders.answer_cancel_request(order.id, MG_ROAD, COOK, agree=True)
    await house.settle()
    assert house.marks == [(order.id, "cancelled")]


async def test_a_rejection_and_a_test_order_say_nothing(house: House):
    order = await put(house, S.PLACED, CASH)
    await house.orders.reject(order.id, MG_ROAD, COOK, "busy")
    rehearsal = await put(house, S.READY, CASH, test=True)
    await house.orders.staff_cancel(rehearsal.id, MG_ROAD, COOK, "abse")
    await house.settle()
    assert house.marks == []
    assert DeliveryKind.RECORD_MARK.whose == "record"
