"""Words for what goes wrong in the talk itself."""

from bot.conversation.actions import StaleAction
from bot.conversation.errors.book import Explained, WordBook
from bot.conversation.listener import CannotSee, TextTooLong
from bot.conversation.states import State
from bot.conversation.turn import OutletNotChosen, Turn
from bot.kitchen.human import NobodyThere
from bot.screens.walk import DetailMissing

words = WordBook()


@words(StaleAction)
def _stale(error: StaleAction, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That button is from an older message. Here is what is true now."))


@words(OutletNotChosen)
def _no_outlet(error: OutletNotChosen, turn: Turn) -> Explained:
    return Explained(turn.texts.say("First, where should your food come from?"), State.OUTLET)


@words(TextTooLong)
def _long(error: TextTooLong, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("That is a lot of text. Please keep it under {limit} characters.", limit=error.limit)
    )


@words(CannotSee)
def _media(error: CannotSee, turn: Turn) -> Explained:
    return Explained(turn.texts.say("I can only read text. Please type it, or type *human* to show it to a person."))


@words(DetailMissing)
def _detail(error: DetailMissing, turn: Turn) -> Explained:
    return Explained(turn.texts.say("One more detail first."), error.state)


@words(NobodyThere)
def _nobody(error: NobodyThere, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "Nobody at {outlet} can be reached in chat just now. Please call {phone}.",
            outlet=error.name,
            phone=error.phone,
        ),
        State.HELLO,
    )
