from dataclasses import dataclass

import pytest

from core.cart.service import CartService
from core.cart.store import CartStore
from core.checkout.models import Plan, Quote
from core.checkout.service import CheckoutService
from core.connections import Database, ensure_indexes
from core.customers.models import Address, Customer
from core.ids import AddressId, ChatKey, CustomerId
from core.menu.service import MenuService
from core.orders.kitchen import OutletKitchen
from core.orders.service import OrderService
from core.orders.store import INDEXES, OrderStore
from core.outlets.models import Fulfilment, PayMethod
from core.outlets.service import OutletService
from tests.core.cart.house import fill_up, line, open_house

HOME = Address(id=AddressId("adr_home"), line="4 Church Street", city="Bengaluru", pin="560001")
ASHA = Customer(id=CustomerId("cus_asha"), name="Asha", phone="+919876543210", addresses=(HOME,))
BALA = Customer(id=CustomerId("cus_bala"), name="Bala", phone="+919876543211")
TABLE = Plan(fulfilment=Fulfilment.DINE_IN, table="7")
TAKEAWAY = Plan(fulfilment=Fulfilment.TAKEAWAY)
DELIVERY = Plan(fulfilment=Fulfilment.DELIVERY, address=HOME)
LUNCH = (line("dosa", 2), line("coffee"))  # ₹280


@dataclass
class Counter:
    """The whole of checkout on the real stores, with a guest in front of it."""

    checkout: CheckoutService
    cart: CartService
    store: CartStore
    menu: MenuService
    outlets: OutletService
    orders: OrderService
    mongo: Database

    async def fill(self, *lines, guest=ASHA):
        return await fill_up(self.cart, guest.id, *(lines or LUNCH))

    async def quote(self, plan=DELIVERY, guest=ASHA) -> Quote:
        return await self.checkout.quote(guest, plan)

    async def place(self, quote, *, method=PayMethod.CASH, guest=ASHA, chat="telegram:42", **changes):
        shown = {"cart_version": quote.cart_version, "shown_total": quote.bill.total} | changes
        return await self.checkout.place(guest, quote.plan, method=method, chat=ChatKey(chat), language="en", **shown)

    async def order(self, plan=DELIVERY, *lines, guest=ASHA, **how):
        await self.cart.replace(guest.id, lines or LUNCH, f"order {len(await self.all_orders())}")
        return (await self.place(await self.quote(plan, guest), guest=guest, **how)).order

    async def all_orders(self):
        return await self.mongo["orders"].find({}).to_list(length=None)


async def open_counter(redis, mongo, clock, indexes=INDEXES):
    await ensure_indexes(mongo, indexes)
    house = await open_house(redis, mongo, clock)
    orders = OrderService(
        store=OrderStore(mongo, clock),
        kitchen=OutletKitchen(outlets=house.outlets, menu=house.menu, clock=clock),
        clock=clock,
        provider="sandbox",
    )
    cart = CartService(store=house.store, menu=house.menu, orders=orders, clock=clock)
    return Counter(
        checkout=CheckoutService(cart=cart, menu=house.menu, outlets=house.outlets, orders=orders, clock=clock),
        cart=cart,
        store=house.store,
        menu=house.menu,
        outlets=house.outlets,
        orders=orders,
        mongo=mongo,
    )


@pytest.fixture
async def counter(redis, mongo, clock):
    return await open_counter(redis, mongo, clock)
