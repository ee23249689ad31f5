"""The books of the practice Razorpay: one document a link, with everything that was ever tried on it.

The names of what belongs to a link are made from the link's own, so that it is found from any of them.
"""

import secrets
import string
from enum import StrEnum
from typing import Final

from pydantic import Field

from core.models import Document, Model
from core.money import Money, total

BASE: Final = 10
_ALPHABET: Final = string.ascii_letters + string.digits


class LinkStatus(StrEnum):
    CREATED = "created"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    FAILED = "failed"


class RefundStatus(StrEnum):
    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class PracticeRefund(Model):
    id: str
    amount: Money
    key: str = ""  # what made it unique; empty: made by hand
    body: str = ""  # what was asked for under that key
    receipt: str | None = None
    notes: dict[str, str] = Field(default_factory=dict)
    at_ms: int
    settles_ms: int
    fails: bool = False

    def status_at(self, now_ms: int) -> RefundStatus:
        if now_ms < self.settles_ms:
            return RefundStatus.PENDING
        return RefundStatus.FAILED if self.fails else RefundStatus.PROCESSED


class PracticePayment(Model):
    id: str
    amount: Money
    currency: str
    status: PaymentStatus
    method: str
    error: str = ""
    at_ms: int
    refunds: tuple[PracticeRefund, ...] = ()

    def refunded_at(self, now_ms: int) -> Money:
        return total(refund.amount for refund in self.refunds if refund.status_at(now_ms) is not RefundStatus.FAILED)

    @property
    def captured(self) -> bool:
        return self.status is PaymentStatus.CAPTURED


class PracticeLink(Document):
    """`methods` are those it can be paid with; times in whole seconds are Razorpay's own."""

    id: str
    v: int = 1
    reference: str
    amount: Money
    currency: str
    description: str = ""
    methods: tuple[str, ...]
    notes: dict[str, str] = Field(default_factory=dict)
    callback_url: str = ""
    expire_by: int = 0  # 0: never
    status: LinkStatus = LinkStatus.CREATED
    created_ms: int
    cancelled_ms: int = 0
    payments: tuple[PracticePayment, ...] = ()

    def status_at(self, now_ms: int) -> LinkStatus:
        """An open link expires by itself."""
        over = self.status is LinkStatus.CREATED and 0 < self.expire_by * 1000 <= now_ms
        return LinkStatus.EXPIRED if over else self.status

    @property
    def order_id(self) -> str:
        """The order Razorpay makes behind a link."""
        return f"order_{self.id.removeprefix('plink_')}"

    @property
    def amount_paid(self) -> Money:
        return total(payment.amount for payment in self.payments if payment.captured)

    def payment(self, payment_id: str) -> PracticePayment | None:
        return next((payment for payment in self.payments if payment.id == payment_id), None)

    def with_payment(self, payment: PracticePayment) -> "PracticeLink":
        """Added, or put in the place of what it was."""
        payments = tuple(payment if known.id == payment.id else known for known in self.payments)
        if self.payment(payment.id) is None:
            payments = (*payments, payment)
        return self.model_copy(update={"payments": payments})


def new_link_id() -> str:
    return "plink_" + "".join(secrets.choice(_ALPHABET) for _ in range(BASE)) + "0000"


def payment_id(link_id: str, n: int) -> str:
    return f"pay_{_base(link_id)}{n:02d}00"


def refund_id(payment: str, n: int) -> str:
    return f"rfnd_{_base(payment)}{payment[-4:-2]}{n:02d}"


def link_id_of(name: str) -> str:
    """The link a payment, a refund or an order belongs to, by its name alone."""
    return f"plink_{_base(name)}0000"


def payment_id_of(refund: str) -> str:
    return f"pay_{_base(refund)}{refund[-4:-2]}00"


def _base(name: str) -> str:
    return name.rpartition("_")[2][:BASE]
