"""What Stripe signs: its news, with the moment of sending in it (PLATFORMS.md D4)."""

import hmac
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

from core.clock import Clock
from core.errors import Forbidden

TOLERANCE: Final = timedelta(minutes=5)
_SCHEME: Final = "v1"


class NotFromStripe(Forbidden):
    """Unsigned, signed by somebody else, changed since, or sent long ago; `reason` says which."""

    reason: str


class NewsSignature:
    """Any of `secrets` may have signed, and while one is rolled over Stripe signs with both."""

    def __init__(self, secrets: Sequence[str], clock: Clock) -> None:
        if not secrets or not all(secrets):
            raise ValueError("a signature needs a secret")
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._clock = clock

    def check(self, body: bytes, header: str | None) -> str:
        """The body as text, once the signature over its very bytes is known to be right. Raises NotFromStripe."""
        if not header:
            raise NotFromStripe(reason="missing")
        parts = [part.strip().partition("=") for part in header.split(",")]
        moments = [value for name, _, value in parts if name == "t"]
        given = [value.encode("utf-8", "surrogateescape") for name, _, value in parts if name == _SCHEME]
        if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdigit() and len(moments[0]) < 12):
            raise NotFromStripe(reason="no time")
        text = moments[0].encode() + b"." + body
        right = [hmac.new(secret, text, sha256).hexdigest().encode() for secret in self._secrets]
        fits = [hmac.compare_digest(one, other) for one in right for other in given]  # all, however it ends
        if not any(fits):
            raise NotFromStripe(reason="mismatch")
        if int(moments[0]) * 1000 < self._clock.ms() - TOLERANCE // timedelta(milliseconds=1):
            raise NotFromStripe(reason="too old")
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise NotFromStripe(reason="not text") from None
