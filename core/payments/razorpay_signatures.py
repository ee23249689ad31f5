"""What Razorpay signs: its news, and the address it sends a guest's browser back to (PLATFORMS.md C2, C3)."""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from core.errors import Forbidden

_SIGNED_FIELDS: Final = ("id", "reference_id", "status")


class NotFromRazorpay(Forbidden):
    """Unsigned, signed by somebody else, or changed since; `reason`: missing, mismatch or not text."""

    reason: str


class NewsSignature:
    """Any of `secrets` may have signed: after a change, news that is repeated still carries the old one's signature."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("a signature needs a secret")  # anybody can sign with an empty one
        self._secrets = tuple(secret.encode() for secret in secrets)

    def check(self, body: bytes, signature: str | None) -> str:
        """The body as text, once the signature over its very bytes is known to be right. Raises NotFromRazorpay."""
        if not signature:
            raise NotFromRazorpay(reason="missing")
        given = signature.encode("utf-8", "surrogateescape")
        fits = [hmac.compare_digest(given, signed(secret, body)) for secret in self._secrets]  # all, however it ends
        if not any(fits):
            raise NotFromRazorpay(reason="mismatch")
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise NotFromRazorpay(reason="not text") from None


def signed(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, body, sha256).hexdigest().encode()


def returned_reference(query: Mapping[str, str], key_secret: str) -> str:
    """The reference of the link a browser came back from; empty when Razorpay did not send it.

    Even a true one proves nothing: it is a reason to ask.
    """
    link = [query.get(f"razorpay_payment_link_{field}", "") for field in _SIGNED_FIELDS]
    text = "|".join([*link, query.get("razorpay_payment_id", "")])
    given = query.get("razorpay_signature", "").encode("utf-8", "surrogateescape")
    right = signed(key_secret.encode(), text.encode("utf-8", "surrogateescape"))
    return link[1] if key_secret and hmac.compare_digest(given, right) else ""
