"""Why an order was not taken or not finished: one word in the record, a button in the kitchen, a sentence for a guest.

Codes are what travels and is stored: those of RejectReason and CancelReason, and what Tiffin itself writes. `says`
blames nobody.
"""

from bot.conversation.text import Text
from bot.conversation.texts import Texts
from bot.kitchen.actions import CancelReason, RejectReason, Until


def until_label(texts: Texts, until: Until) -> str:
    match until:
        case Until.HOUR:
            return texts.t("1 hour")
        case Until.CLOSING:
            return texts.t("Until closing")
        case Until.TOMORROW:
            return texts.t("Back tomorrow")
        case Until.FURTHER_NOTICE:
            return texts.t("Until told otherwise")


def reason_label(texts: Texts, code: str) -> str:
    """A reason in a word or two for the kitchen, on buttons and cards; empty for none."""
    match code:
        case RejectReason.BUSY:
            return texts.t("Too busy")
        case "sold":
            return texts.t("A dish ran out")
        case RejectReason.CLOSING:
            return texts.t("Closing soon")
        case "ride":
            return texts.t("No rider")
        case RejectReason.ADDRESS:
            return texts.t("Cannot reach the address")
        case CancelReason.KITCHEN:
            return texts.t("Trouble in the kitchen")
        case CancelReason.GUEST_ASKED | "guest_asked" | "guest":
            return texts.t("The guest asked")
        case CancelReason.GUEST_ABSENT:
            return texts.t("Guest not there")
        case CancelReason.GUEST_REFUSED:
            return texts.t("Guest refused it")
        case "no_answer":
            return texts.t("Nobody answered in time")
        case _:
            return code.replace("_", " ")


def says(texts: Texts, code: str) -> Text | None:
    """A stored reason as the guest reads it; None when there is nothing to add."""
    match code:
        case RejectReason.BUSY:
            return texts.say("The kitchen is so busy that your food would have come far too late.")
        case "sold":
            return texts.say("A dish of your order has just run out.")
        case RejectReason.CLOSING:
            return texts.say("The kitchen is about to close and could not have finished it.")
        case "ride":
            return texts.say("No rider is free to bring it to you.")
        case RejectReason.ADDRESS:
            return texts.say("Our riders cannot reach that address.")
        case CancelReason.KITCHEN:
            return texts.say("Something went wrong in our kitchen.")
        case CancelReason.GUEST_ABSENT:
            return texts.say("We could not reach you to hand it over.")
        case _:
            return None
