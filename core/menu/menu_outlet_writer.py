"""An outlet as its block in a menu file."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from core.ids import OutletId
from core.menu.menu_tables import in_ranges
from core.menu.menu_values import DAYS
from core.menu.menu_written import Entry, Inline, Value, amount, distance, moment, names, percent, span, yes
from core.money import Money
from core.outlets.models import Category, Clocks, Coupon, CouponKind, Fulfilment, Hours, Outlet, TaxClass, Zone

_USUAL = Outlet(
    id=OutletId("usual"), name="", address="", city="", phone="", hours=(), fulfilments=(), taxes=(), methods=()
)
SHARED = ("taxes", "meals", "coupons")


def shared_entries(outlets: Sequence[Outlet]) -> Entry:
    """What all outlets say alike, for the head of the file. Nothing for a file of one outlet's own things."""
    if not outlets:
        return {}
    return {
        key: said[0]
        for key in SHARED
        if (said := [_shared(outlet, key) for outlet in outlets])[0] != "none" and said.count(said[0]) == len(said)
    }


def _shared(outlet: Outlet, key: str) -> Value:
    zone = ZoneInfo(outlet.timezone)
    written: dict[str, Entry] = {
        "taxes": {tax.code: _tax(tax) for tax in outlet.taxes},
        "meals": {meal.name: span(meal.start, meal.end) for meal in outlet.meals},
        "coupons": {coupon.code: _coupon(coupon, zone) for coupon in outlet.coupons},
    }
    return written[key] or "none"


def outlet_entry(outlet: Outlet, shared: Entry, position: int, own_categories: Sequence[Category] | None) -> Entry:
    """The block; `own_categories` where they are not what the menu's order makes them."""
    entry: Entry = {"name": outlet.name, "address": outlet.address, "city": outlet.city, "phone": outlet.phone}
    if outlet.latitude or outlet.longitude:
        entry["map"] = f"{outlet.latitude}, {outlet.longitude}"
    entry |= {key: value for key in ("gstin", "fssai") if (value := getattr(outlet, key))}
    if outlet.invoice_prefix:
        entry["invoice prefix"] = outlet.invoice_prefix
    if outlet.timezone != _USUAL.timezone:
        entry["timezone"] = outlet.timezone
    if outlet.currency != _USUAL.currency:
        entry["currency"] = outlet.currency
    if outlet.position != position:
        entry["position"] = str(outlet.position + 1)
    entry["hours"] = _hours(outlet.hours)
    if outlet.holidays:
        entry["holidays"] = names(outlet.holidays)
    entry["orders"] = _ways(outlet.fulfilments)
    entry |= {"preparation": f"{outlet.prep_minutes} min", "last order": f"{outlet.last_order_minutes} min"}
    if outlet.slot_minutes != _USUAL.slot_minutes:
        entry["slots"] = f"{outlet.slot_minutes} min"
    if outlet.slot_days != _USUAL.slot_days:
        entry["slot days"] = str(outlet.slot_days)
    if outlet.tables:
        entry["tables"] = names(in_ranges(outlet.tables))
    elif Fulfilment.DINE_IN in outlet.fulfilments:
        entry["tables"] = "none"
    if outlet.zones:
        entry["zones"] = {zone.name: _zone(zone) for zone in outlet.zones}
    elif Fulfilment.DELIVERY in outlet.fulfilments:
        entry["zones"] = "none"
    entry["pay"] = ", ".join(method.value for method in outlet.methods) or "none"
    entry["cash limit"] = amount(outlet.cash_limit)
    entry["refund limit"] = amount(outlet.refund_limit)
    if outlet.cash_without_code != _USUAL.cash_without_code:
        entry["cash without code"] = amount(outlet.cash_without_code)
    entry["round to"] = amount(Money(outlet.round_to))
    for key in SHARED:
        if (said := _shared(outlet, key)) != shared.get(key, "none"):
            entry[key] = said
    if outlet.charges_tax != ("food" if any(t.code == "food" for t in outlet.taxes) else outlet.taxes[0].code):
        entry["charges tax"] = outlet.charges_tax
    if outlet.clocks != _USUAL.clocks:
        entry["patience"] = _clocks(outlet.clocks)
    if own_categories is not None:
        entry["categories"] = names([category.name for category in own_categories]) or "none"
    if outlet.groups:
        entry["groups"] = names(outlet.groups)
    if outlet.test:
        entry["test"] = "yes"
    return entry


def _ways(ways: Iterable[Fulfilment]) -> str:
    return ", ".join(way.value.replace("_", "-") for way in ways) or "none"


def _hours(hours: tuple[Hours, ...]) -> Entry:
    days = [", ".join(span(h.opens, h.closes) for h in hours if h.weekday == day) for day in range(7)]
    if len(set(days)) == 1:
        return {"daily": days[0] or "closed"}
    entry: Entry = {}
    first = 0
    while first < 7:
        last = first
        while last < 6 and days[last + 1] == days[first]:
            last += 1
        if days[first]:
            entry[DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"] = days[first]
        first = last + 1
    return entry


def _tax(tax: TaxClass) -> Value:
    rate = percent(tax.cgst_bp + tax.sgst_bp)
    return rate if tax.sac == "996331" else Inline({"rate": rate, "sac": tax.sac})


def _zone(zone: Zone) -> Entry:
    entry: Entry = {}
    if zone.pins:
        entry["pins"] = ", ".join(zone.pins)
    if zone.radius_m:
        entry["radius"] = distance(zone.radius_m)
    entry["fee"] = amount(zone.fee)
    if zone.free_over is not None:
        entry["free over"] = amount(zone.free_over)
    if zone.minimum:
        entry["minimum"] = amount(zone.minimum)
    entry["minutes"] = str(zone.minutes)
    return entry


def _coupon(coupon: Coupon, zone: ZoneInfo) -> Entry:
    percentage = coupon.kind is CouponKind.PERCENT
    entry = Inline({"off": f"{coupon.percent} %" if percentage else amount(coupon.amount)})
    if coupon.cap is not None:
        entry["up to"] = amount(coupon.cap)
    if coupon.minimum:
        entry["over"] = amount(coupon.minimum)
    if coupon.fulfilments:
        entry["orders"] = [way.value.replace("_", "-") for way in coupon.fulfilments]
    if coupon.first_order:
        entry["first order"] = yes(True)
    if coupon.once:
        entry["once"] = yes(True)
    if coupon.starts_ms:
        entry["from"] = moment(coupon.starts_ms, zone)
    if coupon.ends_ms:
        entry["until"] = moment(coupon.ends_ms, zone, end=True)
    return entry


def _clocks(clocks: Clocks) -> Entry:
    return {
        "payment window": str(clocks.payment_window),
        "louder": ", ".join(map(str, clocks.louder)) or "none",
        "owner": str(clocks.owner),
        "give up": str(clocks.give_up),
        "revival": str(clocks.revival),
    }
