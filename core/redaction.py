"""What must not be read where anybody may look: secrets, phones, whatever a guest typed. For logs first of all.

Secrets that are known are blacked out wherever they stand; those that are not are found by their shape, since a library
may write an address or a header into its error that we never see.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from hashlib import blake2b, sha256
from secrets import token_bytes
from traceback import format_tb
from typing import Any, Final
from urllib.parse import quote, quote_plus

from core.errors import ProviderError, SettingsError, StoreError

REDACTED: Final = "[secret]"
MIN_REDACTED_LENGTH: Final = 6  # anything shorter would black out half of every line
DEEPEST: Final = 4  # of lists in lists

# C0 and C1 control characters, and the marks that turn the reading direction: what could forge a line or hide text.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# A bot's token, keys of payment and cloud services, a signed token, the end of a signed link.
_SHAPES: Final = re.compile(
    r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}"
    r"|\b(?:sk|rk|pk)_(?:live|test)_\w+|\bwhsec_\w+|\brzp_(?:live|test)_\w+|\bAKIA[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"
    r"|(?<=://)[^/\s@:]*:[^/\s@]+(?=@)"
)
_HEADER: Final = re.compile(r"\b(basic|bearer)(\s+)[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE)
_PARAMETER: Final = re.compile(
    r"([?&\s\"'](?:api_?key|auth_?key|code|key|otp|password|passwd|pwd|secret|sig|signature|token)=)[^&\s\"']+",
    re.IGNORECASE,
)
_SIGNED_PATH: Final = re.compile(r"(/(?:track|chat|documents?|invoices?)/)[^\s/?\"'{}]{8,}")

# +919876543210 wherever it stands, and without the plus unless it is part of a name such as telegram:9876543210.
_PHONE: Final = re.compile(r"\+\d{8,15}(?!\d)|(?<![\w:.\-+])(?:91|0)?[6-9]\d{9}(?!\w|\.\d)|(?<=whatsapp:)\d{8,15}")

_secrets: set[str] = set()
_secret_pattern: re.Pattern[str] | None = None
_guard = threading.Lock()
_phone_key = token_bytes(32)  # of this process alone, until it is given one


def register_secrets(values: Iterable[str]) -> None:
    """From now on each of these reads `[secret]` wherever it would appear, also as it stands in an address."""
    global _secret_pattern
    with _guard:
        for value in values:
            for part in (value, *value.split(",")):
                forms = {part.strip(), quote(part.strip(), safe=""), quote_plus(part.strip())}
                _secrets.update(form for form in forms if len(form) >= MIN_REDACTED_LENGTH)
        longest_first = sorted(_secrets, key=len, reverse=True)
        _secret_pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def mark_phones_with(key: str) -> None:
    """From now on the same phone has the same mark in every process that was given this key."""
    global _phone_key
    _phone_key = sha256(f"phones in logs {key}".encode()).digest()


def phone_mark(phone: str) -> str:
    """What a log may say of a phone: `5f0c1a7e…10`, a keyed hash and the last two digits, so that lines about one phone
    can be told from lines about another. Without the key nobody finds the number by trying all there are.
    """
    if len(phone) <= 4:
        return "…"
    return f"{blake2b(phone.encode(), key=_phone_key, digest_size=4).hexdigest()}…{phone[-2:]}"


def cleaned(value: Any, depth: int = 0) -> Any:
    """`value` fit for a log: one line, without secrets and whole phones. What is no plain value becomes its text."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _cleaned_text(value)
        case dict() if depth < DEEPEST:
            return {cleaned(str(name), depth + 1): cleaned(held, depth + 1) for name, held in value.items()}
        case list() | tuple() | set() | frozenset() if depth < DEEPEST:
            return [cleaned(held, depth + 1) for held in value]
        case _:
            return _cleaned_text(str(value))


def _cleaned_text(text: str) -> str:
    shown = text if _secret_pattern is None else _secret_pattern.sub(REDACTED, text)
    shown = _SHAPES.sub(REDACTED, shown)
    shown = _HEADER.sub(rf"\1\2{REDACTED}", shown)
    shown = _PARAMETER.sub(rf"\1{REDACTED}", shown)
    shown = _SIGNED_PATH.sub(rf"\1{REDACTED}", shown)
    shown = _PHONE.sub(_marked, shown)
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", shown)


def _marked(found: re.Match[str]) -> str:
    digits = found[0].lstrip("+0")
    return phone_mark(f"+91{digits}" if len(digits) == 10 and found[0][0] != "+" else f"+{digits}")


# What these say is about us and our stores. Anything else may repeat what a guest typed: int("12 MG Road") does.
_OURS: Final = (ProviderError, StoreError, SettingsError)
_UNREACHABLE: Final = frozenset({"ConnectionFailure", "ConnectionError", "TimeoutError"})  # of the stores' libraries


def message_of(error: BaseException) -> str:
    """What an error says, if it is one that speaks of nothing but our own affairs; else that it is kept back."""
    if isinstance(error, _OURS) or _store_unreachable(error):
        return _cleaned_text(str(error).split("\n", 1)[0])
    if isinstance(error, OSError):
        return error.strerror or ""
    return "[kept back]" if str(error) else ""


def _store_unreachable(error: BaseException) -> bool:
    """Named rather than imported: the libraries of the stores stay with the stores."""
    return any(
        kind.__name__ in _UNREACHABLE and kind.__module__.partition(".")[0] in ("pymongo", "redis")
        for kind in type(error).__mro__
    )


def traceback_of(error: BaseException) -> str:
    """The whole chain of an error as Python prints it, places in the code included; its messages as `message_of`."""
    return "\n".join(_chain(error, set()))


def _chain(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _chain(before, seen)
        yield "" if error.__cause__ is None else "which led to:"
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):"
        for place in format_tb(error.__traceback__):
            yield from (_cleaned_text(line) for line in place.rstrip("\n").split("\n"))
    kind, said = type(error), message_of(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    yield f"{name}: {said}" if said else name
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            if id(part) not in seen:
                yield from (f"  | {line}" for line in _chain(part, seen))
