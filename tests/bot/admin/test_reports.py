"""A day's money: one short message in the morning, any day at /report, and every difference by its order."""

from datetime import date, timedelta

import pytest

from bot.admin.commands import read_day
from core.daybook.models import Why
from core.orders.facts import CashCollected
from core.orders.models import Order, OrderStatus
from core.outlets.models import PayMethod
from core.payments.statement import Statement


@pytest.fixture
def listed(office, monkeypatch):
    """The payment service lists nothing, and is not asked."""

    async def statement(since_ms, until_ms):
        return Statement()

    monkeypatch.setattr(office.services.payments, "statement", statement)


async def eaten(office, *, cash: bool = True) -> Order:
    order = await office.order(method=PayMethod.CASH)
    orders = office.services.orders
    await orders.accept(order.id, order.outlet, "telegram:11111", 25)
    await orders.advance(order.id, order.outlet, "telegram:11111", OrderStatus.READY)
    if cash:
        at = office.clock.ms()
        await orders.record(order.id, CashCollected(at_ms=at, by="telegram:11111", amount=order.total))
    office.clock.advance(timedelta(hours=6))
    await orders.accept_ladder_due()
    found: Order = await orders.require(order.id)
    return found


async def morning(office) -> None:
    office.clock.advance(timedelta(hours=10))
    await office.desk.close_days()


async def test_an_even_day_is_one_short_message_to_the_owner(office, listed):
    await eaten(office)
    await morning(office)
    (said,) = office.told("Om")
    assert said == "Tiffin, MG Road · Mon 2 Mar\n1 order · online ₹0 · cash ₹540\nIt balances to the paisa."
    assert office.told("Anu") == []
    assert office.told("Uma") == [], "a quiet day is not worth a message"
    await office.desk.close_days()
    assert len(office.told("Om")) == 1


async def test_an_uneven_day_is_told_to_admins_too_and_every_difference_is_named(office, listed):
    order = await eaten(office, cash=False)
    assert order.status is OrderStatus.COMPLETED
    await morning(office)
    for name in ("Om", "Anu", "Bala"):
        (said,) = office.told(name)
        assert said.endswith("It does not balance: 1 difference, ₹540")
    om = office.person("Om")
    page = await om.says("/report")
    assert f"{order.code} · ₹540 · handed over, and nobody wrote down the cash" in page.text
    assert (await om.taps(f"Order {order.code}", page)).text.startswith(order.code)


async def test_any_day_is_looked_at_and_turned(office, listed):
    await eaten(office)
    await morning(office)
    om = office.person("Om")
    page = await om.says("/report 2026-03-02")
    assert page.text.startswith("Tiffin, MG Road · Mon 2 Mar\n\n1 order\nTaken online: ₹0 · listed: ₹0")
    before = await om.taps("◂ Sun 1 Mar", page)
    assert before.text.endswith("its orders are added up early on the morning after it.")
    assert (await om.taps("Mon 2 Mar ▸", before)).text == page.text


async def test_an_admin_of_two_outlets_is_asked_which(office, listed):
    await eaten(office)
    await morning(office)
    anu = office.person("Anu")
    page = await anu.walks(await anu.says("/report"), "Tiffin, MG Road")
    assert "It balances to the paisa." in page.text
    assert (await office.person("Uma").taps("Tiffin, MG Road", await anu.says("/report"))).text.startswith(
        "There is no"
    )
    assert (await anu.says("/report mgroad someday")).text.startswith("Which day?")


@pytest.mark.parametrize(
    ("word", "day"),
    [("2026-02-28", date(2026, 2, 28)), ("yesterday", date(2026, 3, 1)), ("1", date(2026, 3, 1)),
     ("28", date(2026, 2, 28)), ("31", None), ("0", None), ("soon", None), ("٣", None)],
)  # fmt: skip
def test_a_day_is_named_in_few_words(word, day):
    assert read_day(word, date(2026, 3, 2)) == day


def test_every_difference_has_words():
    assert len(Why) == 7
