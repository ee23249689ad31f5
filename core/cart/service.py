"""The cart as the guest edits it: each tap counts once, and what is shown is priced from the menu of this moment."""

from collections.abc import Iterable
from typing import Protocol

from core.cart.errors import (
    AlreadyPlaced,
    CartChanged,
    CartEmpty,
    CartFull,
    LineGone,
    OptionGone,
    OptionsWrong,
    OtherOutlet,
    QuantityInvalid,
    QuantityTooLarge,
)
from core.cart.lines import NO_DIET, canonical, price_line
from core.cart.models import (
    MAX_LINES,
    MAX_NOTE,
    MAX_QTY,
    Cart,
    CartLine,
    CartView,
    CartViewLine,
    Frozen,
    Joined,
    PricedLine,
    outlet_of,
)
from core.cart.store import CartStore, Change, Outcome
from core.clock import Clock, from_ms
from core.customers.models import DietProfile
from core.customers.names import clean_text
from core.errors import NotFound, StoreError
from core.ids import CheckoutId, CustomerId, LineId, OutletId, new_id
from core.menu.errors import ItemNotFound, ItemSoldOut
from core.menu.service import MenuService
from core.menu.snapshot import MenuSnapshot
from core.money import total

ATTEMPTS = 5  # each failed one means that another device froze or placed the cart in between


class PlacedOrders(Protocol):
    """What the cart must know of orders: whether a checkout became one."""

    async def by_checkout(self, checkout_id: CheckoutId) -> object | None: ...


