"""An order: everything that decides about it, in one document."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from core.cart.models import CartLine
from core.checkout.models import Bill
from core.customers.models import Address, DietProfile
from core.ids import ChatKey, CheckoutId, CustomerId, OrderId, OutletId, PaymentId, RefundKey
from core.models import Document, Model
from core.money import ZERO, Money, total
from core.orders.facts import Fact
from core.orders.ledger import Link, LinkState, Payment, Refund, RefundStatus
from core.orders.outgoing import OutboxEntry
from core.orders.status import OrderStatus
from core.outlets.models import Clocks, Fulfilment, PayMethod, Slot

__all__ = ["Link", "LinkState", "Order", "OrderDraft", "OrderStatus", "Payment", "PaymentStatus", "Refund",
           "RefundStatus", "Step"]  # fmt: skip

SCHEMA = 1
NEVER_MS = 253_402_300_799_000  # the last second of the year 9999: a time that is compared and never comes
UNDO_MS = 60_000


class Step(Model):
    """A line of the order's history. `before` is set where staff may still take it back: the status it came from."""

    status: OrderStatus
    at_ms: int
    by: str
    note: str = ""
    before: OrderStatus | None = None


class PaymentStatus(StrEnum):
    """Where the guest's money stands; a machine of its own beside the order's."""

    CASH_DUE = "cash_due"
    CASH_COLLECTED = "cash_collected"
    WAITING = "waiting"
    AUTHORISED = "authorised"
    PAID = "paid"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    NONE = "none"  # nothing was paid and nothing will be


class OrderDraft(Model):
    """What checkout knows when the guest says yes. The rest of an order follows from it."""

    checkout_id: CheckoutId
    outlet: OutletId
    outlet_name: str
    timezone: str
    customer: CustomerId
    customer_name: str
    phone: str
    chat: ChatKey
    language: str
    fulfilment: Fulfilment
    table: str = ""
    address: Address | None = None
    slot: Slot | None = None
    road_minutes: int = 0  # from the pass to the door
    note: str = ""
    rider_note: str = ""
    diet: DietProfile = DietProfile()
    lines: tuple[CartLine, ...] = ()  # by reference, to order the same again
    bill: Bill
    method: PayMethod
    promised_ms: int
    clocks: Clocks = Clocks()
    test: bool = False

    @model_validator(mode="after")
    def has_an_address_if_and_only_if_delivered(self) -> Self:
        if (self.fulfilment is Fulfilment.DELIVERY) != (self.address is not None):
            raise ValueError("delivery orders have an address, others have none")
        return self

    @model_validator(mode="after")
    def costs_something(self) -> Self:
        if self.bill.total.paise <= 0:
            raise ValueError("an order costs something")
        return self


