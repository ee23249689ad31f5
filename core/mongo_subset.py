"""Which MongoDB commands mean the same on MongoDB, on the embedded server and on mongomock, and a listener that tells.

The embedded server answers wrongly, rather than with an error, to forms it does not know. So the forms Tiffin uses are
a short list (`docs/decisions/mongodb-subset.md` says why each is in or out), and every command that leaves it is
recorded with a reason. Tests fail when one was; with embedded servers the log says so.
"""

import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_COLLECTION = re.compile(r"[a-z_]+\Z")
_BEGINS_WITH_LETTER = re.compile(r"[A-Za-z]")
_SQL_WORDS = frozenset(
    """
    all alter and as between by case check column commit create default delete desc distinct drop else end exists
    from group having in index insert into is join key like limit not null of offset on or order primary
    references rename replace rollback select set table then to transaction trigger union unique update using
    values view when where with
    """.split()
)

_ENVELOPE = frozenset({"$db", "$clusterTime", "$readPreference", "lsid", "txnNumber", "readConcern", "writeConcern"})
_FIELDS: dict[str, frozenset[str]] = {
    "insert": frozenset({"insert", "documents", "ordered"}),
    "update": frozenset({"update", "updates", "ordered"}),
    "findAndModify": frozenset({"findAndModify", "query", "update", "new", "sort", "fields", "upsert"}),
    "find": frozenset({"find", "filter", "projection", "sort", "skip", "limit", "batchSize", "singleBatch"}),
    "delete": frozenset({"delete", "deletes", "ordered"}),
    "aggregate": frozenset({"aggregate", "pipeline", "cursor"}),
    "createIndexes": frozenset({"createIndexes", "indexes"}),
}
# What drivers say on their own, and what set-up, checks and tests use; none of it carries a guest's data.
_ALWAYS = frozenset(
    """
    hello ismaster ping buildInfo getMore killCursors endSessions listCollections listDatabases listIndexes create
    collMod drop dropDatabase
    """.split()
)
_INDEX_OPTIONS = frozenset({"key", "name", "unique", "sparse", "expireAfterSeconds"})
_RANGES = frozenset({"$gt", "$gte", "$lt", "$lte"})


@dataclass(frozen=True, slots=True)
class Breach:
    """A command outside the subset."""

    command: str
    collection: str
    reason: str

    def __str__(self) -> str:
        return f"{self.command} on {self.collection}: {self.reason}"


class SubsetListener(CommandListener):
    """Records every breach once. Drivers swallow what a listener raises, so ask `breaches` afterwards."""

    def __init__(self, *, loud: bool = False) -> None:
        self._loud = loud
        self._found: dict[Breach, None] = {}
        self._lock = threading.Lock()  # Motor reports from its worker threads

    @property
    def breaches(self) -> list[Breach]:
        with self._lock:
            return list(self._found)

    def started(self, event: CommandStartedEvent) -> None:
        collection = str(event.command.get(event.command_name, ""))
        for reason in breaches_of(event.command_name, event.command):
            breach = Breach(event.command_name, collection, reason)
            with self._lock:
                fresh = breach not in self._found
                self._found[breach] = None
            if fresh and self._loud:
                log.error("mongo_outside_subset", extra={"breach": str(breach)})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Only what is asked matters."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Only what is asked matters."""


def breaches_of(name: str, command: Mapping[str, Any]) -> Iterator[str]:
    """Every reason why this command is outside the subset; none if it is inside."""
    if "startTransaction" in command or "autocommit" in command:
        yield "transactions are out: on the embedded server they swallow the writes of others"
        return
    if name in _ALWAYS:
        return
    if name not in _FIELDS:
        yield "the command is not in the subset"
        return
    collection = str(command[name])
    if not _COLLECTION.match(collection) or collection in _SQL_WORDS:
        yield "collections are [a-z_]+ and no SQL words"
    for option in command.keys() - _FIELDS[name] - _ENVELOPE:
        yield f"option {option!r}"
    match name:
        case "insert":
            for document in command["documents"]:
                yield from _document(document)
        case "update":
            for one in command["updates"]:
                yield from _update(one)
        case "findAndModify":
            yield from _find_and_modify(command)
        case "find":
            yield from _filter(command.get("filter", {}))
            yield from _top_level("projection", command.get("projection", {}))
            yield from _top_level("sort", command.get("sort", {}))
        case "delete":
            for one in command["deletes"]:
                for option in one.keys() - {"q", "limit"}:
                    yield f"option {option!r}"
                yield from _filter(one["q"])
        case "aggregate":
            yield from _count(command["pipeline"])
        case "createIndexes":
            for index in command["indexes"]:
                yield from _index(index)


def _document(document: Mapping[str, Any]) -> Iterator[str]:
    yield from _id(document.get("_id"))
    for name, value in document.items():
        yield from _value(name, value)


def _id(value: object) -> Iterator[str]:
    if not isinstance(value, str) or not _BEGINS_WITH_LETTER.match(value):
        yield "_id is a string that begins with a letter"


