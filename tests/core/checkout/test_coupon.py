"""A coupon takes off what it says, and a refused one says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checkout.coupon import CouponRefusal, PastOrders, asks_about_past, check_coupon, discount_of, find_coupon
from core.checkout.errors import CouponRefused
from core.money import ZERO, Money
from core.outlets.models import Coupon, CouponKind, Fulfilment

TEN = Coupon(code="TEN", kind=CouponKind.PERCENT, percent=10)
FLAT = Coupon(code="FLAT50", kind=CouponKind.AMOUNT, amount=Money.rupees(50))
NOW = 1_000_000
NOBODY = PastOrders()


def refusal(coupon, *, rupees=500, fulfilment=Fulfilment.DELIVERY, now_ms=NOW, past=NOBODY):
    with pytest.raises(CouponRefused) as refused:
        check_coupon(coupon, subtotal=Money.rupees(rupees), fulfilment=fulfilment, now_ms=now_ms, past=past)
    return refused.value.reason, refused.value.missing


def passes(coupon, *, rupees=500, fulfilment=Fulfilment.DELIVERY, now_ms=NOW, past=NOBODY):
    check_coupon(coupon, subtotal=Money.rupees(rupees), fulfilment=fulfilment, now_ms=now_ms, past=past)
    return True


@pytest.mark.parametrize("said", ["TEN", "ten", " Ten ", "t e n"])
def test_a_coupon_is_found_however_it_is_written(said):
    assert find_coupon((FLAT, TEN), said) is TEN


@pytest.mark.parametrize("said", ["", "TENN", "x" * 10_000, '{"$gt": ""}', "\0", "٪"])
def test_an_unknown_coupon_is_refused_as_unknown(said):
    with pytest.raises(CouponRefused) as refused:
        find_coupon((FLAT, TEN), said)
    assert refused.value.reason == CouponRefusal.UNKNOWN
    assert len(refused.value.code) <= 24


def test_percent_amount_and_cap():
    assert discount_of(TEN, Money.rupees(500)) == Money.rupees(50)
    assert discount_of(TEN, Money(1005)) == Money(101)  # 100.5 goes up
    assert discount_of(TEN.model_copy(update={"cap": Money.rupees(30)}), Money.rupees(500)) == Money.rupees(30)
    assert discount_of(FLAT, Money.rupees(500)) == Money.rupees(50)
    assert discount_of(FLAT, Money.rupees(20)) == Money.rupees(20)


@given(st.integers(0, 300), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_discount_is_never_negative_and_never_more_than_there_is(percent, amount, subtotal):
    for kind in CouponKind:
        coupon = Coupon(code="X", kind=kind, percent=percent, amount=Money(amount))
        assert ZERO <= discount_of(coupon, Money(subtotal)) <= Money(subtotal)


def test_a_coupon_begins_and_ends_to_the_millisecond():
    dated = TEN.model_copy(update={"starts_ms": NOW, "ends_ms": NOW + 10})
    assert refusal(dated, now_ms=NOW - 1) == (CouponRefusal.NOT_YET, ZERO)
    assert passes(dated, now_ms=NOW)
    assert passes(dated, now_ms=NOW + 9)
    assert refusal(dated, now_ms=NOW + 10) == (CouponRefusal.ENDED, ZERO)
    assert passes(TEN, now_ms=10**15)


def test_a_minimum_says_how_much_is_missing():
    coupon = TEN.model_copy(update={"minimum": Money.rupees(300)})
    assert refusal(coupon, rupees=260) == (CouponRefusal.MINIMUM, Money.rupees(40))
    assert passes(coupon, rupees=300)


def test_a_coupon_for_takeaway_is_for_takeaway():
    coupon = TEN.model_copy(update={"fulfilments": (Fulfilment.TAKEAWAY,)})
    assert refusal(coupon) == (CouponRefusal.FULFILMENT, ZERO)
    assert passes(coupon, fulfilment=Fulfilment.TAKEAWAY)


def test_first_order_and_once_look_at_what_the_guest_ordered():
    first, once = TEN.model_copy(update={"first_order": True}), TEN.model_copy(update={"once": True})
    before, used = PastOrders(any=True), PastOrders(any=True, coupons=frozenset({"TEN"}))
    assert asks_about_past(first)
    assert asks_about_past(once)
    assert not asks_about_past(TEN)
    assert passes(first)
    assert refusal(first, past=before) == (CouponRefusal.FIRST_ORDER, ZERO)
    assert passes(once, past=before)
    assert refusal(once, past=used) == (CouponRefusal.USED, ZERO)
