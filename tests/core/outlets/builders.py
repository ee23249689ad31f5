"""Outlets as tests want them."""

from core.ids import OutletId
from core.money import Money
from core.outlets.models import Category, Fulfilment, Hours, Meal, Outlet, PayMethod, TaxClass, Zone

EVERY_DAY = range(7)


def open_from(opens: str, closes: str, days: range | tuple[int, ...] = EVERY_DAY) -> tuple[Hours, ...]:
    """`open_from("11:00", "25:30")`: from eleven until half past one at night."""
    return tuple(Hours(weekday=day, opens=minutes(opens), closes=minutes(closes)) for day in days)


def minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def an_outlet(**changes: object) -> Outlet:
    """Open 11:00 to 23:00 in Bengaluru, last orders at 22:45, one zone around 560001."""
    facts: dict[str, object] = {
        "id": OutletId("mgroad"),
        "name": "Tiffin, MG Road",
        "address": "12, Church Street",
        "city": "Bengaluru",
        "phone": "+918041234567",
        "latitude": 12.9750,
        "longitude": 77.6050,
        "hours": open_from("11:00", "23:00"),
        "fulfilments": (Fulfilment.DINE_IN, Fulfilment.TAKEAWAY, Fulfilment.DELIVERY),
        "zones": (
            Zone(code="near", name="Near", pins=("560001", "560025"), fee=Money.rupees(30), radius_m=2500),
            Zone(code="far", name="Far", pins=("560038",), fee=Money.rupees(50), radius_m=6000),
        ),
        "tables": ("T1", "T2"),
        "categories": (Category(code="mains", name="Mains"), Category(code="drinks", name="Drinks")),
        "meals": (Meal(code="breakfast", name="Breakfast", start=minutes("7:00"), end=minutes("11:30")),),
        "taxes": (TaxClass(code="food", cgst_bp=250, sgst_bp=250),),
        "methods": (PayMethod.UPI, PayMethod.CASH),
    }
    return Outlet.model_validate(facts | changes)
