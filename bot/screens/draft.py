"""A dish being put together: what was chosen of it so far, and what the kitchen still has to know."""

from hashlib import blake2b

from bot.conversation.actions import StaleAction
from bot.conversation.session import Fact
from bot.conversation.turn import Turn
from bot.screens.adding import cart_line
from core.cart.models import CartLine, Selection
from core.errors import NotFound
from core.ids import MenuItemId
from core.menu.models import MenuItem, OptionGroup
from core.money import Money, total


def dish_key(item: MenuItemId) -> str:
    """A dish in six characters, so that a choice and its dish fit into one button."""
    return blake2b(item.encode(), digest_size=3).hexdigest()


class Draft:
    """A dish being put together. Lives in the session's data until it is added."""

    def __init__(self, item: MenuItem, data: dict[str, Fact]) -> None:
        self.item = item
        chosen = data.get("chosen", [])
        self.chosen: list[str] = [c for c in chosen if self._known(c)] if isinstance(chosen, list) else []
        done = data.get("done", [])
        self.done: list[str] = done if isinstance(done, list) else []
        variant = str(data.get("variant", ""))
        self.variant = variant if item.variant(variant) else ("" if len(item.variants) > 1 else item.variants[0].code)
        self.note = str(data.get("note", ""))
        self.qty = int(str(data.get("qty", 0)))
        self.typed = bool(data.get("typed"))  # part of a typed order

    def _known(self, packed: str) -> bool:
        group, _, choice = packed.partition("=")
        found = self.item.group(group)
        return found is not None and found.choice(choice) is not None

    def data(self, **more: Fact) -> dict[str, Fact]:
        facts: dict[str, Fact] = {"item": self.item.id, "chosen": self.chosen, "done": self.done}
        if self.variant:
            facts["variant"] = self.variant
        if self.note:
            facts["note"] = self.note
        if self.qty:
            facts["qty"] = self.qty
        if self.typed:
            facts["typed"] = 1
        return facts | more

    def picked(self, group: OptionGroup) -> list[str]:
        return [c.partition("=")[2] for c in self.chosen if c.startswith(f"{group.code}=")]

    def question(self) -> OptionGroup | None:
        """The next group that must be answered; one with several picks and no usual answer waits for *Done*."""
        for group in self.item.groups:
            if not group.required:
                continue
            several = group.max > 1 and len(group.default) < group.min
            if len(self.picked(group)) < group.min or (several and group.code not in self.done):
                return group
        return None

    @property
    def options(self) -> tuple[Selection, ...]:
        return tuple(Selection(group=g, choice=c) for g, _, c in (packed.partition("=") for packed in self.chosen))

    @property
    def unit(self) -> Money:
        variant = self.item.variant(self.variant) or self.item.variants[0]
        extras = (
            choice.price
            for group in self.item.groups
            for code in self.picked(group)
            if (choice := group.choice(code)) is not None
        )
        return variant.price + total(extras)

    def line(self, qty: int) -> CartLine:
        return cart_line(self.item, variant=self.variant, options=self.options, note=self.note, qty=qty)


def draft_of(turn: Turn, dish: str = "") -> Draft:
    """The draft on the table. A button of another dish's message is old: StaleAction."""
    data = turn.session.data
    item = turn.menu.get(MenuItemId(str(data.get("item", ""))))
    if item is None:
        raise StaleAction(packed=dish) if dish else NotFound(what="item")
    if dish and dish_key(item.id) != dish:
        raise StaleAction(packed=dish)
    return Draft(item, data)


def line_data(line: CartLine) -> dict[str, Fact]:
    """A line that is not complete yet, as a draft."""
    return {
        "item": line.item,
        "variant": line.variant,
        "chosen": [f"{o.group}={o.choice}" for o in line.options],
        "note": line.note,
        "qty": line.qty,
        "typed": 1,
    }