def _value(name: str, value: object) -> Iterator[str]:
    if not _NAME.match(name):
        yield f"field name {name!r}: letters, digits and _ only"
    if name == "id" and isinstance(value, bool):
        yield "a field called id holds a bool"
    match value:
        case None | str() | bool() | int() | float() | datetime():
            return
        case Mapping():
            for inner, held in value.items():
                yield from _value(inner, held)
        case list():
            for held in value:
                yield from _value(name, held)
        case _:
            yield f"type {type(value).__name__} in {name!r}"


def _update(one: Mapping[str, Any]) -> Iterator[str]:
    for option in one.keys() - {"q", "u", "multi", "upsert"}:
        yield f"option {option!r}"
    yield from _filter(one["q"])
    change = one["u"]
    if one.get("multi"):
        yield "update_many"
    if one.get("upsert"):
        yield "upsert is for counters, through find_one_and_update"
    if not isinstance(change, Mapping):
        yield "pipeline update"
    elif any(key.startswith("$") for key in change):
        yield from _operators(change, allow_pull=True)
    else:
        if set(one["q"]) != {"_id", "v"} or not _is_int(one["q"]["v"]):
            yield "replace_one has the filter {_id, v}, v an integer"
        yield from _document({"_id": one["q"].get("_id"), **change})


def _find_and_modify(command: Mapping[str, Any]) -> Iterator[str]:
    query, change = command.get("query", {}), command.get("update")
    yield from _filter(query)
    yield from _top_level("sort", command.get("sort", {}))
    yield from _top_level("projection", command.get("fields", {}))
    if not isinstance(change, Mapping) or not any(key.startswith("$") for key in change):
        yield "find_one_and_update with operators only"
        return
    if not command.get("new"):
        yield "find_one_and_update returns AFTER"
    if command.get("upsert") and (set(query) != {"_id"} or set(change) != {"$inc"}):
        yield "the only upsert is a counter: {_id}, $inc"
    yield from _operators(change, allow_pull=False)


def _operators(change: Mapping[str, Any], *, allow_pull: bool) -> Iterator[str]:
    for operator, fields in change.items():
        for name, value in fields.items():
            if not _NAME.match(name):
                yield f"{operator} on {name!r}: top-level names only"
            match operator:
                case "$set":
                    if not (value is None or isinstance(value, str) or _is_int(value)):
                        yield f"$set of {type(value).__name__}: text, integers or None"
                case "$inc":
                    if not _is_int(value):
                        yield "$inc by an integer"
                case "$pull" if allow_pull:
                    if not (isinstance(value, Mapping) and set(value) == {"id"} and isinstance(value["id"], str)):
                        yield "$pull has the form {list: {id: x}}"
                case _:
                    yield f"operator {operator}"


def _filter(query: Mapping[str, Any]) -> Iterator[str]:
    for name, asked in query.items():
        if name == "$or":
            for branch in asked:
                yield from _filter(branch)
        elif not _NAME.match(name):
            yield f"filter on {name!r}: top-level fields and $or"
        elif not isinstance(asked, Mapping):
            yield from _equality(name, asked)
        elif not asked or not all(key.startswith("$") for key in asked):
            yield f"filter on {name!r}: equality with a whole document"
        else:
            for operator, value in asked.items():
                yield from _condition(name, operator, value)


def _condition(name: str, operator: str, value: object) -> Iterator[str]:
    if operator == "$in" and isinstance(value, list):
        for one in value:
            yield from _equality(name, one)
    elif operator in {"$eq", "$ne"}:
        yield from _equality(name, value)
    elif operator in _RANGES:
        if not _is_int(value):
            yield f"{operator} on {name!r}: integers only"
    else:
        yield f"filter operator {operator} on {name!r}"


def _equality(name: str, value: object) -> Iterator[str]:
    if name == "_id":
        yield from _id(value)
    elif not isinstance(value, str | bool | int | float):
        yield f"filter on {name!r}: equality with {type(value).__name__}"


def _top_level(what: str, fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if not _NAME.match(name) or not isinstance(value, int):
            yield f"{what} on {name!r}: top-level names only"


def _count(pipeline: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """`count_documents` is sent as an aggregate; any other aggregate is out."""
    stages = [next(iter(stage), "") for stage in pipeline]
    counts = bool(pipeline) and pipeline[-1] == {"$group": {"_id": 1, "n": {"$sum": 1}}}
    if not counts or stages[0] != "$match" or not set(stages[1:-1]) <= {"$skip", "$limit"}:
        yield "aggregate"
    else:
        yield from _filter(pipeline[0]["$match"])


def _index(index: Mapping[str, Any]) -> Iterator[str]:
    for option in index.keys() - _INDEX_OPTIONS:
        yield f"index option {option!r}"
    for name, direction in index["key"].items():
        if not _NAME.match(name) or direction not in (1, -1):
            yield f"index on {name!r}: top-level fields, 1 or -1"


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
