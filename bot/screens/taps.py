"""Buttons that lead from one screen to another, and from a notification back into the conversation.

An action used on one screen alone stands beside that screen; these are offered in several places, so they stand
together where every screen and the notifier can import them.
"""

from bot.conversation.actions import Action
from core.ids import MenuItemId, OrderId


class GoBack(Action, tag="back", runs_ahead=True):
    pass


class StartOrder(Action, tag="go"):
    """Begin, or go on with, the walk to the menu."""


class OpenMenu(Action, tag="menu", runs_ahead=True):
    pass


class OpenCategory(Action, tag="cat", runs_ahead=True):
    category: str
    page: int = 0


class OpenItem(Action, tag="item", runs_ahead=True):
    item: MenuItemId


class AddOne(Action, tag="add", runs_ahead=True):
    """One more of a dish that asks no questions, from a list."""

    item: MenuItemId


class AddMeant(Action, tag="add?"):
    """The dish that was meant, in the number and the way the guest had said before saying which."""

    item: MenuItemId


class OpenSearch(Action, tag="find", runs_ahead=True):
    pass


class OpenCart(Action, tag="cart", runs_ahead=True):
    pass


class StartCheckout(Action, tag="pay?"):
    """From the cart to the review, past whatever detail is still missing."""


class OpenAddresses(Action, tag="addrs"):
    pass


class OpenOutlets(Action, tag="where"):
    pass


class OpenFulfilment(Action, tag="how?"):
    pass


class OpenWhen(Action, tag="when"):
    pass


class OpenCoupon(Action, tag="coupon"):
    pass


class OpenPhone(Action, tag="phone"):
    pass


class ShowOrder(Action, tag="ord"):
    order: OrderId


class PayAgain(Action, tag="ordpay"):
    order: OrderId


class CancelOrder(Action, tag="ordx"):
    order: OrderId


class OrderAgain(Action, tag="again"):
    order: OrderId


class ShowInvoice(Action, tag="ordinv"):
    """The order's invoice as a file, with the notes of what went back."""

    order: OrderId


class OpenOrders(Action, tag="ords"):
    """Orders older than `before`, in milliseconds; 0 begins with the newest."""

    before: int = 0


class OpenUsual(Action, tag="usual"):
    pass


class OpenProfile(Action, tag="me"):
    pass


class OpenHelp(Action, tag="help"):
    pass


class OpenPrivacy(Action, tag="priv"):
    pass


class OpenLanguage(Action, tag="lang"):
    pass


class AskHuman(Action, tag="human"):
    pass
