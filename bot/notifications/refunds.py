"""Money on its way back, in words: how much, where to, when it can be seen, and what a bank asks for."""

from bot.conversation.text import Text, lines
from bot.conversation.texts import Texts
from core.money import Money
from core.orders.models import Order, Refund, RefundStatus
from core.outlets.models import PayMethod


def goes_back(texts: Texts, order: Order, amount: Money, method: PayMethod | None = None) -> Text:
    """“Your refund of ₹540 goes to the card you paid with. Banks usually show it within 5–7 working days.”

    `method`: how it was paid, where that may be another way than the order's.
    """
    what = texts.money(amount, order.currency)
    return lines(
        where_to(texts, method or order.method, what), texts.say("Banks usually show it within 5–7 working days.")
    )


def going_back(texts: Texts, order: Order, refund: Refund) -> Text:
    """A refund that was asked for, and why."""
    return lines(
        _why(texts, order, refund),
        goes_back(texts, order, refund.amount, order.method_of(refund.payment)),
        texts.say("_A person looks after this one and writes to you here._")
        if refund.status is RefundStatus.MANUAL
        else None,
        _reference(texts, refund),
    )


def sent_back(texts: Texts, order: Order, refund: Refund) -> Text:
    """A refund that the payment service has carried out."""
    amount = texts.money(refund.amount, order.currency)
    return lines(
        texts.say("*Your refund of {amount} for order {code} has been sent.*", amount=amount, code=order.code),
        texts.say("Your bank shows it within 5–7 working days, often sooner."),
        _reference(texts, refund),
    )


def where_to(texts: Texts, method: PayMethod, amount: str) -> Text:
    match method:
        case PayMethod.UPI:
            return texts.say("Your refund of *{amount}* goes to the UPI account you paid from.", amount=amount)
        case PayMethod.CARD:
            return texts.say("Your refund of *{amount}* goes to the card you paid with.", amount=amount)
        case PayMethod.WALLET:
            return texts.say("Your refund of *{amount}* goes to the wallet you paid from.", amount=amount)
        case PayMethod.NETBANKING:
            return texts.say("Your refund of *{amount}* goes to the bank account you paid from.", amount=amount)
        case PayMethod.CASH:
            return texts.say("Your refund of *{amount}* goes back the way it was paid.", amount=amount)


def _why(texts: Texts, order: Order, refund: Refund) -> Text:
    match refund.reason:
        case "paid_twice":
            return texts.say("Order *{code}* was paid twice. You get the second payment back.", code=order.code)
        case "wrong_amount":
            return texts.say("A payment for order *{code}* was not of the right amount. You get it back.",
                             code=order.code)  # fmt: skip
        case "late":
            return texts.say("Your payment for order *{code}* came after the kitchen had stopped waiting for it.",
                             code=order.code)  # fmt: skip
        case "not_needed":
            return texts.say("Order *{code}* needed no payment. You get it back.", code=order.code)
        case "cancelled":
            return texts.say("Order *{code}* was cancelled.", code=order.code)
        case "by_hand":
            return texts.say("You get the rest of a payment for order *{code}* back.", code=order.code)
        case _:
            return texts.say("{outlet} gives you money back for order *{code}*.", outlet=order.outlet_name,
                             code=order.code)  # fmt: skip


def _reference(texts: Texts, refund: Refund) -> Text | None:
    return lines(
        texts.say("Refund reference: {id}", id=refund.provider_id) if refund.provider_id else None,
        texts.say("Bank reference: {reference}", reference=refund.bank_ref) if refund.bank_ref else None,
    )
