"""Words for what people say of themselves: names and addresses."""

from bot.conversation.errors.book import Explained, WordBook
from bot.conversation.states import State
from bot.conversation.turn import Turn
from bot.screens.address import AddressUnclear
from bot.screens.profile import NameUnclear
from core.customers.errors import InvalidAddress, InvalidName, TooManyAddresses
from core.errors import InvalidInput

words = WordBook()


@words(NameUnclear, InvalidName)
def _name(error: InvalidInput, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Please type a name with letters, at most 60 characters."))


@words(AddressUnclear, InvalidAddress)
def _address(error: InvalidInput, turn: Turn) -> Explained:
    texts = turn.texts
    match error.field:
        case "pin":
            text = texts.say("A PIN code has six digits and does not begin with 0, such as 560001.")
        case "city":
            text = texts.say("Please type the name of the city.")
        case "landmark":
            text = texts.say("Please keep the landmark under 120 characters.")
        case _:
            text = texts.say("Please type house, street and area, between 5 and 200 characters.")
    return Explained(text)


@words(TooManyAddresses)
def _addresses(error: TooManyAddresses, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("You have saved as many addresses as we keep. Please delete one first."), State.ADDRESSES
    )
