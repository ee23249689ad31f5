"""What can stand between a cart and an order."""

from core.errors import Conflict, Forbidden, InvalidInput
from core.ids import LineId, OutletId
from core.money import Money
from core.outlets.models import Fulfilment, PayMethod


class CouponRefused(InvalidInput):
    """`reason` is a CouponRefusal; `missing` is how much more must be ordered when that would help."""

    field = "coupon"
    code: str
    reason: str
    missing: Money


class TipRefused(InvalidInput):
    """Less than nothing, or more than `most`."""

    field = "tip"
    most: Money


class PriceChanged(Conflict):
    """The menu moved since the total was shown: it was `was` and is `now`."""

    was: Money
    now: Money


class NotServedNow(Conflict):
    """The dish is served at another time of day; `meal` names it."""

    name: str
    meal: str
    line: LineId


class FulfilmentNotOffered(Conflict):
    fulfilment: Fulfilment


class OutletClosed(Conflict):
    """No orders for now are taken; from `next_ms` they are (0: not within two weeks)."""

    outlet: OutletId
    next_ms: int


class OutletPaused(Conflict):
    """The outlet takes no orders until `until_ms`."""

    outlet: OutletId
    until_ms: int


class SlotGone(Conflict):
    """The chosen time can no longer be kept."""

    start_ms: int


class BelowMinimum(Conflict):
    """Dishes for `minimum` are needed; `missing` more."""

    minimum: Money
    missing: Money


class AboveMaximum(Conflict):
    """More than one order can be paid with: `maximum`."""

    maximum: Money


class NotServiceable(Conflict):
    """The outlet does not deliver there."""

    pin: str


class AddressNeeded(InvalidInput):
    field = "address"


class TableNeeded(InvalidInput):
    """No table, or one the outlet does not have."""

    field = "table"


class PhoneNeeded(Forbidden):
    """An order needs a proved phone."""


class MethodNotOffered(Conflict):
    method: PayMethod


class CashLimit(Conflict):
    """Cash is taken up to `limit`."""

    limit: Money


class CodeNeeded(Forbidden):
    """This much cash, or this guest's record, wants the phone proved by a code."""


class PrepaidOnly(Conflict):
    """Food was cooked for this guest and not taken, more than once: until `until_ms` it is paid first."""

    until_ms: int
