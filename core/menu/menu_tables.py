"""Tables, as an owner writes them: `T1-T12, Patio 1`."""

import re

from core.menu.menu_nodes import Node, Scalar, Wrong
from core.menu.menu_values import words

MAX_TABLES = 200
MAX_TABLE_NAME = 12

_NUMBERED = re.compile(r"([A-Za-z ]*)([0-9]{1,4})")
_RANGE = re.compile(r"([A-Za-z ]*)([0-9]{1,4}) ?- ?([A-Za-z ]*)([0-9]{1,4})")


def tables_of(node: Node) -> tuple[str, ...]:
    """Every table by its name. Raises Wrong."""
    found: dict[str, None] = {}
    for word in words(node):
        for table in _named(word):
            if table in found:
                raise Wrong(word, f"table {table} stands here twice; name each table once")
            found[table] = None
    if len(found) > MAX_TABLES:
        raise Wrong(node, f"{len(found)} tables are too many; {MAX_TABLES} are the most")
    return tuple(found)


def _named(word: Scalar) -> list[str]:
    name = " ".join(word.text.split())
    ends = _RANGE.fullmatch(name)
    if ends is None:
        if not re.fullmatch(rf"[A-Za-z0-9][A-Za-z0-9 ]{{0,{MAX_TABLE_NAME - 1}}}", name):
            raise Wrong(
                word,
                f"`{name}` is no table; write names like `T1-T12, Patio 1`, at most {MAX_TABLE_NAME} characters each",
            )
        return [name]
    prefix, first, again, last = ends.groups()
    if again not in ("", prefix) or not 0 <= int(last) - int(first) < MAX_TABLES:
        raise Wrong(word, f"`{name}` counts nowhere; write a range such as `T1-T12`")
    width = len(first) if first.startswith("0") else 0
    return [f"{prefix}{number:0{width}d}" for number in range(int(first), int(last) + 1)]


def in_ranges(tables: tuple[str, ...]) -> list[str]:
    """The other way round: T1, T2, T3, Patio → T1-T3, Patio."""
    runs: list[list[str]] = []
    for table in tables:
        if runs and _named_between(runs[-1][0], table) == [*runs[-1], table]:
            runs[-1].append(table)
        else:
            runs.append([table])
    return [run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]


def _named_between(first: str, last: str) -> list[str]:
    if not (_NUMBERED.fullmatch(first) and _NUMBERED.fullmatch(last)):
        return []
    try:
        return _named(Scalar(0, f"{first}-{last}"))
    except Wrong:
        return []
