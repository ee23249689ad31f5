"""What is planted where something goes wrong, and where it must not be found: canaries, and errors that sing."""

import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from pydantic import BaseModel
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError

from core import redaction
from core.logs import configure_logging

SID, TOKEN = "AC" + "ca7a11" * 5 + "00", "canary-twilio-token-6f1d"
RAZORPAY, RAZORPAY_OLD, STRIPE = "canary-razorpay-3c77", "canary-razorpay-older-9a", "whsec_canary_stripe_51"
BOT = "7654321098:AAFcanaryCanaryCanaryCanaryCanary12"
PHONE = "9845098450"
STREET = "77 Canary Residency Road"
CARD = "4111111111111111"
WORDS = "canary-words-of-a-guest"
PLANTED = (TOKEN, RAZORPAY, RAZORPAY_OLD, STRIPE, BOT, PHONE, STREET, CARD, WORDS)
CRUEL = f"{WORDS} {STREET} +91{PHONE} {PHONE} {CARD} bot{BOT}/sendMessage"


class Place(BaseModel):
    pin: int


def unreadable() -> Exception:
    try:
        Place.model_validate({"pin": CRUEL})
    except ValueError as invalid:
        return invalid
    raise AssertionError("it was valid")


CRUELTIES = {
    "a ValueError": ValueError(CRUEL),
    "a KeyError": KeyError(CRUEL),
    "a document nobody can read": unreadable(),
    "a group": ExceptionGroup(CRUEL, [ValueError(CRUEL), KeyError(CRUEL)]),
    "a recursion": RecursionError(CRUEL),
    "an answer in bytes": UnicodeDecodeError("utf-8", CRUEL.encode(), 0, 1, CRUEL),
    "the system": OSError(5, "Input/output error", CRUEL),
    "a network library": aiohttp.ClientError(CRUEL),
}
STORES = {
    "a document that is there already": DuplicateKeyError(
        f"E11000 dup key: {{ phone: {CRUEL!r} }}", 11000, {"x": CRUEL}
    ),
    "a document MongoDB refuses": OperationFailure(f"Document failed validation: {CRUEL}", 121, {"errInfo": CRUEL}),
    "MongoDB away": AutoReconnect(f"mongodb://tiffin:{TOKEN}@db.example:27017: connection closed"),
    "Redis away": RedisAway(f"Error 111 connecting to rediss://:{TOKEN}@cache.example:6380/0"),
    "a command Redis refuses": ResponseError(f"unknown command 'SET' with args {CRUEL!r}"),
}


def breaking_with(error: Exception) -> Callable[..., Awaitable[Any]]:
    async def breaks(self: object, *args: object, **kwargs: object) -> Any:
        raise error

    return breaks


@dataclass
class Planted:
    """A door behind which canaries sit, and everything that could be read of it."""

    base: str
    log: io.StringIO
    said: list[str] = field(default_factory=list)

    async def session(self) -> str:
        async with aiohttp.ClientSession() as http, http.post(f"{self.base}/chat") as got:
            return str((await got.json())["session"])

    async def post(self, path: str, body: bytes | str, **headers: str) -> int:
        data = body.encode() if isinstance(body, str) else body
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.base + path, data=data, headers=headers) as got,
        ):
            self.said.append(f"{await got.text()} {dict(got.headers)}")
            return got.status

    async def get(self, path: str) -> int:
        async with aiohttp.ClientSession() as http, http.get(self.base + path, allow_redirects=False) as got:
            self.said.append(f"{await got.text()} {dict(got.headers)}")
            return got.status

    def keeps_quiet(self, *more: str) -> None:
        logged = self.log.getvalue()
        for line in logged.splitlines():
            json.loads(line)  # each is one event
        for told in (logged, *self.said):
            for canary in (*PLANTED, *more):
                assert canary not in told, canary


@pytest.fixture
def log(monkeypatch):
    monkeypatch.setattr(redaction, "_secrets", set())
    monkeypatch.setattr(redaction, "_secret_pattern", None)
    stream = io.StringIO()
    configure_logging(level="DEBUG", stream=stream)
    yield stream
    configure_logging(level="DEBUG", form="console")
