"""Numbers and words of a message that are no part of a dish: tables, times, people, prices, addresses, list numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.text_order.lexicon import (
    ADDRESS,
    BEFORE_TIME,
    FULFILMENTS,
    NUMBERS,
    PEOPLE,
    SPANS,
    TABLE,
    TABLE_NUMBER,
    TIME,
    Role,
    starts_with,
)
from bot.conversation.text_order.scene import Scene
from bot.conversation.text_order.words import Shape
from core.outlets.models import Fulfilment

_CURRENCY = frozenset("₹ rs re inr rupees rupee rupaye rupaiya rupay".split())
_LATEST_HOUR = 24
_DIGITS = re.compile(r"\d+")
_ENDS = frozenset(",;.!?&+|\n") | {"and", "aur"}


@dataclass(slots=True)
class Hints:
    fulfilment: Fulfilment | None = None
    table: str = ""
    address: str = ""
    time: str = ""


def read_hints(scene: Scene) -> Hints:
    """Find them and mark their tokens, so that no number among them is taken for a quantity."""
    hints = Hints()
    _list_numbers(scene)
    at = 0
    while at < len(scene.tokens):
        at += (
            _table(scene, at, hints)
            or _fulfilment(scene, at, hints)
            or _price(scene, at)
            or _people(scene, at)
            or _time(scene, at, hints)
            or 1
        )
    return hints


def _number(scene: Scene, at: int) -> bool:
    """A whole number, in digits."""
    return 0 <= at < len(scene.tokens) and scene.tokens[at].shape is Shape.NUMBER and scene.keys[at].isdigit()


def _counts(scene: Scene, at: int) -> bool:
    return _number(scene, at) or scene.at(at) in NUMBERS


def _list_numbers(scene: Scene) -> None:
    """ "1. idli", "2. vada": numbers of the lines, when every such line has the next one."""
    starts = [at for at in range(len(scene.tokens)) if at == 0 or scene.keys[at - 1] == "\n"]
    numbered = [at for at in starts if _number(scene, at) and scene.at(at + 1) in (".", ")", ":")]
    if len(numbered) < 2:  # all in one line: "1) idli 2) vada"
        numbered = [at for at in range(len(scene.keys)) if _number(scene, at) and scene.at(at + 1) == ")"]
        numbered = [at for at in numbered if scene.at(at - 1) != "("]
    if len(numbered) >= 2 and [scene.keys[at] for at in numbered] == [str(n + 1) for n in range(len(numbered))]:
        for at in numbered:
            scene.hint(at, at + 2)


def _table(scene: Scene, at: int, hints: Hints) -> int:
    """ "table 7", "table no. A4", "table number seven", "7 number table"."""
    if scene.keys[at] in TABLE:
        end = at + 1
        while scene.at(end) in TABLE_NUMBER or scene.at(end) in (".", "#", ":", "-"):
            end += 1
        name = ""
        if _number(scene, end) and len(scene.keys[end]) <= 3:
            name, end = scene.keys[end], end + 1
            if end < len(scene.tokens) and scene.tokens[end].glued and scene.keys[end] in ("a", "b", "c", "d"):
                name, end = name + scene.keys[end].upper(), end + 1
        elif len(scene.at(end)) == 1 and scene.at(end).isalpha() and _number(scene, end + 1):
            name, end = scene.keys[end].upper() + scene.keys[end + 1], end + 2
        elif scene.at(end) in NUMBERS and scene.at(end) not in ("a", "an", "do-"):
            name, end = str(NUMBERS[scene.keys[end]]), end + 1
        if name:
            hints.table, hints.fulfilment = name, Fulfilment.DINE_IN
            scene.hint(at, end)
            return end - at
        return 0
    if _counts(scene, at) and scene.at(at + 1) in TABLE_NUMBER and scene.at(at + 2) in TABLE:
        hints.table = scene.keys[at] if _number(scene, at) else str(NUMBERS[scene.keys[at]])
        hints.fulfilment = Fulfilment.DINE_IN
        scene.hint(at, at + 3)
        return 3
    return 0


def _fulfilment(scene: Scene, at: int, hints: Hints) -> int:
    if starts_with(ADDRESS, scene.keys, at):
        return 0
    found = starts_with(FULFILMENTS, scene.keys, at)
    if not found:
        return 0
    length, name = found
    hints.fulfilment = hints.fulfilment or Fulfilment(name)
    scene.hint(at, at + length)
    return length


def _price(scene: Scene, at: int) -> int:
    """ "₹240", "Rs. 240", "240/-", "240 rupees"; and phone numbers, which begin with a plus."""
    if scene.keys[at] in _CURRENCY:
        number = at + 1 + (scene.at(at + 1) == ".")
        if number < len(scene.tokens) and scene.tokens[number].shape is Shape.NUMBER:
            scene.hint(at, number + 1)
            return number + 1 - at
    if scene.tokens[at].shape is Shape.NUMBER and scene.keys[at].replace(".", "").isdigit():
        end = at + 1
        if scene.at(end) in _CURRENCY:
            end += 1
        elif scene.at(end) == "/" and scene.at(end + 1) == "-":
            end += 2
        if end > at + 1 and not (end < len(scene.tokens) and _number(scene, end)):
            scene.hint(at, end)
            return end - at
        if scene.at(at - 1) == "+" and len(scene.keys[at]) >= 10 and scene.tokens[at].glued:
            scene.hint(at - 1, at + 1)
            return 1
    return 0


def _people(scene: Scene, at: int) -> int:
    """ "for 4 people", "4 log ke liye", "for 4" at the end."""
    if not _counts(scene, at):
        return 0
    if scene.at(at + 1) in PEOPLE:
        start = at - 1 if scene.at(at - 1) == "for" else at
        scene.hint(start, at + 2)
        return 2
    if scene.at(at - 1) == "for" and scene.at(at + 1) in _ENDS | {""} and scene.at(at) not in ("a", "an"):
        scene.hint(at - 1, at + 1)
        return 1
    return 0


def _time(scene: Scene, at: int, hints: Hints) -> int:
    """ "at 8", "8:30 pm", "8 baje", "in 30 minutes"."""
    start = at
    if scene.keys[at] in BEFORE_TIME:
        at += 1
    if not _counts(scene, at) and not (at < len(scene.tokens) and scene.tokens[at].shape is Shape.NUMBER):
        return 0
    end = at + 1
    clock = scene.at(end) == ":" and _number(scene, end + 1) and scene.tokens[end].glued and scene.tokens[end + 1].glued
    if clock:
        end += 2
    named = scene.at(end) in TIME or scene.at(end) in SPANS
    if named:
        end += 1
    before = start != at
    last = scene.at(end) in _ENDS | {""} and scene.at(at) not in ("a", "an")
    hour = (
        _counts(scene, at) and (int(scene.keys[at]) if _number(scene, at) else NUMBERS[scene.keys[at]]) <= _LATEST_HOUR
    )
    if named or (clock and hour) or (before and last and hour and scene.keys[start] != "in"):
        hints.time = hints.time or scene.said(at, end)
        scene.hint(start, end)
        return end - start
    return 0


def take_address(scene: Scene, hints: Hints, ends: set[int], last_dish: int) -> None:
    """Where the food is to go: the words behind "deliver to", up to the end of the line or to one of `ends`.

    `last_dish` is where the last dish of the message ends.
    """
    at = 0
    while at < len(scene.tokens):
        found = starts_with(ADDRESS, scene.keys, at)
        if not found:
            at += 1
            continue
        start = end = at + found[0]
        while end < len(scene.tokens) and scene.keys[end] not in ("\n", ";") and end not in ends:
            end += 1
        rest = [key for key in scene.keys[start:end] if key not in ("please", "me", "us", "my", "our", ".", ",")]
        if rest and not all(role is Role.HINT for role in scene.roles[start:end]):
            hints.address = hints.address or scene.said(start, end).strip(" .,;")
        hints.fulfilment = hints.fulfilment or Fulfilment.DELIVERY
        scene.hint(at, end)
        at = end
    if hints.fulfilment is Fulfilment.DELIVERY and not hints.address:
        _address_at_the_end(scene, hints, last_dish)


def _address_at_the_end(scene: Scene, hints: Hints, last_dish: int) -> None:
    """ "deliver 2 masala dosa to 12 Church Street"."""
    for at in range(last_dish, len(scene.keys) - 1):
        if scene.keys[at] in ("to", "at") and scene.roles[at] is not Role.HINT:
            hints.address = scene.said(at + 1, len(scene.keys)).strip(" .,;")
            scene.hint(at, len(scene.keys))
            return


def table_named(said: str, tables: Sequence[str]) -> str:
    """The outlet's table a guest means by "7": one called 7, or else the only one with that number. Empty: none."""
    wanted = said.casefold()
    exact = [table for table in tables if table.casefold() == wanted]
    numbered = [table for table in tables if wanted.isdigit() and _DIGITS.findall(table) == [wanted]]
    lettered = [table for table in numbered if len(table) <= len(wanted) + 1]  # T7 rather than Patio 7
    return next((some[0] for some in (exact, lettered, numbered) if len(some) == 1), "")
