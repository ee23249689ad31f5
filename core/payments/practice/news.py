"""What the practice Razorpay has to tell, in Razorpay's envelope, and how it signs it."""

import hmac
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol
from urllib.parse import urlencode

from core.payments.practice.entities import Json
from core.payments.practice.models import link_id_of

ACCOUNT: Final = "acc_Practice000000"


@dataclass(frozen=True, slots=True)
class Event:
    """`id` stays the same however often it is sent. Sent not before `due_ms`. `about` is the link it happened on."""

    id: str
    name: str
    body: bytes
    due_ms: int
    about: str = ""

    def signature(self, secret: str) -> str:
        return signature_of(secret, self.body)


def signature_of(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()


class Courier(Protocol):
    """Takes news to whoever asked for it."""

    async def post(self, event: Event) -> None: ...


def event(name: str, payload: dict[str, Json], at_ms: int, *, after_ms: int = 0) -> Event:
    due_ms = at_ms + after_ms
    envelope = {
        "account_id": ACCOUNT,
        "contains": list(payload),
        "created_at": due_ms // 1000,
        "entity": "event",
        "event": name,
        "payload": {about: {"entity": entity} for about, entity in payload.items()},
    }
    about = next((link_id_of(str(entity.get("id", ""))) for entity in payload.values()), "")
    return Event(secrets.token_hex(8), name, json.dumps(envelope).encode(), due_ms, about)


def return_address(callback_url: str, key_secret: str, *, link: str, reference: str, status: str, payment: str) -> str:
    """Where the payer's browser goes, signed (PLATFORMS.md C2)."""
    text = f"{link}|{reference}|{status}|{payment}"
    query = {
        "razorpay_payment_id": payment,
        "razorpay_payment_link_id": link,
        "razorpay_payment_link_reference_id": reference,
        "razorpay_payment_link_status": status,
        "razorpay_signature": hmac.new(key_secret.encode(), text.encode(), sha256).hexdigest(),
    }
    return f"{callback_url}?{urlencode(query)}"
