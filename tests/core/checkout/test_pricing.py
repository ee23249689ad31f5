"""The bill: what is shown adds up to what is charged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cart.models import PricedLine
from core.checkout.models import Bill, ChargeKind
from core.checkout.pricing import delivery_fee, price, round_half_up
from core.errors import StoreError
from core.ids import LineId, MenuItemId, OutletId
from core.money import ZERO, Money, total
from core.outlets.models import Coupon, CouponKind, Fulfilment, Outlet, PayMethod, TaxClass, Zone

FOOD = TaxClass(code="food", cgst_bp=250, sgst_bp=250)
SWEETS = TaxClass(code="sweets", cgst_bp=900, sgst_bp=900)
UNTAXED = TaxClass(code="untaxed", cgst_bp=0, sgst_bp=0)
NEARBY = Zone(code="near", name="Nearby", pins=("560001",), fee=Money.rupees(40))


def an_outlet(**changes):
    facts = {
        "id": OutletId("mgroad"),
        "name": "Tiffin MG Road",
        "address": "12 MG Road",
        "city": "Bengaluru",
        "phone": "+918012345678",
        "hours": (),
        "fulfilments": tuple(Fulfilment),
        "zones": (NEARBY,),
        "taxes": (FOOD, SWEETS, UNTAXED),
        "methods": tuple(PayMethod),
    }
    return Outlet(**(facts | changes))


HUNDRED = Money.rupees(100)


def a_line(unit=HUNDRED, qty=1, tax_class="food", packing=ZERO, **more):
    return PricedLine(
        id=LineId("l"), item=MenuItemId("mgroad.dosa"), name="Dosa", qty=qty, unit=unit, tax_class=tax_class,
        packing=packing, **more,
    )  # fmt: skip


def taxes_of(bill):
    return [(tax.head, tax.rate_bp, tax.taxable.paise, tax.amount.paise) for tax in bill.taxes]


def test_two_dosas_at_the_table_cost_the_dosas_and_five_percent():
    bill = price([a_line(qty=2)], an_outlet(), Fulfilment.DINE_IN)
    assert bill.subtotal == Money.rupees(200)
    assert taxes_of(bill) == [("CGST", 250, 20_000, 500), ("SGST", 250, 20_000, 500)]
    assert bill.charges == ()
    assert bill.total == Money.rupees(210)


def test_tax_is_rounded_once_per_head_and_class_not_once_per_line():
    lines = [a_line(unit=Money(33)) for _ in range(3)] + [a_line(unit=Money(1010), tax_class="sweets")]
    bill = price(lines, an_outlet(), Fulfilment.DINE_IN)
    # 99 paise at 2.5 % are 2.475 → 2 (line by line it would be 3 × 1); 1010 at 9 % are 90.9 → 91
    assert taxes_of(bill) == [
        ("CGST", 250, 99, 2), ("SGST", 250, 99, 2), ("CGST", 900, 1010, 91), ("SGST", 900, 1010, 91),
    ]  # fmt: skip


def test_half_a_paisa_goes_up():
    bill = price([a_line(unit=Money(20))], an_outlet(), Fulfilment.DINE_IN)  # 2.5 % of 20 is 0.5
    assert [tax.amount for tax in bill.taxes] == [Money(1), Money(1)]


def test_packing_is_charged_per_portion_and_only_when_it_leaves_the_house():
    lines = [a_line(qty=3, packing=Money.rupees(5)), a_line(packing=Money.rupees(10))]
    assert price(lines, an_outlet(), Fulfilment.TAKEAWAY).charge(ChargeKind.PACKING) == Money.rupees(25)
    assert price(lines, an_outlet(), Fulfilment.DELIVERY, NEARBY).charge(ChargeKind.PACKING) == Money.rupees(25)
    assert price(lines, an_outlet(), Fulfilment.DINE_IN).charge(ChargeKind.PACKING) == ZERO


def test_the_road_is_charged_only_for_a_delivery():
    for fulfilment in Fulfilment:
        bill = price([a_line()], an_outlet(), fulfilment, NEARBY)
        fee = Money.rupees(40) if fulfilment is Fulfilment.DELIVERY else ZERO
        assert bill.charge(ChargeKind.DELIVERY) == fee


def test_packing_and_the_road_are_taxed_with_the_food():
    bill = price([a_line(packing=Money.rupees(10))], an_outlet(), Fulfilment.DELIVERY, NEARBY)
    assert taxes_of(bill) == [("CGST", 250, 15_000, 375), ("SGST", 250, 15_000, 375)]
    sweet = price([a_line()], an_outlet(charges_tax="sweets"), Fulfilment.DELIVERY, NEARBY)
    assert taxes_of(sweet)[2:] == [("CGST", 900, 4000, 360), ("SGST", 900, 4000, 360)]


def test_a_fee_that_cannot_be_found_is_no_free_delivery():
    with pytest.raises(ValueError, match="zone"):
        price([a_line()], an_outlet(), Fulfilment.DELIVERY)


@pytest.mark.parametrize(("rupees", "fee"), [(399, 40), (400, 0), (401, 0)])
def test_delivery_is_free_from_the_amount_on(rupees, fee):
    generous = NEARBY.model_copy(update={"free_over": Money.rupees(400)})
    assert delivery_fee(generous, Money.rupees(rupees)) == Money.rupees(fee)
    bill = price([a_line(unit=Money.rupees(rupees))], an_outlet(), Fulfilment.DELIVERY, generous)
    assert bill.charge(ChargeKind.DELIVERY) == Money.rupees(fee)
    assert ChargeKind.DELIVERY in {charge.kind for charge in bill.charges}  # a free one is shown as free


def test_no_tip_unless_the_guest_gives_one_and_none_of_it_is_taxed():
    plain = price([a_line()], an_outlet(), Fulfilment.DINE_IN)
    tipped = price([a_line()], an_outlet(), Fulfilment.DINE_IN, tip=Money.rupees(20))
    assert plain.charge(ChargeKind.TIP) == ZERO
    assert tipped.charge(ChargeKind.TIP) == Money.rupees(20)
    assert tipped.taxes == plain.taxes
    assert tipped.total == plain.total + Money.rupees(20)


def test_a_discount_lowers_what_is_taxed_class_by_class():
    lines = [a_line(unit=Money.rupees(300)), a_line(unit=Money.rupees(100), tax_class="sweets")]
    half = Coupon(code="HALF", kind=CouponKind.PERCENT, percent=50)
    bill = price(lines, an_outlet(), Fulfilment.DINE_IN, coupon=half)
    assert (bill.discount, bill.coupon) == (Money.rupees(200), "HALF")
    assert [(tax.head, tax.taxable.paise) for tax in bill.taxes] == [
        ("CGST", 15_000), ("SGST", 15_000), ("CGST", 5000), ("SGST", 5000),
    ]  # fmt: skip


def test_what_is_not_taxed_has_no_tax_line():
    assert price([a_line(tax_class="untaxed")], an_outlet(), Fulfilment.DINE_IN).taxes == ()
    free = Coupon(code="ALL", kind=CouponKind.PERCENT, percent=100)
    assert price([a_line()], an_outlet(), Fulfilment.DINE_IN, coupon=free).taxes == ()


def test_a_tax_class_the_outlet_does_not_know_is_our_mistake_not_free_of_tax():
    with pytest.raises(StoreError, match="spirits"):
        price([a_line(tax_class="spirits")], an_outlet(), Fulfilment.DINE_IN)


@pytest.mark.parametrize(
    ("paise", "step", "rounded"), [(10_549, 100, 10_500), (10_550, 100, 10_600), (10_501, 1, 10_501), (0, 100, 0)]
)
def test_bills_are_rounded_half_up_to_the_step_of_the_outlet(paise, step, rounded):
    assert round_half_up(Money(paise), step) == Money(rounded)


def test_rounding_stands_on_the_bill_when_the_outlet_rounds_to_the_rupee():
    odd = [a_line(unit=Money(10_130))]  # + 2 × 253 = 106.36
    assert price(odd, an_outlet(), Fulfilment.DINE_IN).total == Money(10_636)
    bill = price(odd, an_outlet(round_to=100), Fulfilment.DINE_IN)
    assert (bill.charge(ChargeKind.ROUNDING), bill.total) == (Money(-36), Money(10_600))
    up = price([a_line(unit=Money(10_200))], an_outlet(round_to=500), Fulfilment.DINE_IN)  # 107.10
    assert (up.charge(ChargeKind.ROUNDING), up.total) == (Money(-210), Money(10_500))
    even = price([a_line()], an_outlet(round_to=100), Fulfilment.DINE_IN)
    assert ChargeKind.ROUNDING not in {charge.kind for charge in even.charges}


@pytest.mark.parametrize(
    "broken", [{"total": Money(1)}, {"subtotal": Money(1)}, {"discount": Money(1)}, {"charges": ()}, {"lines": ()}]
)
def test_a_bill_that_does_not_add_up_cannot_be_built(broken):
    bill = price([a_line()], an_outlet(), Fulfilment.DELIVERY, NEARBY)
    with pytest.raises(ValueError, match="is not the sum"):
        Bill.model_validate({**dict(bill), **broken})


def test_a_line_that_is_not_its_quantity_times_its_price_cannot_be_built():
    bill = price([a_line(qty=2)], an_outlet(), Fulfilment.DINE_IN)
    line = bill.lines[0].model_copy(update={"qty": 3})
    with pytest.raises(ValueError, match="quantity times its price"):
        Bill.model_validate({**dict(bill), "lines": (line,)})


PAISE = st.integers(0, 500_000).map(Money)
COUPON = st.none() | st.builds(
    Coupon,
    code=st.just("X"),
    kind=st.sampled_from(CouponKind),
    percent=st.integers(0, 150),
    amount=st.integers(0, 10**7).map(Money),
    cap=st.none() | PAISE,
)
LINES = st.lists(
    st.builds(a_line, PAISE, st.integers(1, 20), st.sampled_from(["food", "sweets", "untaxed"]), PAISE), max_size=30
)
ZONES = st.builds(Zone, code=st.just("z"), name=st.just("Z"), fee=PAISE, free_over=st.none() | PAISE)
OUTLETS = st.builds(
    lambda round_to, charges_tax: an_outlet(round_to=round_to, charges_tax=charges_tax),
    st.sampled_from([1, 10, 50, 100, 500]),
    st.sampled_from(["food", "sweets", "untaxed"]),
)


@given(LINES, OUTLETS, st.sampled_from(Fulfilment), ZONES, COUPON, PAISE)
def test_whatever_is_ordered_the_bill_is_right(lines, outlet, fulfilment, zone, coupon, tip):
    bill = price(lines, outlet, fulfilment, zone, coupon, tip)
    charges, taxes = total(c.amount for c in bill.charges), total(t.amount for t in bill.taxes)
    assert bill.total == total(line.amount for line in bill.lines) - bill.discount + charges + taxes
    assert all(line.amount == line.unit * line.qty for line in bill.lines)
    assert ZERO <= bill.discount <= bill.subtotal
    assert bill.total >= ZERO
    assert bill.total.paise % outlet.round_to == 0
    assert abs(bill.charge(ChargeKind.ROUNDING).paise) * 2 <= outlet.round_to
    assert bill.charge(ChargeKind.TIP) == tip
    if fulfilment is Fulfilment.DINE_IN:
        assert not bill.charge(ChargeKind.PACKING)
    if fulfilment is not Fulfilment.DELIVERY:
        assert not bill.charge(ChargeKind.DELIVERY)
    cgst, sgst = ([(t.rate_bp, t.taxable, t.amount) for t in bill.taxes if t.head == head] for head in ("CGST", "SGST"))
    assert cgst == sgst
    untaxed = bill.charge(ChargeKind.TIP) + bill.charge(ChargeKind.ROUNDING)
    assert total(t.taxable for t in bill.taxes if t.head == "CGST") <= bill.subtotal - bill.discount + charges - untaxed
    assert Bill.model_validate_json(bill.model_dump_json()) == bill


@given(LINES.filter(len), PAISE)
def test_the_order_of_the_lines_does_not_change_the_total(lines, off):
    coupon = Coupon(code="X", kind=CouponKind.AMOUNT, amount=off)
    forth, back = (price(some, an_outlet(), Fulfilment.TAKEAWAY, coupon=coupon) for some in (lines, lines[::-1]))
    # which line an odd paisa of the discount falls on depends on the order, so a tax may move by one
    assert abs(forth.total.paise - back.total.paise) <= 4
    assert forth.discount == back.discount
