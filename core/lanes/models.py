"""A piece of work, and what came of doing it."""

from dataclasses import dataclass
from enum import StrEnum

from core.models import Document


class WorkState(StrEnum):
    NEW = "new"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"  # given up; a person may look


class WorkItem(Document):
    """Stored before anybody relies on it, done at least once. `fence` is the number of the lane's lease it was last
    claimed under: who comes back after losing that lease can no longer finish it.
    """

    lane: str
    state: WorkState = WorkState.NEW
    next_ms: int  # not before
    lease_until_ms: int = 0
    fence: int = 0
    tries: int = 0
    created_ms: int
    seq: int = 0  # order among those of one moment
    done_ms: int = 0
    ref: str = ""  # what the other side calls it
    note: str = ""  # why it was skipped, or what went wrong last


@dataclass(frozen=True, slots=True)
class Done:
    """`drop` names fields nobody needs any more; they are emptied by the write that says it is done."""

    ref: str = ""
    note: str = ""
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """Try again after so many milliseconds."""

    after_ms: int
    note: str


@dataclass(frozen=True, slots=True)
class Dead:
    note: str


Outcome = Done | Again | Dead