class CartService:
    """One cart a guest, of one outlet, for 24 hours after its last change.

    `tap` names what caused a change, for instance the chat and its update id. The same tap asking for the same change
    again is answered with the cart as it is, so a message delivered twice counts once.
    """

    def __init__(self, *, store: CartStore, menu: MenuService, orders: PlacedOrders, clock: Clock) -> None:
        self._store = store
        self._menu = menu
        self._orders = orders
        self._clock = clock

    async def get(self, customer: CustomerId) -> Cart:
        """The cart as it is stored. One that was placed in a turn cut short is emptied first."""
        cart = await self._store.read(customer)
        if cart.checkout_id is not None and await self._settle(customer, cart.checkout_id):
            cart = await self._store.read(customer)
        return cart

    async def view(self, customer: CustomerId, diet: DietProfile = NO_DIET, *, at_ms: int | None = None) -> CartView:
        """The cart with names, prices and problems from the menu; `at_ms` is when it is to be eaten, if not now."""
        return self._show(await self.get(customer), diet, at_ms)

    async def add(self, customer: CustomerId, line: CartLine, tap: str, diet: DietProfile = NO_DIET) -> CartView:
        """Put a dish in. The same dish, size, options and note become one line.

        Raises ItemSoldOut, OptionGone, OptionsWrong, QuantityInvalid, QuantityTooLarge, CartFull, OtherOutlet,
        ItemNotFound.
        """
        return await self.add_all(customer, (line,), tap, diet)

    async def add_all(
        self, customer: CustomerId, lines: Iterable[CartLine], tap: str, diet: DietProfile = NO_DIET
    ) -> CartView:
        """Put several dishes in, all or none ("2 masala dosa and a filter coffee"). Raises what `add` raises."""
        fit = tuple(self._fit(line) for line in lines)
        return self._show(await self._apply(customer, Change.add(fit), tap), diet)

    async def change(
        self, customer: CustomerId, line_id: LineId, by: int, tap: str, diet: DietProfile = NO_DIET
    ) -> CartView:
        """So many portions more or fewer; with none left the line is gone. Raises LineGone, QuantityTooLarge."""
        if type(by) is not int:
            raise QuantityInvalid()
        bounded = max(-MAX_QTY, min(by, MAX_QTY + 1))
        return self._show(await self._apply(customer, Change.by(line_id, bounded), tap, line_id), diet)

    async def set_qty(
        self, customer: CustomerId, line_id: LineId, qty: int, tap: str, diet: DietProfile = NO_DIET
    ) -> CartView:
        """Exactly so many portions; 0 removes the line. Raises LineGone, QuantityInvalid, QuantityTooLarge."""
        if qty != 0 or type(qty) is not int:
            _check_quantity(qty)
        return self._show(await self._apply(customer, Change.to(line_id, qty), tap, line_id), diet)

    async def remove(self, customer: CustomerId, line_id: LineId, tap: str, diet: DietProfile = NO_DIET) -> CartView:
        """Take a line out; one that is gone already is as wished."""
        return self._show(await self._apply(customer, Change.remove(line_id), tap), diet)

    async def set_note(self, customer: CustomerId, text: str, tap: str, diet: DietProfile = NO_DIET) -> CartView:
        """What the kitchen should know about the whole order; an empty text takes it back."""
        change = Change.note(clean_text(text, MAX_NOTE))
        return self._show(await self._apply(customer, change, tap), diet)

    async def clear(self, customer: CustomerId, tap: str) -> CartView:
        return self._show(await self._apply(customer, Change.clear(), tap), NO_DIET)

    async def replace(
        self, customer: CustomerId, lines: Iterable[CartLine], tap: str, diet: DietProfile = NO_DIET
    ) -> CartView:
        """Everything out, `lines` in ("the usual"). Dishes that changed since stay in, with their problem marked.

        Raises QuantityInvalid, QuantityTooLarge, CartFull, OtherOutlet.
        """
        fit = tuple(self._fit_loosely(line) for line in lines)
        return self._show(await self._apply(customer, Change.replace(fit), tap), diet)

    async def move(self, source: CustomerId, target: CustomerId) -> Joined:
        """Hand the cart of `source` to `target`, because both are one person. May be repeated at any point.

        Nothing is lost: both become one cart, or, where one kitchen or one ticket cannot take both, the cart in hand
        (that of `source`) is used and the other one put aside; `swap` brings it back.
        """
        joined = Joined.NOTHING
        if source == target:
            return joined
        await self.get(source)
        taken = await self._store.take(source)
        while taken is not None:
            change = Change.join(taken.lines, taken.note)
            said, _ = await self._change(target, change, f"move:{source}:{taken.move}")
            joined = Joined(said.lower()) if said else joined
            taken = await self._store.take(source, arrived=taken.move)
        return joined

    async def swap(self, customer: CustomerId, tap: str, diet: DietProfile = NO_DIET) -> CartView:
        """Take up the cart that was put aside, and put this one aside. Raises LineGone when there is none."""
        return self._show(await self._apply(customer, Change.swap(), tap), diet)

    async def freeze(self, customer: CustomerId, version: int) -> Frozen:
        """Fix this version for checkout. Every call for one version gets the same checkout id.

        Raises CartChanged, CartEmpty, and AlreadyPlaced when this version became an order, even if the turn that
        placed it was cut short.
        """
        outcome, detail, cart = await self._store.freeze(customer, version, CheckoutId(new_id("chk")))
        match outcome:
            case "PLACED":
                raise AlreadyPlaced(checkout_id=CheckoutId(detail))
            case "EMPTY":
                raise CartEmpty()
            case "STALE":
                raise CartChanged(version=int(detail))
        checkout_id = CheckoutId(detail)
        if outcome == "OLD" and await self._settle(customer, checkout_id):
            raise AlreadyPlaced(checkout_id=checkout_id)
        return Frozen(
            checkout_id=checkout_id, version=cart.version, lines=cart.lines, note=cart.note, fresh=outcome == "NEW"
        )

    async def clear_if(self, customer: CustomerId, checkout_id: CheckoutId) -> bool:
        """Empty the cart that was placed as `checkout_id`; one that changed meanwhile survives (False)."""
        return await self._store.clear_if(customer, checkout_id)

    async def forget(self, customer: CustomerId) -> None:
        """Drop the cart and everything remembered about it (erasure)."""
        await self._store.forget(customer)

    async def _settle(self, customer: CustomerId, checkout_id: CheckoutId) -> bool:
        """Empty the cart if its checkout became an order. Says whether it did."""
        if await self._orders.by_checkout(checkout_id) is None:
            return False
        await self._store.clear_if(customer, checkout_id)
        return True

    async def _apply(self, customer: CustomerId, change: Change, tap: str, line: LineId | None = None) -> Cart:
        return (await self._change(customer, change, tap, line))[1]

    async def _change(
        self, customer: CustomerId, change: Change, tap: str, line: LineId | None = None
    ) -> tuple[str, Cart]:
        """What the change has to say, and the cart after it."""
        unplaced: CheckoutId | None = None
        for _ in range(ATTEMPTS):
            outcome, detail, cart = await self._store.apply(customer, change, tap, unplaced=unplaced)
            match outcome:
                case Outcome.OK | Outcome.REPEATED:
                    return detail, cart
                case Outcome.FULL:
                    raise CartFull(limit=MAX_LINES)
                case Outcome.TOO_MANY:
                    raise QuantityTooLarge(limit=MAX_QTY)
                case Outcome.LINE_GONE:
                    raise LineGone(line=line)
                case Outcome.OTHER_OUTLET:
                    raise OtherOutlet(current=OutletId(detail))
                case Outcome.PENDING:
                    # Only a cart on its way into an order asks MongoDB; browsing never does.
                    checkout_id = CheckoutId(detail)
                    unplaced = None if await self._settle(customer, checkout_id) else checkout_id
        raise StoreError("cart kept changing", customer=customer)

    def _fit(self, line: CartLine) -> CartLine:
        _check_quantity(line.qty)
        snapshot = self._snapshot(outlet_of(line.item))
        item = None if snapshot is None else snapshot.get(line.item)
        if snapshot is None or item is None:
            raise ItemNotFound(item=line.item)
        noted = _noted(line)
        if snapshot.availability(item, self._clock.now()) == "sold_out":
            raise ItemSoldOut(name=item.name, line=noted.id)
        return canonical(noted, item)

    def _fit_loosely(self, line: CartLine) -> CartLine:
        _check_quantity(line.qty)
        noted = _noted(line)
        snapshot = self._snapshot(outlet_of(line.item))
        item = None if snapshot is None else snapshot.get(line.item)
        if item is None:
            return noted
        try:
            return canonical(noted, item)
        except (OptionGone, OptionsWrong):
            return noted

    def _snapshot(self, outlet: OutletId) -> MenuSnapshot | None:
        try:
            return self._menu.snapshot(outlet)
        except NotFound:
            return None

    def _show(self, cart: Cart, diet: DietProfile, at_ms: int | None = None) -> CartView:
        lines = tuple(_shown(line) for line in self.priced(cart.lines, diet, at_ms))
        return CartView(
            version=cart.version,
            outlet=cart.outlet,
            lines=lines,
            note=cart.note,
            subtotal=total(line.amount for line in lines),
            count=cart.count,
            aside=sum(line.qty for line in cart.aside),
            expires_ms=cart.expires_ms,
        )

    def priced(
        self, lines: Iterable[CartLine], diet: DietProfile = NO_DIET, at_ms: int | None = None
    ) -> tuple[PricedLine, ...]:
        """Lines met with the menu snapshot, for the moment `at_ms` (None: now)."""
        at = self._clock.now() if at_ms is None else from_ms(at_ms)
        priced = []
        for line in lines:
            snapshot = self._snapshot(outlet_of(line.item))
            item = None if snapshot is None else snapshot.get(line.item)
            availability = None if snapshot is None or item is None else snapshot.availability(item, at)
            priced.append(price_line(line, item, availability, diet))
        return tuple(priced)


def _check_quantity(qty: int) -> None:
    if type(qty) is not int or qty < 1:
        raise QuantityInvalid()
    if qty > MAX_QTY:
        raise QuantityTooLarge(limit=MAX_QTY)


def _noted(line: CartLine) -> CartLine:
    note = clean_text(line.note, MAX_NOTE)
    return line if note == line.note else line.model_copy(update={"note": note})


def _shown(line: PricedLine) -> CartViewLine:
    return CartViewLine(
        id=line.id,
        item=line.item,
        name=line.name,
        variant_name=line.variant_name,
        options=line.options,
        note=line.note,
        qty=line.qty,
        unit=line.unit,
        amount=line.amount,
        problem=line.problem,
    )
