"""Links, payments and refunds as a provider shows them, and the news it sends."""

from enum import StrEnum

from core.ids import LinkId, PaymentId, RefundKey
from core.models import Document, Model
from core.money import ZERO, Money


class LinkStatus(StrEnum):
    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class PaymentLink(Model):
    id: LinkId
    reference: str  # ours: <order id>.<n>
    url: str
    amount: Money
    currency: str
    status: LinkStatus
    expires_ms: int
    provider_order: str = ""  # what groups the payments made on it, where the provider has such a thing


class PaymentState(StrEnum):
    CREATED = "created"
    FAILED = "failed"
    AUTHORISED = "authorised"
    CAPTURED = "captured"


class PaymentView(Model):
    id: PaymentId
    amount: Money
    currency: str
    state: PaymentState
    method: str = ""
    reason: str = ""  # why it failed
    refunded: Money = ZERO


class RefundState(StrEnum):
    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class RefundView(Model):
    """`key` is what we called it; empty for a refund somebody made by hand."""

    id: str
    payment: PaymentId
    amount: Money
    state: RefundState
    key: RefundKey = RefundKey("")
    bank_ref: str = ""
    reason: str = ""


class PaymentRecord(Model):
    """A line of the provider's own list. Whichever of `reference`, `link` and `provider_order` is known says whose."""

    payment: PaymentView
    at_ms: int  # when it was made there
    fee: Money = ZERO  # what the provider keeps of it, with the tax on that
    reference: str = ""
    link: LinkId = LinkId("")
    provider_order: str = ""


class RefundRecord(Model):
    refund: RefundView
    at_ms: int


class News(StrEnum):
    PAYMENT = "payment"  # how one payment stands now
    LINK_PAID = "link_paid"
    LINK_PARTLY_PAID = "link_partly_paid"
    LINK_EXPIRED = "link_expired"
    LINK_CANCELLED = "link_cancelled"
    REFUND = "refund"
    DISPUTE = "dispute"


class PaymentEvent(Model):
    """One piece of news. Whichever of `reference`, `link`, `provider_order` and `payment` is known says whose it is."""

    news: News
    at_ms: int
    reference: str = ""
    link: LinkId = LinkId("")
    provider_order: str = ""
    payment: PaymentView | None = None
    refund: RefundView | None = None
    dispute: str = ""


class Orphan(Document):
    """Money at a provider that no order knows of. A person says what it is; nothing is given back by itself."""

    id: str  # the provider's own id of the payment, or of the refund
    v: int = 1
    provider: str
    kind: str  # payment, refund
    amount: Money
    currency: str
    method: str = ""
    payment: PaymentId  # of a refund: what it was made of
    at_ms: int
    found_ms: int
    closed_ms: int = 0
    closed_by: str = ""
    reason: str = ""


class Binding(Document):
    """Which order something at a provider belongs to, for ever. `_id` is the provider's own id."""

    id: str
    order: str
    n: int
    kind: str  # payment, link, provider_order
    at_ms: int
