"""The line under Stripe's library: what it takes for its HTTP session."""

from dataclasses import dataclass
from typing import Any

from core.payments.line import Line


@dataclass(frozen=True, slots=True)
class Response:
    """What the library asks of a response."""

    status_code: int
    content: bytes
    headers: Any


class Session:
    """Whatever is raised here the library calls an APIConnectionError."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def request(self, method: str, url: str, **options: Any) -> Response:
        received = self._line.send(method, url, **options)
        return Response(received.status, received.body, received.headers)
