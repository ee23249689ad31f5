"""One HTTP request for a library that would make it less carefully: no redirects, no endless answers, no retries."""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

MAX_ANSWER: Final = 4 * 1024 * 1024
LONGEST: Final = timedelta(seconds=10)  # of one answer: a thread reads it, and there are only twenty
_AT_ONCE: Final = 64 * 1024


class NoAnswer(Exception):
    """No answer, half an answer, or one that makes no sense: what became of the request is not known."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why, status)
        self.why, self.status = why, status


@dataclass(frozen=True, slots=True)
class Received:
    status: int
    body: bytes
    headers: Any


class Line:
    """Safe to be used from several threads. Connections are kept; `requests` is loaded with the first call."""

    def __init__(self, connections: int, *, longest: timedelta = LONGEST) -> None:
        self._connections = connections
        self._longest_s = longest.total_seconds()
        self._opening = threading.Lock()
        self._session: Any = None

    def send(self, method: str, url: str, **options: Any) -> Received:
        """`options` as `requests` takes them; a time limit is among them. Raises NoAnswer."""
        from requests import RequestException
        from urllib3.exceptions import HTTPError

        until = time.monotonic() + self._longest_s
        try:
            with self._open().request(method, url, allow_redirects=False, stream=True, **options) as response:
                status = int(response.status_code)
                body = b""
                while len(body) <= MAX_ANSWER and (more := response.raw.read1(_AT_ONCE, decode_content=True)):
                    body += more
                    if time.monotonic() > until:  # drop by drop no single read is ever late
                        raise NoAnswer("too slow", status)
        except (RequestException, HTTPError, OSError) as failure:
            raise NoAnswer(type(failure).__name__) from None
        if len(body) > MAX_ANSWER:
            raise NoAnswer("too large", status)
        return Received(status, body, response.headers)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _open(self) -> Any:
        with self._opening:
            if self._session is None:
                from requests import Session
                from requests.adapters import HTTPAdapter

                session = Session()
                for scheme in ("https://", "http://"):
                    session.mount(scheme, HTTPAdapter(pool_maxsize=self._connections))
                self._session = session
        return self._session
