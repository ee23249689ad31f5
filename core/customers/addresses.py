"""An address as a rider can find it."""

import math

from core.customers.errors import InvalidAddress
from core.customers.models import Address
from core.customers.names import clean_text
from core.ids import AddressId, new_id
from core.outlets.zones import pin_code

LINE_LEAST, LINE_MOST = 5, 200
CITY_LEAST, CITY_MOST = 2, 60
LANDMARK_MOST = 100


def clean_address(
    line: str, city: str, pin: str, landmark: str = "", latitude: float = 0.0, longitude: float = 0.0
) -> Address:
    """The address as it is stored, under a fresh id. Raises InvalidAddress with the field and what is wrong with it."""
    code = pin_code(pin)
    if code is None:
        raise InvalidAddress(field="pin", reason="wrong" if pin.strip() else "missing")
    if not (math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise InvalidAddress(field="place", reason="wrong")
    return Address(
        id=AddressId(new_id("adr")),
        line=_text("line", line, LINE_LEAST, LINE_MOST),
        city=_text("city", city, CITY_LEAST, CITY_MOST),
        pin=code,
        landmark=_text("landmark", landmark, 0, LANDMARK_MOST),
        latitude=latitude,
        longitude=longitude,
    )


def same_place(one: Address, other: Address) -> bool:
    """Whether both lead to the same door: the words count, not their case."""
    return _words(one) == _words(other)


def _words(address: Address) -> tuple[str, ...]:
    return tuple(part.casefold() for part in (address.line, address.city, address.pin, address.landmark))


def _text(field: str, text: str, least: int, most: int) -> str:
    clean = clean_text(text, most + 1)
    if len(clean) > most:
        raise InvalidAddress(field=field, reason="long")
    if not clean and least:
        raise InvalidAddress(field=field, reason="missing")
    if len(clean) < least:
        raise InvalidAddress(field=field, reason="short")
    if clean and not any(character.isalnum() for character in clean):
        raise InvalidAddress(field=field, reason="wrong")
    return clean
