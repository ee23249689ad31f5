"""What is said when nobody knows better: the words of whole families of errors."""

from bot.conversation.errors.book import Explained, WordBook
from bot.conversation.states import State
from bot.conversation.text import Text
from bot.conversation.texts import Texts
from bot.conversation.turn import Turn
from bot.screens.words import wait_text
from core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, ProviderError, TooManyAttempts

words = WordBook()


@words(DomainError, InvalidInput)
def _domain(error: DomainError, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That did not work as typed. Nothing was changed; please try again."))


@words(NotFound)
def _not_found(error: NotFound, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That is not there any more. Here is what is."), State.HELLO)


@words(Conflict)
def _conflict(error: Conflict, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Things have moved on since that message. Here is how they stand."))


@words(Forbidden)
def _forbidden(error: Forbidden, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That is not yours to open from this chat."), State.HELLO)


@words(TooManyAttempts)
def _too_many(error: TooManyAttempts, turn: Turn) -> Explained:
    wait = wait_text(turn.texts, error.retry_after)
    if error.reason == "cooldown":
        return Explained(turn.texts.say("The code is on its way. You can ask for another in {wait}.", wait=wait))
    if error.reason in ("series", "budget"):  # not this guest's doing
        return Explained(
            turn.texts.say(
                "Codes by SMS to your number have to wait {wait}. Your cart is safe; type *human* to reach a person.",
                wait=wait,
            )
        )
    return Explained(
        turn.texts.say("That was asked for too often. Please try again in {wait}; your cart is safe.", wait=wait)
    )


@words(ProviderError)
def _provider(error: ProviderError, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Another service did not answer just now. Nothing was lost; please try again in a minute.")
    )


def apology(texts: Texts) -> Text:
    """For what nobody foresaw: it is in the log by then."""
    return texts.say(
        "Something went wrong on our side, and we have noted it. Your cart and orders are safe. "
        "Please try again, or type *help* to reach a person."
    )
