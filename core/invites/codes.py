"""The code itself: 128 random bits in 26 letters and digits that fit a link and survive being typed."""

import secrets
from hashlib import sha256

BITS = 128
LENGTH = 26
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
_HEARD_AS = str.maketrans("OIL", "011", "- ")


def new_code() -> str:
    number = secrets.randbits(BITS)
    digits = []
    for _ in range(LENGTH):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))


def read_code(text: str) -> str | None:
    """The code as it was made, from what somebody typed or pasted; None for what cannot be one."""
    if len(text) > 2 * LENGTH or not text.isascii():
        return None
    code = text.upper().translate(_HEARD_AS)
    return code if len(code) == LENGTH and set(code) <= set(_ALPHABET) else None


def fingerprint(code: str) -> str:
    """What is stored instead of the code, so that whoever reads the database holds no key."""
    return f"inv_{sha256(code.encode()).hexdigest()}"