class Order(Document):
    """Changed by whole replacement under {_id, v} alone. Moments that have not come are 0, times that are waited for
    and will not come are NEVER_MS.
    """

    id: OrderId
    v: int = 1
    schema_v: int = SCHEMA
    checkout_id: CheckoutId
    code: str  # to say aloud: K 472
    day_code: str  # mgroad:20261123:K472
    outlet: OutletId
    outlet_name: str
    customer: CustomerId
    customer_name: str
    phone: str
    chat: ChatKey  # where to answer; empty once the guest was forgotten
    language: str
    fulfilment: Fulfilment
    table: str = ""
    address: Address | None = None
    slot: Slot | None = None
    road_minutes: int = 0
    note: str = ""
    rider_note: str = ""
    diet: DietProfile = DietProfile()
    lines: tuple[CartLine, ...] = ()
    bill: Bill
    method: PayMethod
    provider: str  # who takes online payments for it: sandbox, razorpay
    clocks: Clocks = Clocks()
    test: bool = False

    status: OrderStatus = OrderStatus.AWAITING_PAYMENT
    history: tuple[Step, ...] = ()
    acts: int = 0  # how often somebody did something about it
    moves: int = 0  # how often its status changed
    placed_n: int = 0  # placed at most once, and the auditor counts
    accepted_n: int = 0
    flags: tuple[str, ...] = ()
    cancel_reason: str = ""
    cancel_by: str = ""
    cancel_requested_ms: int = 0
    rung: int = 0  # how far up the no-answer ladder
    waiting_ms: int = 0  # since when the outlet is waited for

    facts: tuple[Fact, ...] = ()
    fresh: tuple[Fact, ...] = Field(default=(), exclude=True)  # added, not decided about yet; never stored
    links: tuple[Link, ...] = ()
    link_wanted: bool = False
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    kept: PaymentId | None = None  # the one payment that pays the order; never taken back

    booked: tuple[str, ...] = ()  # the papers that were asked for: invoice, and a credit note for each of these refunds
    outbox: tuple[OutboxEntry, ...] = ()
    outbox_n: int = 0
    outbox_seq: int = 0

    created_ms: int
    placed_ms: int = 0
    accepted_ms: int = 0
    ended_ms: int = 0
    cash_ms: int = 0
    cash_back: Money = ZERO  # of the cash that was taken
    given_alone: Money = ZERO  # what owners gave back on purpose without a second person's yes
    promised_ms: int
    due_ms: int = NEVER_MS  # when a clock rings
    next_check_ms: int = NEVER_MS  # when the provider is asked
    check_asked_ms: int = 0  # somebody has reason to believe that asking would help
    checked_ms: int = 0
    checks_failed: int = 0
    check_tried_ms: int = 0
    expiry_tried_ms: int = 0
    # Unique, and in the document only while they are true: so many of a guest's orders wait for payment or for cash.
    unpaid_of: CustomerId | None = None
    on_trust_of: str | None = None  # the one of its guest's places (`trust.py`) that it takes

    def to_document(self) -> dict[str, Any]:
        document = super().to_document()
        for name in ("unpaid_of", "on_trust_of"):
            if document[name] is None:
                del document[name]
        return document

    def with_facts(self, facts: Iterable[Fact]) -> Self:
        """The order with `facts` waiting to be decided about; one that was seen before changes nothing."""
        seen = {fact.key for fact in (*self.facts, *self.fresh)}
        added = []
        for fact in facts:
            if fact.key not in seen:
                seen.add(fact.key)
                added.append(fact)
        return self.model_copy(update={"fresh": (*self.fresh, *added)}) if added else self

    @property
    def total(self) -> Money:
        return self.bill.total

    @property
    def currency(self) -> str:
        return self.bill.currency

    @property
    def online(self) -> bool:
        return self.method.online

    @property
    def paid(self) -> bool:
        """The money for it came in, whatever became of it since."""
        return self.kept is not None or self.cash_ms > 0

    @property
    def refunded(self) -> Money:
        """What has gone back for certain."""
        return total(refund.amount for refund in self.refunds if refund.status is RefundStatus.PROCESSED)

    @property
    def refunding(self) -> Money:
        """What is on its way back."""
        return total(
            refund.amount
            for refund in self.refunds
            if refund.status.counts and refund.status is not RefundStatus.PROCESSED
        )

    @property
    def paid_in_cash(self) -> bool:
        """What comes back comes back by hand."""
        return self.kept is None and self.cash_ms > 0

    @property
    def returnable(self) -> Money:
        """What the owner can still give back of what pays the order."""
        if self.paid_in_cash:
            return self.total - self.cash_back
        payment = self.payment(self.kept) if self.kept is not None else None
        if payment is None:
            return ZERO
        return max(ZERO, payment.amount - payment.withheld - self.covered(payment.id))

    @property
    def payment_status(self) -> PaymentStatus:
        captured = total(payment.amount for payment in self.payments if payment.captured)
        if self.kept is not None and not self.covered(self.kept):
            return PaymentStatus.PAID  # a second payment may be on its way back beside it
        if captured:
            if self.refunding:
                return PaymentStatus.REFUNDING
            return PaymentStatus.REFUNDED if self.refunded.paise >= captured.paise else PaymentStatus.PARTLY_REFUNDED
        if not self.online:
            if self.cash_back:
                whole = self.cash_back >= self.total
                return PaymentStatus.REFUNDED if whole else PaymentStatus.PARTLY_REFUNDED
            if self.cash_ms:
                return PaymentStatus.CASH_COLLECTED
            unpaid = self.status.ended and self.status is not OrderStatus.COMPLETED
            return PaymentStatus.NONE if unpaid else PaymentStatus.CASH_DUE
        if self.status.ended:
            return PaymentStatus.NONE
        authorised = any(payment.authorised_ms for payment in self.payments)
        return PaymentStatus.AUTHORISED if authorised else PaymentStatus.WAITING

    @property
    def open_link(self) -> Link | None:
        """The link the guest can pay on, in their own chat."""
        return next((link for link in reversed(self.links) if link.state is LinkState.OPEN and not link.door), None)

    @property
    def door_link(self) -> Link | None:
        """The one link shown at the door that can be paid, or may become one that can."""
        return next((link for link in self.links if link.door and link.state is not LinkState.CLOSED), None)

    @property
    def can_cancel(self) -> bool:
        """By the guest, at once."""
        return self.status in (OrderStatus.AWAITING_PAYMENT, OrderStatus.PLACED)

    @property
    def undo_until_ms(self) -> int:
        """Until when staff can take back the last step; 0: they cannot."""
        last = self.history[-1] if self.history else None
        return last.at_ms + UNDO_MS if last is not None and last.before is not None else 0

    def link(self, n: int) -> Link | None:
        return next((link for link in self.links if link.n == n), None)

    def payment(self, payment_id: PaymentId) -> Payment | None:
        return next((payment for payment in self.payments if payment.id == payment_id), None)

    def method_of(self, payment_id: PaymentId) -> PayMethod:
        """How a payment was made: as its link asked, which may be another way than the order is paid in now."""
        payment = self.payment(payment_id)
        link = self.link(payment.n) if payment is not None else None
        return self.method if link is None else link.method

    def refund(self, key: RefundKey) -> Refund | None:
        return next((refund for refund in self.refunds if refund.key == key), None)

    def covered(self, payment_id: PaymentId) -> Money:
        """How much of a payment has gone back or is on its way."""
        return total(refund.amount for refund in self.refunds if refund.payment == payment_id and refund.status.counts)

    def reference(self, n: int) -> str:
        """What the n-th link is called at the provider; unique there for ever, at most 40 characters."""
        return f"{self.id}.{n}"
