"""Words for prices, coupons and ways to pay."""

from bot.conversation.errors.book import Explained, WordBook, money
from bot.conversation.states import State
from bot.conversation.turn import Turn
from bot.screens.pay import prepaid_text
from core.checkout.coupon import CouponRefusal
from core.checkout.errors import (
    CashLimit,
    CodeNeeded,
    CouponRefused,
    MethodNotOffered,
    PrepaidOnly,
    PriceChanged,
    TipRefused,
)
from core.orders.errors import TooManyOpenCashOrders

words = WordBook()


@words(PriceChanged)
def _price(error: PriceChanged, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "A price has changed: it was {was}, it is *{now}* now. Nothing was ordered; please check again.",
            was=money(turn, error.was),
            now=money(turn, error.now),
        ),
        State.REVIEW,
    )


@words(MethodNotOffered)
def _method(error: MethodNotOffered, turn: Turn) -> Explained:
    return Explained(turn.texts.say("That way to pay is not offered here. Please choose another."), State.PAY)


@words(CodeNeeded)
def _code_needed(error: CodeNeeded, turn: Turn) -> Explained:
    back = State.ORDER if turn.session.state is State.ORDER else State.PAY
    turn.session = turn.session.but(resume=back)
    text = turn.texts.say(
        "One more step for cash: please confirm your number by a code. Or pay online, then no code is needed."
    )
    return Explained(text, State.PHONE, {"code": 1})


@words(PrepaidOnly)
def _prepaid(error: PrepaidOnly, turn: Turn) -> Explained:
    return Explained(prepaid_text(turn, error.until_ms), State.PAY)


@words(CashLimit)
def _cash(error: CashLimit, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say("Cash works up to {limit}. Please pay online for this one.", limit=money(turn, error.limit)),
        State.PAY,
    )


@words(TooManyOpenCashOrders)
def _cash_orders(error: TooManyOpenCashOrders, turn: Turn) -> Explained:
    return Explained(
        turn.texts.say(
            "You have {limit} cash orders running. Pay online, or wait until one is done.", limit=error.limit
        ),
        State.ORDER if turn.session.state is State.ORDER else State.PAY,  # tapped at an order that waits, or at a cart
    )


@words(TipRefused)
def _tip(error: TipRefused, turn: Turn) -> Explained:
    return Explained(turn.texts.say("Tips go up to {most}.", most=money(turn, error.most)), State.CHANGE)


@words(CouponRefused)
def _coupon(error: CouponRefused, turn: Turn) -> Explained:
    texts = turn.texts
    code = error.code[:24]
    match error.reason:
        case CouponRefusal.MINIMUM:
            text = texts.say(
                "*{code}* needs {missing} more in the cart.", code=code, missing=money(turn, error.missing)
            )
        case CouponRefusal.FIRST_ORDER:
            text = texts.say("*{code}* is for a first order.", code=code)
        case CouponRefusal.USED:
            text = texts.say("You have used *{code}* already.", code=code)
        case CouponRefusal.NOT_YET | CouponRefusal.ENDED:
            text = texts.say("*{code}* is not valid today.", code=code)
        case CouponRefusal.NOTHING_TO_PAY:
            text = texts.say("*{code}* would leave nothing to pay. Add something more first.", code=code)
        case CouponRefusal.FULFILMENT:
            text = texts.say("*{code}* is not for this order type.", code=code)
        case _:
            text = texts.say("We do not know the coupon *{code}*.", code=code)
    if turn.session.coupon.upper() == error.code.upper():  # it applied before, and does not any more
        turn.session = turn.session.but(coupon="")
        return Explained(text, State.REVIEW)
    return Explained(text, State.COUPON)
