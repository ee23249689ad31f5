"""From cart to order: what it would cost, and the one tap that places it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from core.cart.errors import AlreadyPlaced, CartEmpty
from core.cart.lines import price_line
from core.cart.models import Frozen, PricedLine, outlet_of
from core.cart.service import CartService
from core.checkout.conditions import (
    LEAST_TOTAL,
    Terms,
    agree,
    check_method,
    check_minimum,
    check_total,
    methods,
)
from core.checkout.coupon import CouponRefusal, PastOrders, asks_about_past, check_coupon, find_coupon
from core.checkout.errors import (
    CodeNeeded,
    CouponRefused,
    PhoneNeeded,
    PrepaidOnly,
    PriceChanged,
)
from core.checkout.models import Bill, ChargeKind, Plan, Quote
from core.checkout.pricing import price
from core.checkout.promise import promised_ms
from core.clock import Clock, from_ms
from core.customers.identity import CashOrder, Trust, prepaid_until_ms, trust_with_cash
from core.customers.models import Customer
from core.customers.names import clean_text
from core.errors import DomainError
from core.ids import ChatKey, CheckoutId, CustomerId, MenuItemId
from core.menu.errors import ItemSoldOut
from core.menu.models import UNLIMITED, MenuItem
from core.menu.service import MenuService
from core.money import ZERO, Money, total
from core.orders.models import NEVER_MS, Order, OrderDraft
from core.orders.service import OrderService
from core.orders.status import OrderStatus
from core.outlets.models import Outlet, PayMethod
from core.outlets.service import OutletService

MAX_RIDER_NOTE = 140
DID_NOT_STAND = frozenset({OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})
PAST_PAGE = 100
TWIN_LOOKS = 6
TWIN_PAUSE = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class Placed:
    """The order of this cart. `first`: this very call made it; otherwise another tap or device was faster."""

    order: Order
    first: bool


class CheckoutService:
    def __init__(
        self, *, cart: CartService, menu: MenuService, outlets: OutletService, orders: OrderService, clock: Clock
    ) -> None:
        self._cart = cart
        self._menu = menu
        self._outlets = outlets
        self._orders = orders
        self._clock = clock

    def methods(self, outlet: Outlet, total: Money, customer: Customer) -> tuple[PayMethod, ...]:
        """The ways in which this guest can pay so much at this outlet."""
        prepaid = prepaid_until_ms(customer, self._clock.ms())
        return tuple(method for method in methods(outlet, total) if method.online or not prepaid)

    async def check_cash(self, customer: Customer, outlet: Outlet, total: Money) -> None:
        """Whether so much is cooked for this guest before it is paid. Raises CodeNeeded, PrepaidOnly.

        The database is asked only about a large total of somebody whose code is old.
        """
        now_ms = self._clock.ms()
        asked = CashOrder(total=total, first=True, large_from=outlet.cash_without_code)
        trust = trust_with_cash(customer, asked, now_ms)
        if trust is Trust.CODE and await self._orders.last_completed(customer.id) is not None:
            trust = trust_with_cash(customer, replace(asked, first=False), now_ms)
        match trust:
            case Trust.CODE:
                raise CodeNeeded()
            case Trust.PREPAID:
                raise PrepaidOnly(until_ms=prepaid_until_ms(customer, now_ms))

    async def quote(self, customer: Customer, plan: Plan) -> Quote:
        """What the cart would cost under this plan, from the menu this process holds.

        The database is asked only for a coupon that looks at the guest's past orders.

        Raises CartEmpty; FulfilmentNotOffered, TableNeeded, AddressNeeded, NotServiceable, OutletPaused, OutletClosed,
        SlotGone; ItemGone, ItemSoldOut, OptionGone, NotServedNow; TipRefused, CouponRefused, AboveMaximum,
        BelowMinimum (a total too small to be paid). What a delivery still lacks is told in `minimum_missing` instead.
        """
        cart = await self._cart.get(customer.id)
        if cart.outlet is None:
            raise CartEmpty()
        outlet = self._outlets.require(cart.outlet)
        now_ms = self._clock.ms()
        lines = self._cart.priced(cart.lines, customer.diet, plan.slot.start_ms if plan.slot else None)
        agreed = agree(outlet, plan, lines, now_ms)
        bill = await self._bill(customer.id, lines, outlet, plan, agreed, now_ms)
        zone = agreed.zone
        return Quote(
            outlet=outlet.id,
            plan=plan,
            cart_version=cart.version,
            bill=bill,
            note=cart.note,
            promised_ms=promised_ms(lines, outlet, plan.fulfilment, zone, plan.slot, now_ms),
            minimum_missing=ZERO if zone is None else _missing(bill.subtotal, zone.minimum),
            free_delivery_missing=ZERO
            if zone is None or zone.free_over is None
            else _missing(bill.subtotal, zone.free_over),
            savings=bill.discount + (ZERO if zone is None else zone.fee - bill.charge(ChargeKind.DELIVERY)),
        )

    async def place(
        self,
        customer: Customer,
        plan: Plan,
        *,
        cart_version: int,
        shown_total: Money,
        method: PayMethod,
        chat: ChatKey,
        language: str,
    ) -> Placed:
        """Make the order of exactly the cart and total that were shown, once, however often and wherever it is tapped.

        The cart is frozen, dishes and prices are read again from the database, and only a total equal to the one shown
        becomes an order; then the cart is emptied. Cut short anywhere, the next tap goes on from there.

        Raises what `quote` raises, and PhoneNeeded, CartChanged, PriceChanged, BelowMinimum, MethodNotOffered,
        CashLimit, CodeNeeded, PrepaidOnly, TooManyOpenCashOrders, UnpaidOrderOpen.
        """
        if not customer.phone:
            raise PhoneNeeded()
        try:
            frozen = await self._cart.freeze(customer.id, cart_version)
        except AlreadyPlaced as placed:
            return await self._placed_before(placed)
        fresh = await self._menu.fresh({line.item for line in frozen.lines})
        try:
            draft = await self._draft(customer, plan, frozen, fresh, method, chat, language)
            if draft.bill.total != shown_total:
                raise PriceChanged(was=shown_total, now=draft.bill.total)
            if not method.online:
                await self.check_cash(customer, self._outlets.require(draft.outlet), draft.bill.total)
            order, first = await self._create(draft)
        except ItemSoldOut:
            # A twin of this tap may hold the last portions: then its order is this one.
            counted = any(item.stock != UNLIMITED for item in fresh.values())
            twin = await self._twin(frozen.checkout_id) if counted else None
            if twin is None:
                raise
            order, first = twin, False
        await self._cart.clear_if(customer.id, frozen.checkout_id)
        return Placed(order, first)

    async def _placed_before(self, placed: AlreadyPlaced) -> Placed:
        order = await self._orders.by_checkout(placed.checkout_id)
        if order is None:  # a database restored from before the order; the cart is empty all the same
            raise CartEmpty() from placed
        return Placed(order, first=False)

    async def _draft(
        self,
        customer: Customer,
        plan: Plan,
        frozen: Frozen,
        fresh: Mapping[MenuItemId, MenuItem],
        method: PayMethod,
        chat: ChatKey,
        language: str,
    ) -> OrderDraft:
        outlet = self._outlets.require(outlet_of(frozen.lines[0].item))
        now_ms = self._clock.ms()
        lines = self._priced(frozen, fresh, outlet, plan.slot.start_ms if plan.slot else now_ms)
        agreed = agree(outlet, plan, lines, now_ms)
        bill = await self._bill(customer.id, lines, outlet, plan, agreed, now_ms, frozen.checkout_id)
        check_minimum(agreed.zone, bill.subtotal)
        check_method(outlet, method, bill.total)
        return OrderDraft(
            checkout_id=frozen.checkout_id,
            outlet=outlet.id,
            outlet_name=outlet.name,
            timezone=outlet.timezone,
            customer=customer.id,
            customer_name=customer.name,
            phone=customer.phone,
            chat=chat,
            language=language,
            fulfilment=plan.fulfilment,
            table=agreed.table,
            address=agreed.address,
            slot=plan.slot,
            road_minutes=0 if agreed.zone is None else agreed.zone.minutes,
            note=frozen.note,
            rider_note=clean_text(plan.rider_note, MAX_RIDER_NOTE) if agreed.address else "",
            diet=customer.diet,
            lines=frozen.lines,
            bill=bill,
            method=method,
            promised_ms=promised_ms(lines, outlet, plan.fulfilment, agreed.zone, plan.slot, now_ms),
            clocks=outlet.clocks,
            test=outlet.test,
        )

    def _priced(
        self, frozen: Frozen, fresh: Mapping[MenuItemId, MenuItem], outlet: Outlet, at_ms: int
    ) -> tuple[PricedLine, ...]:
        snapshot, at = self._menu.snapshot(outlet.id), from_ms(at_ms)
        priced = []
        for line in frozen.lines:
            item = fresh.get(line.item)
            priced.append(price_line(line, item, None if item is None else snapshot.availability(item, at)))
        return tuple(priced)

    async def _bill(
        self,
        customer: CustomerId,
        lines: tuple[PricedLine, ...],
        outlet: Outlet,
        plan: Plan,
        agreed: Terms,
        now_ms: int,
        checkout_id: CheckoutId | None = None,
    ) -> Bill:
        coupon = find_coupon(outlet.coupons, plan.coupon) if plan.coupon else None
        if coupon is not None:
            past = await self._past(customer, checkout_id) if asks_about_past(coupon) else PastOrders()
            subtotal = total(line.amount for line in lines)
            check_coupon(coupon, subtotal=subtotal, fulfilment=plan.fulfilment, now_ms=now_ms, past=past)
        bill = price(lines, outlet, plan.fulfilment, agreed.zone, coupon, plan.tip)
        if coupon is not None and bill.total < LEAST_TOTAL:
            missing = LEAST_TOTAL - bill.total
            raise CouponRefused(code=coupon.code, reason=CouponRefusal.NOTHING_TO_PAY, missing=missing)
        check_total(bill.total)
        return bill

    async def _past(self, customer: CustomerId, checkout_id: CheckoutId | None) -> PastOrders:
        """The guest's orders that stand, but for the one this very checkout became."""
        coupons: set[str] = set()
        some, before_ms = False, NEVER_MS
        while page := await self._orders.list_for(customer, before_ms, PAST_PAGE):
            stood = [order for order in page if order.status not in DID_NOT_STAND and order.checkout_id != checkout_id]
            some = some or bool(stood)
            coupons.update(order.bill.coupon for order in stood)
            before_ms = page[-1].created_ms
        return PastOrders(any=some, coupons=frozenset(coupons))

    async def _create(self, draft: OrderDraft) -> tuple[Order, bool]:
        """Take the portions, then place. What was taken for an order that did not come about goes back.

        After a failure that leaves open whether the order was written the portions stay taken: a dish too few is sold,
        never one too many.
        """
        portions: Counter[MenuItemId] = Counter()
        for line in draft.lines:
            portions[line.item] += line.qty
        await self._menu.take_stock(portions)
        try:
            order, first = await self._orders.create(draft)
        except DomainError:
            await self._menu.return_stock(portions)
            raise
        if not first:
            await self._menu.return_stock(portions)
        return order, first

    async def _twin(self, checkout_id: CheckoutId) -> Order | None:
        """The order another tap on the same cart is making, given a moment to be made."""
        for look in range(TWIN_LOOKS):
            if look:
                await asyncio.sleep(TWIN_PAUSE.total_seconds())
            order = await self._orders.by_checkout(checkout_id)
            if order is not None:
                return order
        return None


def _missing(have: Money, wanted: Money) -> Money:
    return max(ZERO, wanted - have)
