"""A phone number in whatever form a guest types it."""

import unicodedata
from collections.abc import Collection

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from core.ids import Phone
from core.otp.errors import InvalidPhone

MAX_TEXT = 40
SERIES_DIGITS = 4
_PUNCTUATION = frozenset("+-().\u2010\u2011\u2012\u2013\u2014")
_WIDE = str.maketrans("＋（）－．", "+()-.")
# Contacts copied on a phone come wrapped in these. They only set the direction; overrides, which reverse the digits on
# the screen, are not among them.
_WRAPPING = frozenset("\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
_TEXTABLE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def parse_phone(text: str, region: str = "IN", countries: Collection[str] = ("IN",)) -> Phone:
    """The number in E.164 form, if it is a mobile of one of `countries`. `region` is assumed where no + stands.

    Digits of any script will do. Raises InvalidPhone for words around the number, extensions, and whatever cannot be
    texted; phonenumbers by itself would take "call me 98765 43210" and landlines (PLATFORMS.md F4).
    """
    plain = _digits(text)
    try:
        number = phonenumbers.parse(plain, None if plain.startswith("+") else region)
    except NumberParseException as refused:
        raise InvalidPhone(reason="not_a_number") from refused
    if number.extension or not phonenumbers.is_valid_number(number):
        raise InvalidPhone(reason="not_a_number")
    if phonenumbers.region_code_for_number(number) not in countries:
        raise InvalidPhone(reason="country")
    if phonenumbers.number_type(number) not in _TEXTABLE:
        raise InvalidPhone(reason="not_mobile")
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def number_series(phone: Phone) -> str:
    """The series a number belongs to: country and first four digits, which in India name an operator in a region."""
    number = phonenumbers.parse(phone, None)
    return f"+{number.country_code}{str(number.national_number)[:SERIES_DIGITS]}"


def _digits(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise InvalidPhone(reason="not_a_number")
    plain = []
    for character in text.translate(_WIDE).strip():
        value = unicodedata.decimal(character, None)
        if value is not None:
            plain.append(str(value))
        elif character in _PUNCTUATION or unicodedata.category(character) == "Zs":
            plain.append(character)
        elif character not in _WRAPPING:
            raise InvalidPhone(reason="not_a_number")
    number = "".join(plain).strip()
    if number.count("+") > 1 or "+" in number.lstrip("(+"):
        raise InvalidPhone(reason="not_a_number")
    return number
