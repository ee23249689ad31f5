"""One document for each outlet and day."""

from enum import StrEnum

from core.ids import OrderId, OutletId
from core.models import Document, Model
from core.money import ZERO, Money, total


class Why(StrEnum):
    """What does not fit."""

    NOT_THERE = "not_there"  # an order has a payment that the provider does not list as taken
    NOT_HERE = "not_here"  # the provider took a payment for an order that does not know it
    AMOUNT = "amount"
    REFUND_NOT_THERE = "refund_not_there"
    REFUND_NOT_HERE = "refund_not_here"
    REFUND_AMOUNT = "refund_amount"
    CASH_MISSING = "cash_missing"  # handed over, and nobody wrote down that it was paid


class Difference(Model):
    """`amount` is what the orders have too much (or, below nothing, too little) against the other side."""

    why: Why
    order: OrderId
    code: str
    about: str = ""  # the provider's payment or refund
    amount: Money


class DayBook(Document):
    """Written anew for some nights, since a bank may be days late. A day ends at the outlet's own midnight.

    `…_there` is what the provider lists. A payment belongs to the day it was made at the provider.
    """

    id: str  # day_<outlet>_<yyyymmdd>
    v: int = 1
    outlet: OutletId
    day: str  # 2026-11-22
    since_ms: int
    until_ms: int
    currency: str
    orders: int = 0  # that reached the kitchen
    captured: Money = ZERO
    captured_there: Money = ZERO
    refunded: Money = ZERO
    refunded_there: Money = ZERO
    fees: Money = ZERO
    cash: Money = ZERO
    cash_back: Money = ZERO
    differences: tuple[Difference, ...] = ()
    made_ms: int = 0
    told: str = ""  # what was said of it, in short; empty: nothing yet

    @property
    def difference(self) -> Money:
        """What the orders think came in beyond what did."""
        return (self.captured - self.refunded) - (self.captured_there - self.refunded_there)

    @property
    def missing(self) -> Money:
        """What all differences come to, cash too."""
        return total(one.amount for one in self.differences)

    @property
    def balanced(self) -> bool:
        return not self.differences and not self.difference

    @property
    def quiet(self) -> bool:
        """Nothing happened at all."""
        return not (self.orders or self.captured or self.refunded or self.cash or self.cash_back) and self.balanced

    @property
    def gist(self) -> str:
        """What would be worth saying again if it changed."""
        return "even" if self.balanced else ",".join(f"{one.why}:{one.about}:{one.amount.paise}"
                                                     for one in self.differences) or "uneven"  # fmt: skip


def book_id(outlet: OutletId, day: str) -> str:
    return f"day_{outlet}_{day.replace('-', '')}"
