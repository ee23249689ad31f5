"""The practice Razorpay's HTTP interface, without an HTTP server: a request in, a status and an answer out."""

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.payments.practice.entities import Json
from core.payments.practice.ledger import Ledger
from core.payments.practice.rules import Refused

IDEMPOTENCY: Final = "X-Refund-Idempotency"
_EARLIEST: Final = 946_684_800
_LATEST: Final = 4_765_046_400
_PAGE: Final = (
    ("from", _EARLIEST, _EARLIEST, _LATEST),
    ("to", _LATEST, _EARLIEST, _LATEST),
    ("count", 10, 1, 100),
    ("skip", 0, 0, 10**9),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Header names as they are sent; looked up without regard to case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)


Handler = Callable[..., Awaitable[Json]]


class Api:
    """Razorpay at `/v1`, for whoever knows the key."""

    def __init__(self, ledger: Ledger, *, key_id: str, key_secret: str) -> None:
        self._ledger = ledger
        self._key = b"Basic " + b64encode(f"{key_id}:{key_secret}".encode())
        name = r"([A-Za-z0-9_]+)"
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = [
            ("POST", re.compile(r"/v1/payment_links/?"), self._create_link),
            ("GET", re.compile(r"/v1/payment_links/?"), self._list_links),
            ("GET", re.compile(rf"/v1/payment_links/{name}"), self._fetch_link),
            ("POST", re.compile(rf"/v1/payment_links/{name}/cancel"), self._cancel_link),
            ("GET", re.compile(rf"/v1/orders/{name}"), self._fetch_order),
            ("GET", re.compile(rf"/v1/orders/{name}/payments"), self._order_payments),
            ("GET", re.compile(r"/v1/payments/?"), self._list_payments),
            ("GET", re.compile(r"/v1/refunds/?"), self._list_refunds),
            ("GET", re.compile(rf"/v1/payments/{name}"), self._fetch_payment),
            ("POST", re.compile(rf"/v1/payments/{name}/refund"), self._refund),
            ("GET", re.compile(rf"/v1/payments/{name}/refunds"), self._refunds_of),
            ("GET", re.compile(rf"/v1/refunds/{name}"), self._fetch_refund),
        ]

    async def answer(self, asked: Asked) -> tuple[int, Json]:
        try:
            given = (asked.header("Authorization") or "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, self._key):
                raise Refused(401, "Authentication failed")
            return 200, await self._handle(asked)
        except Refused as refused:
            return refused.status, refused.body

    async def _handle(self, asked: Asked) -> Json:
        for method, path, handler in self._routes:
            found = path.fullmatch(asked.path)
            if found is not None and method == asked.method:
                return await handler(asked, *found.groups())
        raise Refused(400, "The requested URL was not found on the server.")

    async def _create_link(self, asked: Asked) -> Json:
        return await self._ledger.create_link(_body(asked))

    async def _list_links(self, asked: Asked) -> Json:
        return await self._ledger.list_links(asked.query.get("reference_id", ""), asked.query.get("payment_id", ""))

    async def _fetch_link(self, asked: Asked, link: str) -> Json:
        return await self._ledger.fetch_link(link)

    async def _cancel_link(self, asked: Asked, link: str) -> Json:
        return await self._ledger.cancel_link(link)

    async def _fetch_order(self, asked: Asked, order: str) -> Json:
        return await self._ledger.fetch_order(order)

    async def _order_payments(self, asked: Asked, order: str) -> Json:
        return await self._ledger.order_payments(order)

    async def _fetch_payment(self, asked: Asked, payment: str) -> Json:
        return await self._ledger.fetch_payment(payment)

    async def _list_payments(self, asked: Asked) -> Json:
        return await self._ledger.list_payments(**_page(asked))

    async def _list_refunds(self, asked: Asked) -> Json:
        return await self._ledger.list_refunds(**_page(asked))

    async def _refund(self, asked: Asked, payment: str) -> Json:
        return await self._ledger.refund(payment, _body(asked), asked.header(IDEMPOTENCY))

    async def _refunds_of(self, asked: Asked, payment: str) -> Json:
        count, skip = (int(asked.query.get(name, default)) for name, default in (("count", "10"), ("skip", "0")))
        return await self._ledger.refunds_of(payment, min(count, 100), skip)

    async def _fetch_refund(self, asked: Asked, refund: str) -> Json:
        return await self._ledger.fetch_refund(refund)


def _page(asked: Asked) -> dict[str, int]:
    """Raises Refused."""
    given: dict[str, int] = {}
    for name, default, least, most in _PAGE:
        text = asked.query.get(name, str(default))
        if not (text.isascii() and text.isdigit()):
            raise Refused(400, f"{name} must be an integer.", field=name)
        if not least <= int(text) <= most:
            raise Refused(400, f"{name} must be between {least} and {most}", field=name)
        given[name] = int(text)
    return {"since_s": given["from"], "until_s": given["to"], "count": given["count"], "skip": given["skip"]}


def _body(asked: Asked) -> dict[str, Any]:
    try:
        body = json.loads(asked.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "Please provide a valid JSON.")
    return body
