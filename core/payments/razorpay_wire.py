"""The line under Razorpay's library: what it takes for its HTTP session.

The library forgets the HTTP status, prints to the terminal when a connection fails and believes any JSON. So it is
given this instead of a session: a whole JSON answer or one of two errors, and the library passes both on untouched.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.payments.line import Line, NoAnswer


class SaidNo(Exception):
    """An error in Razorpay's own form."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(status, code, description)
        self.status, self.code, self.description = status, code, description


@dataclass(frozen=True, slots=True)
class Answer:
    """The two things the library asks of a response."""

    status_code: int
    document: Any

    def json(self) -> Any:
        return self.document


class Wire:
    def __init__(self, line: Line) -> None:
        self._line = line

    def get(self, url: str, *, params: Mapping[str, Any], **options: Any) -> Answer:
        return self._send("GET", url, params=params, **options)

    def post(self, url: str, *, data: str, **options: Any) -> Answer:
        return self._send("POST", url, data=data, **options)

    def _send(self, method: str, url: str, **options: Any) -> Answer:
        received = self._line.send(method, url, **options)
        if received.status == 204:
            return Answer(204, None)
        try:
            document = json.loads(received.body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise NoAnswer("no JSON", received.status) from None
        if not 200 <= received.status < 300:
            raise _error(received.status, document)
        return Answer(received.status, document)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _error(status: int, document: Any) -> NoAnswer | SaidNo:
    error = document.get("error") if isinstance(document, dict) else None
    code, description = (error.get(name) if isinstance(error, dict) else None for name in ("code", "description"))
    if not isinstance(code, str) or not isinstance(description, str):
        return NoAnswer("an error in no form we know", status)
    return SaidNo(status, code, description)
