"""One POST to an SMS service that has a plain HTTP interface."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    NonHttpUrlClientError,
    TCPConnector,
)

from core.sms.patience import Patience
from core.sms.refusals import unclear, unreachable

MOST_CONNECTIONS = 20

# Errors that can only come before a byte of the request was written.
_BEFORE = (ClientConnectorError, ConnectionTimeoutError, InvalidURL, NonHttpUrlClientError)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str


class Post:
    """Each message takes a fresh connection: on a kept one that the far side just closed, nobody could tell whether the
    message was read. Redirects are not followed; keys would go along.
    """

    def __init__(self, provider: str, patience: Patience) -> None:
        self._provider = provider
        self._patience = patience
        self._session: ClientSession | None = None

    async def send(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Raises ProviderError when no connection came about and SendUnclear when no whole answer did."""
        session = self._open()
        try:
            async with session.post(url, headers=headers, json=json, data=form, allow_redirects=False) as response:
                body = await response.read()
        except _BEFORE as failure:
            raise unreachable(self._provider, failure) from None
        except (ClientError, TimeoutError, OSError) as failure:
            raise unclear(self._provider, failure) from None
        return Answer(response.status, body.decode("utf-8", errors="replace"))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> ClientSession:
        if self._session is None:
            connect, answer = self._patience.connect_seconds, self._patience.answer_seconds
            self._session = ClientSession(
                connector=TCPConnector(limit=MOST_CONNECTIONS, force_close=True),
                timeout=ClientTimeout(total=connect + answer, connect=connect, sock_connect=connect, sock_read=answer),
                cookie_jar=DummyCookieJar(),
            )
        return self._session
