"""What a provider answered, read strictly: of the right types and about what was asked, or not believed at all."""

import logging
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

log = logging.getLogger(__name__)

MAX_ID = 255


class OddAnswer(ValueError):
    """Not what was asked for. What became of the request is then unknown, never taken for a success."""


class Entity(BaseModel):
    """A foreign object. Strict: no number from text, no text from a number, no truth value for either."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


Read = TypeVar("Read", bound=Entity)

Amount = Annotated[int, Field(gt=0, le=10**12)]
Part = Annotated[int, Field(ge=0, le=10**12)]
Seconds = Annotated[int, Field(ge=0, le=10**11)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=2048)]


def read(kind: type[Read], answer: object) -> Read:
    """Raises OddAnswer."""
    try:
        return kind.model_validate(answer)
    except ValidationError as odd:
        fields = sorted({".".join(str(part) for part in error["loc"]) or kind.__name__ for error in odd.errors()})
        raise OddAnswer(f"{kind.__name__}: {', '.join(fields)[:200]}") from None


Line = TypeVar("Line")


def readable(kind: type[Read], items: Iterable[object], line: Callable[[Read], Line]) -> list[Line]:
    """The lines of a list that holds whatever the account holds: one that makes no sense hides none of the others."""
    found = []
    for item in items:
        try:
            found.append(line(read(kind, item)))
        except OddAnswer as odd:
            name = item.get("id") if isinstance(item, dict) else None
            log.warning("payment_record_unreadable", extra={"id": str(name)[:MAX_ID], "reason": str(odd)})
    return found


def same(what: str, answered: object, asked: object) -> None:
    """Raises OddAnswer when it is about something else."""
    if answered != asked:
        raise OddAnswer(f"{what} is not what was asked for")


def note(notes: Any, name: str) -> str:
    """What was noted under a name. Notes come back as an object, as an empty list, or as nothing at all."""
    value = notes.get(name) if isinstance(notes, dict) else None
    return value if isinstance(value, str) else ""
