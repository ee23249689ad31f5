"""What is true of an order now, said to somebody whose tap came late."""

from bot.conversation.text import Text, lines
from bot.kitchen.cards import Kitchen
from core.errors import DomainError
from core.orders.errors import (
    AlreadyAccepted,
    CashNotCollected,
    NextStepOnly,
    NoCancelRequest,
    NoCashDue,
    NotAcceptedYet,
    NothingToUndo,
    UseCancel,
    WrongCashAmount,
)
from core.orders.models import Order, OrderStatus


def truth(kitchen: Kitchen, order: Order) -> Text:
    """“Asha accepted K 472 at 7:42 PM.”"""
    texts, last = kitchen.texts, order.history[-1]
    about = {"code": order.code, "name": kitchen.name(last.by), "time": kitchen.clock(last.at_ms)}
    match order.status:
        case OrderStatus.ACCEPTED if last.note != "undo":
            return texts.say("{name} accepted *{code}* at {time}.", **about)
        case OrderStatus.ACCEPTED:
            return texts.say("{name} took the last step of *{code}* back at {time}: it is being cooked.", **about)
        case OrderStatus.PREPARING:
            return texts.say("{name} put *{code}* on the stove at {time}.", **about)
        case OrderStatus.READY:
            return texts.say("*{code}* is ready: {name}, {time}.", **about)
        case OrderStatus.OUT_FOR_DELIVERY:
            return texts.say("*{code}* is on the road: {name}, {time}.", **about)
        case OrderStatus.COMPLETED:
            return texts.say("*{code}* was handed over: {name}, {time}.", **about)
        case OrderStatus.REJECTED:
            return texts.say("{name} rejected *{code}* at {time}. Do not cook it.", **about)
        case OrderStatus.CANCELLED if last.by == "guest":
            return texts.say("The guest cancelled *{code}* at {time}. Do not cook it.", **about)
        case OrderStatus.CANCELLED if order.cancel_reason == "no_answer":
            return texts.say("Nobody answered *{code}* in time; it was cancelled at {time}. Do not cook it.", **about)
        case OrderStatus.CANCELLED:
            return texts.say("{name} cancelled *{code}* at {time}. Do not cook it.", **about)
        case OrderStatus.PLACED:
            return texts.say("*{code}* waits to be accepted.", **about)
        case _:
            return texts.say("*{code}* is not paid. Do not cook it.", **about)


def why_not(kitchen: Kitchen, order: Order, error: DomainError) -> Text:
    """Why the tap did nothing, and what is true now."""
    texts = kitchen.texts
    match error:
        case AlreadyAccepted():
            accepted = texts.say(
                "{name} accepted *{code}* at {time}.",
                name=kitchen.name(error.by),
                code=order.code,
                time=kitchen.clock(error.at_ms),
            )
            return accepted if order.status is OrderStatus.ACCEPTED else lines(accepted, truth(kitchen, order))
        case NotAcceptedYet():
            return texts.say("*{code}* must be accepted first.", code=order.code)
        case UseCancel():
            return lines(truth(kitchen, order), texts.say("An accepted order is ended with *Cancel ▸* and a reason."))
        case NextStepOnly():
            return lines(truth(kitchen, order), texts.say("That step does not come next. Its card shows what does."))
        case CashNotCollected():
            return texts.say(
                "*{code}* is not paid yet: collect *{amount}*, then tap “Collected”.",
                code=order.code,
                amount=kitchen.money(order),
            )
        case WrongCashAmount():
            return texts.say("*{code}* costs *{amount}*. Please collect that.", code=order.code,
                             amount=kitchen.money(order))  # fmt: skip
        case NoCashDue() if order.kept is not None and order.status.cooking:
            return texts.say(
                "*{code}* is *PAID* by UPI. If you took cash for it too, please give the {amount} back.",
                code=order.code,
                amount=kitchen.money(order),
            )
        case NothingToUndo():
            return lines(texts.say("That can no longer be undone."), truth(kitchen, order))
        case NoCancelRequest():
            return lines(texts.say("Nobody waits for that answer any more."), truth(kitchen, order))
        case _:
            return truth(kitchen, order)
