"""Five hundred ways to write a phone number: the right number, or a refusal that says what is wrong with it."""

from collections import Counter

import pytest

from core.otp.errors import InvalidPhone
from core.otp.phones import parse_phone
from tests.core.otp.spellings import MOBILES, spellings

TABLE = list(spellings())


def became(text: str) -> str:
    try:
        return parse_phone(text)
    except InvalidPhone as refused:
        return refused.reason


def test_there_are_more_than_five_hundred_and_no_two_alike():
    assert len(TABLE) > 550
    assert len({text for text, _ in TABLE}) == len(TABLE)
    kinds = Counter(expected if not expected.startswith("+") else "number" for _, expected in TABLE)
    assert set(kinds) == {"number", "not_mobile", "country", "not_a_number"}


@pytest.mark.parametrize("part", range(10))
def test_each_becomes_its_number_or_its_refusal(part: int):
    wrong = {text: (became(text), expected) for text, expected in TABLE[part::10] if became(text) != expected}
    assert wrong == {}


def test_what_is_refused_for_its_country_alone_is_taken_where_that_country_is_served():
    for text, expected in TABLE:
        if expected == "country":
            with pytest.raises(InvalidPhone):
                parse_phone(text, countries=("NZ",))
    assert parse_phone("+44 7400 123456", countries=("IN", "GB")) == "+447400123456"
    assert parse_phone("+880 1712 345678", countries=("BD",)) == "+8801712345678"


@pytest.mark.parametrize("mobile", MOBILES)
def test_a_number_in_e164_is_read_as_itself(mobile: str):
    assert parse_phone(f"+91{mobile}") == f"+91{mobile}"
