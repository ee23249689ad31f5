"""What an outlet must be able to do before it is asked to cook. Pure: each check names what stands in the way."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.cart.errors import ItemGone, OptionGone
from core.cart.models import PricedLine
from core.checkout.errors import (
    AboveMaximum,
    AddressNeeded,
    BelowMinimum,
    CashLimit,
    FulfilmentNotOffered,
    MethodNotOffered,
    NotServedNow,
    NotServiceable,
    OutletClosed,
    OutletPaused,
    SlotGone,
    TableNeeded,
    TipRefused,
)
from core.checkout.models import Plan
from core.checkout.promise import soonest_ms
from core.clock import from_ms
from core.customers.models import Address
from core.customers.names import clean_text
from core.menu.errors import ItemSoldOut
from core.money import ZERO, Money
from core.outlets.hours import opening, slots
from core.outlets.models import Fulfilment, Outlet, PayMethod, Zone
from core.outlets.zones import zone_for_pin, zone_for_point

LEAST_TOTAL = Money.rupees(1)  # below this no provider takes a payment
MOST_TOTAL = Money.rupees(100_000)  # the most one UPI payment moves
MOST_TIP = Money.rupees(5_000)
MAX_TABLE = 12
SLOT_GRACE_MINUTES = 10  # a chosen slot is kept while the guest reads the review


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan comes to at this outlet: where the food goes. Nothing that the order type has no use for."""

    table: str = ""
    address: Address | None = None
    zone: Zone | None = None


def agree(outlet: Outlet, plan: Plan, lines: Iterable[PricedLine], now_ms: int) -> Terms:
    """The terms, if these dishes can be had in this way at this time. Raises the first thing that stands in the way."""
    lines = tuple(lines)
    if plan.fulfilment not in outlet.fulfilments:
        raise FulfilmentNotOffered(fulfilment=plan.fulfilment)
    terms = _terms(outlet, plan)
    if not ZERO <= plan.tip <= MOST_TIP:
        raise TipRefused(most=MOST_TIP)
    _check_time(outlet, plan, terms, lines, now_ms)
    for line in lines:
        _check_line(line, outlet)
    return terms


def _terms(outlet: Outlet, plan: Plan) -> Terms:
    match plan.fulfilment:
        case Fulfilment.DINE_IN:
            table = clean_text(plan.table, MAX_TABLE)
            if not table or (outlet.tables and table not in outlet.tables):
                raise TableNeeded(table=table)
            return Terms(table=table)
        case Fulfilment.DELIVERY:
            if plan.address is None:
                raise AddressNeeded()
            return Terms(address=plan.address, zone=zone_of(outlet, plan.address))
        case Fulfilment.TAKEAWAY:
            return Terms()


def zone_of(outlet: Outlet, address: Address) -> Zone:
    """Where the address lies: by its PIN code, or by its place on the map. Raises NotServiceable."""
    zone = zone_for_pin(outlet, address.pin)
    if zone is None and (address.latitude or address.longitude):
        zone = zone_for_point(outlet, address.latitude, address.longitude)
    if zone is None:
        raise NotServiceable(pin=address.pin)
    return zone


def _check_time(outlet: Outlet, plan: Plan, terms: Terms, lines: tuple[PricedLine, ...], now_ms: int) -> None:
    now = from_ms(now_ms)
    open_now = opening(outlet, now)
    if open_now.paused and plan.slot is None:
        raise OutletPaused(outlet=outlet.id, until_ms=outlet.paused_until_ms)
    if plan.slot is None:
        if not open_now.open:
            raise OutletClosed(outlet=outlet.id, next_ms=open_now.next_ms)
        return
    leads = (outlet.prep_minutes, max(0, outlet.prep_minutes - SLOT_GRACE_MINUTES))
    offered = any(plan.slot in slots(outlet, plan.fulfilment, now, lead) for lead in leads)
    if not offered or soonest_ms(lines, outlet, plan.fulfilment, terms.zone, now_ms) > plan.slot.end_ms:
        raise SlotGone(start_ms=plan.slot.start_ms)


def _check_line(line: PricedLine, outlet: Outlet) -> None:
    match line.problem:
        case "gone":
            raise ItemGone(name=line.name, line=line.id)
        case "sold_out":
            raise ItemSoldOut(name=line.name, item=line.item, line=line.id)
        case "option_gone":
            raise OptionGone(name=line.name, line=line.id)
        case "not_now":
            served = [meal.name for meal in outlet.meals if meal.code in line.meals]
            raise NotServedNow(name=line.name, meal=", ".join(served), line=line.id)


def check_minimum(zone: Zone | None, subtotal: Money) -> None:
    """A delivery is worth the road from the zone's minimum on, reckoned on the dishes. Raises BelowMinimum."""
    if zone is not None and subtotal < zone.minimum:
        raise BelowMinimum(minimum=zone.minimum, missing=zone.minimum - subtotal)


def check_total(total: Money) -> None:
    """Raises BelowMinimum, AboveMaximum: what is too little or too much to be paid."""
    if total < LEAST_TOTAL:
        raise BelowMinimum(minimum=LEAST_TOTAL, missing=LEAST_TOTAL - total)
    if total > MOST_TOTAL:
        raise AboveMaximum(maximum=MOST_TOTAL)


def methods(outlet: Outlet, total: Money) -> tuple[PayMethod, ...]:
    """The ways in which so much can be paid at this outlet, in the owner's order."""
    return tuple(method for method in outlet.methods if method.online or total <= outlet.cash_limit)


def check_method(outlet: Outlet, method: PayMethod, total: Money) -> None:
    """Raises MethodNotOffered, CashLimit."""
    if method not in outlet.methods:
        raise MethodNotOffered(method=method)
    if method not in methods(outlet, total):
        raise CashLimit(limit=outlet.cash_limit)
