"""What can stand between a guest and a line in the cart."""

from core.errors import Conflict, InvalidInput
from core.ids import CheckoutId, LineId, OutletId


class CartFull(Conflict):
    """The cart holds as many different lines as a ticket can."""

    limit: int


class QuantityTooLarge(InvalidInput):
    """More portions of one line than a chat orders; `limit` is the most there may be."""

    field = "quantity"
    limit: int


class QuantityInvalid(InvalidInput):
    """Not a whole number of portions from one up."""

    field = "quantity"


class OtherOutlet(Conflict):
    """The cart holds dishes of another outlet; one order is cooked in one kitchen."""

    current: OutletId


class LineGone(Conflict):
    """The line is no longer in the cart."""

    line: LineId


class ItemGone(Conflict):
    """The dish is no longer on the menu."""

    name: str
    line: LineId


class OptionGone(Conflict):
    """The size or an option of the line is no longer offered, or the dish now asks for another choice."""

    name: str
    line: LineId


class OptionsWrong(InvalidInput):
    """The choices of `group` do not meet what the dish asks: at least `least`, at most `most`, of those offered."""

    field = "options"
    name: str
    group: str
    least: int
    most: int


class CartEmpty(Conflict):
    pass


class CartChanged(Conflict):
    """The cart is no longer what was shown; it now stands at `version`."""

    version: int


class AlreadyPlaced(Conflict):
    """This very version of the cart was placed, here or on another device."""

    checkout_id: CheckoutId
