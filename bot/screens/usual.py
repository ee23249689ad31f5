"""Order again: what changed since, told honestly, and then one tap."""

from dataclasses import dataclass

from bot.conversation.reply import Button, Reply, Style
from bot.conversation.screen import Goto, Screen, Step, on
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.identity import put_away
from bot.screens.order import NoOrderYet, own_order
from bot.screens.pay import Pay
from bot.screens.review import hurdles, plan_text, quote
from bot.screens.taps import OpenCart, OpenMenu, OpenUsual, OrderAgain, StartCheckout
from bot.screens.walk import choose_outlet
from bot.screens.words import bill_text, method_name
from core.cart.models import CartLine
from core.errors import Conflict
from core.menu.models import Choice, MenuItem
from core.money import total
from core.orders.models import Order, OrderStatus
from core.outlets.models import Fulfilment


class NothingLeft(Conflict):
    """Not one dish of that order can be had now."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What an old order would be today: the lines that can be had, and what to say about the others."""

    lines: tuple[CartLine, ...]
    told: tuple[Text, ...]


def difference(turn: Turn, order: Order) -> Difference:
    texts, now = turn.texts, turn.services.clock.now()
    snapshot = turn.services.menu.snapshot(order.outlet)
    kept: list[CartLine] = []
    told: list[Text] = []
    for line, billed in zip(order.lines, order.bill.lines, strict=True):
        item = snapshot.get(line.item)
        variant = item.variant(line.variant) if item else None
        if item is None or variant is None:
            told.append(texts.say("{dish} is no longer on the menu.", dish=billed.name))
            continue
        away = snapshot.availability(item, now)
        if away == "sold_out":
            told.append(texts.say("{dish} is sold out.", dish=billed.name))
            continue
        if away == "not_now":
            told.append(texts.say("{dish} is not served at this hour.", dish=billed.name))
            continue
        choices = _choices(item, line)
        if choices is None:
            told.append(texts.say("{dish}: a choice you made is not offered any more.", dish=billed.name))
            continue
        unit = variant.price + total(choice.price for choice in choices)
        if unit != billed.unit:
            was, is_now = texts.money(billed.unit, order.currency), texts.money(unit, order.currency)
            told.append(texts.say("{dish}: {was} then, *{now}* now.", dish=billed.name, was=was, now=is_now))
        kept.append(line)
    return Difference(tuple(kept), tuple(told))


def _choices(item: MenuItem, line: CartLine) -> list[Choice] | None:
    """The choices of an old line as the menu has them now; None when one is gone or a new one must be made."""
    found: list[Choice] = []
    for chosen in line.options:
        group = item.group(chosen.group)
        choice = group.choice(chosen.choice) if group else None
        if choice is None or choice.sold_out:
            return None
        found.append(choice)
    picked = [chosen.group for chosen in line.options]
    return found if all(group.min <= picked.count(group.code) for group in item.groups) else None


async def refill(turn: Turn, order: Order) -> Difference:
    """Put the order's dishes into the cart as they are today, and choose its place and way again.

    Raises NothingLeft, and then the cart stays as it was.
    """
    found = difference(turn, order)
    if not found.lines:
        raise NothingLeft()
    await turn.services.cart.replace(turn.customer_id, found.lines, turn.tap)
    outlet = turn.services.outlets.require(order.outlet)
    choose_outlet(turn, outlet)
    address = None
    if order.address is not None and not await put_away(turn):
        customer = await turn.customer()
        saved = next(
            (a for a in customer.addresses if a.line == order.address.line and a.pin == order.address.pin), None
        )
        address = saved.id if saved else None
    fulfilment = order.fulfilment if order.fulfilment in outlet.fulfilments else None
    table = order.table if fulfilment is Fulfilment.DINE_IN and turn.session.table == order.table else ""
    turn.session = turn.session.but(fulfilment=fulfilment, table=table, address=address, slot=None)
    return found


class UsualScreen(Screen):
    """The last order as it would be today, ready to place."""

    state = State.USUAL

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        recent = await turn.services.orders.list_for(turn.customer_id, limit=10)
        order = next((o for o in recent if o.id == turn.session.data.get("order")), None)
        if order is None:
            return await self._offer(turn, recent)
        shown = await quote(turn)
        raw = turn.session.data.get("told", [])
        told = lines(*(str(line) for line in raw)) if isinstance(raw, list) else Text()
        rows: list[tuple[Button, ...]] = []
        methods = turn.services.checkout.methods(turn.outlet, shown.bill.total, await turn.customer())
        if shown.minimum_missing:
            rows.append((Button(texts.t("Add more"), OpenMenu(), style=Style.PRIMARY),))
        elif order.method in methods and turn.session.phone:
            pay = Pay(method=order.method, version=shown.cart_version, total=shown.bill.total.paise)
            method = method_name(texts, order.method, shown.plan.fulfilment)
            rows.append((Button(texts.t("Place order · {method}", method=method), pay, style=Style.PRIMARY),))
            rows.append((Button(texts.t("Other way to pay"), StartCheckout()),))
        else:
            rows.append((Button(texts.t("Checkout"), StartCheckout(), style=Style.PRIMARY),))
        rows.append((Button(texts.t("Edit cart"), OpenCart()), Button(texts.t("Menu"), OpenMenu())))
        text = paragraphs(
            texts.say("*The same again*, as it is today:")
            if turn.session.data.get("again")
            else texts.say("*The usual*, as it is today:"),
            told,
            plan_text(turn, shown),
            bill_text(texts, shown.bill),
            hurdles(turn, shown),
            texts.say("_You can cancel free of charge until the restaurant accepts; after that, ask and we try._"),
        )
        return Reply(text, tuple(rows))

    @staticmethod
    async def _offer(turn: Turn, recent: list[Order]) -> Reply:
        """Typed *usual*: which order to repeat, one tap away."""
        ended = [o for o in recent if o.status is OrderStatus.COMPLETED] or recent
        if not ended:
            raise NoOrderYet()
        texts, order = turn.texts, ended[0]
        dishes = ", ".join(f"{line.qty} × {line.name}" for line in order.bill.lines)
        return Reply(
            texts.say(
                "Your last order was {dishes} from {outlet}. Once more?", dishes=dishes, outlet=order.outlet_name
            ),
            (
                (
                    Button(texts.t("Yes, the usual"), OrderAgain(order=order.id), style=Style.PRIMARY),
                    Button(texts.t("Menu"), OpenMenu()),
                ),
            ),
            in_place=True,
        )

    @on(OpenUsual)
    async def open(self, turn: Turn, tap: OpenUsual) -> Step:
        recent = await turn.services.orders.list_for(turn.customer_id, limit=10)
        order = next((o for o in recent if o.status is OrderStatus.COMPLETED), recent[0] if recent else None)
        if order is None:
            raise NoOrderYet()
        return await self._repeat(turn, order)

    @on(OrderAgain)
    async def again(self, turn: Turn, tap: OrderAgain) -> Step:
        return await self._repeat(turn, await own_order(turn, tap.order), again=1)

    @staticmethod
    async def _repeat(turn: Turn, order: Order, **how: int) -> Step:
        found = await refill(turn, order)
        return Goto(State.USUAL, {"order": order.id, "told": [line.plain for line in found.told], **how})
