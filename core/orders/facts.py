"""What can happen to an order, as facts. Facts are only ever added; `decide` draws the conclusions.

A fact's `key` says what it is about, not how it came: a capture told by three webhooks and two polls is one fact. Facts
about what somebody did carry `step`, how many such acts the order had seen when it was done: two cooks who accept the
same order in the same moment make one fact, and who accepts again after an undo makes another.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import ConfigDict, Field, field_validator

from core.ids import LinkId, PaymentId, RefundKey
from core.models import Model
from core.money import Money
from core.orders.ledger import LinkEnd, Portion
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod

SYSTEM = "system"
PROVIDER = "provider"
GUEST = "guest"


class BaseFact(Model):
    passing: ClassVar[bool] = False  # its effect is kept in the order, the fact itself is not

    kind: str
    at_ms: int
    by: str = SYSTEM  # system, provider, guest, or the handle of whoever did it: telegram:42

    @property
    def key(self) -> str:
        """What the fact is about. Two facts with the same key are one."""
        return self.kind


class Created(BaseFact):
    kind: Literal["created"] = "created"


class LinkFact(BaseFact):
    n: int


class LinkOpened(LinkFact):
    kind: Literal["link_opened"] = "link_opened"
    link: LinkId
    url: str
    expires_ms: int

    @property
    def key(self) -> str:
        return f"link_opened:{self.n}"


class LinkClosed(LinkFact):
    kind: Literal["link_closed"] = "link_closed"
    reason: LinkEnd
    ours: bool = False

    @property
    def key(self) -> str:
        return f"link_closed:{self.n}:{self.reason}"


class LinkPartlyPaid(LinkFact):
    kind: Literal["link_partly_paid"] = "link_partly_paid"
    payment: PaymentId = PaymentId("")

    @property
    def key(self) -> str:
        return f"link_partly_paid:{self.n}:{self.payment}"


class LinkFailed(LinkFact):
    """No link. `final`: the provider refuses to make it; otherwise it may still turn up."""

    kind: Literal["link_failed"] = "link_failed"
    reason: str
    final: bool = False

    @property
    def key(self) -> str:
        return f"link_failed:{self.n}:{'final' if self.final else 'unknown'}"


class PaymentFact(BaseFact):
    payment: PaymentId
    n: int = 0
    amount: Money
    currency: str
    method: str = ""


class PaymentSeen(PaymentFact):
    kind: Literal["payment_seen"] = "payment_seen"

    @property
    def key(self) -> str:
        return f"seen:{self.payment}"


class PaymentFailed(PaymentFact):
    kind: Literal["payment_failed"] = "payment_failed"
    reason: str = ""

    @property
    def key(self) -> str:
        return f"failed:{self.payment}"


class PaymentAuthorised(PaymentFact):
    kind: Literal["payment_authorised"] = "payment_authorised"

    @property
    def key(self) -> str:
        return f"auth:{self.payment}"


class PaymentCaptured(PaymentFact):
    kind: Literal["payment_captured"] = "payment_captured"

    @property
    def key(self) -> str:
        return f"cap:{self.payment}"


class RefundFact(BaseFact):
    """`refund_key` is ours; empty for a refund made by hand at the provider."""

    payment: PaymentId
    amount: Money
    refund_key: RefundKey = RefundKey("")
    provider_id: str = ""
    bank_ref: str = ""

    @property
    def _which(self) -> str:
        return self.provider_id or self.refund_key


class RefundCreated(RefundFact):
    kind: Literal["refund_created"] = "refund_created"

    @property
    def key(self) -> str:
        return f"refund_created:{self._which}"


class RefundProcessed(RefundFact):
    kind: Literal["refund_processed"] = "refund_processed"

    @property
    def key(self) -> str:
        return f"refund_processed:{self._which}"


class RefundFailed(RefundFact):
    """Confirmed by asking the provider; a report alone is not enough."""

    kind: Literal["refund_failed"] = "refund_failed"
    reason: str = ""
    final: bool = False  # trying again cannot help

    @property
    def key(self) -> str:
        return f"refund_failed:{self._which}"


class RefundSent(BaseFact):
    """Written before the provider is called: from here on the refund may exist there."""

    kind: Literal["refund_sent"] = "refund_sent"
    refund_key: RefundKey

    @property
    def key(self) -> str:
        return f"refund_sent:{self.refund_key}"


class RefundStuck(BaseFact):
    """A day of trying did not get an answer: a person has to look."""

    kind: Literal["refund_stuck"] = "refund_stuck"
    refund_key: RefundKey
    reason: str = ""

    @property
    def key(self) -> str:
        return f"refund_stuck:{self.refund_key}"


class RefundAsked(BaseFact):
    """The owner gives money back on purpose; no amount means all that is left of the kept payment. `lines` are what it
    is given back for, `agreed_by` whoever had to agree.
    """

    kind: Literal["refund_asked"] = "refund_asked"
    request: str
    amount: Money | None = None
    reason: str = ""
    words: str = ""  # the owner's own
    lines: tuple[Portion, ...] = ()
    agreed_by: str = ""

    @property
    def key(self) -> str:
        return f"refund_asked:{self.request}"


class CashReturned(BaseFact):
    """Money that was taken in cash was handed back by a person."""

    kind: Literal["cash_returned"] = "cash_returned"
    request: str
    amount: Money
    reason: str = ""
    words: str = ""
    lines: tuple[Portion, ...] = ()
    agreed_by: str = ""

    @property
    def key(self) -> str:
        return f"cash_returned:{self.request}"


class DisputeOpened(BaseFact):
    kind: Literal["dispute_opened"] = "dispute_opened"
    payment: PaymentId
    dispute: str

    @property
    def key(self) -> str:
        return f"dispute:{self.dispute}"


class StepFact(BaseFact):
    """Something a person did; `step` is `Order.acts` at that moment."""

    step: int

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.step}"


class Accepted(StepFact):
    kind: Literal["accepted"] = "accepted"
    minutes: int  # until it can be handed over; 0: as promised


class Rejected(StepFact):
    kind: Literal["rejected"] = "rejected"
    reason: str


class Progressed(StepFact):
    kind: Literal["progressed"] = "progressed"
    to: OrderStatus


class CashCollected(BaseFact):
    kind: Literal["cash_collected"] = "cash_collected"
    amount: Money


class DoorLinkAsked(StepFact):
    """The guest would rather pay by UPI at the door. Passing: what follows is a link, and links have numbers."""

    passing = True
    kind: Literal["door_link_asked"] = "door_link_asked"


class CancelAsked(StepFact):
    """The guest wants to cancel: done at once before the kitchen accepted, a request afterwards."""

    kind: Literal["cancel_asked"] = "cancel_asked"
    reason: str = ""


class CancelRefused(StepFact):
    kind: Literal["cancel_refused"] = "cancel_refused"


class Cancelled(StepFact):
    """Cancelled by staff, owner or Tiffin itself. `refund` is what was agreed to go back; None: everything."""

    kind: Literal["cancelled"] = "cancelled"
    reason: str
    refund: Money | None = None


class Undone(StepFact):
    kind: Literal["undone"] = "undone"


class MethodChanged(StepFact):
    kind: Literal["method_changed"] = "method_changed"
    method: PayMethod


class PayAgain(StepFact):
    """Passing, because it may be asked again and again; what follows from it is a link, and links have numbers."""

    passing = True
    kind: Literal["pay_again"] = "pay_again"


class TimerKind(StrEnum):
    WINDOW_OVER = "window_over"
    NO_ANSWER = "no_answer"
    LATE = "late"
    FINISH = "finish"


class Timer(BaseFact):
    kind: Literal["timer"] = "timer"
    timer: TimerKind
    level: int = 0  # no_answer: which rung of the ladder, from 1; window_over: which link
    since: int = 0  # Order.moves when it was wound up: a ladder that began anew rings anew

    @property
    def key(self) -> str:
        return f"timer:{self.timer}:{self.level}:{self.since}"


class Undelivered(BaseFact):
    """A message or command could not be delivered; `final` when it will not be tried again."""

    kind: Literal["undelivered"] = "undelivered"
    delivery: str
    what: str  # its kind
    reason: str = ""
    final: bool = False
    very_late: bool = False  # so long that the outlet has to be reached by another way

    @property
    def key(self) -> str:
        return f"undelivered:{self.delivery}:{'final' if self.final else 'very_late' if self.very_late else 'late'}"


class Review(BaseFact):
    """Something a person has to look at, found outside the rules of `decide`."""

    kind: Literal["review"] = "review"
    what: str
    about: str = ""

    @property
    def key(self) -> str:
        return f"review:{self.what}:{self.about}"


class BrowserReturned(BaseFact):
    passing = True
    kind: Literal["browser_returned"] = "browser_returned"

    @property
    def key(self) -> str:
        return f"browser_returned:{self.at_ms}"


class Reconciled(BaseFact):
    """The provider was asked about everything; `ok` when it answered."""

    passing = True
    kind: Literal["reconciled"] = "reconciled"
    ok: bool = True

    @property
    def key(self) -> str:
        return f"reconciled:{self.at_ms}"


class ExpiryTried(BaseFact):
    """The window is over, but the provider does not say whether the link is closed."""

    passing = True
    kind: Literal["expiry_tried"] = "expiry_tried"

    @property
    def key(self) -> str:
        return f"expiry_tried:{self.at_ms}"


_Known = (
    Created
    | LinkOpened
    | LinkClosed
    | LinkPartlyPaid
    | LinkFailed
    | PaymentSeen
    | PaymentFailed
    | PaymentAuthorised
    | PaymentCaptured
    | RefundCreated
    | RefundProcessed
    | RefundFailed
    | RefundSent
    | RefundStuck
    | RefundAsked
    | CashReturned
    | DisputeOpened
    | Accepted
    | Rejected
    | Progressed
    | CashCollected
    | DoorLinkAsked
    | CancelAsked
    | CancelRefused
    | Cancelled
    | Undone
    | MethodChanged
    | PayAgain
    | Timer
    | Undelivered
    | Review
    | BrowserReturned
    | Reconciled
    | ExpiryTried
)
KINDS = frozenset(str(fact.model_fields["kind"].default) for fact in get_args(_Known))


class UnknownFact(BaseFact):
    """Written by a newer release: kept as it is, left alone."""

    model_config = ConfigDict(extra="allow")

    @field_validator("kind")
    @classmethod
    def unknown(cls, kind: str) -> str:
        if kind in KINDS:
            raise ValueError("a kind this release knows")
        return kind

    @property
    def key(self) -> str:
        return f"unknown:{self.kind}:{self.at_ms}"


Fact = Annotated[Annotated[_Known, Field(discriminator="kind")] | UnknownFact, Field(union_mode="left_to_right")]
