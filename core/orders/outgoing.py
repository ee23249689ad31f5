"""What must leave the house because of an order: words to a guest, a card for the kitchen, a command to a provider.

Entries are written into the order by the very write that decides them, then copied to `deliveries`. They carry ids and
amounts; words are made where they are sent.
"""

from enum import StrEnum

from core.ids import DeliveryId
from core.models import Model


class DeliveryKind(StrEnum):
    """The part before the dot says who carries it out."""

    GUEST_PAY = "guest.pay"  # the waiting card with its link: n, amount, expires_ms
    GUEST_PLACED = "guest.placed"
    GUEST_ACCEPTED = "guest.accepted"  # promised_ms
    GUEST_REJECTED = "guest.rejected"  # reason, refund
    GUEST_PREPARING = "guest.preparing"
    GUEST_READY = "guest.ready"
    GUEST_OUT = "guest.out"
    GUEST_COMPLETED = "guest.completed"
    GUEST_CANCELLED = "guest.cancelled"  # who, reason, refund
    GUEST_EXPIRED = "guest.expired"
    GUEST_PAYMENT_FAILED = "guest.payment_failed"  # reason: declined, no_link; n
    GUEST_REFUND_REQUESTED = "guest.refund_requested"  # key, amount, reason
    GUEST_REFUNDED = "guest.refunded"  # key, amount
    GUEST_CASH_BACK = "guest.cash_back"  # amount
    GUEST_LATE = "guest.late"  # promised_ms
    GUEST_PAID = "guest.paid"  # at the door, what was to be paid in cash
    GUEST_REVIVED = "guest.revived"
    GUEST_CANCEL_REFUSED = "guest.cancel_refused"
    GUEST_STILL_WAITING = "guest.still_waiting"  # give_up_ms
    OUTLET_NEW_ORDER = "outlet.new_order"
    OUTLET_CARD = "outlet.card"  # the card as it reads now
    OUTLET_STOP = "outlet.stop"  # who, reason
    OUTLET_REMIND = "outlet.remind"  # level, minutes, or level 0 and what
    OUTLET_CANCEL_REQUESTED = "outlet.cancel_requested"  # reason
    OUTLET_DOOR_LINK = "outlet.door_link"  # n: a link to be paid at the door, to be shown
    ADMIN_ALERT = "admin.alert"  # what, and what is known
    PROVIDER_CREATE_LINK = "provider.create_link"  # n
    PROVIDER_CLOSE_LINK = "provider.close_link"  # n
    PROVIDER_REFUND = "provider.refund"  # key
    SMS_OUTLET = "sms.outlet"  # what: the kind of message that does not reach the outlet's group
    BOOKS_INVOICE = "books.invoice"
    BOOKS_CREDIT = "books.credit"  # key of what went back; none: the order ended after it was invoiced
    STOCK_RETURN = "stock.return"  # what was taken off the shelf for an order that will not be cooked
    STOCK_TAKE = "stock.take"  # taken again by an order that was revived
    RECORD_MARK = "record.mark"  # what: absent, cancelled; is written into the guest's record

    @property
    def whose(self) -> str:
        return self.value.partition(".")[0]


Data = dict[str, str | int]

ADMIN = "admin"
STOCK = "stock"
BOOKS = "books"
SMS_PREFIX = "sms:"
RECORD = "record"
OUTLET_PREFIX = "outlet:"
PROVIDER_PREFIX = "provider:"


class OutboxEntry(Model):
    """`target` is a chat key, `outlet:<id>` (its groups, whichever they are when it is relayed), `provider:<name>`,
    `admin`, `stock`, `books`, `record` or `sms:<outlet>`. Entries of one `lane` go out one after the other.
    """

    id: DeliveryId
    kind: DeliveryKind
    target: str
    lane: str
    step: str
    data: Data
    at_ms: int
    seq: int
