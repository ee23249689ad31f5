"""An outlet's day in money: it balances to the paisa, and whatever does not fit is named."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from core.clock import FrozenClock
from core.daybook.models import DayBook, Why
from core.daybook.service import DayBookService
from core.daybook.store import DayBookStore
from core.errors import ProviderError
from core.ids import CustomerId
from core.money import Money
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from core.payments.calls import PATIENCE
from tests.core.orders.builders import COOK, MG_ROAD, TOTAL, a_draft
from tests.core.orders.conftest import house
from tests.core.orders.house import House
from tests.core.payments.conftest import razorpay
from tests.fakes.razorpay.client import client_of
from tests.fakes.razorpay.server import FakeRazorpay
from tests.fakes.trouble import Lie, Trouble

__all__ = ["house", "razorpay"]

S = OrderStatus
TODAY = date(2026, 3, 2)
FEE = Money(1_227)  # of 520: two per cent, and the tax on them


class Shop:
    def __init__(self, house: House, razorpay: FakeRazorpay) -> None:
        self.house = house
        self.razorpay = razorpay
        house.directory.all = lambda: (house.directory.outlet,)  # type: ignore[attr-defined]
        self.books = DayBookService(
            store=DayBookStore(house.mongo),
            orders=house.orders,
            payments=house.payments,
            outlets=house.directory,  # type: ignore[arg-type]
            clock=house.clock,
        )

    async def eaten(self, guest: str = "cus_asha", *, method: PayMethod = PayMethod.UPI) -> Order:
        house = self.house
        order, _ = await house.orders.create(a_draft(customer=CustomerId(guest), method=method))
        await house.settle()
        if method.online:
            await self.razorpay.ledger.pay(await house.link_of(order))
            await house.payments.reconcile(order.id)
        await house.orders.accept(order.id, MG_ROAD, COOK, 10)
        await house.orders.advance(order.id, MG_ROAD, COOK, S.READY)
        if not method.online:
            await house.orders.collect_cash(order.id, MG_ROAD, COOK)
        await house.orders.advance(order.id, MG_ROAD, COOK, S.COMPLETED)
        await house.settle()
        return await house.orders.require(order.id)

    def sleep(self) -> None:
        """Until half past five the next morning in Kolkata."""
        now = self.house.clock.now()
        self.house.clock.set(datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1))

    async def book(self) -> DayBook:
        """Of the day that was closed last."""
        found = await self.books.get(MG_ROAD, self.books.yesterday(self.house.directory.outlet))
        assert found is not None
        return found


@pytest.fixture
async def shop(house: House, razorpay: FakeRazorpay, clock: FrozenClock) -> AsyncIterator[Shop]:
    async with client_of(razorpay, clock, patience=PATIENCE) as provider:
        house.use(provider)
        house.orders._provider = provider.name
        yield Shop(house, razorpay)


async def test_an_ordinary_day_balances_to_the_paisa(shop: Shop):
    for n in range(3):
        await shop.eaten(f"cus_{n}")
    await shop.eaten("cus_cash", method=PayMethod.CASH)
    given = await shop.eaten("cus_cold")
    await shop.house.orders.refund(given.id, "telegram:900", "owner_cold", Money(5_001), request="w1")
    await shop.house.settle()
    shop.sleep()
    (book,) = await shop.books.close_due()
    assert (book.day, book.outlet, book.orders) == (TODAY.isoformat(), MG_ROAD, 5)
    assert book.captured == book.captured_there == TOTAL * 4
    assert book.refunded == book.refunded_there == Money(5_001)
    assert (book.fees, book.cash) == (FEE * 4, TOTAL)
    assert book.balanced
    assert book.difference == Money(0)


async def test_cash_that_was_handed_back_stands_beside_what_was_taken(shop: Shop):
    order = await shop.eaten(method=PayMethod.CASH)
    await shop.house.orders.refund(order.id, "telegram:900", "owner_cold", Money(2_000), request="w1")
    shop.sleep()
    (book,) = await shop.books.close_due()
    assert (book.cash, book.cash_back, book.balanced) == (TOTAL, Money(2_000), True)


async def test_a_day_is_closed_once_each_morning_and_not_before_five(shop: Shop, clock: FrozenClock):
    await shop.eaten()
    clock.set(datetime(2026, 3, 2, 23, 29, tzinfo=UTC))  # 4:59 in Kolkata
    assert await shop.books.close_due() == []
    assert await shop.books.get(MG_ROAD, TODAY) is None
    clock.advance(timedelta(minutes=1))
    (book,) = await shop.books.close_due()
    await shop.books.told(book)
    asked = shop.razorpay.calls["payments_between"]
    clock.advance(timedelta(hours=6))
    assert await shop.books.close_due() == []
    assert shop.razorpay.calls["payments_between"] == asked, "nobody is asked twice a morning"
    shop.sleep()
    assert await shop.books.close_due() == [], "the next day nothing happened, and the last one is as it was"


@pytest.mark.parametrize(
    ("plant", "why", "amount"),
    [
        ("hidden", Why.NOT_THERE, TOTAL.paise),
        ("smaller", Why.AMOUNT, 100),
        ("refund hidden", Why.REFUND_NOT_THERE, -5_000),
        ("refund larger", Why.REFUND_AMOUNT, 100),
        ("cash", Why.CASH_MISSING, TOTAL.paise),
    ],
)
async def test_a_planted_difference_is_seen_with_its_order_its_payment_and_its_amount(
    shop: Shop, mongo, plant: str, why: Why, amount: int
):
    order = await shop.eaten("cus_a", method=PayMethod.CASH if plant == "cash" else PayMethod.UPI)
    await shop.eaten("cus_b")
    if plant == "cash":
        document = await mongo["orders"].find_one({"_id": order.id})
        await mongo["orders"].replace_one({"_id": order.id, "v": order.v}, {**document, "v": order.v + 1, "cash_ms": 0})
    if plant.startswith("refund"):
        await shop.house.orders.refund(order.id, "telegram:900", "owner_cold", Money(5_000), request="w1")
        await shop.house.settle()
        shop.house.clock.advance(timedelta(seconds=5))
        await shop.house.payments.reconcile(order.id)  # it arrived
    call = "refunds_between" if plant.startswith("refund") else "payments_between"
    about = (await shop.house.orders.require(order.id)).refunds[0].provider_id if call[0] == "r" else order.kept

    def lie(page):
        items = [item for item in page["items"] if item["id"] != about or "hidden" not in plant]
        by = {"smaller": -100, "refund larger": 100}.get(plant, 0)
        items = [{**item, "amount": item["amount"] + by} if item["id"] == about else item for item in items]
        return {**page, "items": items, "count": len(items)}

    shop.razorpay.always[call] = Lie(lie)
    shop.sleep()
    (book,) = await shop.books.close_due()
    (found,) = book.differences
    assert (found.why, found.code, found.order, found.about, found.amount) == (
        why, order.code, order.id, "" if plant == "cash" else about, Money(amount))  # fmt: skip
    assert not book.balanced
    assert book.difference == (Money(0) if plant == "cash" else Money(amount))


async def test_what_no_webhook_told_is_taken_in_before_the_day_is_closed(shop: Shop):
    """A second payment nobody heard of: the books bring it into the order, and then both sides say the same."""
    order = await shop.eaten()
    second = await shop.razorpay.ledger.pay_twice(order.links[0].id)
    shop.sleep()
    (book,) = await shop.books.close_due()
    assert book.balanced
    assert book.captured == TOTAL * 2
    assert [refund.payment for refund in (await shop.house.orders.require(order.id)).refunds] == [second.id]


async def test_a_refund_days_later_belongs_to_its_own_day(shop: Shop):
    order = await shop.eaten()
    shop.sleep()
    await shop.books.close_due()
    shop.house.clock.advance(timedelta(days=20))
    await shop.house.orders.refund(order.id, "telegram:900", "owner_cold", Money(5_000), request="w1")
    await shop.house.settle()
    shop.sleep()
    (book,) = await shop.books.close_due()
    assert (book.orders, book.captured, book.refunded, book.refunded_there) == (0, Money(0), Money(5_000), Money(5_000))
    assert book.balanced


async def test_a_payment_a_bank_takes_two_days_for_is_in_the_book_of_its_day_in_the_end(shop: Shop):
    order, _ = await shop.house.orders.create(a_draft())
    await shop.house.settle()
    payment = await shop.razorpay.ledger.authorise(await shop.house.link_of(order))
    shop.sleep()
    (first,) = [*await shop.books.close_due(), await shop.book()][:1]
    assert first.captured_there == Money(0)
    await shop.razorpay.ledger.capture(payment.id)
    shop.sleep()
    await shop.books.close_due()
    book = await shop.books.get(MG_ROAD, TODAY)
    assert book is not None
    assert book.captured == book.captured_there == TOTAL
    assert book.balanced


async def test_without_the_providers_list_no_book_is_written(shop: Shop):
    await shop.eaten()
    shop.sleep()
    shop.razorpay.next("refunds_between", Trouble.IS_DOWN)
    with pytest.raises(ProviderError):
        await shop.books.close_due()
    assert await shop.books.get(MG_ROAD, TODAY) is None
    assert len(await shop.books.close_due()) == 1


async def test_what_was_said_is_said_again_only_when_it_changed(shop: Shop):
    order = await shop.eaten()
    hidden = order.kept

    def lie(page):
        items = [item for item in page["items"] if item["id"] != hidden]
        return {**page, "items": items, "count": len(items)}

    shop.razorpay.always["payments_between"] = Lie(lie)
    shop.sleep()
    (book,) = await shop.books.close_due()
    await shop.books.told(book)
    shop.sleep()
    assert await shop.books.close_due() == []
    shop.razorpay.always.clear()
    shop.sleep()
    (better,) = await shop.books.close_due()
    assert (better.day, better.balanced) == (TODAY.isoformat(), True)
