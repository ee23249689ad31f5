"""Names of things, one type each, so that an order's id is never passed where a guest's belongs."""

import secrets
import time
from typing import NewType

CustomerId = NewType("CustomerId", str)  # cus_…
OrderId = NewType("OrderId", str)  # ord_…
CheckoutId = NewType("CheckoutId", str)  # chk_…: one frozen cart version
OutletId = NewType("OutletId", str)  # the owner's short code: mgroad
MenuItemId = NewType("MenuItemId", str)  # <outlet>.<item code>: mgroad.paneer-tikka
LineId = NewType("LineId", str)  # a cart line: hash of what makes it distinct
PaymentId = NewType("PaymentId", str)  # the provider's payment id
LinkId = NewType("LinkId", str)  # the provider's payment link id
RefundKey = NewType("RefundKey", str)  # rf_<order>_<payment>_<n>
DeliveryId = NewType("DeliveryId", str)  # <order>:<kind>:<target>:<step>
AddressId = NewType("AddressId", str)  # adr_…
Handle = NewType("Handle", str)  # who a channel's sender is: telegram:42, webchat:…
ChatKey = NewType("ChatKey", str)  # where to answer: telegram:42, telegram:-100123, webchat:…
Phone = NewType("Phone", str)  # E.164: +919876543210

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u


def _base32(number: int, digits: int) -> str:
    out = []
    for _ in range(digits):
        number, rest = divmod(number, 32)
        out.append(_ALPHABET[rest])
    return "".join(reversed(out))


def is_id(prefix: str, text: str) -> bool:
    """Whether `text`, which may come from a forged button, has the shape of an id made here."""
    kind, _, rest = text.partition("_")
    return kind == prefix and 0 < len(rest) <= 40 and all(c in _ALPHABET for c in rest)


def new_id(prefix: str) -> str:
    """A fresh id such as `ord_0r3k…`: begins with a letter, sorts roughly by age, 65 random bits.

    The age part only keeps an index compact; nothing reads a moment from an id.
    """
    return f"{prefix}_{_base32(time.time_ns() // 1_000_000, 9)}{_base32(secrets.randbits(65), 13)}"
