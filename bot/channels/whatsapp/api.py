"""Twilio's REST interface, as far as WhatsApp needs it: messages and content templates (PLATFORMS.md B5, B6).

Spoken plainly over aiohttp, as its own description documents it. The library's way to make a template from a coroutine
sends a broken body, and each of its calls takes a thread; a chat's answer should take neither.
"""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from pydantic import SecretStr

from bot.channels.whatsapp.errors import LATER, Busy, Refused, Unanswered
from core.breaker import Breaker
from core.clock import Clock
from core.logs import get_logger

log = get_logger(__name__)

TWILIO: Final = "https://api.twilio.com"
CONTENT: Final = "https://content.twilio.com"
CONNECT: Final = timedelta(seconds=2)
WHOLE: Final = timedelta(seconds=10)
MOST_UNDER_WAY: Final = 20
PAGE: Final = 100
MOST_PAGES: Final = (
    50  # of a list; whoever writes more than that in half an hour, or a day while we are away, is logged
)
MAX_WAIT: Final = timedelta(seconds=60)

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Took:
    """A message Twilio took."""

    sid: str
    status: str
    error: int


class TwilioApi:
    """`api_url` is Twilio's own address, or one server that speaks for both of its hosts."""

    def __init__(self, *, account_sid: str, auth_token: SecretStr, api_url: str, clock: Clock) -> None:
        self._account = f"{api_url}/2010-04-01/Accounts/{account_sid}"
        self._content = (CONTENT if api_url == TWILIO else api_url) + "/v1/Content"
        given = f"{account_sid}:{auth_token.get_secret_value()}".encode()
        self._headers = {"Authorization": f"Basic {b64encode(given).decode()}", "Accept": "application/json"}
        self._breaker = Breaker(clock)
        self._session: ClientSession | None = None

    async def send(self, fields: Fields) -> Took:
        """Create a message. Raises Refused, Busy and Unanswered, which are ProviderErrors."""
        made = await self._call("POST", f"{self._account}/Messages.json", form=fields)
        sid = made.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Unanswered("no sid", sent=True)
        return Took(sid, str(made.get("status", "")), _code(made.get("error_code")))

    async def messages(self, filters: Fields) -> AsyncIterator[dict[str, Any]]:
        """Messages as they stand in Twilio's list, newest first."""
        url, query = f"{self._account}/Messages.json", {**filters, "PageSize": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self._call("GET", url, query=query)
            for message in page.get("messages") or ():
                yield message
            following = page.get("next_page_uri")
            if not following:
                return
            url, query = self._there(str(following)), {}
        log.error("whatsapp_list_cut", pages=MOST_PAGES)

    async def make_content(self, body: Mapping[str, Any]) -> str:
        """The sid of a new template."""
        made = await self._call("POST", self._content, body=body)
        return str(made["sid"])

    async def contents(self) -> AsyncIterator[dict[str, Any]]:
        """The account's templates."""
        url, query = self._content, {"PageSize": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self._call("GET", url, query=query)
            for content in page.get("contents") or ():
                yield content
            following = (page.get("meta") or {}).get("next_page_url")
            if not following:
                return
            url, query = self._there(str(following)), {}
        log.error("whatsapp_list_cut", pages=MOST_PAGES)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _there(self, address: str) -> str:
        """The next page, on the host we talk to: our key goes nowhere else."""
        parts = urlsplit(address)
        ours = self._content if "/v1/Content" in parts.path else self._account
        return urljoin(ours, parts.path) + (f"?{parts.query}" if parts.query else "")

    async def _call(
        self,
        method: str,
        url: str,
        *,
        form: Fields | None = None,
        query: Fields | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        attempt = self._breaker.admit()
        if attempt is None:
            raise Busy(0, status=503)
        well = False
        try:
            async with self._open().request(
                method, url, data=form, params=query, json=body, headers=self._headers, allow_redirects=False
            ) as response:
                text = await response.text(errors="replace")
                status, wait = response.status, response.headers.get("Retry-After", "")
            well = status < 500
        except (ClientConnectorError, ConnectionTimeoutError) as failure:
            raise Unanswered(type(failure).__name__, sent=False) from None
        except (ClientError, TimeoutError, OSError) as failure:
            raise Unanswered(type(failure).__name__, sent=method == "POST") from None
        finally:
            attempt.end(well=well)
        said = _object(text)
        if 200 <= status < 300 and said is not None:
            return said
        code = _code((said or {}).get("code"))
        if status == 429 or status >= 500 or code in LATER:
            raise Busy(code, status=status, retry_after=_wait(wait))
        if 200 <= status < 300:
            raise Unanswered("unreadable", sent=True)
        raise Refused(code, status=status)

    def _open(self) -> ClientSession:
        if self._session is None:
            connect, whole = CONNECT.total_seconds(), WHOLE.total_seconds()
            self._session = ClientSession(
                connector=TCPConnector(limit=MOST_UNDER_WAY),
                timeout=ClientTimeout(total=whole, sock_connect=connect),
                cookie_jar=DummyCookieJar(),
            )
        return self._session


def _object(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _code(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def _wait(header: str) -> timedelta | None:
    return min(timedelta(seconds=int(header)), MAX_WAIT) if header.isascii() and header.isdigit() else None
