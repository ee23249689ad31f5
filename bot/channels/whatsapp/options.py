"""Buttons as choices of a chat that has quick replies, lists, and numbers for everything else."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from bot.channels.pieces import length, whole
from bot.conversation.incoming import Choice
from bot.conversation.reply import PackedButton

QUICK: Final = 3
QUICK_TITLE: Final = 20
ROWS: Final = 10
ROW_TITLE: Final = 24
HINT: Final = 72
SEARCH: Final = "find"  # OpenSearch: offered on every page of a list
MORE: Final = "wa+"
_CUT: Final = "…"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: what it is called in full, what it does, and a line of detail."""

    label: str
    action: str
    hint: str = ""

    def named(self, title: str) -> Choice:
        names = (self.label, self.label.split(" · ")[0], self.label.strip("✓+•-▸ "), title)
        return Choice(self.action, tuple(dict.fromkeys(names)))


Rows = tuple[tuple[PackedButton, ...], ...]


def options_of(rows: Rows) -> list[Option]:
    """Every button that does something, each label once: one that several share takes its neighbour's with it."""
    shared = Counter(button.label for row in rows for button in row if button.action)
    found: dict[str, Option] = {}
    for row in rows:
        for button in row:
            if not button.action or not button.label.strip() or button.action in found:
                continue
            label = whole(button.label).strip()
            if shared[button.label] > 1 and row[0] is not button:
                label = f"{label} {whole(row[0].label).strip()}"
            found[button.action] = Option(label, button.action, whole(button.hint).strip())
    return list(found.values())


def links_of(rows: Rows) -> list[PackedButton]:
    """Buttons that open an address; it is written into the text."""
    return [button for row in rows for button in row if button.url.startswith(("http://", "https://"))]


def titles(labels: Sequence[str], limit: int) -> list[str]:
    """Each label in at most `limit` characters, no two of them alike however they are cut."""
    flat = [" ".join(label.split()) for label in labels]
    shared = Counter(next(_ways(label, limit)).casefold() for label in flat)
    taken: set[str] = set()
    made = []
    for label in flat:
        ways = _ways(label, limit)
        first = next(ways)
        blurred = first != label and shared[first.casefold()] > 1
        title = next(one for one in chain(() if blurred else (first,), ways) if one.casefold() not in taken)
        taken.add(title.casefold())
        made.append(title)
    return made


def _ways(label: str, limit: int) -> Iterator[str]:
    """Ever other ways to shorten a label: its first words, both of its ends, a number behind it."""
    if length(label) <= limit:
        yield label
    else:
        yield _beginning(label, limit) + _CUT
        half = limit // 2
        yield _fit(label, half - 1).rstrip() + _CUT + _tail(label, limit - half)
    number = 2
    while True:
        mark = f" {number}"
        yield _fit(label, limit - len(mark)).rstrip() + mark
        number += 1


def _beginning(label: str, limit: int) -> str:
    """Whole words, where not too much is lost by that."""
    words, _, rest = _fit(label, limit).rpartition(" ")
    words = words.rstrip(" ·,&-")
    return words if words and length(rest) < limit // 2 else _fit(label, limit - 1).rstrip()


def _fit(label: str, limit: int) -> str:
    while length(label) > limit:
        label = label[:-1]
    return label


def _tail(label: str, limit: int) -> str:
    while length(label) > limit:
        label = label[1:]
    return label


def quick(options: Sequence[Option]) -> bool:
    """Whether they fit as buttons: few, short, and with nothing to explain."""
    return len(options) <= QUICK and not any(length(one.label) > QUICK_TITLE or one.hint for one in options)


def detail(option: Option, title: str) -> str:
    """The line below a row's title: the rest of a label that was cut, then its hint."""
    rest = "" if option.label == title else option.label
    said = " · ".join(part for part in (rest, " ".join(option.hint.split())) if part)
    return said if length(said) <= HINT else _fit(said, HINT - 1).rstrip() + _CUT


def page_of(options: Sequence[Option], page: int, more: str, key: str) -> list[Option]:
    """The rows of one page: as many as fit with Search, where there is one, and More for the next page."""
    if len(options) <= ROWS:
        return list(options)
    pinned = [option for option in options if option.action == SEARCH]
    rest = [option for option in options if option.action != SEARCH]
    width = ROWS - 1 - len(pinned)
    pages = -(-len(rest) // width)
    page %= pages
    shown = rest[page * width : (page + 1) * width]
    return [*shown, *pinned, Option(more, f"{MORE}|{key}|{(page + 1) % pages}")]
