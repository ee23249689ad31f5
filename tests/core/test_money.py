"""Amounts are whole paise, and no paisa is ever lost or made."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.money import ZERO, Money, split, total

AMOUNT = st.integers(min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize("wrong", [True, 1.5, "100", None, Decimal(1), float("nan")])
def test_only_whole_paise_are_money(wrong):
    with pytest.raises(TypeError):
        Money(wrong)
    with pytest.raises(ValidationError):
        TypeAdapter(Money).validate_python(wrong)


@pytest.mark.parametrize("wrong", ["true", "1.5", '"100"', "null"])
def test_only_whole_paise_are_read_as_money(wrong):
    with pytest.raises(ValidationError):
        TypeAdapter(Money).validate_json(wrong)


def test_money_is_stored_as_a_plain_integer():
    adapter = TypeAdapter(Money)
    assert adapter.dump_python(Money(4250)) == 4250
    assert adapter.dump_json(Money(4250)) == b"4250"
    assert adapter.validate_python(4250) == adapter.validate_json("4250") == Money.rupees(42) + Money(50)
    assert adapter.validate_python(Money(1)) == Money(1)


@pytest.mark.parametrize("wrong", [True, 0.5, "2"])
def test_money_is_multiplied_by_whole_numbers_only(wrong):
    with pytest.raises(TypeError):
        _ = Money(100) * wrong


@given(AMOUNT, AMOUNT, st.integers(0, 1000))
def test_money_counts_like_integers(one, other, times):
    assert Money(one) + Money(other) == Money(one + other)
    assert Money(one) - Money(other) == Money(one - other)
    assert Money(one) * times == times * Money(one) == Money(one * times)
    assert -Money(one) == Money(-one)
    assert (Money(one) < Money(other)) == (one < other)
    assert bool(Money(one)) == (one != 0)


def test_nothing_adds_up_to_zero():
    assert total([]) == ZERO
    assert total([Money(1), Money(2), Money(-3)]) == ZERO


@given(AMOUNT, st.integers(0, 10_000))
def test_a_share_is_rounded_half_away_from_zero(paise, basis_points):
    exact = Decimal(abs(paise)) * basis_points / 10_000
    rounded = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert Money(paise).share(basis_points) == Money(rounded if paise >= 0 else -rounded)


@given(AMOUNT, st.lists(st.integers(0, 10**9), min_size=1).filter(any))
def test_a_split_loses_nothing_and_is_as_fair_as_paise_allow(paise, weights):
    shares = split(Money(paise), weights)
    assert total(shares) == Money(paise)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.paise * sum(weights) - paise * weight) < sum(weights)
        assert weight or not share


def test_nothing_is_split_over_nothing():
    assert split(ZERO, [0, 0]) == [ZERO, ZERO]
    assert split(ZERO, []) == []
    with pytest.raises(ValueError, match="nothing to split"):
        split(Money(1), [0, 0])
