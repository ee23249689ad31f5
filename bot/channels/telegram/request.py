"""python-telegram-bot's way out, on aiohttp.

Its own client walks all open connections for every call, so the cost of a call grows with the calls in flight
(PERFORMANCE.md). Codes, error texts and `retry_after` stay the library's business.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import aiohttp
from telegram import Bot
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

CONNECTIONS = 512  # more than the turns in flight; a call that waits for a connection is a guest who waits
CONNECT_TIMEOUT = 2.0
READ_TIMEOUT = 8.0
WRITE_TIMEOUT = 5.0
UPLOAD_TIMEOUT = 20.0
POOL_TIMEOUT = 1.0
FORM = "application/x-www-form-urlencoded"
# An edit gives the whole message back, and making objects of it costs as much as the edit. Nobody reads them.
UNREAD = ("/editMessageText", "/editMessageCaption", "/editMessageReplyMarkup")
DONE = b'{"ok":true,"result":true}'


class AiohttpRequest(BaseRequest):
    """One session, opened with the first call on whatever loop runs then."""

    __slots__ = ("_connections", "_read_timeout", "_session", "_shut")

    def __init__(self, *, connections: int = CONNECTIONS, read_timeout: float = READ_TIMEOUT) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None
        self._shut = False

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        self._shut = False
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                headers={"User-Agent": self.USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        self._shut = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Never logs what it could not read: it may be about a guest."""
        try:
            return dict(json.loads(payload))
        except (ValueError, TypeError) as unreadable:
            raise TelegramError("Invalid server response") from unreadable

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The code and the body of the answer. Raises TimedOut (it may have arrived all the same) and NetworkError."""
        if self._session is None:
            if self._shut:  # whoever speaks as the house closes would leave a connection nobody ends
                raise NetworkError("shut down")
            await self.initialize()
        assert self._session is not None
        uploads = request_data is not None and request_data.contains_files
        timeout = _timeout(
            connect=_given(connect_timeout, CONNECT_TIMEOUT),
            pool=_given(pool_timeout, POOL_TIMEOUT),
            write=_given(write_timeout, UPLOAD_TIMEOUT if uploads else WRITE_TIMEOUT),
            read=_given(read_timeout, self._read_timeout),
        )
        body: bytes | aiohttp.FormData | None = None
        headers = None
        if request_data is not None:
            if uploads:
                body = _multipart(request_data)
            else:
                body, headers = form(request_data.json_parameters), {"Content-Type": FORM}
        try:
            async with self._session.request(method, url, data=body, headers=headers, timeout=timeout) as answer:
                payload = await answer.read()
                if answer.status == 200 and url.endswith(UNREAD):
                    return 200, DONE
                return answer.status, payload
        except TimeoutError as late:
            raise TimedOut(f"{type(late).__name__}") from late
        except (aiohttp.ClientError, OSError) as failure:  # the address holds the token: it is not repeated here
            raise NetworkError(type(failure).__name__) from failure


def form(values: Mapping[str, str]) -> bytes:
    """The values as a form. A page of buttons is two thousand characters, a third of them quoted: in Python that takes
    longer than a turn's logic, so yarl, which aiohttp brings along, does it in C."""
    return URL.build(query=values).raw_query_string.encode()


@dataclass(frozen=True, slots=True)
class _Text:
    """What `do_request` reads of the library's RequestData, for values that are text already."""

    json_parameters: Mapping[str, str]
    contains_files: bool = False


async def call_plainly(bot: Bot, method: str, values: Mapping[str, str]) -> Any:
    """One call past the bot's own method, for the text that ends nearly every turn, sent or edited. The library looks
    at each of a method's twenty arguments on its way, at the five it sends several times, and makes objects of all that
    comes back; this gives what Telegram answers as it is. Errors are what the method raises.

    Only for a bot whose calls go through AiohttpRequest.
    """
    return await bot.request.post(f"{bot.base_url}/{method}", cast(RequestData, _Text(values)))


def _given(timeout: Any, default: float) -> float | None:
    return default if timeout is BaseRequest.DEFAULT_NONE else timeout


@lru_cache
def _timeout(
    *, connect: float | None, pool: float | None, write: float | None, read: float | None
) -> aiohttp.ClientTimeout:
    """aiohttp has no time for writing alone; it is part of the whole."""
    parts = (pool, connect, write, read)
    return aiohttp.ClientTimeout(
        total=None if None in parts else sum(part or 0.0 for part in parts),
        connect=None if pool is None or connect is None else pool + connect,
        sock_connect=connect,
        sock_read=read,
    )


def _multipart(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # names go as they are, blanks too
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for part, (filename, content, mimetype) in request_data.multipart_data.items():
        form.add_field(part, content, filename=filename, content_type=mimetype)
    return form
