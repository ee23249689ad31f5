"""What the owner is told when something needs a person. Pure."""

from bot.channels.base import Unreachable
from bot.conversation.reply import Reply
from bot.conversation.text import Text, bold, join, lines
from bot.conversation.texts import Texts
from core.money import Money
from core.orders.models import Order
from core.orders.outgoing import Data
from core.outlets.models import Outlet

CALL = ("no_answer", "given_up", "undelivered", "stuck")  # somebody at the outlet has to be rung up
_SHOWN = ("payment", "key", "reason", "kind", "status", "n", "about")


def alert(texts: Texts, order: Order, outlet: Outlet | None, data: Data) -> Reply:
    """One line of what happened, whose order it is, what to do, and the names to look it up by."""
    what = str(data.get("what", ""))
    amount = data.get("amount")
    shut = what == "undelivered" and str(data.get("reason", "")).startswith(Unreachable.__name__)
    known = [f"{name}: {data[name]}" for name in _SHOWN if data.get(name) not in (None, "") and not shut]
    if amount is not None:
        currency = str(data.get("currency", "")) or order.currency
        known.insert(0, texts.money(Money(int(amount)), currency))
    place = outlet.name if outlet else order.outlet_name
    phone = texts.say("Outlet: {phone}", phone=outlet.phone) if outlet and what in CALL else None
    return Reply(
        lines(
            join([bold(_headline(texts, what, data)), order.code, place], " · "),
            texts.say("Its group is closed to the bot. Let it in again, or call the outlet.")
            if shut
            else _advice(texts, what),
            phone,
            texts.say("_{facts}_", facts=" · ".join(known)) if known else None,
        )
    )


def _headline(texts: Texts, what: str, data: Data) -> str:
    match what:
        case "no_answer":
            return texts.t("Nobody has answered an order for {minutes} minutes", minutes=data.get("minutes", ""))
        case "given_up":
            return texts.t("An order was cancelled because nobody answered")
        case "wrong_capture":
            return texts.t("A payment of the wrong amount came in")
        case "link_partly_paid":
            return texts.t("A payment link was paid in part")
        case "link_cancelled":
            return texts.t("A payment link was cancelled by somebody else")
        case "refund_failed":
            return texts.t("A refund failed")
        case "refund_manual" | "refund_stuck":
            return texts.t("A refund needs you")
        case "refund_by_hand":
            return texts.t("A payment was given back by hand")
        case "dispute_opened":
            return texts.t("A payment is disputed at the bank")
        case "undelivered":
            return texts.t("A message to the outlet did not get through")
        case "stuck":
            return texts.t("An accepted order was never finished")
        case _:
            return texts.t("Please look at this: {what}", what=what.replace("_", " "))


def _advice(texts: Texts, what: str) -> Text | None:
    match what:
        case "no_answer":
            return texts.say("Please call the outlet.")
        case "given_up":
            return texts.say("The guest has been told, and paid money goes back by itself.")
        case "wrong_capture" | "link_partly_paid":
            return texts.say("It goes back by itself; the order is not placed by it.")
        case "link_cancelled":
            return texts.say("The order ends unpaid unless a payment turns up.")
        case "refund_failed":
            return texts.say("It is tried again by itself.")
        case "refund_manual" | "refund_stuck":
            return texts.say("Please make it at the payment service; Tiffin notices by itself.")
        case "refund_by_hand":
            return texts.say("The order goes on. Decide with the outlet whether it is cooked.")
        case "dispute_opened":
            return texts.say("Answer it at the payment service before its deadline.")
        case "undelivered":
            return texts.say("Please call the outlet, and look whether the bot is still in the group.")
        case "stuck":
            return texts.say("Please ask the outlet what became of it.")
        case _:
            return None
