"""What is printed adds up to the paisa, and so does what is taken back of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checkout.models import Bill, BillLine, Charge, ChargeKind, TaxLine
from core.ids import MenuItemId
from core.invoices.making import credit_fields, invoice_fields, left_of
from core.invoices.models import Invoice, InvoiceKind
from core.money import ZERO, Money, split, total
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.outlets.models import Outlet, PayMethod, TaxClass
from tests.core.orders.builders import LUNCH_MS, PAYMENT, an_order
from tests.core.orders.house import Directory

TAXES = (
    TaxClass(code="food", cgst_bp=250, sgst_bp=250),
    TaxClass(code="aerated", cgst_bp=2000, sgst_bp=2000, sac="2202"),
    TaxClass(code="free", cgst_bp=0, sgst_bp=0, sac="0904"),
)
OUTLET = Directory().outlet.model_copy(update={"gstin": "29AAKCT4821M1ZR", "taxes": TAXES})


def a_line(name: str, qty: int, unit: int, tax_class: str) -> BillLine:
    return BillLine(
        item=MenuItemId(f"mgroad.{name}"),
        name=name,
        qty=qty,
        unit=Money(unit),
        amount=Money(unit * qty),
        tax_class=tax_class,
    )


def a_bill(lines, *, discount=ZERO, packing=ZERO, delivery=ZERO, tip=ZERO, round_to=1) -> Bill:
    """As checkout makes one; test_pricing.py looks at that."""
    subtotal = total(line.amount for line in lines)
    taxable = {tax.code: ZERO for tax in TAXES}
    for line, off in zip(lines, split(discount, [line.amount.paise for line in lines]), strict=True):
        taxable[line.tax_class] += line.amount - off
    taxable["food"] += packing + delivery
    taxes = [
        TaxLine(head=head, rate_bp=rate, taxable=taxable[tax.code], amount=taxable[tax.code].share(rate),
                tax_class=tax.code, sac=tax.sac)
        for tax in TAXES
        for head, rate in (("CGST", tax.cgst_bp), ("SGST", tax.sgst_bp))
        if rate and taxable[tax.code]
    ]  # fmt: skip
    exact = subtotal - discount + packing + delivery + tip + total(tax.amount for tax in taxes)
    rounded = Money(round(exact.paise / round_to) * round_to)
    charges = [
        Charge(kind=ChargeKind.PACKING, amount=packing, tax_class="food"),
        Charge(kind=ChargeKind.DELIVERY, amount=delivery, tax_class="food"),
        Charge(kind=ChargeKind.TIP, amount=tip),
        Charge(kind=ChargeKind.ROUNDING, amount=rounded - exact),
    ]
    return Bill(
        currency="INR", lines=tuple(lines), subtotal=subtotal, discount=discount, charges=tuple(charges),
        taxes=tuple(taxes), total=rounded,
    )  # fmt: skip


def an_invoice(bill: Bill, outlet: Outlet = OUTLET, order: Order | None = None) -> Invoice:
    order = order or an_order(OrderStatus.COMPLETED)
    fields = invoice_fields(order.model_copy(update={"bill": bill}), outlet)
    return paper(fields, 1)


def paper(fields, n: int) -> Invoice:
    return Invoice(
        **fields, id=f"inv_{n}", series="s", n=n, number=f"A/2526/{n:06d}", of=f"ord_1:{n}", place=f"ord_1:{n - 1}",
        issued_ms=LUNCH_MS + n,
    )  # fmt: skip


DISHES = (a_line("dosa", 2, 12_000, "food"), a_line("cola", 3, 6_050, "aerated"), a_line("tea", 1, 3_333, "free"))


def test_an_invoice_names_who_sold_what_under_which_code_and_rate():
    invoice = an_invoice(a_bill(DISHES, packing=Money(1_000), delivery=Money(4_000)))
    assert invoice.kind is InvoiceKind.TAX_INVOICE
    assert (invoice.seller.state, invoice.seller.state_code) == ("Karnataka", "29")
    assert [(line.name, line.sac, line.rate_bp) for line in invoice.lines] == [
        ("dosa", "996331", 500),
        ("cola", "2202", 4000),
        ("tea", "0904", 0),
        ("Packing", "996331", 500),
        ("Delivery", "996331", 500),
    ]
    heads = [(tax.head, tax.rate_bp, tax.amount.paise) for tax in invoice.taxes]
    assert heads == [("CGST", 250, 725), ("SGST", 250, 725), ("CGST", 2000, 3630), ("SGST", 2000, 3630)]
    assert [(paid.method, paid.reference) for paid in invoice.payments] == [("upi", PAYMENT)]
    assert invoice.buyer is None  # below fifty thousand rupees nobody need be named


def test_an_outlet_without_a_gstin_writes_a_plain_bill_and_one_without_taxes_a_bill_of_supply():
    unregistered = OUTLET.model_copy(update={"gstin": ""})
    assert an_invoice(a_bill(DISHES), unregistered).kind is InvoiceKind.RECEIPT
    assert an_invoice(a_bill([a_line("tea", 1, 3_333, "free")])).kind is InvoiceKind.BILL_OF_SUPPLY


def test_a_guest_is_named_from_fifty_thousand_rupees():
    feast = a_bill([a_line("thali", 1, 6_000_000, "free")])
    buyer = an_invoice(feast).buyer
    assert buyer is not None
    assert (buyer.name, buyer.address) == ("Asha Rao", "12 Residency Road, Bengaluru, 560025")


def test_cash_and_money_nobody_noted_are_told_apart():
    cash = an_order(OrderStatus.COMPLETED, method=PayMethod.CASH)
    (paid,) = an_invoice(cash.bill, order=cash).payments
    assert (paid.method, paid.amount, paid.reference) == ("cash", cash.total, "")
    unnoted = cash.model_copy(update={"cash_ms": 0})
    assert an_invoice(cash.bill, order=unnoted).payments == ()


def test_a_bill_of_an_older_release_is_invoiced_at_the_outlets_own_codes():
    old = an_order(OrderStatus.COMPLETED)
    assert not old.bill.taxes[0].tax_class
    invoice = an_invoice(old.bill, order=old)
    assert [(line.sac, line.rate_bp) for line in invoice.lines] == [("996331", 500)] * 2
    whole = paper(credit_fields(invoice, [], invoice.total, "goodwill", ""), 2)
    assert whole.total == invoice.total


bills = st.builds(
    lambda lines, off, packing, delivery, tip, step: a_bill(
        [a_line(f"dish{i}", *line) for i, line in enumerate(lines)],
        discount=Money(sum(qty * unit for qty, unit, _ in lines) * off // 100),
        packing=Money(packing),
        delivery=Money(delivery),
        tip=Money(tip),
        round_to=step,
    ),
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 50_000), st.sampled_from([tax.code for tax in TAXES])),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 60),
    st.integers(0, 5_000),
    st.integers(0, 6_000),
    st.integers(0, 5_000),
    st.sampled_from([1, 100]),
)


@given(bills, st.lists(st.integers(1, 60_000), max_size=6))
def test_notes_take_back_the_invoice_head_by_head_and_paisa_by_paisa(bill: Bill, refunds: list[int]):
    if bill.total.paise <= 0:
        return
    invoice = an_invoice(bill)
    notes: list[Invoice] = []
    for paise in [*refunds, bill.total.paise]:
        left = left_of(invoice, notes)
        if not left:
            break
        notes.append(paper(credit_fields(invoice, notes, min(Money(paise), left), "goodwill", ""), len(notes) + 2))
    assert total(note.total for note in notes) == invoice.total
    for note in notes:
        assert min(tax.amount.paise for tax in note.taxes) >= 0 if note.taxes else True
        assert note.tip >= ZERO
        by_class: dict[str, list[Money]] = {}
        for tax in note.taxes:
            by_class.setdefault(tax.tax_class, []).append(tax.amount)
        assert all(len(set(amounts)) == 1 for amounts in by_class.values()), "CGST is SGST"
    for tax in invoice.taxes:
        key = (tax.head, tax.tax_class)
        assert total(t.amount for note in notes for t in note.taxes if (t.head, t.tax_class) == key) == tax.amount
    assert total(note.taxable for note in notes) == invoice.taxable
    assert total(note.tip for note in notes) == invoice.tip
    assert total(note.rounding for note in notes) == invoice.rounding


@pytest.mark.parametrize("paise", [0, -1, 10**9])
def test_a_note_takes_back_something_and_never_more_than_is_left(paise: int):
    with pytest.raises(ValueError, match="no more than is left"):
        credit_fields(an_invoice(a_bill(DISHES)), [], Money(paise), "goodwill", "")


def test_a_paper_that_does_not_add_up_cannot_be_made():
    invoice = an_invoice(a_bill(DISHES))
    fields = {name: getattr(invoice, name) for name in Invoice.model_fields}
    for wrong in ({"total": invoice.total + Money(1)}, {"tip": Money(1)}, {"lines": invoice.lines[1:]}):
        with pytest.raises(ValueError, match="not"):
            Invoice(**{**fields, **wrong})
