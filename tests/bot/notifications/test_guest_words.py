"""What a guest reads about an order, and that nothing untrue is ever sent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.conversation.texts import Texts
from bot.kitchen.actions import CancelReason, RejectReason
from bot.kitchen.reasons import says
from bot.notifications.guest import GuestNews, closed_link, guest_message
from core.clock import to_ms
from core.ids import LinkId, PaymentId, RefundKey
from core.money import Money
from core.orders.facts import (
    Accepted,
    CancelAsked,
    Cancelled,
    CancelRefused,
    CashCollected,
    LinkOpened,
    PaymentCaptured,
    PaymentFailed,
    Progressed,
    RefundCreated,
    RefundProcessed,
    Rejected,
    Timer,
    TimerKind,
)
from core.orders.models import Order, OrderStatus
from core.orders.outgoing import DeliveryKind
from core.outlets.models import Fulfilment, PayMethod
from tests.bot.kitchen.builders import an_evening_outlet, dinner
from tests.core.orders.builders import after, new_order

K, S = DeliveryKind, OrderStatus
SEVEN = to_ms(datetime(2026, 3, 2, 13, 30, tzinfo=UTC))  # 7 PM in Bengaluru
MINUTE = 60_000
COOK = "telegram:1"
PAY = PaymentId("pay_1")


def an_order(**changes) -> Order:
    return new_order(dinner("chk_1", now_ms=SEVEN, **changes), now_ms=SEVEN)


def unpaid(**changes) -> Order:
    """Its payment page is open until 7:16."""
    order = an_order(**({"method": PayMethod.UPI} | changes))
    url = "https://pay.example/1"
    opened = LinkOpened(at_ms=SEVEN, n=1, link=LinkId("plink_1"), url=url, expires_ms=SEVEN + 16 * MINUTE)
    return after(order, opened)


def paid(**changes) -> Order:
    order = unpaid(**changes)
    return after(order, PaymentCaptured(at_ms=SEVEN + MINUTE, payment=PAY, n=1, amount=order.total, currency="INR"))


def step(order: Order, fact, at=SEVEN + 2 * MINUTE, by=COOK, **fields) -> Order:
    return after(order, fact(at_ms=at, by=by, step=order.acts, **fields))


def cooked(order: Order) -> Order:
    return step(order, Accepted, minutes=25)


def ready(order: Order) -> Order:
    return step(cooked(order), Progressed, to=S.READY)


def out(order: Order) -> Order:
    return step(ready(order), Progressed, to=S.OUT_FOR_DELIVERY)


def done(order: Order) -> Order:
    order = ready(order)
    if not order.online:
        order = after(order, CashCollected(at_ms=SEVEN, by=COOK, amount=order.total))
    return step(order, Progressed, to=S.COMPLETED)


def data_of(order: Order, kind: DeliveryKind) -> dict:
    """What the order's own outbox says beside it."""
    entries = [entry for entry in order.outbox if entry.kind is kind]
    assert entries, f"no {kind} in {[entry.kind.value for entry in order.outbox]}"
    return entries[-1].data


def news(order: Order, data=None) -> GuestNews:
    return GuestNews(order, an_evening_outlet(), data or {}, Texts.of("en"), SEVEN + 3 * MINUTE)


def said(kind: DeliveryKind, order: Order, data=None) -> Any:
    return guest_message(kind, news(order, data_of(order, kind) if data is None else data))


def labels(reply):
    return [button.label for row in reply.buttons for button in row]


def test_the_waiting_card_has_the_amount_the_button_and_the_time():
    reply = said(K.GUEST_PAY, unpaid())
    assert reply.text.plain.splitlines() == [
        "Order K 472 · Tiffin, MG Road",
        "₹540 to pay. The link is open until 7:16 pm.",
        "The kitchen starts when the money is in. This chat tells you by itself; you need send nothing.",
    ]
    assert labels(reply) == ["Pay ₹540", "Other way to pay", "Cancel order"]
    assert reply.buttons[0][0].url == "https://pay.example/1"


def test_placed_says_what_was_paid_who_answers_by_when_and_the_cancel_rule():
    reply = said(K.GUEST_PLACED, paid())
    assert reply.text.plain == (
        "Order K 472 is placed at Tiffin, MG Road.\n₹540 paid · UPI\n\n"
        "The restaurant answers by 7:16 pm.\nCancelling is free until it accepts."
    )
    assert labels(reply) == ["Follow order", "Cancel order"]


