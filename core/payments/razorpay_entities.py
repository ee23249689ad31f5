"""Razorpay's objects (PLATFORMS.md C1, C3, C4), and what they are called here."""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import StringConstraints

from core.ids import LinkId, PaymentId, RefundKey
from core.money import ZERO, Money
from core.payments.answers import Amount, Entity, OddAnswer, Part, Seconds, WebAddress, note
from core.payments.models import (
    LinkStatus,
    PaymentLink,
    PaymentRecord,
    PaymentState,
    PaymentView,
    RefundRecord,
    RefundState,
    RefundView,
)

REFERENCE_NOTE: Final = "tiffin_reference"  # in the notes of a link, and so of the provider's order behind it
REFUND_NOTE: Final = "tiffin_refund"
MAX_RECEIPT: Final = 40  # documented for orders; for refunds nothing is, so ours keep to it
TAIL: Final = 6

_NAME = r"[A-Za-z0-9_\-]{1,64}$"
LinkName = Annotated[str, StringConstraints(pattern=rf"^plink_{_NAME}")]
PaymentName = Annotated[str, StringConstraints(pattern=rf"^pay_{_NAME}")]
RefundName = Annotated[str, StringConstraints(pattern=rf"^rfnd_{_NAME}")]
OrderName = Annotated[str, StringConstraints(pattern=rf"^{_NAME}")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

_LINKS: Final = {
    "created": LinkStatus.OPEN,
    "issued": LinkStatus.OPEN,  # as the dashboard calls it
    "partially_paid": LinkStatus.PARTLY_PAID,
    "paid": LinkStatus.PAID,
    "expired": LinkStatus.EXPIRED,
    "cancelled": LinkStatus.CANCELLED,
}
_PAYMENTS: Final = {
    "created": PaymentState.CREATED,
    "authorized": PaymentState.AUTHORISED,
    "captured": PaymentState.CAPTURED,
    "refunded": PaymentState.CAPTURED,  # it was, and went back
    "failed": PaymentState.FAILED,
}
_REFUNDS: Final = {
    "pending": RefundState.PENDING,
    "processed": RefundState.PROCESSED,
    "failed": RefundState.FAILED,
}
# A payment made on a link is described by the link's name without its prefix: #FOGqq3O6E5bkml.
_LINK_IN_DESCRIPTION: Final = re.compile(r"#([A-Za-z0-9]{14})")


class PaidPart(Entity):
    payment_id: PaymentName


class NamedLink(Entity):
    """As much of a link as its news needs."""

    id: LinkName
    reference_id: str | None = None
    order_id: OrderName | None = None  # not there before somebody tries to pay


class LinkEntity(NamedLink):
    short_url: WebAddress
    amount: Amount
    currency: Currency
    status: Literal["created", "issued", "partially_paid", "paid", "expired", "cancelled"]
    expire_by: Seconds | None = None  # 0: never
    payments: list[PaidPart] | None = None  # captured ones alone

    def view(self) -> PaymentLink:
        return PaymentLink(
            id=LinkId(self.id),
            reference=self.reference_id or "",
            url=self.short_url,
            amount=Money(self.amount),
            currency=self.currency,
            status=_LINKS[self.status],
            expires_ms=(self.expire_by or 0) * 1000,
            provider_order=order_name(self.order_id),
        )


class PaymentEntity(Entity):
    """`captured` is not read: documented examples have it true on payments that are only authorised."""

    id: PaymentName
    amount: Amount
    currency: Currency
    status: Literal["created", "authorized", "captured", "refunded", "failed"]
    order_id: OrderName | None = None
    amount_refunded: Part | None = None
    method: str | None = None
    description: str | None = None
    error_reason: str | None = None
    error_code: str | None = None
    notes: Any = None
    fee: Part | None = None  # the tax on it is in it; none before it is captured
    created_at: Seconds | None = None

    def record(self) -> PaymentRecord:
        """Raises OddAnswer."""
        return PaymentRecord(
            payment=self.view(),
            at_ms=_made(self.created_at),
            fee=Money(self.fee or 0),
            reference=note(self.notes, REFERENCE_NOTE),
            link=self.link,
            provider_order=order_name(self.order_id),
        )

    def view(self) -> PaymentView:
        return PaymentView(
            id=PaymentId(self.id),
            amount=Money(self.amount),
            currency=self.currency,
            state=_PAYMENTS[self.status],
            method=(self.method or "")[:40],
            reason=(self.error_reason or self.error_code or "")[:80] if self.status == "failed" else "",
            refunded=Money(self.amount_refunded) if self.amount_refunded else ZERO,
        )

    @property
    def link(self) -> LinkId:
        """The link it was made on, if its description tells."""
        found = _LINK_IN_DESCRIPTION.fullmatch(self.description or "")
        return LinkId(f"plink_{found[1]}" if found else "")


class RefundEntity(Entity):
    id: RefundName
    payment_id: PaymentName
    amount: Amount
    status: Literal["pending", "processed", "failed"]
    receipt: str | None = None
    acquirer_data: Any = None
    notes: Any = None
    created_at: Seconds | None = None

    def record(self) -> RefundRecord:
        """Raises OddAnswer."""
        return RefundRecord(refund=self.view(), at_ms=_made(self.created_at))

    def view(self) -> RefundView:
        return RefundView(
            id=self.id,
            payment=PaymentId(self.payment_id),
            amount=Money(self.amount),
            state=_REFUNDS[self.status],
            key=self.key,
            bank_ref=self._bank_ref(),
        )

    @property
    def key(self) -> RefundKey:
        return RefundKey(note(self.notes, REFUND_NOTE)) or key_of(self.receipt or "", PaymentId(self.payment_id))

    def _bank_ref(self) -> str:
        for name in ("arn", "rrn", "utr"):
            if found := note(self.acquirer_data, name):
                return found[:80]
        return ""


class DisputeEntity(Entity):
    id: Annotated[str, StringConstraints(pattern=rf"^disp_{_NAME}")]
    payment_id: PaymentName


class OrderEntity(Entity):
    id: OrderName
    receipt: str | None = None  # of a link's order: the link's reference
    notes: Any = None


class LinkList(Entity):
    payment_links: list[LinkEntity]


class PaymentList(Entity):
    items: list[PaymentEntity]
    count: int | None = None


class RefundList(Entity):
    items: list[RefundEntity]
    count: int | None = None


class AccountList(Entity):
    """A page of what the account holds, of other shops too."""

    items: list[Any]
    count: int | None = None


def _made(created_at: int | None) -> int:
    if not created_at:
        raise OddAnswer("made at no time")
    return created_at * 1000


def order_name(name: str | None) -> str:
    """In one documented event the order's name comes without its prefix."""
    return f"order_{name.removeprefix('order_')}" if name else ""


def receipt_of(key: RefundKey, payment: PaymentId) -> str:
    """The key as a receipt: of a long one the payment's name is cut to its end, and `key_of` puts it back. Empty if
    that does not make it short enough.
    """
    if len(key) > MAX_RECEIPT:
        key = RefundKey(key.replace(f"_{payment}_", f"_{payment[-TAIL:]}_", 1))
    return key if len(key) <= MAX_RECEIPT else ""


def key_of(receipt: str, payment: PaymentId) -> RefundKey:
    """Empty for a receipt that is none of ours."""
    if not receipt.startswith("rf_"):
        return RefundKey("")
    head, cut, n = receipt.rpartition(f"_{payment[-TAIL:]}_")
    whole = not cut or f"_{payment}_" in receipt
    return RefundKey(receipt if whole else f"{head}_{payment}_{n}")
