"""A cart: what to cook, by reference. Prices are looked up each time it is shown."""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from core.ids import CheckoutId, LineId, MenuItemId, OutletId
from core.models import Model
from core.money import ZERO, Money

MAX_LINES = 30
MAX_QTY = 20
MAX_NOTE = 140


class Selection(Model):
    """One chosen option: which group, which choice."""

    group: str
    choice: str


class CartLine(Model):
    """A dish as ordered. Two lines with the same dish, size, options and note are one line with a larger quantity."""

    item: MenuItemId
    variant: str
    options: tuple[Selection, ...] = ()  # in the menu's order
    note: str = ""
    qty: Annotated[int, Field(strict=True)] = 1  # strict, or True would order one portion

    @property
    def id(self) -> LineId:
        parts = [self.item, self.variant, *(f"{o.group}={o.choice}" for o in self.options), self.note]
        return LineId(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=6).hexdigest())


def outlet_of(item: MenuItemId) -> OutletId:
    return OutletId(item.split(".", 1)[0])


class Cart(Model):
    """The stored cart. `version` rises with every change; version 0 is a cart that was never touched."""

    version: int = 0
    lines: tuple[CartLine, ...] = ()
    note: str = ""  # to the kitchen, for the whole order
    aside: tuple[CartLine, ...] = ()  # another cart of the guest, which did not fit into this one
    checkout_id: CheckoutId | None = None
    expires_ms: int = 0

    @property
    def outlet(self) -> OutletId | None:
        return outlet_of(self.lines[0].item) if self.lines else None

    @property
    def count(self) -> int:
        return sum(line.qty for line in self.lines)


class Joined(StrEnum):
    """What became of two carts when their guests turned out to be one."""

    NOTHING = "nothing"  # to join
    TOGETHER = "together"
    ASIDE = "aside"  # another kitchen's, or too much for one order: it waits beside the cart in hand


Problem = Literal["gone", "sold_out", "not_now", "option_gone", "diet"]


class PricedLine(Model):
    """A line met with the menu: what it is called, what it costs, and what stands in its way."""

    id: LineId
    item: MenuItemId
    name: str
    variant_name: str = ""
    options: tuple[str, ...] = ()
    note: str = ""
    qty: int
    unit: Money  # one portion with its options
    tax_class: str
    packing: Money = ZERO  # a portion, when it leaves the house
    prep_minutes: int = 0  # 0: the outlet's
    meals: tuple[str, ...] = ()  # empty: all day
    problem: Problem | None = None

    @property
    def amount(self) -> Money:
        return self.unit * self.qty


class Frozen(Model):
    """A cart version fixed for checkout. `fresh`: this call fixed it, so no order can have it yet."""

    checkout_id: CheckoutId
    version: int
    lines: tuple[CartLine, ...]
    note: str = ""
    fresh: bool


class CartViewLine(Model):
    """A line as the guest sees it, priced from the menu snapshot."""

    id: LineId
    item: MenuItemId
    name: str
    variant_name: str
    options: tuple[str, ...]
    note: str
    qty: int
    unit: Money
    amount: Money
    problem: Problem | None = None


class CartView(Model):
    version: int
    outlet: OutletId | None
    lines: tuple[CartViewLine, ...]
    note: str
    subtotal: Money
    count: int
    aside: int = 0  # portions in the cart put aside
    expires_ms: int

    @property
    def problems(self) -> tuple[CartViewLine, ...]:
        """Lines that cannot be ordered as they are ("diet" is only a warning)."""
        return tuple(line for line in self.lines if line.problem not in (None, "diet"))
