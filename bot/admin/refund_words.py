"""What owners read about money that goes back: how far it is, and who has to agree."""

from bot.admin.actions import MakeInvite
from bot.admin.actor import Actor
from bot.conversation.reply import Button, Reply
from bot.conversation.text import Text, lines
from bot.conversation.texts import Texts
from core.ids import Handle
from core.money import Money
from core.orders.models import Order
from core.refunds.models import Why, Wish, WishState
from core.staff.models import Role

NAMED = 6


def so_far(texts: Texts, order: Order) -> Text:
    paid, left = (texts.money(money, order.currency) for money in (order.total, order.returnable))
    cash = order.paid_in_cash
    return (
        texts.say("Paid in cash: {paid} · left: {left}", paid=paid, left=left)
        if cash
        else texts.say("Paid: {paid} · left: {left}", paid=paid, left=left)
    )


def state_words(actor: Actor, wish: Wish, order: Order, *, takes_two: bool) -> Text | None:
    """How it stands, or what is still to be chosen; None where there is nothing to say."""
    texts, outlet = actor.texts, actor.outlet(order.outlet)
    match wish.state:
        case WishState.DRAFT if wish.by_dish and not wish.lines:
            return texts.say("Which dishes? Each tap is one portion.")
        case WishState.DRAFT if wish.why is None:
            return texts.say("And why?")
        case WishState.DRAFT if takes_two:
            limit, given = (texts.money(some, order.currency) for some in (outlet.refund_limit, order.given_alone))
            if order.given_alone:
                return texts.say("Over {limit} an order, of which {given} went back already, a second owner or "
                                 "admin has to agree.", limit=limit, given=given)  # fmt: skip
            return texts.say("Over {limit} a second owner or admin has to agree.", limit=limit)
        case WishState.DRAFT:
            return texts.say("Hand it to the guest yourself, then tap.") if wish.cash else None
        case WishState.ASKED if actor.now_ms >= wish.until_ms:
            return expired_words(actor, order)
        case WishState.ASKED:
            until = actor.clock(wish.until_ms, outlet)
            return texts.say("Asked for by *{name}*. Somebody else has to agree until {time}.",
                             name=wish.by_name, time=until)  # fmt: skip
        case WishState.AGREED | WishState.DONE if wish.cash:
            return texts.say("*Written down as handed back.* The guest was told.")
        case WishState.AGREED | WishState.DONE:
            return texts.say("*On its way back.* The guest was told.")
        case WishState.DECLINED:
            return texts.say("*{name}* said no. Nothing goes back.", name=wish.decided_name)
        case WishState.EXPIRED:
            return expired_words(actor, order)
        case WishState.VOID:
            return texts.say("So much is no longer there to be given back. Nothing went back.")
        case WishState.DROPPED:
            return texts.say("Dropped. Nothing goes back.")


def expired_words(actor: Actor, order: Order) -> Text:
    return lines(
        actor.texts.say("Nobody agreed in a day. Nothing goes back."),
        actor.texts.say("To ask once more: `/refund {code}`", code=order.code),
    )


def who_can(texts: Texts, others: list[tuple[Handle, str]]) -> Text:
    names = [name or texts.t("{number} on Telegram", number=handle.partition(":")[2]) for handle, name in others]
    return texts.say("Who can: {names}. They get it in their own chat, and find it at /refund.",
                     names=", ".join(names[:NAMED]))  # fmt: skip


def nobody_can(actor: Actor, wish: Wish, order: Order) -> Reply:
    """And how there can be somebody, with a button for an admin; what one person can do alone."""
    texts, outlet = actor.texts, actor.outlet(wish.outlet)
    alone = min(outlet.refund_limit - order.given_alone, order.returnable)
    text = lines(
        texts.say("*There is nobody beside you who can.* Nothing goes back until there is."),
        texts.say("Invite a second owner below. Whoever brings the code finds this at /refund, for a day.")
        if actor.admin
        else texts.say(
            "A second owner is let in by whoever runs Tiffin: `tiffin outlet invite {outlet} owner`, or a number "
            "more in {setting}. They find this at /refund, for a day.",
            outlet=outlet.id,
            setting="ADMIN_TELEGRAM_IDS",
        ),
        texts.say("Alone you can still give {amount} back: `/refund {code} {plain}`", code=order.code,
                  amount=texts.money(alone, order.currency), plain=_typed(alone))
        if alone.paise > 0
        else None,
    )  # fmt: skip
    invite = (Button(texts.t("Invite a second owner ▸"), MakeInvite(outlet=outlet.id, role=Role.OWNER)),)
    return Reply(text, (invite,) if actor.admin else ())


def why_label(texts: Texts, why: Why | None) -> str:
    match why:
        case Why.COLD:
            return texts.t("Came cold")
        case Why.LATE:
            return texts.t("Came late")
        case Why.MISSING:
            return texts.t("Was missing")
        case Why.WRONG:
            return texts.t("Was the wrong dish")
        case Why.QUALITY:
            return texts.t("Was not good")
        case Why.GOODWILL:
            return texts.t("Goodwill")
        case _:
            return ""


def _typed(amount: Money) -> str:
    """As it is typed: 250, 250.50."""
    rupees, paise = divmod(amount.paise, 100)
    return f"{rupees}.{paise:02d}" if paise else str(rupees)
