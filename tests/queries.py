"""What MongoDB is asked, recorded from the driver, and whether an index answers it.

An index answers a question when its first field is compared in it, or every branch of its `$or` has such an index; the
order asked for must come from the index too, or from sorting the few that one guest or one outlet can have.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.monitoring import CommandStartedEvent

from core.connections import Index
from core.mongo_subset import SubsetListener


@dataclass(frozen=True, slots=True)
class Question:
    """Which fields are compared, one set for each branch of an `$or`, and in which order the answer is wanted.

    `same` are the fields compared for equality, also with one of several (MongoDB merges their sorted answers).
    """

    command: str
    collection: str
    branches: tuple[frozenset[str], ...]
    same: frozenset[str]
    sort: tuple[str, ...]

    def __str__(self) -> str:
        compared = " or ".join(", ".join(sorted(branch)) or "everything" for branch in self.branches)
        return f"{self.command} {self.collection} by {compared}" + (f", sorted by {self.sort}" if self.sort else "")


class Questions(SubsetListener):
    """Watches the subset as every test does, and keeps each different question."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: set[Question] = set()
        self._asking = threading.Lock()

    @property
    def asked(self) -> set[Question]:
        with self._asking:
            return set(self._asked)

    def started(self, event: CommandStartedEvent) -> None:
        super().started(event)
        found = set(questions(event.command_name, event.command))
        with self._asking:
            self._asked |= found


def questions(name: str, command: Mapping[str, Any]) -> Iterator[Question]:
    collection = str(command.get(name, ""))
    match name:
        case "find":
            yield _question(name, collection, command.get("filter", {}), command.get("sort", {}))
        case "findAndModify":
            yield _question(name, collection, command["query"], command.get("sort", {}))
        case "update" | "delete":
            for one in command["updates" if name == "update" else "deletes"]:
                yield _question(name, collection, one["q"], {})
        case "aggregate":  # how the driver counts documents
            for stage in command["pipeline"]:
                if "$match" in stage:
                    yield _question(name, collection, stage["$match"], {})


def _question(name: str, collection: str, filter: Mapping[str, Any], sort: Mapping[str, Any]) -> Question:
    common = {field: value for field, value in filter.items() if not field.startswith("$")}
    branches = [{**common, **branch} for branch in filter.get("$or", [{}])]
    same = {field for field, value in common.items() if not isinstance(value, Mapping) or "$in" in value}
    return Question(name, collection, tuple(frozenset(b) for b in branches), frozenset(same), tuple(sort))


def unanswered(asked: Iterable[Question], indexes: Iterable[Index]) -> list[str]:
    """The questions no index answers, each with what is missing."""
    standing: dict[str, list[tuple[str, ...]]] = {}
    for index in indexes:
        standing.setdefault(index.collection, []).append(tuple(field for field, _ in index.key_list()))
    return sorted(filter(None, (_lacks(one, standing.get(one.collection, [])) for one in asked)))


def _lacks(one: Question, indexes: list[tuple[str, ...]]) -> str:
    for branch in one.branches:
        if "_id" not in branch and not any(index[0] in branch for index in indexes):
            return f"{one}: no index begins with any of {sorted(branch)}"
    if one.sort and "_id" not in one.same and not any(_sorted(one, index) for index in indexes):
        return f"{one}: the order comes from no index"
    return ""


def _sorted(one: Question, index: tuple[str, ...]) -> bool:
    """Whether an index gives the order, or at least keeps what is to be sorted to one guest's or one outlet's own."""
    owned = index[0] in one.same
    rest = index[1:] if owned else index
    return owned or rest[:1] == one.sort[:1]
