"""Words for where, when and how food gets to a guest, or does not."""

from bot.conversation.errors.book import Explained, WordBook, moment, money
from bot.conversation.states import State
from bot.conversation.turn import Turn
from bot.screens.words import fulfilment_name
from core.checkout.errors import (
    AboveMaximum,
    AddressNeeded,
    BelowMinimum,
    FulfilmentNotOffered,
    NotServiceable,
    OutletClosed,
    OutletPaused,
    SlotGone,
    TableNeeded,
)

words = WordBook()


@words(OutletClosed)
def _closed(error: OutletClosed, turn: Turn) -> Explained:
    if error.next_ms:
        text = turn.texts.say(
            "The kitchen is closed now and opens {time}. Your cart is safe; you can choose a later time.",
            time=moment(turn, error.next_ms),
        )
    else:
        text = turn.texts.say("The kitchen is closed this week. Your cart is safe.")
    return Explained(text, State.WHEN)


@words(OutletPaused)
def _paused(error: OutletPaused, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "The kitchen takes a short break until {time}. Your cart is safe.", time=moment(turn, error.until_ms)
        ),
        State.CART,
    )


@words(SlotGone)
def _slot(error: SlotGone, turn: Turn) -> Explained:
    turn.session = turn.session.but(slot=None)
    return Explained(turn.texts.say("That time is gone. Please choose another."), State.WHEN)


@words(FulfilmentNotOffered)
def _fulfilment(error: FulfilmentNotOffered, turn: Turn) -> Explained:
    how = fulfilment_name(turn.texts, error.fulfilment)
    return Explained(turn.texts.say("This branch does not offer: {how}.", how=how), State.FULFILMENT)


@words(BelowMinimum)
def _minimum(error: BelowMinimum, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "Orders like this start at {minimum}: *{missing} more*, please.",
            minimum=money(turn, error.minimum),
            missing=money(turn, error.missing),
        ),
        State.MENU,
    )


@words(AboveMaximum)
def _maximum(error: AboveMaximum, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "A chat order goes up to {maximum}. For a feast, type *human* and we arrange it.",
            maximum=money(turn, error.maximum),
        ),
        State.CART,
    )


@words(NotServiceable)
def _far(error: NotServiceable, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("We do not deliver to {pin}.", pin=error.pin), State.ADDRESS, {"too_far": error.pin}
    )


@words(AddressNeeded)
def _address_needed(error: AddressNeeded, turn: Turn) -> Explained:
    turn.session = turn.session.but(resume=State.REVIEW)
    return Explained(turn.texts.say("Where shall we bring it?"), State.ADDRESS)


@words(TableNeeded)
def _table_needed(error: TableNeeded, turn: Turn) -> Explained:
    turn.session = turn.session.but(resume=State.REVIEW, table="")
    return Explained(turn.texts.say("One more detail: your table."), State.TABLE)
