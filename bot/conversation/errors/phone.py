"""Words for what stands between a phone number and its proof."""

from bot.conversation.errors.book import Explained, WordBook
from bot.conversation.states import State
from bot.conversation.turn import Turn
from core.checkout.errors import PhoneNeeded
from core.customers.errors import OldPhoneNeeded
from core.errors import RestaurantError
from core.otp.errors import CodeExpired, CodeLocked, InvalidPhone, NotACode, PhoneNotAllowed, WrongCode
from core.sms.provider import NumberRejected

words = WordBook()


@words(InvalidPhone)
def _phone(error: InvalidPhone, turn: Turn) -> Explained:
    texts = turn.texts
    match error.reason:
        case "not_mobile":
            text = texts.say("That is not a mobile number, so it cannot get an SMS. Please type a mobile number.")
        case "country":
            text = texts.say("We can only send SMS to Indian numbers at the moment. Please type one.")
        case _:
            text = texts.say("That does not look like a mobile number. Please type ten digits, such as 98765 43210.")
    return Explained(text)


@words(PhoneNotAllowed, NumberRejected)
def _phone_refused(error: RestaurantError, turn: Turn) -> Explained:
    return Explained(turn.texts.say("We cannot send an SMS to that number. Please type another one."), State.PHONE)


@words(NotACode)
def _not_a_code(error: NotACode, turn: Turn) -> Explained:
    return Explained(turn.texts.say("The code has six digits. Please type it as it stands in the SMS."))


@words(WrongCode)
def _wrong(error: WrongCode, turn: Turn) -> Explained:
    """How many tries are left stands below, for as long as the code is asked for."""
    return Explained(turn.texts.say("That is not the code."))


@words(CodeExpired)
def _expired(error: CodeExpired, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That is not the code, or it has run out."))


@words(CodeLocked)
def _locked(error: CodeLocked, turn: Turn) -> Explained:
    """When another may be asked for stands below."""
    return Explained(turn.texts.say("Five wrong tries: this code is dead, to keep the number safe."))


@words(OldPhoneNeeded)
def _old_phone(error: OldPhoneNeeded, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("That is another number than the one we know you by. Nothing was changed yet."),
        State.PHONE,
        {"change": 1},
    )


@words(PhoneNeeded)
def _phone_needed(error: PhoneNeeded, turn: Turn) -> Explained:
    turn.session = turn.session.but(resume=State.REVIEW)
    return Explained(
        turn.texts.say("We need your number before we can place the order. Your cart is safe."), State.PHONE
    )
