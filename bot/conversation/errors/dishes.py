"""Words for dishes that cannot be had."""

from bot.conversation.errors.book import Explained, WordBook
from bot.conversation.states import State
from bot.conversation.turn import Turn
from core.checkout.errors import NotServedNow
from core.errors import NotFound
from core.menu.errors import ItemNotFound, ItemSoldOut, VariantNotFound

words = WordBook()


@words(ItemNotFound, VariantNotFound)
def _no_item(error: NotFound, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That dish is no longer on the menu. Here is the menu as it is now."), State.MENU)


@words(ItemSoldOut)
def _sold_out(error: ItemSoldOut, turn: Turn) -> Explained:
    texts = turn.texts
    if error.left:
        text = texts.say_n(
            "Only {count} *{dish}* is left. The rest of your cart is safe.",
            "Only {count} *{dish}* are left. The rest of your cart is safe.",
            error.left,
            dish=error.name,
        )
    else:
        text = texts.say("*{dish}* has just sold out. The rest of your cart is safe.", dish=error.name)
    state = State.CART if turn.session.state in (State.REVIEW, State.PAY, State.CART, State.USUAL) else None
    return Explained(text, state)


@words(NotServedNow)
def _not_now(error: NotServedNow, turn: Turn) -> Explained:
    return Explained(turn.texts.say("*{dish}* is served at {meal} only.", dish=error.name, meal=error.meal))
