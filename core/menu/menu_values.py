"""What one value in the menu file says: an amount, a time, a list. Readers raise Wrong with what to write instead."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from core.clock import to_ms
from core.menu.menu_nodes import Mapping, Node, Scalar, Sequence, Wrong
from core.money import Money
from core.outlets.hours import moment_ms
from core.outlets.models import MINUTES_A_DAY

T = TypeVar("T")

MAX_NAME = 60
MAX_DESCRIPTION = 300
MAX_ALIASES = 20


def scalar(node: Node) -> Scalar:
    if not isinstance(node, Scalar):
        raise Wrong(node, "one value is expected here, on the same line, and not a list or a block")
    if not node.text.strip():
        raise Wrong(node, "nothing is written after the colon; write a value or delete the line")
    return node


def text(limit: int = MAX_NAME) -> Callable[[Node], str]:
    """A text of one line, at most `limit` characters, spaces tidied."""

    def read(node: Node) -> str:
        found = " ".join(unicodedata.normalize("NFC", scalar(node).text).split())
        if any(
            unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and character not in "\u200c\u200d"
            for character in found
        ):
            raise Wrong(node, "an invisible character hides in this text; write it again")
        if len(found) > limit:
            raise Wrong(node, f"this text has {len(found)} characters; {limit} are the most")
        return found

    return read


_MONEY = re.compile(r"(?:₹|rs\.?|inr)?\s*([0-9]{1,3}(?:,[0-9]{2,3})+|[0-9]{1,7})(?:\.([0-9]{1,2}))?\Z", re.IGNORECASE)


def money(node: Node) -> Money:
    """`40`, `40.50`, `₹1,200`: rupees, read digit by digit into whole paise."""
    written = scalar(node).text.strip()
    found = _MONEY.match(written)
    if found is None:
        raise Wrong(node, f"`{written}` is no amount; write rupees such as `240` or `240.50`")
    rupees, paise = found.groups()
    return Money(int(rupees.replace(",", "")) * 100 + int((paise or "").ljust(2, "0")))


def price(node: Node) -> Money:
    found = money(node)
    if not found:
        raise Wrong(node, "a price is above 0; write rupees such as `240`")
    return found


def whole(low: int, high: int, unit: str = "") -> Callable[[Node], int]:
    """A whole number from `low` to `high`; `unit` may follow it (`25 min`)."""

    def read(node: Node) -> int:
        written = scalar(node).text.strip().casefold()
        number = re.sub(rf"\s*{unit}[a-z]*\.?\Z", "", written) if unit else written
        if not re.fullmatch(r"[0-9]{1,9}", number) or not low <= int(number) <= high:
            raise Wrong(node, f"`{written}` does not fit; write a whole number from {low} to {high}")
        return int(number)

    return read


minutes = whole(0, 24 * 60, "min")

_YES = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def yes_no(node: Node) -> bool:
    written = scalar(node).text.strip().casefold()
    if written not in _YES:
        raise Wrong(node, f"`{written}` does not fit; write `yes` or `no`")
    return _YES[written]


def basis_points(node: Node) -> int:
    """`5 %`, `2.5 %` in ten-thousandths."""
    written = scalar(node).text.strip()
    found = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?\s*%?", written)
    points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else -1
    if not 0 <= points <= 10_000:
        raise Wrong(node, f"`{written}` is no rate; write one such as `5 %`")
    return points


def words(node: Node) -> list[Scalar]:
    """`a, b` or a YAML list; each with its line. `none` is the empty list."""
    if isinstance(node, Sequence):
        return [scalar(item) for item in node.items]
    if isinstance(node, Mapping):
        raise Wrong(node, "a list is expected here: names with commas between them")
    if scalar(node).text.strip().casefold() == "none":
        return []
    return [Scalar(node.line, part.strip()) for part in node.text.split(",") if part.strip()]


def texts(limit: int = MAX_NAME) -> Callable[[Node], tuple[str, ...]]:
    read = text(limit)
    return lambda node: tuple(dict.fromkeys(read(word) for word in words(node)))


def one_of(choices: dict[str, T], what: str) -> Callable[[Node], T]:
    """One of a few words, whatever their case, spaces and hyphens."""

    def read(node: Node) -> T:
        written = scalar(node).text
        key = loose(written)
        if key not in choices:
            raise Wrong(node, f"`{written.strip()}` is no {what}; write one of: {', '.join(choices)}")
        return choices[key]

    return read


def some_of(choices: dict[str, T], what: str) -> Callable[[Node], tuple[T, ...]]:
    read = one_of(choices, what)
    return lambda node: tuple(dict.fromkeys(read(word) for word in words(node)))


def loose(written: str) -> str:
    """How names are compared: without regard to case, and a space is as good as a hyphen."""
    return re.sub(r"[\s_-]+", "-", written.strip().casefold())


_TIME = r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|to)\s*{_TIME}\Z", re.IGNORECASE)


def spans(node: Node) -> list[tuple[int, int]]:
    """`11:00-15:00, 18:30-01:00` in minutes after midnight; the second ends on the next day, at 25:00.

    `closed` is the empty list.
    """
    written = [word for word in words(node) if word.text.casefold() != "closed"]
    found = [_span(word) for word in written]
    for (_, closes), (opens, _) in zip(sorted(found), sorted(found)[1:], strict=False):
        if opens < closes:
            raise Wrong(node, "two of these times overlap; write each stretch once")
    return sorted(found)


def stretch(node: Node) -> tuple[int, int]:
    """`07:00-11:30`, and no more than that."""
    found = spans(node)
    if len(found) != 1:
        raise Wrong(node, "one stretch of the day is expected here; write it as `07:00-11:30`")
    return found[0]


def _span(word: Scalar) -> tuple[int, int]:
    found = _SPAN.match(word.text)
    example = "write opening and closing time, such as `11:00-15:00`"
    if found is None:
        raise Wrong(word, f"`{word.text}` is no stretch of time; {example}")
    opens, closes = _minute(found.groups()[:3]), _minute(found.groups()[3:])
    if opens is None or closes is None or opens == MINUTES_A_DAY:
        raise Wrong(word, f"`{word.text}` holds a time that no clock shows; {example}")
    if opens == closes:
        raise Wrong(word, f"`{word.text}` begins and ends at once; for all day write `00:00-24:00`")
    return opens, closes if closes > opens else closes + MINUTES_A_DAY


def _minute(parts: tuple[str | None, ...]) -> int | None:
    hour, minute, half = int(parts[0] or 0), int(parts[1] or 0), (parts[2] or "").lower()
    if parts[1] is None and not half:
        return None  # "11" alone may be anything
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    time = hour * 60 + minute
    return time if minute < 60 and time <= MINUTES_A_DAY else None


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALL_DAYS = {"daily": range(7), "every day": range(7), "all days": range(7)}


def days(key: Node) -> list[int]:
    """`mon-fri`, `sat, sun`, `daily` as weekdays, Monday 0. `fri-mon` goes round the end of the week."""
    found: list[int] = []
    for part in scalar(key).text.casefold().split(","):
        name = part.strip()
        if name in _ALL_DAYS:
            found += _ALL_DAYS[name]
            continue
        first, *rest = (DAYS.index(end) if end in DAYS else -1 for end in _day_names(name))
        if first < 0 or len(rest) > 1 or -1 in rest:
            raise Wrong(key, f"`{name}` is no day; write `mon`, `mon-fri`, `sat, sun` or `daily`")
        last = rest[0] if rest else first
        found += [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return found


def _day_names(name: str) -> list[str]:
    """`Monday - Fri` → mon, fri: days may be written out."""
    full = "monday tuesday wednesday thursday friday saturday sunday".split()
    ends = [end.strip() for end in re.split(r"-|–|\bto\b", name)]
    return [end[:3] if len(end) >= 3 and any(day.startswith(end) for day in full) else "" for end in ends]


def day(node: Node) -> str:
    written = scalar(node).text.strip()
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
            raise ValueError(written)
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise Wrong(node, f"`{written}` is no date; write it as `2026-11-08`") from None


def moment(zone: ZoneInfo, *, end: bool = False) -> Callable[[Node], int]:
    """`2026-11-08` or `2026-11-08 18:30` in the outlet's zone, in ms; a bare day is its begin, or its `end`."""

    def read(node: Node) -> int:
        written = scalar(node).text.strip()
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
            return moment_ms(date.fromisoformat(day(node)) + timedelta(days=int(end)), 0, zone)
        try:
            found = datetime.fromisoformat(written)
            return to_ms(found if found.tzinfo else found.replace(tzinfo=zone))
        except (ValueError, OverflowError):
            raise Wrong(node, f"`{written}` is no moment; write `2026-11-08` or `2026-11-08 18:30`") from None

    return read


