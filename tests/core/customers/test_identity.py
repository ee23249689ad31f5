"""When a guest is asked for more: the whole policy, case by case."""

from datetime import timedelta

import pytest

from core.customers.identity import CashOrder, Trust, is_idle, prepaid_until_ms, trust_with_cash, vouched
from core.customers.models import Customer, Mark, Strike
from core.ids import CustomerId, OrderId, Phone
from core.money import Money
from core.settings import RequireOtp
from tests.core.customers.conftest import OTHER_PHONE, PHONE

DAY = timedelta(days=1) // timedelta(milliseconds=1)
NOW = 1_000 * DAY
A, C = Strike.ABSENT, Strike.CANCELLED
AUTO, ALWAYS = RequireOtp.AUTO, RequireOtp.ALWAYS
LIMIT = Money.rupees(1500)


def guest(*marks: tuple[Strike, float], code: float | None = None, phone: str = PHONE, **more: object) -> Customer:
    """A guest with marks and a last code, each so many days ago."""
    return Customer(
        id=CustomerId("cus_asha"),
        phone=phone,
        marks=tuple(
            Mark(order=OrderId(f"ord_{n}"), what=what, at_ms=NOW - int(ago * DAY))
            for n, (what, ago) in enumerate(marks)
        ),
        code_ms=0 if code is None else NOW - int(code * DAY),
        **more,
    )


@pytest.mark.parametrize(
    ("require", "known", "phone", "own", "enough"),
    [
        (AUTO, "", PHONE, True, True),  # a new guest's own contact, or WhatsApp's signed sender
        (AUTO, PHONE, PHONE, True, True),  # the same again
        (AUTO, OTHER_PHONE, PHONE, True, False),  # another number than the one we know
        (AUTO, "", PHONE, False, False),  # typed, forwarded, somebody else's card
        (AUTO, PHONE, PHONE, False, False),
        (ALWAYS, "", PHONE, True, False),  # everybody gets a code
        (ALWAYS, PHONE, PHONE, True, False),
        (ALWAYS, "", PHONE, False, False),
    ],
)
def test_the_channels_word_is_enough_for_the_senders_own_first_number(
    require: RequireOtp, known: str, phone: Phone, own: bool, enough: bool
):
    assert vouched(require, guest(phone=known), phone, own=own) is enough


@pytest.mark.parametrize(
    ("customer", "total", "first", "trust"),
    [
        # nothing known against them
        (guest(), 200, True, Trust.ENOUGH),
        (guest(), 1500, True, Trust.ENOUGH),
        (guest(), 1501, True, Trust.CODE),
        (guest(), 1501, False, Trust.ENOUGH),
        (guest(code=6.9), 1900, True, Trust.ENOUGH),
        (guest(code=7), 1900, True, Trust.CODE),
        # once food was cooked for nobody
        (guest((A, 1)), 200, False, Trust.CODE),
        (guest((A, 1), code=2), 200, False, Trust.CODE),  # the code came before
        (guest((A, 2), code=1), 200, False, Trust.ENOUGH),
        (guest((A, 89), code=8), 200, False, Trust.CODE),
        (guest((A, 90)), 200, False, Trust.ENOUGH),  # forgiven
        # called off in cash
        (guest((C, 1)), 200, False, Trust.ENOUGH),
        (guest((C, 1), (C, 2)), 200, False, Trust.ENOUGH),
        (guest((C, 1), (C, 2), (C, 3)), 200, False, Trust.CODE),
        (guest((C, 91), (C, 2), (C, 3)), 200, False, Trust.ENOUGH),
        (guest((C, 4), (C, 2), (C, 3), code=1), 200, False, Trust.ENOUGH),
        # more than once for nobody: no code helps
        (guest((A, 1), (A, 2)), 200, False, Trust.PREPAID),
        (guest((A, 1), (A, 2), code=0.1), 200, False, Trust.PREPAID),
        (guest((A, 1), (A, 90)), 200, False, Trust.CODE),
        (guest((A, 91), (A, 92), (A, 93)), 200, False, Trust.ENOUGH),
        (guest((A, 1), (C, 2), (C, 3), (C, 4)), 200, False, Trust.CODE),
    ],
    ids=range(21),
)
def test_cash_is_trusted_by_what_the_record_says(customer: Customer, total: int, first: bool, trust: Trust):
    assert trust_with_cash(customer, CashOrder(Money.rupees(total), first, LIMIT), NOW) is trust


def test_paying_first_ends_when_the_last_but_one_is_forgiven():
    customer = guest((A, 30), (A, 10), (A, 20))
    until = prepaid_until_ms(customer, NOW)
    assert until == NOW + 70 * DAY
    assert prepaid_until_ms(customer, until - 1) == until
    assert prepaid_until_ms(customer, until) == 0


@pytest.mark.parametrize(
    ("used", "proved", "idle"),
    [(89.9, 200, False), (90, 200, True), (0, 200, False), (None, 90, True), (None, 89, False)],
)
def test_a_phone_is_in_doubt_ninety_days_after_its_last_use(used: float | None, proved: float, idle: bool):
    known = guest(used_ms=0 if used is None else NOW - int(used * DAY), phone_at_ms=NOW - int(proved * DAY))
    assert is_idle(known, NOW) is idle
    assert not is_idle(known.model_copy(update={"phone": ""}), NOW)
