"""The outlets of a menu file: where, when, for whom, under which taxes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.ids import ChatKey, OutletId
from core.menu import menu_values as values
from core.menu.menu_changes import LIVE_OUTLET_FIELDS
from core.menu.menu_nodes import Fields, Mapping, Node, Problems, Scalar, Wrong, key_of, pairs_of
from core.menu.menu_tables import tables_of
from core.money import ZERO, Money
from core.outlets.models import (
    MINUTES_A_DAY,
    Clocks,
    Coupon,
    CouponKind,
    Fulfilment,
    Hours,
    Meal,
    Outlet,
    PayMethod,
    TaxClass,
    Zone,
)
from core.outlets.zones import pin_code

T = TypeVar("T")
U = TypeVar("U")

OUTLET_CODE_LENGTH = 8  # <outlet>.<item> rides in buttons of 64 bytes
SHORT_CODE_LENGTH = 16

FULFILMENTS = {way.value.replace("_", "-"): way for way in Fulfilment}
METHODS = {method.value: method for method in PayMethod}
ALWAYS = tuple(Hours(weekday=weekday, opens=0, closes=MINUTES_A_DAY) for weekday in range(7))
_KOLKATA = "Asia/Kolkata"
_SHARED = ("taxes", "meals", "coupons")


@dataclass(frozen=True, slots=True)
class OutletBlock:
    """An outlet without its categories, the live fields its block speaks of, and its own order of categories if any."""

    outlet: Outlet
    said: frozenset[str]
    categories: Node | None


class OutletReader:
    """Reads one outlet block after the other; `shared` holds what the file says once for all of them."""

    def __init__(self, shared: Fields, problems: Problems, *, always_open: bool) -> None:
        self._problems = problems
        self._always_open = always_open
        self._shared = {key: node for key in _SHARED if (node := shared.node(key)) is not None}

    def read(self, key: Scalar, node: Node, position: int) -> "OutletBlock | None":
        """What the block says; None when it is no block."""
        self._problems.catch(outlet_code, key, None)
        fields = self._problems.catch(partial(self._fields, key), node, None)
        if fields is None:
            return None
        outlet = self._outlet(OutletId(key.text), fields, position)
        categories = fields.node("categories")
        fields.close()
        said = frozenset(name for name in LIVE_OUTLET_FIELDS if fields.has(name))
        return OutletBlock(outlet, said, categories)

    def _fields(self, key: Scalar, node: Node) -> Fields:
        return Fields(node, self._problems, f"outlet `{key.text}`", under=key)

    def _outlet(self, code: OutletId, fields: Fields, position: int) -> Outlet:
        zone = fields.read("timezone", _timezone, ZoneInfo(_KOLKATA))
        latitude, longitude = fields.read("map", values.point, (0.0, 0.0))
        taxes = self._common(fields, "taxes", self._taxes, (), required="{food: 5 %}")
        tables = fields.read("tables", tables_of, ())
        ways = fields.require("orders", values.some_of(FULFILMENTS, "way of ordering"), (), ", ".join(FULFILMENTS))
        zones = fields.read("zones", self._zones, ())
        if Fulfilment.DINE_IN in ways and not fields.has("tables"):
            self._problems.add(
                fields.line_of("orders"), "dine-in needs tables; add a line such as `tables: T1-T12`, or drop `dine-in`"
            )
        if Fulfilment.DELIVERY in ways and not fields.has("zones"):
            self._problems.add(
                fields.line_of("orders"), "delivery needs `zones` with PIN codes and fees; add them, or drop `delivery`"
            )
        hours = fields.require("hours", self._hours, (), "{daily: 11:00-23:00}")
        holidays = fields.read("holidays", lambda node: tuple(values.day(w) for w in values.words(node)), ())
        return Outlet(
            id=code,
            name=fields.require("name", values.text(), "", "Tiffin, MG Road"),
            address=fields.require("address", values.text(200), "", "12, Church Street"),
            city=fields.require("city", values.text(), "", "Bengaluru"),
            phone=fields.require("phone", values.phone, "", "+91 80 4123 4567"),
            latitude=latitude,
            longitude=longitude,
            timezone=zone.key,
            currency=fields.read("currency", _currency, "INR"),
            gstin=fields.read("gstin", _gstin, ""),
            fssai=fields.read("fssai", _fssai, ""),
            invoice_prefix=fields.read("invoice prefix", _invoice_prefix, ""),
            position=fields.read("position", values.whole(1, 9999), position) - 1,
            hours=ALWAYS if self._always_open else hours,
            holidays=() if self._always_open else holidays,
            fulfilments=ways,
            zones=zones,
            tables=tables,
            meals=self._common(fields, "meals", self._meals, ()),
            taxes=taxes,
            charges_tax=fields.read("charges tax", lambda node: _tax_code(node, taxes), _first_tax(taxes)),
            methods=fields.require("pay", values.some_of(METHODS, "way to pay"), (), ", ".join(METHODS)),
            cash_limit=fields.read("cash limit", values.money, Money.rupees(2000)),
            refund_limit=fields.read("refund limit", values.money, Money.rupees(1000)),
            cash_without_code=fields.read("cash without code", values.money, Money.rupees(1500)),
            round_to=fields.read("round to", values.price, Money(1)).paise,
            prep_minutes=fields.read("preparation", values.whole(1, 240, "min"), 25),
            slot_minutes=fields.read("slots", _slot_minutes, 30),
            slot_days=fields.read("slot days", values.whole(0, 14), 1),
            last_order_minutes=fields.read("last order", values.whole(0, 240, "min"), 15),
            coupons=self._common(fields, "coupons", lambda node: self._coupons(node, zone), ()),
            clocks=fields.read("patience", self._clocks, Clocks()),
            groups=tuple(ChatKey(chat) for chat in fields.read("groups", values.texts(), ())),
            test=fields.read("test", values.yes_no, False),
        )

    def _common(
        self, fields: Fields, key: str, read: Callable[[Node], T], otherwise: U, *, required: str = ""
    ) -> T | U:
        """What the outlet says under `key`, or else what the file says for all outlets."""
        if fields.has(key) or key not in self._shared:
            return fields.require(key, read, otherwise, required) if required else fields.read(key, read, otherwise)
        fields.node(key)  # known, though said elsewhere
        return self._problems.catch(read, self._shared[key], otherwise)

    def _hours(self, node: Node) -> tuple[Hours, ...]:
        found: list[Hours] = []
        told: dict[int, Scalar] = {}
        for key, stretch in pairs_of(node, "hours"):
            weekdays = self._problems.catch(values.days, key, [])
            stretches = self._problems.catch(values.spans, stretch, [])
            for weekday in weekdays:
                if weekday in told:
                    name, line = values.DAYS[weekday], told[weekday].line
                    self._problems.add(
                        key, f"{name} has its hours on line {line} already; put all of a day on one line"
                    )
                    continue
                told[weekday] = key
                found += [Hours(weekday=weekday, opens=opens, closes=closes) for opens, closes in stretches]
        return tuple(sorted(found, key=lambda hours: (hours.weekday, hours.opens)))

    def _taxes(self, node: Node) -> tuple[TaxClass, ...]:
        return self._coded(node, "taxes", self._tax)

    def _tax(self, key: Scalar, code: str, node: Node) -> TaxClass:
        rate, sac = node, "996331"
        if isinstance(node, Mapping):
            fields = Fields(node, self._problems, f"tax `{key.text}`")
            rate = fields.node("rate") or Scalar(node.line, "")
            sac = fields.read("sac", values.text(8), sac)
            fields.close()
        points = values.basis_points(rate)
        if points % 2:
            raise Wrong(
                rate, "GST is halved into CGST and SGST; a rate has an even number of hundredths, such as `5 %`"
            )
        return TaxClass(code=code, cgst_bp=points // 2, sgst_bp=points // 2, sac=sac)

    def _meals(self, node: Node) -> tuple[Meal, ...]:
        return self._coded(node, "meals", self._meal)

    def _meal(self, key: Scalar, code: str, node: Node) -> Meal:
        start, end = self._problems.catch(
            values.stretch, node, (0, 0)
        )  # a meal that is wrong is still there for dishes
        return Meal(code=code, name=values.text(30)(key), start=start, end=end)

    def _zones(self, node: Node) -> tuple[Zone, ...]:
        zones = self._coded(node, "zones", self._zone)
        entries = node.pairs if isinstance(node, Mapping) else ()
        lines = {pin: key.line for key, entry in entries for pin in _pins_in(entry)}
        seen: dict[str, str] = {}
        for zone in zones:
            for pin in zone.pins:
                if pin in seen:
                    self._problems.add(
                        lines.get(pin, node.line),
                        f"PIN code {pin} is in two zones, {seen[pin]} and {zone.name}; leave it in one",
                    )
                seen.setdefault(pin, zone.name)
        return zones

    def _zone(self, key: Scalar, code: str, node: Node) -> Zone:
        fields = Fields(node, self._problems, f"zone `{key.text}`", under=key)
        zone = Zone(
            code=code,
            name=values.text(40)(key),
            pins=fields.read("pins", _pins, ()),
            radius_m=fields.read("radius", values.distance, 0),
            fee=fields.require("fee", values.money, ZERO, "40"),
            free_over=fields.read("free over", values.money, None),
            minimum=fields.read("minimum", values.money, ZERO),
            minutes=fields.read("minutes", values.whole(0, 240, "min"), 15),
        )
        if not fields.has("pins") and not fields.has("radius"):
            self._problems.add(key, f"zone `{key.text}` says nowhere; add `pins: 560001, 560025` or `radius: 3 km`")
        fields.close()
        return zone

    def _coupons(self, node: Node, zone: ZoneInfo) -> tuple[Coupon, ...]:
        if isinstance(node, Scalar) and node.text.strip().casefold() == "none":
            return ()
        found: dict[str, Coupon] = {}
        for key, entry in pairs_of(node, "coupons"):
            code = key.text.strip().upper()
            if not re.fullmatch(r"[A-Z0-9]{3,16}", code):
                self._problems.add(key, f"`{key.text}` cannot be a coupon; use 3 to 16 letters and digits")
            elif code in found:
                self._problems.add(key, f"coupon {code} stands here twice; keep one")
            else:
                coupon = self._problems.catch(partial(self._coupon, code, zone), entry, None)
                if coupon is not None:
                    found[code] = coupon
        return tuple(found.values())

    def _coupon(self, code: str, zone: ZoneInfo, node: Node) -> Coupon:
        fields = Fields(node, self._problems, f"coupon {code}")
        kind, percent, amount = fields.require("off", _off, (CouponKind.AMOUNT, 0, ZERO), "10 %")
        coupon = Coupon(
            code=code,
            kind=kind,
            percent=percent,
            amount=amount,
            cap=fields.read("up to", values.price, None),
            minimum=fields.read("over", values.money, ZERO),
            fulfilments=fields.read("orders", values.some_of(FULFILMENTS, "way of ordering"), ()),
            first_order=fields.read("first order", values.yes_no, False),
            once=fields.read("once", values.yes_no, False),
            starts_ms=fields.read("from", values.moment(zone), 0),
            ends_ms=fields.read("until", values.moment(zone, end=True), 0),
        )
        if coupon.ends_ms and coupon.ends_ms <= coupon.starts_ms:
            self._problems.add(
                fields.line_of("until"), f"coupon {code} ends before it begins; change `from` or `until`"
            )
        fields.close()
        return coupon

    def _clocks(self, node: Node) -> Clocks:
        fields = Fields(node, self._problems, "`patience`")
        usual, read = Clocks(), values.whole(1, 240, "min")
        clocks = Clocks(
            payment_window=fields.read("payment window", read, usual.payment_window),
            louder=fields.read("louder", lambda node: tuple(read(word) for word in values.words(node)), usual.louder),
            owner=fields.read("owner", read, usual.owner),
            give_up=fields.read("give up", read, usual.give_up),
            revival=fields.read("revival", values.whole(0, 240, "min"), usual.revival),
        )
        fields.close()
        return clocks

    def _coded(self, node: Node, what: str, read: Callable[[Scalar, str, Node], T]) -> tuple[T, ...]:
        """Named entries, each under the code made of its name; two that would share one are refused."""
        if isinstance(node, Scalar) and node.text.strip().casefold() == "none":
            return ()
        found: dict[str, T] = {}
        names: dict[str, Scalar] = {}
        for key, entry in pairs_of(node, what):
            code = values.slug(key.text, SHORT_CODE_LENGTH, cut=True)
            if not code:
                self._problems.add(key, f"`{key.text}` needs a name in Latin letters here")
            elif code in names:
                first = names[code]
                self._problems.add(
                    key, f"`{key.text}` and `{first.text}` on line {first.line} are too alike (`{code}`); rename one"
                )
            else:
                names[code] = key
                made = self._problems.catch(partial(read, key, code), entry, None)
                if made is not None:
                    found[code] = made
        return tuple(found.values())


def outlet_code(node: Node) -> str:
    written = values.scalar(node).text
    if not re.fullmatch(rf"[a-z][a-z0-9]{{0,{OUTLET_CODE_LENGTH - 1}}}", written):
        example = "a letter, then small letters and digits, at most 8 in all, such as `mgroad`"
        raise Wrong(node, f"`{written}` cannot be an outlet's code; use {example}")
    return written


def _first_tax(taxes: tuple[TaxClass, ...]) -> str:
    codes = [tax.code for tax in taxes]
    return "food" if "food" in codes or not codes else codes[0]


def _tax_code(node: Node, taxes: tuple[TaxClass, ...]) -> str:
    return values.one_of({tax.code: tax.code for tax in taxes}, "tax of this outlet")(node)


def _timezone(node: Node) -> ZoneInfo:
    written = values.scalar(node).text.strip()
    try:
        return ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong(node, f"`{written}` is no time zone; write one such as `{_KOLKATA}`") from None


def _currency(node: Node) -> str:
    written = values.scalar(node).text.strip()
    if not re.fullmatch(r"[A-Z]{3}", written):
        raise Wrong(node, f"`{written}` is no currency; write three capitals such as `INR`")
    return written


_GSTIN_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _gstin(node: Node) -> str:
    written = values.scalar(node).text.strip().upper()
    if (
        not re.fullmatch(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]", written)
        or gstin_check(written[:14]) != written[14]
    ):
        raise Wrong(node, f"`{written}` is no GSTIN; copy its 15 characters from the registration")
    return written


def gstin_check(first_14: str) -> str:
    """The last character of a GSTIN, which checks the others."""
    total = 0
    for place, character in enumerate(first_14):
        product = _GSTIN_DIGITS.index(character) * (1 + place % 2)
        total += product // 36 + product % 36
    return _GSTIN_DIGITS[-total % 36]


def _fssai(node: Node) -> str:
    written = re.sub(r"\s", "", values.scalar(node).text)
    if not re.fullmatch(r"[0-9]{14}", written):
        raise Wrong(node, f"`{written}` is no FSSAI number; it has 14 digits")
    return written


def _invoice_prefix(node: Node) -> str:
    written = values.scalar(node).text.strip().upper()
    if not re.fullmatch(r"[A-Z0-9]{1,4}", written):
        raise Wrong(node, f"`{written}` cannot begin an invoice's number; write one to four letters or digits")
    return written


def _slot_minutes(node: Node) -> int:
    found = values.whole(5, 240, "min")(node)
    if MINUTES_A_DAY % found:
        raise Wrong(node, f"slots of {found} minutes do not fit into a day; write 15, 20, 30, 45 or 60")
    return found


def _off(node: Node) -> tuple[CouponKind, int, Money]:
    written = values.scalar(node).text.strip()
    if not written.endswith("%"):
        return CouponKind.AMOUNT, 0, values.price(node)
    percent = values.whole(1, 100)(Scalar(node.line, written[:-1]))
    return CouponKind.PERCENT, percent, ZERO


def _pins(node: Node) -> tuple[str, ...]:
    found = []
    for word in values.words(node):
        pin = pin_code(word.text)
        if pin is None or len(re.sub(r"\s", "", word.text)) != 6:
            raise Wrong(word, f"`{word.text}` is no PIN code; it has six digits and does not begin with 0")
        found.append(pin)
    return tuple(dict.fromkeys(found))


def _pins_in(zone: Node) -> list[str]:
    """Every PIN code of a zone's block, for finding the line to name."""
    if not isinstance(zone, Mapping):
        return []
    nodes = [value for key, value in zone.pairs if key_of(key) == "pins"]
    try:
        return [word.text.replace(" ", "") for node in nodes for word in values.words(node)]
    except Wrong:
        return []
