"""Putting a dish into the cart, and what is said about it."""

from collections.abc import Iterator

from bot.conversation.text import Text
from bot.conversation.turn import Turn
from core.cart.models import CartLine, CartView, Selection
from core.checkout.errors import NotServedNow
from core.menu.models import Choice, MenuItem, OptionGroup


def cart_line(
    item: MenuItem, *, variant: str = "", options: tuple[Selection, ...] = (), note: str = "", qty: int
) -> CartLine:
    """A line with its options in the menu's order, so that equal wishes are one line."""
    order = {(group.code, choice.code): n for n, (group, choice) in enumerate(_choices(item))}
    kept = sorted((o for o in options if (o.group, o.choice) in order), key=lambda o: order[o.group, o.choice])
    return CartLine(item=item.id, variant=variant or item.variants[0].code, options=tuple(kept), note=note, qty=qty)


def _choices(item: MenuItem) -> Iterator[tuple[OptionGroup, Choice]]:
    return ((group, choice) for group in item.groups for choice in group.choices)


def usual_choices(item: MenuItem) -> tuple[Selection, ...]:
    """What the menu preselects, as long as it is to be had."""
    return tuple(
        Selection(group=group.code, choice=code)
        for group in item.groups
        for code in group.default
        if (choice := group.choice(code)) is not None and not choice.sold_out
    )


async def add_line(turn: Turn, line: CartLine, *, part: int = 0) -> CartView:
    """Add a line and say so, with the new total of the cart. `part` tells several lines of one message apart."""
    item = turn.menu.get(line.item)
    if item is not None and turn.menu.availability(item, turn.services.clock.now()) == "not_now":
        meals = {meal.code: meal.name for meal in turn.outlet.meals}
        raise NotServedNow(name=item.name, meal=", ".join(meals.get(code, code) for code in item.meals), line=line.id)
    view = await turn.services.cart.add(turn.customer_id, line, f"{turn.tap}:{part}" if part else turn.tap)
    turn.notice(added(turn, line, view))
    return view


def added(turn: Turn, line: CartLine, view: CartView) -> Text:
    shown = next((shown for shown in view.lines if shown.id == line.id), None)
    name = shown.name if shown else line.item
    if shown and shown.variant_name:
        name = f"{name} ({shown.variant_name})"
    texts = turn.texts
    total = texts.money(view.subtotal, turn.outlet.currency)
    return texts.say(
        "Added {qty} × *{dish}*. Cart: {count} · {total}",
        qty=line.qty,
        dish=name,
        count=texts.n("{count} item", "{count} items", view.count),
        total=total,
    )
