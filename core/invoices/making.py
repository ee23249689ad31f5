"""What is printed: an order as an invoice, and a refund as a note that takes back part of one. Pure arithmetic.

Every paisa of the bill stands on the invoice once. Of what notes take back nothing is lost and nothing is invented:
each is split over what the invoice and the notes before it left, so the last one takes exactly the rest, head by head.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.checkout.models import Bill, ChargeKind
from core.invoices.models import (
    Buyer,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceTax,
    PaidBy,
    Seller,
)
from core.invoices.states import STATES
from core.money import ZERO, Money, split, total
from core.orders.models import Order
from core.outlets.models import Outlet

NAMED_FROM = Money.rupees(50_000)  # rule 46(e): from here on the guest is named, asked for or not
Fields = dict[str, Any]

_CHARGES = {ChargeKind.PACKING: "Packing", ChargeKind.DELIVERY: "Delivery"}


def invoice_fields(order: Order, outlet: Outlet) -> Fields:
    """Everything of an invoice but its number and date."""
    bill = order.bill
    lines = tuple(_lines(bill, outlet))
    return {
        "kind": _kind(bill, outlet),
        **_about(order, outlet),
        "lines": lines,
        "coupon": bill.coupon,
        "taxes": tuple(_taxes(bill)),
        "tip": bill.charge(ChargeKind.TIP),
        "rounding": bill.charge(ChargeKind.ROUNDING),
        "total": bill.total,
        "payments": _payments(order),
    }


def _kind(bill: Bill, outlet: Outlet) -> InvoiceKind:
    if not outlet.gstin:
        return InvoiceKind.RECEIPT
    return InvoiceKind.TAX_INVOICE if bill.taxes else InvoiceKind.BILL_OF_SUPPLY


def _about(order: Order, outlet: Outlet) -> Fields:
    code = outlet.gstin[:2]
    seller = Seller(
        name=outlet.name,
        address=outlet.address,
        city=outlet.city,
        phone=outlet.phone,
        gstin=outlet.gstin,
        fssai=outlet.fssai,
        state=STATES.get(code, ""),
        state_code=code,
    )
    return {
        "order": order.id,
        "order_code": order.code,
        "outlet": outlet.id,
        "timezone": outlet.timezone,
        "currency": order.currency,
        "seller": seller,
        "buyer": _buyer(order),
    }


def _buyer(order: Order) -> Buyer | None:
    if order.total < NAMED_FROM or not order.customer_name:
        return None
    place = order.address
    where = ", ".join(part for part in (place.line, place.city, place.pin) if part) if place is not None else ""
    return Buyer(name=order.customer_name, address=where)


def _lines(bill: Bill, outlet: Outlet) -> Iterable[InvoiceLine]:
    """The dishes with their share of the discount, split as the taxes were reckoned; then packing and delivery."""
    rates = _rates(bill, outlet)
    for line, off in zip(bill.lines, split(bill.discount, [line.amount.paise for line in bill.lines]), strict=True):
        yield InvoiceLine(
            name=f"{line.name} ({line.variant_name})" if line.variant_name else line.name,
            detail=", ".join(line.options),
            sac=rates.sac(line.tax_class),
            qty=line.qty,
            unit=line.unit,
            amount=line.amount,
            discount=off,
            taxable=line.amount - off,
            tax_class=line.tax_class,
            rate_bp=rates.rate(line.tax_class),
        )
    for charge in bill.charges:
        if charge.kind in _CHARGES and charge.amount:
            tax_class = charge.tax_class or outlet.charges_tax
            yield InvoiceLine(
                name=_CHARGES[charge.kind],
                sac=rates.sac(tax_class),
                qty=1,
                unit=charge.amount,
                amount=charge.amount,
                taxable=charge.amount,
                tax_class=tax_class,
                rate_bp=rates.rate(tax_class),
            )


@dataclass(frozen=True, slots=True)
class _Rates:
    """Rates and codes as they were when the bill was made; the outlet's own for what the bill does not say."""

    bill: Bill
    outlet: Outlet

    def rate(self, tax_class: str) -> int:
        return sum(tax.rate_bp for tax in self.bill.taxes if tax.tax_class in (tax_class, ""))

    def sac(self, tax_class: str) -> str:
        said = next((tax.sac for tax in self.bill.taxes if tax.tax_class == tax_class and tax.sac), "")
        return said or next((tax.sac for tax in self.outlet.taxes if tax.code == tax_class), "")


def _rates(bill: Bill, outlet: Outlet) -> _Rates:
    return _Rates(bill, outlet)


def _taxes(bill: Bill) -> Iterable[InvoiceTax]:
    for tax in bill.taxes:
        yield InvoiceTax(
            head=tax.head, tax_class=tax.tax_class, rate_bp=tax.rate_bp, taxable=tax.taxable, amount=tax.amount
        )


