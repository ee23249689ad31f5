"""What a guest reads about an order, between taps. Pure: the order as it is now decides, not as it was when it was due.

Each message is None once it is no longer true: a promise of an order that was cancelled since is never sent.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.texts import Texts
from bot.kitchen.reasons import says
from bot.notifications.refunds import goes_back, going_back, sent_back
from bot.screens.order import promise_line
from bot.screens.taps import AskHuman, CancelOrder, OpenMenu, OrderAgain, PayAgain, ShowInvoice, ShowOrder
from bot.screens.words import method_name
from core.ids import RefundKey
from core.money import Money
from core.orders.books import invoiceable
from core.orders.guards import cash_due
from core.orders.ledger import Link, LinkEnd, LinkState
from core.orders.models import Order, OrderStatus, RefundStatus
from core.orders.outgoing import Data, DeliveryKind
from core.outlets.models import Fulfilment, Outlet

MINUTE_MS = 60_000
PAY_ANOTHER_WAY = "pay another way"  # the guest ended it to order the same anew, and is in the middle of that


@dataclass(frozen=True, slots=True)
class GuestNews:
    """One delivery for a guest, with everything its words are made from."""

    order: Order
    outlet: Outlet
    data: Data
    texts: Texts
    now_ms: int

    @property
    def undone(self) -> bool:
        """A cook took a step back: this repeats an earlier message as a correction."""
        return bool(self.data.get("undo"))

    def clock(self, ms: int) -> str:
        return self.texts.moment(ms, self.outlet.timezone, self.now_ms)

    def money(self, amount: Money) -> str:
        return self.texts.money(amount, self.order.currency)

    @property
    def total(self) -> str:
        return self.money(self.order.total)

    @property
    def names(self) -> dict[str, str]:
        """What most sentences name."""
        return {"code": self.order.code, "outlet": self.order.outlet_name, "total": self.total}

    def promise(self) -> Text | None:
        return promise_line(self.texts, self.order, self.outlet.timezone, self.now_ms)

    def refunds(self) -> Text | None:
        """What goes back because of this very message."""
        amount = self.data.get("refund")
        return goes_back(self.texts, self.order, Money(int(amount))) if amount else None

    # The next useful buttons

    def track(self) -> Button:
        return Button(self.texts.t("Follow order"), ShowOrder(order=self.order.id), style=Style.PRIMARY)

    def cancel(self) -> Button:
        return Button(self.texts.t("Cancel order"), CancelOrder(order=self.order.id))

    def person(self) -> Button:
        return Button(self.texts.t("Talk to a person"), AskHuman())

    def again(self) -> Button:
        return Button(self.texts.t("Order again"), OrderAgain(order=self.order.id), style=Style.PRIMARY)

    def menu(self) -> Button:
        return Button(self.texts.t("Menu"), OpenMenu())


Words = Callable[[GuestNews], Reply | None]


def guest_message(kind: DeliveryKind, news: GuestNews) -> Reply | None:
    """The message, or None when the order has moved on and it would not be true any more."""
    return _WORDS[kind](news)


def closed_link(news: GuestNews, link: Link) -> Reply | None:
    """The pay message of a link that is done with, without its button; None while it can still be paid."""
    texts = news.texts
    if news.order.status is OrderStatus.AWAITING_PAYMENT and link.state is not LinkState.CLOSED:
        return None
    head = texts.say("Order *{code}* · {outlet}", **news.names)
    if link.end is LinkEnd.PAID:
        return Reply(lines(head, texts.say("*{total}* paid.", total=news.total)), in_place=True)
    return Reply(lines(head, texts.say("This payment link is closed.")), in_place=True)


def closed_try(news: GuestNews, link: Link) -> Reply | None:
    """What was said of a try that failed, once its link is done with: not a second time that it was paid."""
    closed = closed_link(news, link)
    if closed is None or link.end is not LinkEnd.PAID:
        return closed
    head = news.texts.say("Order *{code}* · {outlet}", **news.names)
    once = news.texts.say("This try did not go through at first. {total} is paid by now, once.", total=news.total)
    return Reply(lines(head, once), in_place=True)


def _pay(news: GuestNews) -> Reply | None:
    texts, link = news.texts, news.order.open_link
    if news.order.status is not OrderStatus.AWAITING_PAYMENT or link is None or link.n != news.data.get("n", link.n):
        return None
    return Reply(
        lines(
            texts.say("Order *{code}* · {outlet}", **news.names),
            texts.say("*{total}* to pay. The link is open until *{time}*.", total=news.total,
                      time=news.clock(link.expires_ms)),
            texts.say("The kitchen starts when the money is in. This chat tells you by itself; you need send nothing."),
        ),
        (
            (Button(texts.t("Pay {total}", total=news.total), url=link.url, style=Style.PRIMARY),),
            (Button(texts.t("Other way to pay"), PayAgain(order=news.order.id)), news.cancel()),
        ),
    )  # fmt: skip


def _placed(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.PLACED:
        return None
    answer_by = news.clock(order.waiting_ms + order.clocks.give_up * MINUTE_MS)
    if news.undone:
        text = texts.say(
            "One moment, please: {outlet} is looking at order *{code}* once more and answers by {time}.",
            **news.names,
            time=answer_by,
        )
        return Reply(text, ((news.track(), news.cancel()),))
    if not order.online:
        return None  # the very tap that chose cash was answered with this order
    return Reply(
        paragraphs(
            lines(texts.say("Order *{code}* is placed at {outlet}.", **news.names), _paid_line(news)),
            lines(
                texts.say("The restaurant answers by *{time}*.", time=answer_by),
                texts.say("Cancelling is free until it accepts."),
            ),
        ),
        ((news.track(), news.cancel()),),
    )


def _paid(news: GuestNews) -> Reply | None:
    if not news.order.paid or not (news.order.status.cooking or news.order.status is OrderStatus.COMPLETED):
        return None
    text = news.texts.say("*{total}* for order *{code}* is paid. Thank you; no cash is needed.", **news.names)
    return Reply(text, ((news.track(),),))


def _revived(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.PLACED:
        return None
    answer_by = news.clock(order.waiting_ms + order.clocks.give_up * MINUTE_MS)
    return Reply(
        lines(
            texts.say("Your payment of {total} came a little late and *counts*: order *{code}* is placed after all.",
                      **news.names),
            texts.say("{outlet} answers by *{time}*. Cancelling is free until it accepts.", **news.names,
                      time=answer_by),
        ),
        ((news.track(), news.cancel()),),
    )  # fmt: skip


def _accepted(news: GuestNews) -> Reply | None:
    texts = news.texts
    if news.order.status not in (OrderStatus.ACCEPTED, OrderStatus.PREPARING):
        return None
    if news.undone:
        head = texts.say("A small correction: order *{code}* is still being cooked.", **news.names)
    else:
        head = texts.say("*{outlet} has accepted order {code}.*", **news.names)
    return Reply(lines(head, news.promise(), _cash_line(news)), ((news.track(), news.person()),))


def _preparing(news: GuestNews) -> Reply | None:
    if news.order.status is not OrderStatus.PREPARING:
        return None
    head = news.texts.say("Order *{code}* is on the stove.", **news.names)
    return Reply(lines(head, news.promise()), ((news.track(),),))


def _ready(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.READY:
        return None
    match order.fulfilment:
        case Fulfilment.DINE_IN:
            text = lines(
                texts.say("*Order {code} is ready* and on its way to table {table}.", **news.names, table=order.table),
                _cash_line(news),
            )
        case Fulfilment.TAKEAWAY:
            text = lines(
                texts.say("*Order {code} is ready.*", **news.names),
                texts.say("Collect it at {outlet}, {address}. Say *{code}* at the counter.", **news.names,
                          address=news.outlet.address),
                _cash_line(news),
            )  # fmt: skip
        case Fulfilment.DELIVERY:
            head = texts.say("Order *{code}* is packed and waits for the rider.", **news.names)
            if news.undone:
                head = texts.say("A small correction: order *{code}* is packed, and not on the road yet.", **news.names)
            text = lines(head, news.promise())
    return Reply(text, ((news.track(),),))


def _out(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.OUT_FOR_DELIVERY:
        return None
    head = texts.say("*Order {code} is on the way.*", **news.names)
    if news.undone:
        head = texts.say("A small correction: order *{code}* is on the way, not delivered yet.", **news.names)
    return Reply(lines(head, news.promise(), _cash_line(news)), ((news.track(), news.person()),))


def _completed(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.COMPLETED:
        return None
    head = {
        Fulfilment.DINE_IN: texts.say("Order *{code}* is served.", **news.names),
        Fulfilment.TAKEAWAY: texts.say("Order *{code}* is yours.", **news.names),
        Fulfilment.DELIVERY: texts.say("Order *{code}* is delivered.", **news.names),
    }[order.fulfilment]
    invoice = (Button(texts.t("Invoice"), ShowInvoice(order=order.id)),) if invoiceable(order) else ()
    return Reply(
        lines(head, texts.say("Thank you, and enjoy your meal. If anything is not right, tell us here.")),
        ((news.again(), news.person()), invoice),
    )


def _rejected(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.REJECTED:
        return None
    return Reply(
        paragraphs(
            lines(
                texts.say("*We are sorry: {outlet} cannot take order {code}.*", **news.names),
                says(texts, order.cancel_reason),
            ),
            news.refunds() or _nothing_taken(news),
            texts.say("“Order again” puts the same dishes back in your cart."),
        ),
        ((news.again(), news.menu()), (news.person(),)),
    )


def _cancelled(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.CANCELLED or order.cancel_reason == PAY_ANOTHER_WAY:
        return None
    if news.data.get("who") == "guest" and not news.data.get("refund"):
        return None  # the very tap that cancelled it was answered with that
    asked = news.data.get("who") == "guest" or order.cancel_reason in ("guest_asked", "gues")
    if asked:
        head = texts.say("Order *{code}* is cancelled, as you asked.", **news.names)
    elif order.cancel_reason == "no_answer":
        head = lines(
            texts.say("*We are sorry: {outlet} did not answer in time.*", **news.names),
            texts.say("Order *{code}* is cancelled, so that you do not wait in vain.", **news.names),
        )
    else:
        head = lines(
            texts.say("*We are sorry: {outlet} had to cancel order {code}.*", **news.names),
            says(texts, order.cancel_reason),
        )
    rows = ((news.again(), news.menu()),) if asked else ((news.again(), news.menu()), (news.person(),))
    return Reply(paragraphs(head, news.refunds() or _nothing_taken(news)), rows)


def _expired(news: GuestNews) -> Reply | None:
    texts = news.texts
    if news.order.status is not OrderStatus.EXPIRED:
        return None
    return Reply(
        lines(
            texts.say("No payment came in for order *{code}*, so it was not placed.", **news.names),
            texts.say(
                "If your bank says that {total} left your account, it comes back to you by itself.", **news.names
            ),
        ),
        ((news.again(), news.menu()), (news.person(),)),
    )


def _payment_failed(news: GuestNews) -> Reply | None:
    texts, order, link = news.texts, news.order, news.order.open_link
    if order.status is not OrderStatus.AWAITING_PAYMENT:
        return None
    other = Button(texts.t("Other way to pay"), PayAgain(order=order.id))
    if link is None or news.data.get("reason") == "no_link":
        return Reply(
            lines(
                texts.say("We could not open a payment page for order *{code}* just now.", **news.names),
                texts.say("Nothing was taken and your order is kept. Please choose another way to pay."),
            ),
            ((other, news.cancel()),),
        )
    return Reply(
        lines(
            texts.say("That payment for order *{code}* did not go through. Your order is kept.", **news.names),
            texts.say("You can try again until *{time}*.", time=news.clock(link.expires_ms)),
        ),
        (
            (Button(texts.t("Pay {total}", total=news.total), url=link.url, style=Style.PRIMARY),),
            (other, news.cancel()),
        ),
    )


def _refund_requested(news: GuestNews) -> Reply | None:
    refund = news.order.refund(RefundKey(str(news.data.get("key", ""))))
    if refund is None or refund.status in (RefundStatus.WITHDRAWN, RefundStatus.PROCESSED):
        return None
    return Reply(going_back(news.texts, news.order, refund), ((_money_button(news), news.person()),))


def _refunded(news: GuestNews) -> Reply | None:
    refund = news.order.refund(RefundKey(str(news.data.get("key", ""))))
    if refund is None or refund.status is not RefundStatus.PROCESSED:
        return None
    return Reply(sent_back(news.texts, news.order, refund), ((_money_button(news), news.person()),))


def _cash_back(news: GuestNews) -> Reply | None:
    amount = Money(int(news.data.get("amount", 0)))
    if not 0 < amount.paise <= news.order.cash_back.paise:
        return None
    return Reply(
        lines(
            news.texts.say("{outlet} gives you *{amount}* of order *{code}* back in cash.",
                           amount=news.money(amount), **news.names),
            news.texts.say("If you have not got it, write to us here."),
        ),
        ((_money_button(news), news.person()),),
    )  # fmt: skip


def _late(news: GuestNews) -> Reply | None:
    texts = news.texts
    if not news.order.status.cooking:
        return None
    return Reply(
        lines(
            texts.say("*Order {code} is running late, and we are sorry.*", **news.names),
            texts.say("We promised it for {time}; the kitchen has been told that you are waiting.",
                      time=news.clock(news.order.promised_ms)),
        ),
        ((news.track(), news.person()), (Button(texts.t("Ask to cancel"), CancelOrder(order=news.order.id)),)),
    )  # fmt: skip


def _cancel_refused(news: GuestNews) -> Reply | None:
    if not news.order.status.cooking or news.order.cancel_requested_ms:
        return None
    head = news.texts.say("Order *{code}* is too far along in the kitchen to be stopped.", **news.names)
    return Reply(lines(head, news.promise()), ((news.track(), news.person()),))


def _still_waiting(news: GuestNews) -> Reply | None:
    texts, order = news.texts, news.order
    if order.status is not OrderStatus.PLACED:
        return None
    give_up = news.clock(order.waiting_ms + order.clocks.give_up * MINUTE_MS)
    back = texts.say("Without an answer by *{time}* the order is cancelled and {total} goes back to you.",
                     time=give_up, total=news.total)  # fmt: skip
    cash = texts.say("Without an answer by *{time}* the order is cancelled.", time=give_up)
    return Reply(
        lines(
            texts.say("{outlet} has not answered order *{code}* yet. We have asked again.", **news.names),
            back if order.paid else cash,
        ),
        ((news.track(), news.cancel()),),
    )


def _paid_line(news: GuestNews) -> Text:
    method = method_name(news.texts, news.order.method, news.order.fulfilment)
    if news.order.paid:
        return news.texts.say("*{total}* paid · {method}", total=news.total, method=method)
    return news.texts.say("*{total}* to pay · {method}", total=news.total, method=method)


def _cash_line(news: GuestNews) -> Text | None:
    """What to have at hand."""
    if not cash_due(news.order):
        return None
    if news.order.fulfilment is Fulfilment.DELIVERY:
        return news.texts.say("Please have *{total}* in cash ready.", total=news.total)
    return news.texts.say("*{total}* to pay at the counter.", total=news.total)


def _nothing_taken(news: GuestNews) -> Text | None:
    if news.order.paid or any(payment.captured for payment in news.order.payments):
        return None  # its own message says what goes back
    return news.texts.say("You have paid nothing, so there is nothing to give back.")


def _money_button(news: GuestNews) -> Button:
    return Button(news.texts.t("Show order"), ShowOrder(order=news.order.id))


_WORDS: dict[DeliveryKind, Words] = {
    DeliveryKind.GUEST_PAY: _pay,
    DeliveryKind.GUEST_PLACED: _placed,
    DeliveryKind.GUEST_ACCEPTED: _accepted,
    DeliveryKind.GUEST_REJECTED: _rejected,
    DeliveryKind.GUEST_PREPARING: _preparing,
    DeliveryKind.GUEST_READY: _ready,
    DeliveryKind.GUEST_OUT: _out,
    DeliveryKind.GUEST_COMPLETED: _completed,
    DeliveryKind.GUEST_CANCELLED: _cancelled,
    DeliveryKind.GUEST_EXPIRED: _expired,
    DeliveryKind.GUEST_PAYMENT_FAILED: _payment_failed,
    DeliveryKind.GUEST_REFUND_REQUESTED: _refund_requested,
    DeliveryKind.GUEST_REFUNDED: _refunded,
    DeliveryKind.GUEST_CASH_BACK: _cash_back,
    DeliveryKind.GUEST_LATE: _late,
    DeliveryKind.GUEST_PAID: _paid,
    DeliveryKind.GUEST_REVIVED: _revived,
    DeliveryKind.GUEST_CANCEL_REFUSED: _cancel_refused,
    DeliveryKind.GUEST_STILL_WAITING: _still_waiting,
}
