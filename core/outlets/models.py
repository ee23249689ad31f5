"""An outlet: where food is cooked, when, for whom and under which taxes."""

from enum import StrEnum

from core.ids import ChatKey, OutletId
from core.models import Document, Model
from core.money import ZERO, Money

MINUTES_A_DAY = 24 * 60


class Fulfilment(StrEnum):
    DINE_IN = "dine_in"
    TAKEAWAY = "takeaway"
    DELIVERY = "delivery"


class PayMethod(StrEnum):
    UPI = "upi"
    CARD = "card"
    WALLET = "wallet"
    NETBANKING = "netbanking"
    CASH = "cash"

    @property
    def online(self) -> bool:
        return self is not PayMethod.CASH


class Hours(Model):
    """One opening on one weekday (Monday is 0). Minutes since local midnight; `closes` may lie past 24:00."""

    weekday: int
    opens: int
    closes: int


class Category(Model):
    code: str
    name: str


class Meal(Model):
    """A time of day to which items can be limited: breakfast 07:00–11:30."""

    code: str
    name: str
    start: int
    end: int


class TaxClass(Model):
    """A GST rate in basis points of each half: 250 + 250 is 5 %. `sac` is the service code printed on invoices."""

    code: str
    cgst_bp: int
    sgst_bp: int
    sac: str = "996331"


class Zone(Model):
    """Where an outlet delivers, told by PIN code or by distance, and what that costs."""

    code: str
    name: str
    pins: tuple[str, ...] = ()
    radius_m: int = 0  # 0: by PIN code alone
    fee: Money
    free_over: Money | None = None  # items subtotal from which delivery is free
    minimum: Money = ZERO
    minutes: int = 15  # on the road, on top of cooking


class CouponKind(StrEnum):
    PERCENT = "percent"
    AMOUNT = "amount"


class Coupon(Model):
    code: str  # upper case
    kind: CouponKind
    percent: int = 0
    amount: Money = ZERO
    cap: Money | None = None
    minimum: Money = ZERO
    fulfilments: tuple[Fulfilment, ...] = ()  # empty: all
    first_order: bool = False
    once: bool = False  # once a guest
    starts_ms: int = 0
    ends_ms: int = 0  # 0: no end


class Clocks(Model):
    """The outlet's patience, in minutes (DESIGN.md §5)."""

    payment_window: int = 16
    louder: tuple[int, ...] = (2, 5)
    owner: int = 8
    give_up: int = 15
    revival: int = 10


class Outlet(Document):
    id: OutletId
    v: int = 1
    name: str
    address: str
    city: str
    phone: str
    latitude: float = 0.0
    longitude: float = 0.0
    timezone: str = "Asia/Kolkata"
    currency: str = "INR"
    gstin: str = ""
    fssai: str = ""
    invoice_prefix: str = ""  # how the numbers of its invoices begin; empty: as its code begins
    position: int = 0
    hours: tuple[Hours, ...]
    holidays: tuple[str, ...] = ()  # local dates, 2026-11-08
    fulfilments: tuple[Fulfilment, ...]
    zones: tuple[Zone, ...] = ()
    tables: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    meals: tuple[Meal, ...] = ()
    taxes: tuple[TaxClass, ...]
    charges_tax: str = "food"  # the tax class of packing and delivery, composite with the food
    methods: tuple[PayMethod, ...]
    cash_limit: Money = Money(200_000)
    refund_limit: Money = Money(100_000)  # what one person gives back alone; for more a second one has to agree
    cash_without_code: Money = Money(150_000)  # above this a guest's first order in cash wants a code by SMS
    round_to: int = 1  # paise; 100 rounds bills to the rupee
    prep_minutes: int = 25
    slot_minutes: int = 30
    slot_days: int = 1  # days after today that slots are offered for; 0: today alone
    last_order_minutes: int = 15  # no new orders this long before closing
    coupons: tuple[Coupon, ...] = ()
    clocks: Clocks = Clocks()
    groups: tuple[ChatKey, ...] = ()  # the outlet's group chats, where cards go
    paused_until_ms: int = 0
    pause_reason: str = ""
    paused_by: str = ""  # the handle of who tapped
    test: bool = False

    def tax(self, code: str) -> TaxClass:
        return next(tax for tax in self.taxes if tax.code == code)


class Opening(Model):
    """Whether an outlet takes orders at a moment.

    `until_ms` when open: the last order, 0 when it never closes. `next_ms` when not: 0 if closed for two weeks.
    """

    open: bool
    paused: bool = False
    until_ms: int = 0
    next_ms: int = 0


class Slot(Model):
    """A time an order can be promised for."""

    start_ms: int
    end_ms: int
