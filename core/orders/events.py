"""The event table: `events.toml`, read once, checked whole. What an event means in a state stands there alone."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType

from core.orders.status import Column

REFUSE = "refuse:"
NOTHING = frozenset({"no_op", "na"})


class Event(StrEnum):
    """The rows, in the order of RELIABILITY 3.4."""

    PAYMENT_AUTHORISED = "payment_authorised"
    FIRST_CAPTURE = "first_capture"
    SAME_CAPTURE = "same_capture"
    ANOTHER_CAPTURE = "another_capture"
    WRONG_CAPTURE = "wrong_capture"
    PAYMENT_FAILED = "payment_failed"
    LINK_PARTLY_PAID = "link_partly_paid"
    LINK_EXPIRED = "link_expired"
    LINK_CANCELLED = "link_cancelled"
    REFUND_MOVED = "refund_moved"
    REFUND_FAILED = "refund_failed"
    REFUND_BY_HAND = "refund_by_hand"
    REFUND_BEFORE_CAPTURE = "refund_before_capture"
    DISPUTE_OPENED = "dispute_opened"
    BROWSER_RETURNED = "browser_returned"
    PAY_AGAIN = "pay_again"
    GUEST_CANCELS = "guest_cancels"
    OUTLET_ACCEPTS = "outlet_accepts"
    OUTLET_REJECTS = "outlet_rejects"
    OUTLET_PROGRESS = "outlet_progress"
    WINDOW_OVER = "window_over"
    NO_ANSWER = "no_answer"
    FORCE_CANCEL = "force_cancel"
    LINK_FAILED = "link_failed"


Cell = tuple[str, ...]
Table = Mapping[tuple[Event, Column], Cell]


class BadEventTable(ValueError):
    """The table is not whole. `problems` names each cell."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_table(text: str) -> tuple[Table, frozenset[str]]:
    """The cells and the outcome words. Raises BadEventTable unless all 144 cells make sense."""
    raw = tomllib.loads(text)
    words, refusals = frozenset(raw["words"]), frozenset(raw["refusals"])
    known = words | {REFUSE + reason for reason in refusals}
    problems = [f"{name}: no such event" for name in raw["events"] if name not in set(Event)]
    cells: dict[tuple[Event, Column], Cell] = {}
    for event in Event:
        row = raw["events"].get(event.value, {})
        problems += [f"{event}: no such column {column}" for column in row if column not in set(Column)]
        for column in Column:
            cell = tuple(row.get(column.value, ()))
            problems += [f"{event} {column}: {word}?" for word in cell if word not in known]
            if not cell:
                problems.append(f"{event} {column}: empty")
            elif len(cell) > 1 and any(word.startswith(REFUSE) or word in NOTHING for word in cell):
                problems.append(f"{event} {column}: a refusal or nothing stands alone")
            cells[event, column] = cell
    used = {word for cell in cells.values() for word in cell}
    problems += [f"{word}: in no cell" for word in sorted(known - used)]
    if problems:
        raise BadEventTable(problems)
    return MappingProxyType(cells), words


TABLE, WORDS = read_table(files("core.orders").joinpath("events.toml").read_text(encoding="utf-8"))


def cell(event: Event, column: Column) -> Cell:
    return TABLE[event, column]


def refusal(event: Event, column: Column) -> str | None:
    """Why the event is refused in this state, or None."""
    first = TABLE[event, column][0]
    return first.removeprefix(REFUSE) if first.startswith(REFUSE) else None


def nothing(event: Event, column: Column) -> bool:
    """Whether the event leaves an order of this state as it is."""
    return TABLE[event, column][0] in NOTHING
