"""Where a guest's money is: what came in, what goes back and where to, and what a bank wants to hear. Pure."""

from collections.abc import Iterator

from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.texts import Texts
from bot.notifications.refunds import where_to
from bot.screens.words import method_name
from core.orders.models import Order, Payment, Refund, RefundStatus


def money_text(texts: Texts, order: Order, timezone: str) -> Text:
    captured = [payment for payment in order.payments if payment.captured]
    refunds = [refund for refund in order.refunds if _stands(order, refund)]
    came = [_payment(texts, order, payment, timezone) for payment in captured]
    if order.cash_ms:
        amount, day = texts.money(order.total, order.currency), texts.day(order.cash_ms, timezone)
        came.append(texts.say("*{amount}* paid in cash on {day}.", amount=amount, day=day))
    back = [lines(*_refund(texts, order, refund, timezone)) for refund in refunds]
    if order.cash_back:
        amount = texts.money(order.cash_back, order.currency)
        back.append(texts.say("{amount} was given back in cash.", amount=amount))
    return paragraphs(
        texts.say("Order *{code}*", code=order.code),
        lines(*came) if came else texts.say("No money has reached us for this order."),
        *back,
        _for_the_bank(texts) if refunds else None,
        texts.say("Nothing is to be returned.") if came and not back else None,
    )


def _stands(order: Order, refund: Refund) -> bool:
    """Whether it is the last word about its money: one that failed and was asked for anew, or was dropped, is not."""
    if refund.status is RefundStatus.FAILED:
        return not any(later.payment == refund.payment and later.n > refund.n for later in order.refunds)
    return refund.status is not RefundStatus.WITHDRAWN


def _payment(texts: Texts, order: Order, payment: Payment, timezone: str) -> Text:
    facts = {
        "amount": texts.money(payment.amount, payment.currency),
        "day": texts.day(payment.captured_ms, timezone),
        "method": method_name(texts, order.method_of(payment.id), order.fulfilment),
        "id": payment.id,
    }
    if payment.id == order.kept:
        return texts.say("*{amount}* paid on {day} · {method} · {id}", **facts)
    return texts.say("*{amount}* paid on {day}, not needed · {id}", **facts)


def _refund(texts: Texts, order: Order, refund: Refund, timezone: str) -> Iterator[Text]:
    """Amount and day, where it goes, and every name it is known by."""
    facts = {
        "amount": texts.money(refund.amount, order.currency),
        "day": texts.day(refund.done_ms or refund.at_ms, timezone),
    }
    match refund.status:
        case RefundStatus.PROCESSED:
            yield texts.say("Refund of *{amount}* sent on {day}.", **facts)
        case RefundStatus.MANUAL | RefundStatus.FAILED:
            yield texts.say("Refund of *{amount}* needs a person; the owner was told on {day}.", **facts)
        case _:
            yield texts.say("Refund of *{amount}* asked for on {day}.", **facts)
    yield where_to(texts, order.method_of(refund.payment), facts["amount"])
    if sum(payment.captured for payment in order.payments) > 1:
        yield texts.say("For the payment {id}", id=refund.payment)
    if refund.provider_id:
        yield texts.say("Refund id: {id}", id=refund.provider_id)
    if refund.bank_ref:
        yield texts.say("Bank reference (ARN or UTR): {reference}", reference=refund.bank_ref)
    elif refund.status is not RefundStatus.FAILED:
        yield texts.say("The bank's own reference (ARN or UTR) comes here as soon as there is one.")


def _for_the_bank(texts: Texts) -> Text:
    return lines(
        texts.say("Banks usually show it within 5–7 working days."),
        texts.say(
            "_If it takes longer, tell your bank amount, day, payment id and bank reference as they stand above._"
        ),
    )
