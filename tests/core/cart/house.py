"""A small restaurant of two outlets, on the real stores, for tests about carts and checkouts."""

from dataclasses import dataclass, field
from itertools import count

from core.cart.models import CartLine, Selection
from core.cart.service import CartService
from core.cart.store import CartStore
from core.ids import CustomerId, MenuItemId, OutletId
from core.menu.models import Choice, Diet, MenuItem, OptionGroup, Variant
from core.menu.service import MenuService
from core.menu.store import MenuStore
from core.money import Money
from core.outlets.models import Category, Coupon, CouponKind, Fulfilment, Hours, Meal, Outlet, PayMethod, TaxClass, Zone
from core.outlets.service import OutletService
from core.outlets.store import OutletStore

ASHA = CustomerId("cus_asha")
TAPS = count(1)  # no two taps are the same one

SPICE = OptionGroup(
    code="spice",
    name="How hot",
    min=1,
    max=1,
    choices=(Choice(code="mild", name="Mild"), Choice(code="hot", name="Hot")),
)
EXTRAS = OptionGroup(
    code="extras",
    name="Extras",
    max=2,
    choices=(
        Choice(code="cheese", name="Cheese", price=Money.rupees(30)),
        Choice(code="butter", name="Butter", price=Money.rupees(20)),
        Choice(code="ghee", name="Ghee", price=Money.rupees(25), sold_out=True),
    ),
)


def a_dish(code, name, rupees, *, outlet="mgroad", **more):
    facts = {
        "id": MenuItemId(f"{outlet}.{code}"),
        "outlet": OutletId(outlet),
        "code": code,
        "name": name,
        "category": "mains",
        "diet": Diet.VEG,
        "variants": (Variant(code="one", price=Money.rupees(rupees)),),
    }
    return MenuItem(**(facts | more))


DISHES = (
    a_dish("dosa", "Masala Dosa", 120, jain=False, packing=Money.rupees(5)),
    a_dish("coffee", "Filter Coffee", 40, jain=True, allergens=("milk",), prep_minutes=5),
    a_dish("chicken-65", "Chicken 65", 240, diet=Diet.NON_VEG),
    a_dish("idli", "Idli", 60, meals=("breakfast",)),
    a_dish("halwa", "Gajar Halwa", 90, tax_class="sweets", allergens=("Nuts", "milk"), stock=2),
    a_dish(
        "tikka",
        "Paneer Tikka",
        0,
        variants=(
            Variant(code="half", name="Half", price=Money.rupees(180)),
            Variant(code="full", name="Full", price=Money.rupees(300)),
        ),
        groups=(SPICE, EXTRAS),
        prep_minutes=40,
    ),
    a_dish("dosa", "Plain Dosa", 80, outlet="indiranagar"),
)


def an_outlet(code, **changes):
    facts = {
        "id": OutletId(code),
        "name": f"Tiffin {code.title()}",
        "address": "12 MG Road",
        "city": "Bengaluru",
        "phone": "+918012345678",
        "latitude": 12.975,
        "longitude": 77.605,
        "hours": tuple(Hours(weekday=day, opens=8 * 60, closes=23 * 60) for day in range(7)),
        "fulfilments": tuple(Fulfilment),
        "zones": (
            Zone(
                code="near",
                name="Nearby",
                pins=("560001",),
                radius_m=2000,
                fee=Money.rupees(40),
                free_over=Money.rupees(500),
                minimum=Money.rupees(200),
            ),
        ),
        "tables": ("1", "2", "7"),
        "categories": (Category(code="mains", name="Mains"),),
        "meals": (Meal(code="breakfast", name="Breakfast", start=7 * 60, end=11 * 60 + 30),),
        "taxes": (
            TaxClass(code="food", cgst_bp=250, sgst_bp=250),
            TaxClass(code="sweets", cgst_bp=900, sgst_bp=900),
        ),
        "methods": tuple(PayMethod),
        "coupons": (
            Coupon(code="TEN", kind=CouponKind.PERCENT, percent=10, cap=Money.rupees(50)),
            Coupon(code="WELCOME", kind=CouponKind.AMOUNT, amount=Money.rupees(60), first_order=True),
            Coupon(code="ONCE", kind=CouponKind.AMOUNT, amount=Money.rupees(60), once=True),
            Coupon(code="BIG", kind=CouponKind.PERCENT, percent=20, minimum=Money.rupees(1000)),
            Coupon(code="FREE", kind=CouponKind.PERCENT, percent=100),
        ),
    }
    return Outlet(**(facts | changes))


@dataclass
class Placements:
    """Stands for the orders where only the cart is looked at: which checkouts became one."""

    placed: set = field(default_factory=set)
    asked: int = 0

    async def by_checkout(self, checkout_id):
        self.asked += 1
        return "an order" if checkout_id in self.placed else None


@dataclass
class House:
    menu: MenuService
    outlets: OutletService
    cart: CartService
    store: CartStore
    orders: Placements


async def open_house(redis, mongo, clock):
    outlets = OutletService(store=OutletStore(mongo), clock=clock, redis=redis)
    menu = MenuService(store=MenuStore(mongo), outlets=outlets, clock=clock)
    await MenuStore(mongo).insert(list(DISHES))
    for code in ("mgroad", "indiranagar"):
        await OutletStore(mongo).insert(an_outlet(code))
    await menu.load()
    store, orders = CartStore(redis, clock), Placements()
    cart = CartService(store=store, menu=menu, orders=orders, clock=clock)
    return House(menu=menu, outlets=outlets, cart=cart, store=store, orders=orders)


def line(code, qty=1, *, variant="one", options=(), note="", outlet="mgroad"):
    chosen = tuple(Selection(group=group, choice=choice) for group, choice in (o.split("=") for o in options))
    return CartLine(item=MenuItemId(f"{outlet}.{code}"), variant=variant, options=chosen, note=note, qty=qty)


DOSA, COFFEE = line("dosa"), line("coffee")
TIKKA = line("tikka", variant="full", options=("spice=hot",))


async def fill_up(cart, customer=ASHA, *lines):
    """Put dishes in one after another; answers the cart as it then is."""
    for each in lines or (DOSA, COFFEE):
        view = await cart.add(customer, each, f"fill:{next(TAPS)}")
    return view
