"""When a guest must prove more than usual: one pure policy, asked by the chat and by the checkout.

A code costs money and a minute, so it is asked for where a number was only said, where it changes, and where the
outlet would cook a lot, or once more, for somebody nobody knows. What counts stands in the guest's own document; no
order is looked up for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.customers.models import Customer, Mark, Strike
from core.ids import Phone
from core.money import Money
from core.settings import RequireOtp

_DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)
REMEMBERED_MS = 90 * _DAY_MS  # so long a mark counts
CODE_HOLDS_MS = 7 * _DAY_MS  # so long a code spares the next one: the life of a session
IDLE_MS = 90 * _DAY_MS  # operators give numbers to somebody else after so long

ABSENT_FOR_CODE = 1
CANCELLED_FOR_CODE = 3
ABSENT_FOR_PREPAID = 2


class Trust(StrEnum):
    """What stands between a guest and an order paid in cash."""

    ENOUGH = "enough"
    CODE = "code"
    PREPAID = "prepaid"  # no code helps: food was cooked for nobody too often


@dataclass(frozen=True, slots=True)
class CashOrder:
    """What is asked for. `first`: no order of this guest was ever handed over."""

    total: Money
    first: bool
    large_from: Money  # above this a first order wants a code


def vouched(require: RequireOtp, customer: Customer, phone: Phone, *, own: bool) -> bool:
    """Whether the channel's word for a phone is enough (Telegram's own contact, WhatsApp's signed sender)."""
    return own and require is RequireOtp.AUTO and customer.phone in ("", phone)


def trust_with_cash(customer: Customer, order: CashOrder, now_ms: int) -> Trust:
    marks = recent(customer.marks, now_ms)
    if prepaid_until_ms(customer, now_ms):
        return Trust.PREPAID
    absent = sum(mark.what is Strike.ABSENT for mark in marks)
    poor = absent >= ABSENT_FOR_CODE or len(marks) - absent >= CANCELLED_FOR_CODE
    large = order.first and order.total > order.large_from
    if not poor and not large:
        return Trust.ENOUGH
    holds = customer.code_ms > now_ms - CODE_HOLDS_MS
    after_all = not poor or all(customer.code_ms >= mark.at_ms for mark in marks)
    return Trust.ENOUGH if holds and after_all else Trust.CODE


def prepaid_until_ms(customer: Customer, now_ms: int) -> int:
    """Until when this guest pays before anything is cooked; 0: not at all."""
    absent = sorted(mark.at_ms for mark in recent(customer.marks, now_ms) if mark.what is Strike.ABSENT)
    return absent[-ABSENT_FOR_PREPAID] + REMEMBERED_MS if len(absent) >= ABSENT_FOR_PREPAID else 0


def recent(marks: Iterable[Mark], now_ms: int) -> list[Mark]:
    return [mark for mark in marks if mark.at_ms > now_ms - REMEMBERED_MS]


def is_idle(customer: Customer, now_ms: int) -> bool:
    """Whether the guest's phone was unused for so long that it may be somebody else's by now."""
    return bool(customer.phone) and now_ms - (customer.used_ms or customer.phone_at_ms) >= IDLE_MS
