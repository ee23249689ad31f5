"""What an owner is told to do, and what rings in the group beside the card."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import core.orders
from bot.conversation.texts import Texts
from bot.kitchen.cards import Kitchen, order_card
from bot.notifications.admin import alert
from bot.notifications.outlet import guest_words, ring
from bot.notifications.refunds import goes_back, going_back
from core.clock import to_ms
from core.ids import PaymentId, RefundKey
from core.money import Money
from core.orders.facts import Accepted, CancelAsked, Cancelled, PaymentCaptured, RefundProcessed, Timer, TimerKind
from core.orders.models import Refund, RefundStatus
from core.orders.outgoing import DeliveryKind
from core.outlets.models import PayMethod
from tests.bot.kitchen.builders import an_evening_outlet, dinner
from tests.core.orders.builders import after, new_order

SEVEN = to_ms(datetime(2026, 3, 2, 13, 30, tzinfo=UTC))  # 7 PM in Bengaluru
MINUTE = 60_000
EN = Texts.of("en")
K = DeliveryKind


def kitchen(now_ms=SEVEN):
    return Kitchen(an_evening_outlet(), {"telegram:1": "Asha"}, EN, now_ms)


def an_order(**changes):
    return new_order(dinner("chk_1", now_ms=SEVEN, **changes), now_ms=SEVEN)


def paid():
    order = an_order(method=PayMethod.UPI)
    captured = PaymentCaptured(at_ms=SEVEN, payment=PaymentId("pay_1"), amount=order.total, currency="INR")
    return after(order, captured)


def accepted(order):
    return after(order, Accepted(at_ms=SEVEN, by="telegram:1", step=order.acts, minutes=25))


def told(order, kind, data=None):
    reply = ring(kitchen(), order, kind, data or {}, guest_words(order))
    return reply.text.plain if reply else None


ALERTS = sorted(
    {
        *re.findall(
            r'alert\("(\w+)"', "".join(file.read_text() for file in Path(core.orders.__path__[0]).glob("*.py"))
        ),
        *("wrong_capture", "link_partly_paid", "link_cancelled", "refund_failed", "refund_by_hand", "dispute_opened"),
    }
)


@pytest.mark.parametrize("what", ALERTS)
def test_every_alert_the_orders_raise_has_words_and_names_the_order(what):
    text = alert(EN, paid(), an_evening_outlet(), {"what": what, "minutes": 8, "amount": 54_000}).text.plain
    assert "K 472 · Tiffin, MG Road" in text
    assert "Please look at this" not in text
    assert what not in text
    assert "₹540" in text


def test_an_alert_nobody_foresaw_is_still_readable():
    text = alert(EN, paid(), None, {"what": "odd_thing", "reason": "no idea", "n": 1}).text.plain
    assert text == "Please look at this: odd thing · K 472 · Tiffin, MG Road\nreason: no idea · n: 1"


def test_an_owner_who_must_call_has_the_number():
    text = alert(EN, paid(), an_evening_outlet(), {"what": "no_answer", "minutes": 8}).text.plain
    assert "Please call the outlet.\nOutlet: +918041234567" in text


def test_stop_says_who_wanted_it():
    by_guest = after(an_order(), CancelAsked(at_ms=SEVEN, by="guest", step=0))
    assert "The guest cancelled it." in told(by_guest, K.OUTLET_STOP, {"who": "guest"})
    order = accepted(an_order())
    by_staff = after(order, Cancelled(at_ms=SEVEN, by="telegram:1", step=order.acts, reason="kitc"))
    assert "Cancelled: Trouble in the kitchen." in told(by_staff, K.OUTLET_STOP, {"who": "staff"})
    late = SEVEN + 15 * MINUTE
    nobody = after(paid(), Timer(at_ms=late, timer=TimerKind.NO_ANSWER, level=4, since=paid().moves))
    assert "Nobody answered in time." in told(nobody, K.OUTLET_STOP, {"who": "system"})
    assert told(order, K.OUTLET_STOP, {"who": "guest"}) is None


def test_a_payment_given_back_by_hand_is_asked_about_before_it_is_cooked():
    order = paid()
    back = RefundProcessed(at_ms=SEVEN, payment=PaymentId("pay_1"), amount=Money(54_000), provider_id="rfnd_x")
    order = after(order, back)
    assert told(order, K.OUTLET_REMIND, {"level": 0, "what": "refund_by_hand"}).startswith(
        "K 472: its payment was given back by hand. Ask the manager"
    )
    assert "PAID ₹540, THEN MONEY WENT BACK" in order_card(kitchen(), order).text.plain
    ended = after(order, Cancelled(at_ms=SEVEN, by="telegram:4", step=order.acts, reason="kitc"))
    assert told(ended, K.OUTLET_REMIND, {"level": 0}) is None


def test_reminders_and_requests_fall_silent_once_answered():
    assert told(accepted(an_order()), K.OUTLET_REMIND, {"level": 1}) is None
    assert told(accepted(an_order()), K.OUTLET_CANCEL_REQUESTED) is None
    assert told(an_order(), K.OUTLET_NEW_ORDER) is None


@pytest.mark.parametrize(
    ("method", "where"),
    [
        (PayMethod.UPI, "to the UPI account you paid from"),
        (PayMethod.CARD, "to the card you paid with"),
        (PayMethod.WALLET, "to the wallet you paid from"),
        (PayMethod.NETBANKING, "to the bank account you paid from"),
        (PayMethod.CASH, "back the way it was paid"),
    ],
)
def test_a_refund_says_how_much_where_to_and_by_when(method, where):
    text = goes_back(EN, an_order(method=method), Money(54_050)).plain
    assert text.startswith("Your refund of ₹540.50 goes ")
    assert where in text
    assert "5–7 working days" in text


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("paid_twice", "was paid twice"),
        ("wrong_amount", "was not of the right amount"),
        ("late", "after the kitchen had stopped waiting"),
        ("not_needed", "needed no payment"),
        ("cancelled", "was cancelled"),
        ("by_hand", "the rest of a payment"),
        ("goodwill", "gives you money back"),
    ],
)
def test_a_refund_says_why(reason, why):
    refund = Refund(
        key=RefundKey("rf_1"),
        payment=PaymentId("pay_1"),
        amount=Money(54_000),
        status=RefundStatus.MANUAL,
        n=1,
        reason=reason,
        at_ms=SEVEN,
    )
    text = going_back(EN, paid(), refund).plain
    assert why in text
    assert "K 472" in text
    assert "A person looks after this one" in text
