"""Phones as guests type them, and what is no phone."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.otp.errors import InvalidPhone
from core.otp.phones import parse_phone

RIGHT = "+919876543210"


@pytest.mark.parametrize(
    "typed",
    [
        "9876543210",
        "09876543210",
        "919876543210",
        "91 98765 43210",
        "+91 98765 43210",
        "+91-98765-43210",
        "(+91) 98765.43210",
        "00919876543210",
        "९८७६५४३२१०",
        "+९१ ९८७६५ ४३२१०",
        "９８７６５４３２１０",
        "＋91 9876543210",
        "  9876543210\t ".replace("\t", " "),
        "\u202a+91\u00a098765\u00a043210\u202c",
        "98765\u201043210",
        "٩٨٧٦٥٤٣٢١٠",
    ],
)
def test_every_usual_spelling_is_the_same_number(typed):
    assert parse_phone(typed) == RIGHT


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1234567890", "not_mobile"),
        ("5876543210", "not_mobile"),
        ("080 2345 6789", "not_mobile"),
        ("98765", "not_a_number"),
        ("+91987654321", "not_a_number"),
        ("98765432101", "not_a_number"),
        ("9876543210 ext 5", "not_a_number"),
        ("9876543210;ext=5", "not_a_number"),
        ("9876543210x5", "not_a_number"),
        ("9876543210#5", "not_a_number"),
        ("call me 9876543210", "not_a_number"),
        ("tel:9876543210", "not_a_number"),
        ("9876543210, 9876543211", "not_a_number"),
        ("+1 650 253 0000", "country"),
        ("+44 7911 123456", "country"),
        ("+880 1712 345678", "country"),
        ("", "not_a_number"),
        ("+", "not_a_number"),
        ("++919876543210", "not_a_number"),
        ("---", "not_a_number"),
        ("9" * 10_000, "not_a_number"),
        ("9876543210\0", "not_a_number"),
        ("98765\n43210", "not_a_number"),
        ("\u202e0123456789", "not_a_number"),
        ("9876543210\u202d", "not_a_number"),
        ('{"$gt": ""}', "not_a_number"),
        ("<b>9876543210</b>", "not_a_number"),
        ("²³⁴⁵⁶⁷⁸⁹¹⁰", "not_a_number"),
        ("😀", "not_a_number"),
        ("\ud800", "not_a_number"),
    ],
    ids=range(30),
)
def test_what_cannot_be_texted_is_refused_with_a_reason(typed, reason):
    with pytest.raises(InvalidPhone) as refused:
        parse_phone(typed)
    assert refused.value.reason == reason
    assert refused.value.field == "phone"


def test_other_countries_are_served_where_they_are_allowed():
    assert parse_phone("+65 8123 4567", countries=("IN", "SG")) == "+6581234567"
    assert parse_phone("8123 4567", region="SG", countries=("SG",)) == "+6581234567"
    assert parse_phone("+1 650 253 0000", countries=("US",)) == "+16502530000"  # landline or mobile: nobody can tell


@given(st.text(max_size=60))
def test_anything_typed_is_a_number_in_e164_or_a_refusal(text):
    try:
        phone = parse_phone(text)
    except InvalidPhone:
        return
    assert phone.startswith("+91")
    assert len(phone) == 13
    assert phone[1:].isascii()
    assert phone[1:].isdecimal()


@given(st.text(alphabet=st.characters(categories=["Nd", "Zs", "Pd", "Cf", "Sm"]), max_size=24))
def test_digits_of_any_script_never_break_it(text):
    with suppress(InvalidPhone):
        assert parse_phone(text).startswith("+91")