def test_a_cash_order_was_shown_by_the_tap_that_placed_it():
    assert said(K.GUEST_PLACED, an_order()) is None
    assert "is looking at order K 472 once more" in said(K.GUEST_PLACED, an_order(), {"undo": 1}).text.plain


@pytest.mark.parametrize(
    ("how", "promise", "cash"),
    [
        (Fulfilment.DELIVERY, "At your door about 7:42 pm.", "Please have ₹540 in cash ready."),
        (Fulfilment.TAKEAWAY, "Ready to collect about 7:27 pm.", "₹540 to pay at the counter."),
        (Fulfilment.DINE_IN, "At table T2 about 7:27 pm.", "₹540 to pay at the counter."),
    ],
)
def test_accepted_promises_a_time_and_says_what_to_have_ready(how, promise, cash):
    order = cooked(an_order(how=how))
    assert said(K.GUEST_ACCEPTED, order).text.plain.splitlines() == [
        *("Tiffin, MG Road has accepted order K 472.", promise, cash)
    ]
    assert cash not in said(K.GUEST_ACCEPTED, cooked(paid(how=how))).text.plain


def test_takeaway_is_told_where_and_what_to_say():
    text = said(K.GUEST_READY, ready(paid(how=Fulfilment.TAKEAWAY))).text.plain
    assert text == "Order K 472 is ready.\nCollect it at Tiffin, MG Road, 12, Church Street. Say K 472 at the counter."


def test_dine_in_is_on_its_way_to_the_table():
    assert "on its way to table T2" in said(K.GUEST_READY, ready(an_order(how=Fulfilment.DINE_IN))).text.plain


def test_a_delivery_is_followed_from_the_pass_to_the_door():
    assert "packed and waits for the rider" in said(K.GUEST_READY, ready(an_order())).text.plain
    assert said(K.GUEST_OUT, out(an_order())).text.plain.startswith("Order K 472 is on the way.\nAt your door about")
    order = step(cooked(an_order()), Progressed, to=S.PREPARING)
    assert said(K.GUEST_PREPARING, order).text.plain.startswith("Order K 472 is on the stove.")


@pytest.mark.parametrize(
    ("how", "first"),
    [
        (Fulfilment.DELIVERY, "Order K 472 is delivered."),
        (Fulfilment.TAKEAWAY, "Order K 472 is yours."),
        (Fulfilment.DINE_IN, "Order K 472 is served."),
    ],
)
def test_the_end_thanks_and_offers_the_same_again(how, first):
    reply = said(K.GUEST_COMPLETED, done(an_order(how=how)))
    assert reply.text.plain.startswith(first)
    assert labels(reply) == ["Order again", "Talk to a person", "Invoice"]


def test_a_rejection_gives_the_reason_the_refund_and_the_cart_back():
    reply = said(K.GUEST_REJECTED, step(paid(), Rejected, reason=RejectReason.BUSY))
    assert reply.text.plain == (
        "We are sorry: Tiffin, MG Road cannot take order K 472.\n"
        "The kitchen is so busy that your food would have come far too late.\n\n"
        "Your refund of ₹540 goes to the UPI account you paid from.\n"
        "Banks usually show it within 5–7 working days.\n\n"
        "“Order again” puts the same dishes back in your cart."
    )
    assert labels(reply) == ["Order again", "Menu", "Talk to a person"]
    cash = said(K.GUEST_REJECTED, step(an_order(), Rejected, reason="busy")).text.plain
    assert "You have paid nothing, so there is nothing to give back." in cash


def test_cancelled_words_follow_who_cancelled():
    by_guest = step(paid(), CancelAsked, by="guest", reason="guest")
    text = said(K.GUEST_CANCELLED, by_guest).text.plain
    assert text.startswith("Order K 472 is cancelled, as you asked.\n\nYour refund of ₹540")
    unpaid = step(an_order(), CancelAsked, by="guest", reason="guest")
    assert said(K.GUEST_CANCELLED, unpaid, {"who": "guest"}) is None  # the tap itself was answered with that
    by_staff = step(cooked(an_order()), Cancelled, reason=CancelReason.NO_RIDER)
    text = said(K.GUEST_CANCELLED, by_staff).text.plain
    assert text.startswith("We are sorry: Tiffin, MG Road had to cancel order K 472.\nNo rider is free")
    agreed = step(cooked(an_order()), Cancelled, reason="guest_asked")
    assert said(K.GUEST_CANCELLED, agreed).text.plain.startswith("Order K 472 is cancelled, as you asked.")
    late = SEVEN + 16 * MINUTE
    nobody = after(paid(), Timer(at_ms=late, timer=TimerKind.NO_ANSWER, level=4, since=paid().moves))
    text = said(K.GUEST_CANCELLED, nobody).text.plain
    assert text.startswith("We are sorry: Tiffin, MG Road did not answer in time.\nOrder K 472 is cancelled")
    assert "Your refund of ₹540" in text


