"""What rings in the outlet's group beside the card itself: stop, reminders, a guest's wish to cancel. Pure."""

from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import Text, lines
from bot.kitchen.actions import ACCEPT_MINUTES, Accept, AnswerCancel, RejectMenu, ShowCard
from bot.kitchen.cards import Kitchen, title
from bot.kitchen.door import no_code
from bot.kitchen.reasons import reason_label
from core.orders.events import Event
from core.orders.facts import CancelAsked
from core.orders.models import Order, OrderStatus
from core.orders.outgoing import Data, DeliveryKind

EXCLAMATIONS = 3


def ring(kitchen: Kitchen, order: Order, kind: DeliveryKind, data: Data, said: str) -> Reply | None:
    """A message of its own below the card; None when it would not be true any more. `said`: the guest's own words."""
    match kind:
        case DeliveryKind.OUTLET_STOP:
            return _stop(kitchen, order, data)
        case DeliveryKind.OUTLET_REMIND:
            return _remind(kitchen, order, data)
        case DeliveryKind.OUTLET_CANCEL_REQUESTED:
            return _cancel_request(kitchen, order, said)
        case _:
            return None


def guest_words(order: Order) -> str:
    """Why the guest wants to cancel, if they said."""
    asked = [fact.reason for fact in order.facts if isinstance(fact, CancelAsked)]
    return asked[-1] if asked else ""


def _stop(kitchen: Kitchen, order: Order, data: Data) -> Reply | None:
    """Do not cook it. Only for an order that really ended."""
    texts = kitchen.texts
    if order.status is not OrderStatus.CANCELLED:
        return None
    reason = reason_label(texts, order.cancel_reason)
    match data.get("who"):
        case "guest":
            why = texts.say("The guest cancelled it.")
        case "system":
            why = texts.say("Nobody answered in time. The guest has been told and gets the money back.")
        case _:
            why = texts.say("Cancelled: {reason}.", reason=reason) if reason else texts.say("It was cancelled.")
    return Reply(lines(texts.say("*STOP · DO NOT COOK {code}*", code=order.code), title(kitchen, order), why))


def _remind(kitchen: Kitchen, order: Order, data: Data) -> Reply | None:
    """Louder: the order still waits, or something about its money is odd."""
    texts = kitchen.texts
    level = int(data.get("level", 0))
    if not level:
        if not order.status.live:
            return None
        return no_code(kitchen, order) if data.get("what") == Event.LINK_FAILED else _odd_money(kitchen, order)
    if order.status is not OrderStatus.PLACED:
        return None
    waited = kitchen.ago(order.waiting_ms)
    loud = "!" * min(level, EXCLAMATIONS)
    left = order.clocks.give_up - (kitchen.now_ms - order.waiting_ms) // 60_000
    text = lines(
        texts.say("*{code} HAS WAITED {age}*{loud}", code=order.code, age=waited.upper(), loud=loud),
        title(kitchen, order),
        texts.say("Please accept or reject it. In {left} it is cancelled by itself.", left=kitchen.minutes(left)),
    )
    accept = tuple(
        Button(texts.t("Accept +{minutes}", minutes=minutes), Accept(order=order.id, minutes=minutes),
               style=Style.PRIMARY)
        for minutes in ACCEPT_MINUTES
    )  # fmt: skip
    reject = Button(texts.t("Reject ▸"), RejectMenu(order=order.id), style=Style.DANGER)
    return Reply(text, (accept, (Button(texts.t("Show card"), ShowCard(order=order.id)), reject)))


def _cancel_request(kitchen: Kitchen, order: Order, said: str) -> Reply | None:
    """The guest wants out of an accepted order. Somebody has to answer."""
    texts = kitchen.texts
    if not order.cancel_requested_ms or not order.status.cooking:
        return None
    words = texts.say("“{words}”", words=said) if said and said != "guest" else None
    return Reply(
        lines(
            texts.say("*The guest of {code} asks to cancel.* Can it still be stopped?", code=order.code),
            title(kitchen, order),
            words,
        ),
        (
            (
                Button(texts.t("Yes, cancel it"), AnswerCancel(order=order.id, yes=True), style=Style.DANGER),
                Button(texts.t("No, we go on"), AnswerCancel(order=order.id, yes=False)),
            ),
            (Button(texts.t("Show card"), ShowCard(order=order.id)),),
        ),
    )


def _odd_money(kitchen: Kitchen, order: Order) -> Reply:
    text: Text = kitchen.texts.say(
        "*{code}: its payment was given back by hand.* Ask the manager before you cook it.", code=order.code
    )
    return Reply(text, ((Button(kitchen.texts.t("Show card"), ShowCard(order=order.id)),),))
