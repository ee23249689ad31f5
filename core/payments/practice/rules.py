"""What Razorpay takes for a link and for a refund, and the words it refuses with (PLATFORMS.md C1, C4)."""

import json
import re
from typing import Any, Final

from core.money import Money
from core.payments.practice.models import PracticeLink, PracticePayment, PracticeRefund, new_link_id

MINUTE: Final = 60
SIX_MONTHS: Final = 183 * 24 * 60 * MINUTE
LEAST: Final = 100  # paise
METHODS: Final = ("netbanking", "card", "upi", "wallet")
_LINK_FIELDS: Final = frozenset(
    {
        *("amount", "currency", "accept_partial", "first_min_partial_amount", "upi_link", "description"),
        *("reference_id", "customer", "expire_by", "notify", "reminder_enable", "notes"),
        *("callback_url", "callback_method", "options"),
    }
)
_REFUND_FIELDS: Final = frozenset({"amount", "speed", "notes", "receipt"})
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


class Refused(Exception):
    """An error in Razorpay's form."""

    def __init__(self, status: int, description: str, *, field: str = "", code: str = "BAD_REQUEST_ERROR") -> None:
        super().__init__(description)
        self.status, self.description, self.field, self.code = status, description, field, code

    @property
    def body(self) -> dict[str, Any]:
        error = {"code": self.code, "description": self.description, "source": "business", "metadata": {}}
        return {"error": {**error, **({"field": self.field} if self.field else {})}}


def link_from(body: dict[str, Any], now_ms: int) -> PracticeLink:
    """Raises Refused. Whether the reference is new is for the books to say."""
    _only(body, _LINK_FIELDS)
    if body.get("upi_link"):
        raise Refused(
            400, "UPI Payment Links is not supported in Test Mode. Please experience the product in Live Mode."
        )
    if body.get("accept_partial"):
        raise Refused(400, "partial payments are not played here", field="accept_partial")
    reference = body.get("reference_id", "")
    if not isinstance(reference, str) or len(reference) > 40:
        raise Refused(400, "reference_id: the length must be no more than 40.", field="reference_id")
    description = body.get("description", "")
    if not isinstance(description, str) or len(description) > 2048:
        raise Refused(400, "description: the length must be no more than 2048.", field="description")
    callback_url = body.get("callback_url", "")
    if callback_url and (body.get("callback_method") != "get" or not str(callback_url).startswith("http")):
        raise Refused(400, "callback_method should be passed as get along with callback_url", field="callback_method")
    return PracticeLink(
        id=new_link_id(),
        reference=reference,
        amount=_amount(body.get("amount")),
        currency=str(body.get("currency", "INR")),
        description=description,
        methods=_methods(body.get("options")),
        notes=_notes(body.get("notes")),
        callback_url=str(callback_url),
        expire_by=_expiry(body.get("expire_by", 0), now_ms // 1000),
        created_ms=now_ms,
    )


def refund_from(
    body: dict[str, Any], key: str | None, payment: PracticePayment, refund_id: str, now_ms: int, settles_ms: int
) -> PracticeRefund:
    """Raises Refused."""
    _only(body, _REFUND_FIELDS)
    if not payment.captured:
        raise Refused(400, "The payment status should be captured for action to be taken")
    if payment.at_ms + SIX_MONTHS * 1000 < now_ms:
        raise Refused(400, "Refund is not possible for a payment which is more than 6 months old.")
    left = payment.amount - payment.refunded_at(now_ms)
    if left.paise <= 0:
        raise Refused(400, "The payment has been fully refunded already")
    amount = _amount(body.get("amount", left.paise))
    if amount > left:
        raise Refused(400, "The refund amount provided is greater than amount captured", field="amount")
    receipt = body.get("receipt")
    if receipt is not None and not isinstance(receipt, str):
        raise Refused(400, "The receipt must be a string.", field="receipt")
    return PracticeRefund(
        id=refund_id,
        amount=amount,
        key=key or "",
        body=fingerprint(body),
        receipt=receipt,
        notes=_notes(body.get("notes")),
        at_ms=now_ms,
        settles_ms=settles_ms,
    )


def check_key(key: str) -> None:
    if len(key) < 10:
        raise Refused(400, "The idempotency key must be at least 10 characters long.")
    if not _KEY.fullmatch(key):
        raise Refused(400, "The idempotency key must only contain alphanumeric characters, underscores, and hyphens")


def fingerprint(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True)


def _only(body: dict[str, Any], known: frozenset[str]) -> None:
    if extra := sorted(body.keys() - known):
        raise Refused(400, f"{', '.join(extra)} is/are not required and should not be sent")


def _amount(value: Any) -> Money:
    if type(value) is not int:
        raise Refused(400, "The amount must be an integer.", field="amount")
    if value < LEAST:
        raise Refused(400, "The amount must be at least INR 1.00", field="amount")
    return Money(value)


def _expiry(value: Any, now_s: int) -> int:
    if type(value) is not int:
        raise Refused(400, "expire_by must be an integer", field="expire_by")
    if value and value < now_s + 15 * MINUTE:
        raise Refused(400, "timestamp must be atleast 15 minutes in future", field="expire_by")
    if value > now_s + SIX_MONTHS:
        raise Refused(400, "expire_by must be within six months", field="expire_by")
    return value


def _notes(value: Any) -> dict[str, str]:
    notes = value if isinstance(value, dict) else {}
    if len(notes) > 15:
        raise Refused(400, "Number of fields in notes should be less than or equal to 15", field="notes")
    if any(not isinstance(text, str) or len(text) > 255 for text in notes.values()):
        raise Refused(400, "value: the length must not be greater than 255.", field="notes")
    return notes


def _methods(options: Any) -> tuple[str, ...]:
    checkout = options.get("checkout") if isinstance(options, dict) else None
    wanted = checkout.get("method") if isinstance(checkout, dict) else None
    chosen = wanted if isinstance(wanted, dict) else {}
    return tuple(method for method in METHODS if chosen.get(method, True))
