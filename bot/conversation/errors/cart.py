"""Words for what stands between a guest and a line in the cart."""

from bot.conversation.errors.book import Explained, WordBook
from bot.conversation.states import State
from bot.conversation.turn import Turn
from bot.screens.cart import CartHasProblems
from bot.screens.item import QuantityUnclear
from core.cart.errors import (
    AlreadyPlaced,
    CartChanged,
    CartEmpty,
    CartFull,
    ItemGone,
    LineGone,
    OptionGone,
    OptionsWrong,
    OtherOutlet,
    QuantityInvalid,
    QuantityTooLarge,
)
from core.errors import InvalidInput

words = WordBook()


@words(CartEmpty)
def _empty(error: CartEmpty, turn: Turn) -> Explained:
    state = State.MENU if turn.session.outlet else State.HELLO
    return Explained(turn.texts.say("Your cart is empty. Pick something good first."), state)


@words(CartFull)
def _full(error: CartFull, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "Your cart holds {limit} different dishes, which is all a ticket can take. Call us for a feast.",
            limit=error.limit,
        ),
        State.CART,
    )


@words(QuantityTooLarge)
def _too_large(error: QuantityTooLarge, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("At most {limit} of one dish in a chat order. For more, type *human*.", limit=error.limit)
    )


@words(QuantityUnclear, QuantityInvalid)
def _quantity(error: InvalidInput, turn: Turn) -> Explained:
    return Explained(turn.texts.say("How many? Please type a whole number from 1 to 20."))


@words(OtherOutlet)
def _other_outlet(error: OtherOutlet, turn: Turn) -> Explained:
    current = turn.services.outlets.get(error.current)
    return Explained(
        turn.texts.say(
            "Your cart is from *{outlet}*, and one order is cooked in one kitchen. Order or empty that cart first.",
            outlet=current.name if current else str(error.current),
        ),
        State.CART,
    )


@words(LineGone)
def _line_gone(error: LineGone, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That line is no longer in your cart. Here is your cart."), State.CART)


@words(ItemGone)
def _item_gone(error: ItemGone, turn: Turn) -> Explained:
    return Explained(turn.texts.say("*{dish}* is no longer on the menu.", dish=error.name), State.CART)


@words(OptionGone)
def _option_gone(error: OptionGone, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("*{dish}*: a choice is not offered any more. Please choose it anew.", dish=error.name),
        State.CART,
    )


@words(OptionsWrong)
def _options(error: OptionsWrong, turn: Turn) -> Explained:
    return Explained(turn.texts.say("*{dish}* needs another choice. Please open it and choose.", dish=error.name))


@words(CartHasProblems)
def _problems(error: CartHasProblems, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Cannot be ordered now: {names}. Take it out, then check out.", names=error.names), State.CART
    )


@words(CartChanged)
def _changed(error: CartChanged, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Your cart has changed since this was shown. Please check it again."), State.REVIEW)


@words(AlreadyPlaced)
def _placed(error: AlreadyPlaced, turn: Turn) -> Explained:
    return Explained(turn.texts.say("This cart was ordered already. Here is that order."), State.ORDER)
