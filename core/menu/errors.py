"""What can stand between a guest and a dish."""

from core.errors import Conflict, InvalidInput, NotFound
from core.ids import MenuItemId


class ItemNotFound(NotFound):
    """The dish is not on the menu (any more)."""

    item: MenuItemId


class ItemSoldOut(Conflict):
    """The dish has run out; `left` portions could still be had. `item` or `line` says which one was asked for."""

    name: str
    item: str = ""
    line: str = ""
    left: int = 0


class VariantNotFound(NotFound):
    """The dish does not come in this size."""

    item: MenuItemId
    variant: str


class PriceRefused(InvalidInput):
    """A price that is no price: nothing, less, or beyond what a dish costs."""

    field = "price"


class MenuFileError(InvalidInput):
    """The menu file cannot be used. `problems` holds every one: the line (from 1) and what to write instead."""

    field = "menu_file"

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__(problems=problems)
        self.problems = problems


class BranchRefused(InvalidInput):
    """A new outlet's facts cannot be used; `problems` holds one sentence for each."""

    field = "outlet"
    problems: list[str]
