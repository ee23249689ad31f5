"""Links that open one thing for one purpose for a while: a guest's tracking page, a guest's own data.

    signer.sign("track", order.id, timedelta(hours=6))   ->  "ord_0r3k….m2x8vq.6Zk…"

The purpose is part of what is signed, so a tracking link never opens a document. What a link names stands in it
readable; what it may open is decided by who checks it.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Literal

from core.clock import Clock
from core.errors import Forbidden
from core.settings import Settings

MAX_LENGTH = 256
PICTURE = "picture"  # the purpose of a link to one picture below /media


class LinkRefused(Forbidden):
    """A link that was forged or cut (`reason` "forged"), or whose time is over ("expired")."""

    reason: Literal["forged", "expired"]


def derived_keys(settings: Settings, use: str) -> tuple[bytes, ...]:
    """A key of its own for each use, so that a signature made for one is worth nothing in another.

    The first signs. The others come from secrets on their way out: what they signed is still believed.
    """
    purpose = f"tiffin {use}".encode()
    return tuple(hmac.digest(secret.get_secret_value().encode(), purpose, "sha256") for secret in settings.jwt_secret)


def mac(key: bytes, *parts: str) -> str:
    """128 bits over the parts, in 22 characters that need no escaping in an address."""
    digest = hmac.new(key, "\0".join(parts).encode(), sha256).digest()[:16]
    return urlsafe_b64encode(digest).decode().rstrip("=")


def signed_by(keys: Sequence[bytes], given: str, *parts: str) -> bool:
    """Whether `given`, which is ASCII, is the mac of the parts under any of the keys."""
    return any(hmac.compare_digest(mac(key, *parts), given) for key in keys)


def picture_id(name: str) -> str:
    """The name of a picture below /media (`dishes/dosa.png`) as a link can carry it."""
    return urlsafe_b64encode(name.encode()).decode().rstrip("=")


def picture_name(id: str) -> str:
    """The other way round, for an id that was signed."""
    return urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode()


class Signer:
    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._keys = derived_keys(settings, "links")
        self._clock = clock

    def sign(self, purpose: str, id: str, ttl: timedelta) -> str:
        """A path segment that `check` takes for `ttl`. `id` holds letters, digits, `_`, `-` and dots alone."""
        until = format(self._clock.ms() // 1000 + int(ttl.total_seconds()), "x")
        return f"{id}.{until}.{mac(self._keys[0], purpose, id, until)}"

    def check(self, purpose: str, signed: str) -> str:
        """The id the link was made for. Raises LinkRefused."""
        id, _, rest = signed.rpartition(".")[0].rpartition(".")
        given = signed.rpartition(".")[2]
        if len(signed) > MAX_LENGTH or not id or not signed.isascii():
            raise LinkRefused(reason="forged")
        if not signed_by(self._keys, given, purpose, id, rest):
            raise LinkRefused(reason="forged")
        if int(rest, 16) * 1000 <= self._clock.ms():  # ours, as the signature says
            raise LinkRefused(reason="expired")
        return id
