"""Stripe's objects (PLATFORMS.md D4), and what they are called here."""

from typing import Annotated, Any, Final, Literal

from pydantic import StringConstraints

from core.ids import LinkId, PaymentId, RefundKey
from core.money import ZERO, Money
from core.payments.answers import Amount, Entity, OddAnswer, Part, Seconds, WebAddress, note, read
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

REFERENCE: Final = "tiffin_reference"  # in the metadata of a session and of the payment made in it
EXPIRES: Final = "tiffin_expires_ms"  # when the order stops waiting; Stripe itself keeps a session longer
REFUND: Final = "tiffin_refund"

_NAME = r"[A-Za-z0-9_]{1,128}$"
SessionName = Annotated[str, StringConstraints(pattern=rf"^cs_{_NAME}")]
IntentName = Annotated[str, StringConstraints(pattern=rf"^pi_{_NAME}")]
RefundName = Annotated[str, StringConstraints(pattern=rf"^(re|pyr)_{_NAME}")]
Currency = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]

_INTENTS: Final = {
    "succeeded": PaymentState.CAPTURED,
    "requires_capture": PaymentState.AUTHORISED,
    "canceled": PaymentState.FAILED,
}
_REFUNDS: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.PROCESSED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


class SessionEntity(Entity):
    id: SessionName
    client_reference_id: str | None = None
    amount_total: Amount
    currency: Currency
    status: Literal["open", "complete", "expired"]
    payment_status: Literal["paid", "unpaid", "no_payment_required"]
    url: WebAddress | None = None  # there while it is open
    expires_at: Seconds
    payment_intent: IntentName | None = None  # not there before somebody tries to pay
    metadata: Any = None

    def view(self) -> PaymentLink:
        return PaymentLink(
            id=LinkId(self.id),
            reference=self.client_reference_id or "",
            url=self.url or "",
            amount=Money(self.amount_total),
            currency=self.currency.upper(),
            status=self._status(),
            expires_ms=self._expires_ms(),
            provider_order=self.payment_intent or "",
        )

    def payment(self) -> PaymentView | None:
        """As far as the session tells of it."""
        if self.payment_intent is None:
            return None
        paid = self.status == "complete" and self.payment_status == "paid"
        return PaymentView(
            id=PaymentId(self.payment_intent),
            amount=Money(self.amount_total),
            currency=self.currency.upper(),
            state=PaymentState.CAPTURED if paid else PaymentState.CREATED,
        )

    def _status(self) -> LinkStatus:
        if self.payment_status == "no_payment_required":
            raise OddAnswer("a session that costs nothing")
        if self.status == "expired":
            return LinkStatus.EXPIRED
        # Complete and unpaid: the bank takes its time. It is not over, whatever the page shows.
        return LinkStatus.PAID if self.status == "complete" and self.payment_status == "paid" else LinkStatus.OPEN

    def _expires_ms(self) -> int:
        ours = note(self.metadata, EXPIRES)
        theirs = self.expires_at * 1000
        return min(int(ours), theirs) if ours.isascii() and ours.isdigit() else theirs


class Charge(Entity):
    amount_refunded: Part = 0


class PaymentError(Entity):
    code: str | None = None
    decline_code: str | None = None


class IntentEntity(Entity):
    id: IntentName
    amount: Amount
    amount_received: Part = 0
    currency: Currency
    status: Literal[
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "requires_capture",
        "canceled",
        "succeeded",
    ]
    latest_charge: Charge | str | None = None
    last_payment_error: PaymentError | None = None
    payment_method_types: list[str] | None = None
    metadata: Any = None

    def view(self) -> PaymentView:
        error = self.last_payment_error
        state = _INTENTS.get(self.status, PaymentState.CREATED)
        if self.status == "requires_payment_method" and error is not None:
            state = PaymentState.FAILED  # this try; the guest may try again with the same payment
        charge = self.latest_charge
        return PaymentView(
            id=PaymentId(self.id),
            amount=Money(self.amount_received if state is PaymentState.CAPTURED else self.amount),
            currency=self.currency.upper(),
            state=state,
            method=(self.payment_method_types or [""])[0][:40],
            reason=((error.decline_code or error.code or "")[:80] if error is not None else ""),
            refunded=Money(charge.amount_refunded) if isinstance(charge, Charge) else ZERO,
        )


