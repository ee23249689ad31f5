"""What a guest is about to pay for: the plan, the bill, the quote."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from core.customers.models import Address
from core.ids import MenuItemId, OutletId
from core.models import Model
from core.money import ZERO, Money, total
from core.outlets.models import Fulfilment, Slot


class Plan(Model):
    """How the guest wants the order: everything that is not in the cart."""

    fulfilment: Fulfilment
    table: str = ""
    address: Address | None = None
    slot: Slot | None = None  # None: as soon as possible
    coupon: str = ""
    tip: Money = ZERO
    rider_note: str = ""


class ChargeKind(StrEnum):
    PACKING = "packing"
    DELIVERY = "delivery"
    TIP = "tip"
    ROUNDING = "rounding"


class BillLine(Model):
    item: MenuItemId
    name: str
    variant_name: str = ""
    options: tuple[str, ...] = ()
    note: str = ""
    qty: int
    unit: Money  # one portion with its options
    amount: Money
    tax_class: str


class Charge(Model):
    kind: ChargeKind
    amount: Money
    tax_class: str = ""  # empty: not taxed


class TaxLine(Model):
    """One tax head at one rate: CGST 2.5 % on ₹520.00 is ₹13.00."""

    head: str  # CGST, SGST
    rate_bp: int
    taxable: Money
    amount: Money
    tax_class: str = ""  # whose tax it is, and the code the tax office knows it by; empty on bills of an older release
    sac: str = ""


class Bill(Model):
    """What is shown, charged and invoiced. It cannot be built unless the total is the sum of what is shown."""

    currency: str
    lines: tuple[BillLine, ...]
    subtotal: Money
    discount: Money = ZERO  # taken off; never negative
    coupon: str = ""
    charges: tuple[Charge, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    total: Money

    def charge(self, kind: ChargeKind) -> Money:
        return total(charge.amount for charge in self.charges if charge.kind is kind)

    @model_validator(mode="after")
    def adds_up(self) -> Self:
        if any(line.amount != line.unit * line.qty for line in self.lines):
            raise ValueError("a line is not its quantity times its price")
        if self.subtotal != total(line.amount for line in self.lines):
            raise ValueError("the subtotal is not the sum of the lines")
        charges, taxes = total(c.amount for c in self.charges), total(t.amount for t in self.taxes)
        if self.total != self.subtotal - self.discount + charges + taxes:
            raise ValueError("the total is not the sum of its parts")
        return self


class Quote(Model):
    """A bill for one cart version and one plan, with what the guest should know before saying yes."""

    outlet: OutletId
    plan: Plan
    cart_version: int
    bill: Bill
    note: str = ""  # to the kitchen
    promised_ms: int  # when the food will be ready, or at the door
    minimum_missing: Money = ZERO  # add this much before the order can be placed
    free_delivery_missing: Money = ZERO  # add this much and delivery is free; zero: free or never free
    savings: Money = ZERO