def point(node: Node) -> tuple[float, float]:
    """`12.9750, 77.6050`: latitude and longitude in degrees."""
    parts = words(node)
    numbers = [float(p.text) for p in parts if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", p.text)]
    if len(parts) != 2 or len(numbers) != 2 or abs(numbers[0]) > 90 or abs(numbers[1]) > 180:
        raise Wrong(node, "this is no place on a map; write latitude and longitude such as `12.9750, 77.6050`")
    return numbers[0], numbers[1]


def distance(node: Node) -> int:
    """`3 km`, `800 m` in metres."""
    found = re.fullmatch(r"([0-9]{1,5})(?:\.([0-9]{1,3}))?\s*(km|m)", scalar(node).text.strip().casefold())
    metres = 0
    if found and found[3] == "km":
        metres = int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))
    elif found and found[2] is None:
        metres = int(found[1])
    if not 1 <= metres <= 100_000:
        raise Wrong(node, "this is no distance; write one such as `3 km` or `800 m`")
    return metres


def phone(node: Node) -> str:
    found = re.sub(r"[\s().-]+", "", scalar(node).text)
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", found):
        raise Wrong(node, "this is no phone number; write it with its country, such as `+91 80 4123 4567`")
    return found


def slug(name: str, limit: int, *, cut: bool = False) -> str:
    """`Paneer Tikka` → `paneer-tikka`. Empty when the name holds letters that are not Latin, or is too long.

    `cut` shortens a long one at a hyphen instead.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    if any(c.isalnum() and not c.isascii() for c in plain):
        return ""
    code = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "").replace("’", "")).strip("-")
    if len(code) <= limit:
        return code
    return (code[: limit + 1].rpartition("-")[0] or code[:limit]) if cut else ""


def code(limit: int, example: str) -> Callable[[Node], str]:
    """A short name for machines: small letters, digits and hyphens."""

    def read(node: Node) -> str:
        written = scalar(node).text.strip()
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", written) or len(written) > limit:
            raise Wrong(
                node,
                f"`{written}` cannot be a code; use small letters, digits and single hyphens,"
                f" at most {limit} characters, such as `{example}`",
            )
        return written

    return read
