"""A numbered paper about an order's money, with everything that is printed on it (PLATFORMS.md G2: rules 46, 49, 53).

It is written once and never changed: outlets move, dishes are renamed and guests are forgotten, the paper stays.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from core.ids import OrderId, OutletId
from core.models import Document, Model
from core.money import ZERO, Money, total

SCHEMA = 1


class InvoiceKind(StrEnum):
    TAX_INVOICE = "tax_invoice"
    BILL_OF_SUPPLY = "bill_of_supply"  # registered, and nothing on it is taxed
    RECEIPT = "receipt"  # the outlet has no GSTIN
    CREDIT_NOTE = "credit_note"  # takes back part or all of an invoice
    REFUND_NOTE = "refund_note"  # the same where the outlet has no GSTIN

    @property
    def credits(self) -> bool:
        return self in (InvoiceKind.CREDIT_NOTE, InvoiceKind.REFUND_NOTE)


class Seller(Model):
    name: str
    address: str
    city: str
    phone: str
    gstin: str = ""
    fssai: str = ""
    state: str = ""  # where the supply takes place: a restaurant's own state
    state_code: str = ""


class Buyer(Model):
    """Named on the paper only where the rule asks for it: from fifty thousand rupees."""

    name: str
    address: str = ""


class InvoiceLine(Model):
    """`taxable` is the amount less its share of the discount; of an untaxed line simply what is paid for it."""

    name: str
    detail: str = ""
    sac: str = ""
    qty: int
    unit: Money
    amount: Money
    discount: Money = ZERO
    taxable: Money
    tax_class: str = ""
    rate_bp: int = 0  # all heads together

    @model_validator(mode="after")
    def adds_up(self) -> Self:
        if self.amount != self.unit * self.qty or self.taxable != self.amount - self.discount:
            raise ValueError("a line is not what its parts come to")
        return self


class InvoiceTax(Model):
    head: str  # CGST, SGST
    tax_class: str = ""
    rate_bp: int
    taxable: Money
    amount: Money


class PaidBy(Model):
    """`reference` is what a bank or the provider calls it."""

    method: str
    amount: Money
    reference: str = ""
    at_ms: int


class Invoice(Document):
    """`_id` names series and serial, so that no number is used twice. `of` says what it is about and `place` which
    paper of its order it is; both are unique, so that nothing is billed or credited twice.
    """

    schema_v: int = SCHEMA
    kind: InvoiceKind
    series: str  # 29AAKCT4821M1ZR_MGRO_2526_i
    n: int = Field(ge=1)
    number: str = Field(max_length=16)  # MGRO/2526/000123
    of: str  # <order>:invoice, <order>:credit:<refund>
    place: str  # <order>:<k>, 0 being the invoice
    order: OrderId
    order_code: str
    outlet: OutletId
    issued_ms: int
    timezone: str
    currency: str
    seller: Seller
    buyer: Buyer | None = None
    lines: tuple[InvoiceLine, ...]
    coupon: str = ""
    taxes: tuple[InvoiceTax, ...] = ()
    tip: Money = ZERO
    rounding: Money = ZERO
    total: Money
    payments: tuple[PaidBy, ...] = ()
    against: str = ""  # the number of the invoice a note takes back from
    against_ms: int = 0
    reason: str = ""
    refund_reference: str = ""

    @property
    def taxable(self) -> Money:
        return total(line.taxable for line in self.lines)

    @property
    def discount(self) -> Money:
        return total(line.discount for line in self.lines)

    @model_validator(mode="after")
    def adds_up(self) -> Self:
        if self.total != self.taxable + total(tax.amount for tax in self.taxes) + self.tip + self.rounding:
            raise ValueError("the total is not the sum of its parts")
        for tax in self.taxes:
            if tax.tax_class and tax.taxable != total(
                line.taxable for line in self.lines if line.tax_class == tax.tax_class
            ):
                raise ValueError("a tax is not reckoned on its own lines")
        return self