def _payments(order: Order) -> tuple[PaidBy, ...]:
    kept = order.payment(order.kept) if order.kept is not None else None
    if kept is not None:
        return (PaidBy(method=order.method, amount=kept.amount, reference=kept.id, at_ms=kept.captured_ms),)
    if order.cash_ms:
        return (PaidBy(method=order.method, amount=order.total, at_ms=order.cash_ms),)
    return ()


# Notes


def left_of(invoice: Invoice, notes: Sequence[Invoice]) -> Money:
    """What of an invoice has not been taken back."""
    return invoice.total - total(note.total for note in notes)


def credit_fields(invoice: Invoice, notes: Sequence[Invoice], amount: Money, reason: str, reference: str) -> Fields:
    """Everything of the note after `notes` but its number and date. `amount` is at most what is left."""
    left = left_of(invoice, notes)
    if not 0 < amount.paise <= left.paise:
        raise ValueError("a note takes back something, and no more than is left")
    parts = [_Part.of(invoice, notes, tax_class) for tax_class in dict.fromkeys(x.tax_class for x in invoice.lines)]
    tip, rounding = ZERO, ZERO
    if amount == left:
        taken = parts
        tip = invoice.tip - total(note.tip for note in notes)
        rounding = invoice.rounding - total(note.rounding for note in notes)
    else:
        untaxed = invoice.tip - total(note.tip for note in notes)
        exact = total(part.gross for part in parts) + untaxed
        rounding = amount - min(amount, exact)  # what is left of a bill that was rounded up
        *shares, tip = split(min(amount, exact), [*(part.gross.paise for part in parts), untaxed.paise])
        taken = [part.share(share) for part, share in zip(parts, shares, strict=True)]
    return {
        "kind": InvoiceKind.CREDIT_NOTE if invoice.seller.gstin else InvoiceKind.REFUND_NOTE,
        "order": invoice.order,
        "order_code": invoice.order_code,
        "outlet": invoice.outlet,
        "timezone": invoice.timezone,
        "currency": invoice.currency,
        "seller": invoice.seller,
        "buyer": invoice.buyer,
        "lines": tuple(part.line(invoice) for part in taken if part.taxable),
        "taxes": tuple(tax for part in taken for tax in part.taxes if tax.amount),
        "tip": tip,
        "rounding": rounding,
        "total": amount,
        "against": invoice.number,
        "against_ms": invoice.issued_ms,
        "reason": reason,
        "refund_reference": reference,
    }


@dataclass(frozen=True, slots=True)
class _Part:
    """What is taxed alike, and what is left of it."""

    tax_class: str
    taxable: Money
    taxes: tuple[InvoiceTax, ...]

    @property
    def gross(self) -> Money:
        return self.taxable + total(tax.amount for tax in self.taxes)

    @classmethod
    def of(cls, invoice: Invoice, notes: Sequence[Invoice], tax_class: str) -> "_Part":
        def on(paper: Invoice) -> Money:
            return total(line.taxable for line in paper.lines if line.tax_class == tax_class)

        taxable = on(invoice) - total(map(on, notes))
        taxes = tuple(
            tax.model_copy(update={"taxable": taxable, "amount": tax.amount - total(_credited(notes, tax))})
            for tax in invoice.taxes
            if tax.tax_class == tax_class or (not tax.tax_class and tax_class == invoice.lines[0].tax_class)
        )
        return cls(tax_class, taxable, taxes)

    def share(self, gross: Money) -> "_Part":
        """`gross` of it: CGST and SGST alike, down to the paisa; what cannot be halved is price."""
        whole = self.gross.paise
        if not whole or gross.paise == whole:
            return self
        taken = [tax.amount.paise * gross.paise // whole for tax in self.taxes]
        while gross.paise - sum(taken) > self.taxable.paise:  # one paisa more of each head
            taken = [paise + 1 for paise in taken]
        taxable = Money(gross.paise - sum(taken))
        taxes = tuple(
            tax.model_copy(update={"taxable": taxable, "amount": Money(paise)})
            for tax, paise in zip(self.taxes, taken, strict=True)
        )
        return _Part(self.tax_class, taxable, taxes)

    def line(self, invoice: Invoice) -> InvoiceLine:
        like = next(line for line in invoice.lines if line.tax_class == self.tax_class)
        return InvoiceLine(
            name="",  # the printer says what it takes back
            sac=like.sac,
            qty=1,
            unit=self.taxable,
            amount=self.taxable,
            taxable=self.taxable,
            tax_class=self.tax_class,
            rate_bp=like.rate_bp,
        )


def _credited(notes: Sequence[Invoice], tax: InvoiceTax) -> Iterable[Money]:
    for note in notes:
        yield from (
            other.amount
            for other in note.taxes
            if (other.head, other.tax_class, other.rate_bp) == (tax.head, tax.tax_class, tax.rate_bp)
        )