def test_an_order_ended_to_pay_another_way_is_not_mourned():
    order = step(unpaid(), CancelAsked, by="guest", reason="pay another way")
    assert said(K.GUEST_CANCELLED, order) is None


def test_no_reason_blames_anybody():
    texts = Texts.of("en")
    said_to_guests = [words.plain for words in (says(texts, r) for r in (*RejectReason, *CancelReason)) if words]
    assert len(said_to_guests) >= 7
    for words in said_to_guests:
        assert not {"fault", "mistake", "should", "must", "invalid"} & set(words.lower().rstrip(".").split())


def test_an_expired_order_says_that_it_was_not_placed():
    end = SEVEN + 61 * MINUTE
    order = after(unpaid(), Timer(at_ms=end, timer=TimerKind.WINDOW_OVER), now_ms=end)
    reply = said(K.GUEST_EXPIRED, order)
    assert reply.text.plain.startswith("No payment came in for order K 472, so it was not placed.")
    assert labels(reply) == ["Order again", "Menu", "Talk to a person"]


def test_a_declined_payment_offers_another_try_on_the_same_link():
    order = unpaid()
    failed = PaymentFailed(at_ms=SEVEN + MINUTE, payment=PAY, n=1, amount=order.total, currency="INR")
    reply = said(K.GUEST_PAYMENT_FAILED, after(order, failed))
    assert reply.text.plain.endswith("You can try again until 7:16 pm.")
    assert labels(reply) == ["Pay ₹540", "Other way to pay", "Cancel order"]
    none = said(K.GUEST_PAYMENT_FAILED, order, {"reason": "no_link", "n": 1})
    assert "Nothing was taken" in none.text.plain
    assert labels(none) == ["Other way to pay", "Cancel order"]


def test_a_second_payment_goes_back_with_its_reason_and_its_references():
    order = after(
        paid(),
        PaymentCaptured(at_ms=SEVEN + MINUTE, payment=PaymentId("pay_2"), n=1, amount=Money(54_000), currency="INR"),
    )
    asked = said(K.GUEST_REFUND_REQUESTED, order)
    assert asked.text.plain.startswith("Order K 472 was paid twice. You get the second payment back.\nYour refund of")
    key = order.refunds[0].key
    about = {"payment": PaymentId("pay_2"), "amount": Money(54_000), "refund_key": key, "provider_id": "rfnd_77"}
    created = after(order, RefundCreated(at_ms=SEVEN + 2 * MINUTE, **about))
    assert "Refund reference: rfnd_77" in said(K.GUEST_REFUND_REQUESTED, created).text.plain
    sent = after(created, RefundProcessed(at_ms=SEVEN + 3 * MINUTE, bank_ref="ARN123", **about))
    text = said(K.GUEST_REFUNDED, sent).text.plain
    assert text.splitlines() == [
        "Your refund of ₹540 for order K 472 has been sent.",
        "Your bank shows it within 5–7 working days, often sooner.",
        *("Refund reference: rfnd_77", "Bank reference: ARN123"),
    ]
    assert said(K.GUEST_REFUND_REQUESTED, sent) is None
    assert guest_message(K.GUEST_REFUNDED, news(order, {"key": key})) is None
    assert guest_message(K.GUEST_REFUNDED, news(order, {"key": RefundKey("rf_unknown")})) is None


def test_a_payment_that_came_late_counts_while_the_kitchen_can_still_cook():
    end = SEVEN + 61 * MINUTE
    expired = after(unpaid(), Timer(at_ms=end, timer=TimerKind.WINDOW_OVER), now_ms=end)
    captured = PaymentCaptured(at_ms=end, payment=PAY, n=1, amount=expired.total, currency="INR")
    revived = after(expired, captured, now_ms=end + MINUTE)
    assert "counts: order K 472 is placed after all" in said(K.GUEST_REVIVED, revived).text.plain
    refused = after(expired, captured, now_ms=end + MINUTE, outlet_open=False)
    text = said(K.GUEST_REFUND_REQUESTED, refused).text.plain
    assert text.startswith("Your payment for order K 472 came after the kitchen had stopped waiting for it.")


