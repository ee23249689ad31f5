"""The money side of an order: its payment links, the payments made on them, the refunds made of those.

Entries only grow: a later report never takes back what an earlier one said, so the same reports in any order leave the
same ledger.
"""

from enum import StrEnum

from core.ids import LinkId, PaymentId, RefundKey
from core.models import Model
from core.money import ZERO, Money
from core.outlets.models import PayMethod


class LinkState(StrEnum):
    WANTED = "wanted"  # asked of the provider, who has not answered yet
    OPEN = "open"
    CLOSING = "closing"  # we no longer want it paid; the provider has not confirmed yet
    CLOSED = "closed"


class LinkEnd(StrEnum):
    """How a link ended. A link that was paid counts as paid whatever else was reported of it."""

    FAILED = "failed"  # never came to be
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PAID = "paid"


LINK_END_ORDER = (LinkEnd.FAILED, LinkEnd.EXPIRED, LinkEnd.CANCELLED, LinkEnd.PAID)


class Link(Model):
    """A payment link: the n-th of its order. `id` and `url` are empty until the provider answered."""

    n: int
    method: PayMethod
    state: LinkState
    id: LinkId = LinkId("")
    url: str = ""
    wanted_ms: int
    opened_ms: int = 0
    expires_ms: int = 0
    closed_ms: int = 0
    end: LinkEnd | None = None
    ours: bool = False  # we closed it
    door: bool = False  # shown by the rider, for an order that was to be paid in cash


class Payment(Model):
    """What is known of one payment at the provider; a moment of 0 means that it was not reported."""

    id: PaymentId
    n: int  # of its link; 0: unknown
    amount: Money
    currency: str
    method: str = ""  # as the provider calls it
    seen_ms: int
    failed_ms: int = 0
    authorised_ms: int = 0
    captured_ms: int = 0
    returns: str = ""  # why it goes back; empty: it does not
    withheld: Money = ZERO  # the part that was agreed not to go back
    disputed: bool = False

    @property
    def captured(self) -> bool:
        return self.captured_ms > 0


class Portion(Model):
    """So many of a line of the bill; lines are counted from 0."""

    line: int
    qty: int


class RefundStatus(StrEnum):
    DUE = "due"  # decided, not sent: may still be withdrawn
    SENT = "sent"  # the provider may or may not have it
    PENDING = "pending"
    FAILED = "failed"
    PROCESSED = "processed"
    MANUAL = "manual"  # a person has to do it
    WITHDRAWN = "withdrawn"  # never sent, no longer needed

    @property
    def counts(self) -> bool:
        """Whether its amount is on its way back, or back."""
        return self not in (RefundStatus.FAILED, RefundStatus.WITHDRAWN)

    @property
    def under_way(self) -> bool:
        return self in (RefundStatus.DUE, RefundStatus.SENT, RefundStatus.PENDING)


# A refund only moves to the right; what we know from a confirmed fetch outranks what we did ourselves.
_RANK = {
    RefundStatus.DUE: 0,
    RefundStatus.WITHDRAWN: 1,
    RefundStatus.SENT: 1,
    RefundStatus.MANUAL: 2,
    RefundStatus.PENDING: 3,
    RefundStatus.FAILED: 4,
    RefundStatus.PROCESSED: 5,
}


class Refund(Model):
    key: RefundKey  # made before the call and sent along; for one made by hand: hand_<provider's id>
    payment: PaymentId
    amount: Money
    status: RefundStatus
    n: int  # of our tries for this payment; 0: made by hand
    ours: bool = True
    provider_id: str = ""
    bank_ref: str = ""  # what a bank needs to find it (ARN, RRN)
    reason: str = ""
    failure: str = ""
    at_ms: int
    done_ms: int = 0

    def at_least(self, status: RefundStatus) -> RefundStatus:
        """The status after `status` was reported: never a step back."""
        return status if _RANK[status] > _RANK[self.status] else self.status
