"""What a dish on a bill really cost: its parts come to the whole and to nothing more, to the paisa."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cart.models import PricedLine
from core.checkout.models import Bill
from core.checkout.pricing import price
from core.ids import LineId, MenuItemId
from core.money import ZERO, Money, total
from core.orders.ledger import Portion
from core.outlets.models import Coupon, CouponKind, Fulfilment, TaxClass
from core.refunds.shares import worth
from tests.bot.kitchen.builders import an_evening_outlet

CLASSES = (TaxClass(code="food", cgst_bp=250, sgst_bp=250), TaxClass(code="sweets", cgst_bp=900, sgst_bp=900))


def a_line(n: int, qty: int, unit: int, tax: str = "food", packing: int = 0) -> PricedLine:
    return PricedLine(
        id=LineId(f"l{n}"),
        item=MenuItemId(f"mgroad.dish-{n}"),
        name=f"Dish {n}",
        qty=qty,
        unit=Money(unit),
        tax_class=tax,
        packing=Money(packing),
    )


def a_bill(lines: list[PricedLine], *, off: int = 0, round_to: int = 1, takeaway: bool = False) -> Bill:
    outlet = an_evening_outlet().model_copy(update={"taxes": CLASSES, "round_to": round_to})
    coupon = Coupon(code="OFF", kind=CouponKind.AMOUNT, amount=Money(off)) if off else None
    return price(lines, outlet, Fulfilment.TAKEAWAY if takeaway else Fulfilment.DINE_IN, coupon=coupon)


def everything(bill: Bill) -> list[Portion]:
    return [Portion(line=n, qty=line.qty) for n, line in enumerate(bill.lines)]


def test_a_dish_is_worth_its_price_and_the_tax_on_it():
    bill = a_bill([a_line(1, 2, 20_000), a_line(2, 1, 10_000)])
    assert worth(bill, [Portion(line=0, qty=1)]) == Money(21_000)
    assert worth(bill, everything(bill)) == bill.total == Money(52_500)


def test_a_discount_is_spread_over_the_dishes_by_their_price():
    bill = a_bill([a_line(1, 2, 20_000), a_line(2, 1, 10_000)], off=5_000)
    assert worth(bill, [Portion(line=1, qty=1)]) == Money(9_450)
    assert worth(bill, everything(bill)) == bill.total


def test_each_dish_carries_the_tax_of_its_own_class():
    bill = a_bill([a_line(1, 1, 10_000), a_line(2, 1, 10_000, "sweets")])
    assert worth(bill, [Portion(line=0, qty=1)], taxes=CLASSES) == Money(10_500)
    assert worth(bill, [Portion(line=1, qty=1)], taxes=CLASSES) == Money(11_800)


def test_packing_goes_back_with_the_whole_order_alone():
    bill = a_bill([a_line(1, 1, 10_000, packing=1_000)], takeaway=True)
    assert bill.total == Money(11_550)
    assert worth(bill, everything(bill)) == Money(10_500)


def test_three_thirds_of_a_line_are_the_line():
    bill = a_bill([a_line(1, 3, 3_333)], off=1)
    gone: list[Portion] = []
    parts = []
    for _ in range(3):
        parts.append(worth(bill, [Portion(line=0, qty=1)], gone))
        gone.append(Portion(line=0, qty=1))
    assert total(parts) == worth(bill, everything(bill))


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_no_portion_goes_back_twice(gone: int):
    bill = a_bill([a_line(1, 2, 5_000)])
    with pytest.raises(ValueError, match="left"):
        worth(bill, [Portion(line=0, qty=3 - gone)], [Portion(line=0, qty=gone)])


LINES = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 99_999), st.sampled_from(["food", "sweets"]), st.integers(0, 2_000)),
    min_size=1,
    max_size=5,
)


@given(LINES, st.integers(0, 200_000), st.sampled_from([1, 100]), st.booleans(), st.data())
def test_whatever_is_chosen_in_whatever_order_the_parts_are_the_whole(drawn, off, round_to, takeaway, data):
    lines = [a_line(n, qty, unit, tax, packing) for n, (qty, unit, tax, packing) in enumerate(drawn)]
    subtotal = sum(line.amount.paise for line in lines)
    bill = a_bill(lines, off=min(off, subtotal - 1), round_to=round_to, takeaway=takeaway)
    singles = [n for n, line in enumerate(bill.lines) for _ in range(line.qty)]
    parts: list[Money] = []
    gone: list[Portion] = []
    for n in data.draw(st.permutations(singles)):
        parts.append(worth(bill, [Portion(line=n, qty=1)], gone, taxes=CLASSES))
        gone.append(Portion(line=n, qty=1))
    assert all(part >= ZERO for part in parts)
    assert total(parts) == worth(bill, everything(bill), taxes=CLASSES)
    dishes = bill.subtotal - bill.discount
    taxes = total(tax.amount for tax in bill.taxes)
    assert dishes <= total(parts) <= dishes + taxes
    if not takeaway:
        assert total(parts) == dishes + taxes