def test_waiting_and_lateness_are_admitted_with_a_way_out():
    waiting = said(K.GUEST_STILL_WAITING, paid(), {})
    assert "by 7:16 pm the order is cancelled and ₹540 goes back to you" in waiting.text.plain
    assert labels(waiting) == ["Follow order", "Cancel order"]
    assert "goes back" not in said(K.GUEST_STILL_WAITING, an_order(), {}).text.plain
    late = said(K.GUEST_LATE, cooked(an_order()), {})
    assert "running late, and we are sorry" in late.text.plain
    assert "Ask to cancel" in labels(late)


def test_a_refused_cancel_says_when_it_comes():
    order = step(cooked(an_order()), CancelAsked, by="guest")
    assert said(K.GUEST_CANCEL_REFUSED, order, {}) is None
    order = step(order, CancelRefused)
    assert said(K.GUEST_CANCEL_REFUSED, order).text.plain == (
        "Order K 472 is too far along in the kitchen to be stopped.\nAt your door about 7:42 pm."
    )


def test_a_step_taken_back_is_corrected():
    assert "still being cooked" in said(K.GUEST_ACCEPTED, cooked(an_order()), {"undo": 1}).text.plain
    assert "not on the road yet" in said(K.GUEST_READY, ready(an_order()), {"undo": 1}).text.plain
    assert "not delivered yet" in said(K.GUEST_OUT, out(an_order()), {"undo": 1}).text.plain


def test_a_link_that_is_done_with_loses_its_button():
    order = unpaid()
    assert closed_link(news(order), order.links[0]) is None
    order = paid()
    closed = closed_link(news(order), order.links[0])
    assert closed is not None
    assert (closed.text.plain, closed.buttons) == ("Order K 472 · Tiffin, MG Road\n₹540 paid.", ())


EVERY_ORDER = {
    "unpaid": unpaid(),
    "placed": paid(),
    "accepted": cooked(paid()),
    "ready": ready(paid()),
    "out": out(paid()),
    "completed": done(paid()),
    "rejected": step(paid(), Rejected, reason="busy"),
    "cancelled": step(paid(), CancelAsked, by="guest"),
}
TRUE_OF = {
    K.GUEST_PAY: {"unpaid"},
    K.GUEST_PAYMENT_FAILED: {"unpaid"},
    K.GUEST_PLACED: {"placed"},
    K.GUEST_REVIVED: {"placed"},
    K.GUEST_STILL_WAITING: {"placed"},
    K.GUEST_ACCEPTED: {"accepted"},
    K.GUEST_READY: {"ready"},
    K.GUEST_OUT: {"out"},
    K.GUEST_COMPLETED: {"completed"},
    K.GUEST_REJECTED: {"rejected"},
    K.GUEST_CANCELLED: {"cancelled"},
    K.GUEST_LATE: {"accepted", "ready", "out"},
    K.GUEST_CANCEL_REFUSED: {"accepted", "ready", "out"},
    K.GUEST_PREPARING: set(),
    K.GUEST_EXPIRED: set(),
    K.GUEST_REFUND_REQUESTED: set(),
    K.GUEST_REFUNDED: set(),
    K.GUEST_CASH_BACK: set(),
    K.GUEST_PAID: {"accepted", "ready", "out", "completed"},
}


def test_cash_that_was_handed_back_is_named_while_it_is_true():
    order = done(an_order())
    assert said(K.GUEST_CASH_BACK, order, {"amount": 5_000}) is None
    back = order.model_copy(update={"cash_back": Money(5_000)})
    text = said(K.GUEST_CASH_BACK, back, {"amount": 5_000}).text.plain
    assert text.startswith(f"{order.outlet_name} gives you ₹50 of order {order.code} back in cash.")


@pytest.mark.parametrize("kind", [kind for kind in DeliveryKind if kind.whose == "guest"])
@pytest.mark.parametrize("language", ["en", "xx"])
def test_every_message_is_sent_only_while_it_is_true_and_fits_a_phone(kind, language):
    for name, order in EVERY_ORDER.items():
        it = GuestNews(order, an_evening_outlet(), {"n": 1}, Texts.of(language), SEVEN + 3 * MINUTE)
        reply = guest_message(kind, it)
        assert (reply is not None) is (name in TRUE_OF[kind]), (kind, name)
        if reply is not None:
            assert order.code in reply.text.plain
            assert len([line for line in reply.text.plain.splitlines() if line]) <= 8
            assert reply.buttons
