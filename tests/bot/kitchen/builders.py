"""An evening's orders, made the way real ones are, and the kitchen that reads them."""

from core.checkout.models import Bill, BillLine
from core.customers.models import Address, DietProfile
from core.ids import AddressId, CheckoutId, CustomerId, MenuItemId, OutletId
from core.money import ZERO, Money, total
from core.orders.models import OrderDraft
from core.outlets.models import Fulfilment, Outlet, PayMethod, Zone
from tests.core.orders.builders import a_draft
from tests.core.outlets.builders import an_outlet

MG_ROAD = OutletId("mgroad")
INDIRA = OutletId("indira")
GROUP, INDIRA_GROUP = "telegram:-1001", "telegram:-1002"
ADDRESS = Address(
    id=AddressId("adr_1"), line="4, 7th Cross", city="Bengaluru", pin="560038", landmark="opposite the temple"
)


def a_line(
    name="Paneer Tikka", *, size="Full", qty=2, options=(), note="", rupees=135, code="paneer-tikka"
) -> BillLine:
    unit = Money.rupees(rupees)
    return BillLine(
        item=MenuItemId(f"mgroad.{code}"),
        name=name,
        variant_name=size,
        options=tuple(options),
        note=note,
        qty=qty,
        unit=unit,
        amount=unit * qty,
        tax_class="food",
    )


def a_bill(*lines: BillLine) -> Bill:
    subtotal = total(line.amount for line in lines)
    return Bill(currency="INR", lines=lines, subtotal=subtotal, discount=ZERO, total=subtotal)


DINNER = a_bill(
    a_line(options=("Extra cheese", "Medium"), note="no onion please"),
    a_line("Garlic Naan", size="", qty=3, rupees=90, code="garlic-naan"),
)  # ₹540


def dinner(
    checkout: str,
    *,
    how=Fulfilment.DELIVERY,
    method=PayMethod.CASH,
    now_ms: int,
    bill: Bill = DINNER,
    diet: DietProfile | None = None,
    table: str = "T2",
    outlet: OutletId = MG_ROAD,
    minutes: int = 40,
    **changes: object,
) -> OrderDraft:
    """Meera's dinner: ₹540 to Indiranagar in cash, unless told otherwise."""
    delivered = how is Fulfilment.DELIVERY
    facts = {
        "checkout_id": CheckoutId(checkout),
        "customer": CustomerId("cus_meera"),
        "customer_name": "Meera Nair",
        "outlet": outlet,
        "outlet_name": "Tiffin, MG Road",
        "chat": "webchat:meera",
        "address": ADDRESS if delivered else None,
        "table": table if how is Fulfilment.DINE_IN else "",
        "bill": bill,
        "note": "cut the tikka in half",
        "rider_note": "ring twice" if delivered else "",
        "diet": diet or DietProfile(),
        "promised_ms": now_ms + minutes * 60_000,
    }
    draft = a_draft(method=method, fulfilment=how)
    return OrderDraft.model_validate(draft.model_dump() | facts | changes)


def an_evening_outlet(**changes: object) -> Outlet:
    zone = Zone(code="indira", name="Indiranagar", pins=("560038",), fee=Money.rupees(30), minutes=15)
    return an_outlet(**({"groups": (GROUP,), "zones": (zone,)} | changes))