class RefundEntity(Entity):
    id: RefundName
    payment_intent: IntentName
    amount: Amount
    status: Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
    failure_reason: str | None = None
    destination_details: Any = None
    metadata: Any = None
    created: Seconds = 0

    def record(self) -> RefundRecord:
        return RefundRecord(refund=self.view(), at_ms=self.created * 1000)

    def view(self) -> RefundView:
        return RefundView(
            id=self.id,
            payment=PaymentId(self.payment_intent),
            amount=Money(self.amount),
            state=_REFUNDS[self.status],
            key=RefundKey(note(self.metadata, REFUND)),
            bank_ref=self._bank_ref(),
            reason=(self.failure_reason or "")[:80],
        )

    def _bank_ref(self) -> str:
        details = self.destination_details if isinstance(self.destination_details, dict) else {}
        kind = details.get("type")
        return note(details.get(kind) if isinstance(kind, str) else None, "reference")[:80]


class Booking(Entity):
    """What moved in the account's own books because of a charge."""

    fee: Part = 0


class ChargeEntity(Entity):
    """A charge in the account's list. One of another shop may have been made without a payment intent."""

    id: Annotated[str, StringConstraints(pattern=rf"^(ch|py)_{_NAME}")]
    payment_intent: IntentName | None = None
    amount: Amount
    amount_captured: Part = 0
    amount_refunded: Part = 0
    currency: Currency
    status: Literal["succeeded", "pending", "failed"]
    captured: bool
    created: Seconds
    balance_transaction: Booking | str | None = None
    payment_method_details: Any = None
    failure_code: str | None = None
    metadata: Any = None  # a copy of the payment's

    def record(self) -> PaymentRecord:
        taken = self.status == "succeeded" and self.captured
        view = PaymentView(
            id=PaymentId(self.payment_intent or self.id),
            amount=Money(self.amount_captured if taken else self.amount),
            currency=self.currency.upper(),
            state=self._state(),
            method=note(self.payment_method_details, "type")[:40],
            reason=(self.failure_code or "")[:80],
            refunded=Money(self.amount_refunded),
        )
        fee = self.balance_transaction.fee if isinstance(self.balance_transaction, Booking) else 0
        return PaymentRecord(
            payment=view,
            at_ms=self.created * 1000,
            fee=Money(fee),
            reference=note(self.metadata, REFERENCE),
            provider_order=self.payment_intent or "",
        )

    def _state(self) -> PaymentState:
        match self.status:
            case "succeeded":
                return PaymentState.CAPTURED if self.captured else PaymentState.AUTHORISED
            case "pending":
                return PaymentState.CREATED
            case "failed":
                return PaymentState.FAILED


class AccountList(Entity):
    """A page of what the account holds, of other shops too."""

    data: list[dict[str, Any]]
    has_more: bool

    @property
    def next(self) -> str:
        """Behind what the next page begins; empty after the last one."""
        name = self.data[-1].get("id") if self.has_more and self.data else ""
        if not isinstance(name, str):
            raise OddAnswer("a line without a name")
        return name


class DisputeEntity(Entity):
    id: Annotated[str, StringConstraints(pattern=rf"^(dp|du)_{_NAME}")]
    payment_intent: IntentName
    amount: Amount
    currency: Currency


class SessionList(Entity):
    """A page of all sessions of the account. Those of other shops have other shapes; only ours are read."""

    data: list[dict[str, Any]]
    has_more: bool

    def named(self, reference: str) -> list[SessionEntity]:
        return [
            read(SessionEntity, session) for session in self.data if session.get("client_reference_id") == reference
        ]

    def paid_by(self, payment: PaymentId) -> list[SessionEntity]:
        return [read(SessionEntity, session) for session in self.data if session.get("payment_intent") == payment]

    @property
    def next(self) -> str:
        """Behind which session the next page begins; empty after the last one."""
        name = self.data[-1].get("id") if self.has_more and self.data else ""
        if not isinstance(name, str):
            raise OddAnswer("a session without a name")
        return name


class RefundList(Entity):
    data: list[RefundEntity]
    has_more: bool
