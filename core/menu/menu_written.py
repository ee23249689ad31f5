"""How values look in a menu file: the other side of `menu_values.py`, and YAML made of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import yaml

from core.clock import from_ms
from core.money import Money
from core.outlets.hours import moment_ms
from core.outlets.models import MINUTES_A_DAY

Value: TypeAlias = str | Sequence["Value"] | Mapping[str, "Value"]
Entry: TypeAlias = dict[str, Value]

_STR, _SEQ, _MAP = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
_WIDTH = 1000  # a value stays on its line


class Inline(dict[str, Value]):
    """A mapping written on one line: {half: 180, full: 320}."""


def dump(entry: Entry) -> str:
    """The entry as YAML. Everything in it is text, and nothing is quoted that need not be."""
    text: str = yaml.serialize(_node(entry), Dumper=_Dumper, allow_unicode=True, width=_WIDTH)
    return text


def _node(value: Value) -> yaml.Node:
    if isinstance(value, str):
        return yaml.ScalarNode(_STR, value)
    if isinstance(value, Mapping):
        pairs = [(_node(key), _node(each)) for key, each in value.items()]
        return yaml.MappingNode(_MAP, pairs, flow_style=isinstance(value, Inline) or not pairs)
    flat = all(isinstance(each, str) for each in value)
    return yaml.SequenceNode(_SEQ, [_node(each) for each in value], flow_style=flat)


class _Dumper(yaml.SafeDumper):  # the compiled one writes 🍕 as an escape
    """Writes 240, no and 11:00 without quotes: the reader takes every value as text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


def amount(money: Money) -> str:
    rupees, paise = divmod(money.paise, 100)
    return f"{rupees}.{paise:02d}" if paise else str(rupees)


def yes(value: bool) -> str:
    return "yes" if value else "no"


def percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d} %" if rest else f"{whole} %"


def span(opens: int, closes: int) -> str:
    return f"{_time(opens)}-{_time(closes if closes <= MINUTES_A_DAY else closes - MINUTES_A_DAY)}"


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def moment(ms: int, zone: ZoneInfo, *, end: bool = False) -> str:
    """A bare day where the moment begins (or with `end` ends) one, to the millisecond otherwise."""
    local = from_ms(ms).astimezone(zone)
    if moment_ms(local.date(), 0, zone) == ms:
        return (local.date() - timedelta(days=int(end))).isoformat()
    return local.isoformat(timespec="milliseconds")


def distance(metres: int) -> str:
    whole, rest = divmod(metres, 1000)
    return f"{metres} m" if rest or not whole else f"{whole} km"


def names(texts: Sequence[str]) -> Value:
    """`a, b` on one line, or a list where a name itself holds a comma."""
    return (
        list(texts)
        if any("," in text for text in texts) or [text.casefold() for text in texts] == ["none"]
        else ", ".join(texts)
    )
