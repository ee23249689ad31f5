"""What a cook reads at a glance."""

from datetime import UTC, datetime

import pytest

from bot.conversation.actions import MAX_BYTES, Action, unpack
from bot.conversation.texts import Texts
from bot.kitchen import actions as kitchen_actions
from bot.kitchen.actions import (
    Accept,
    AnswerCancel,
    Cancel,
    CancelReason,
    CollectedAndDelivered,
    EndThread,
    Reject,
    RejectReason,
    SoldOut,
    TakeThread,
    Until,
)
from bot.kitchen.cards import Kitchen, cancel_card, order_card, reject_card
from core.clock import to_ms
from core.customers.models import DietProfile
from core.ids import OrderId, PaymentId, new_id
from core.money import Money
from core.orders.facts import (
    Accepted,
    CancelAsked,
    Cancelled,
    CashCollected,
    PaymentCaptured,
    Progressed,
    Rejected,
    Undone,
)
from core.orders.status import OrderStatus
from core.outlets.models import Fulfilment, PayMethod, Slot
from core.threads.models import ThreadId
from tests.bot.kitchen.builders import a_bill, a_line, an_evening_outlet, dinner
from tests.core.orders.builders import after, new_order

SEVEN = to_ms(datetime(2026, 3, 2, 13, 30, tzinfo=UTC))  # 7 PM in Bengaluru
MINUTE = 60_000
ASHA, RAVI = "telegram:1", "telegram:2"


def kitchen(now_ms=SEVEN, **changes):
    names = {ASHA: "Asha", RAVI: "Ravi"}
    return Kitchen(an_evening_outlet(**changes), names, Texts.of("en"), now_ms)


def an_order(**changes):
    return new_order(dinner("chk_1", now_ms=SEVEN, **changes), now_ms=SEVEN)


def accepted(order, by=ASHA, minutes=25, at=SEVEN + 2 * MINUTE):
    return after(order, Accepted(at_ms=at, by=by, step=order.acts, minutes=minutes))


def on(order, to, by=ASHA, at=SEVEN + 10 * MINUTE):
    return after(order, Progressed(at_ms=at, by=by, step=order.acts, to=to))


def text(order, now_ms=SEVEN, **changes):
    return order_card(kitchen(now_ms, **changes), order).text.plain


def labels(reply):
    return [button.label for row in reply.buttons for button in row]


def test_a_new_delivery_reads_like_a_ticket():
    assert text(an_order(), SEVEN + 3 * MINUTE).splitlines() == [
        "K 472 · DELIVERY · Indiranagar 560038",
        "NEW · 7:00 pm · waiting 3 min",
        "",
        "2 × Paneer Tikka (Full)",
        "    + Extra cheese",
        "    + Medium",
        "    NO ONION PLEASE",
        "3 × Garlic Naan",
        "",
        "Note: CUT THE TIKKA IN HALF",
        "",
        "COLLECT ₹540 · cash",
        "Meera · …10",
    ]


def test_a_new_order_can_be_accepted_three_ways_or_rejected():
    assert labels(order_card(kitchen(), an_order())) == ["Accept +15", "Accept +25", "Accept +35", "Reject ▸"]


def test_an_accepted_delivery_shows_the_rider_the_way_and_the_phone():
    seen = text(accepted(an_order()), SEVEN + 4 * MINUTE)
    assert "COOKING · at the pass by 7:27 pm (in 23 min), at the door by 7:42 pm" in seen
    assert "Meera · +919876543210" in seen
    assert "4, 7th Cross, Bengaluru, 560038\nLandmark: opposite the temple\nRider: RING TWICE" in seen
    assert seen.endswith("Accepted · Asha, 7:02 pm")


@pytest.mark.parametrize("how", [Fulfilment.DINE_IN, Fulfilment.TAKEAWAY])
def test_nobody_needs_the_phone_of_a_guest_who_comes_to_the_counter(how):
    order = accepted(an_order(how=how))
    assert "Meera · …10" in text(order)
    assert "9876543" not in text(order)


def test_the_phone_is_never_on_the_card_of_an_order_that_ended():
    order = on(on(accepted(an_order(method=PayMethod.CASH)), OrderStatus.READY), OrderStatus.OUT_FOR_DELIVERY)
    order = after(order, CashCollected(at_ms=SEVEN + 30 * MINUTE, by=RAVI, amount=order.total))
    order = on(order, OrderStatus.COMPLETED, by=RAVI, at=SEVEN + 30 * MINUTE)
    assert text(order, SEVEN + 60 * MINUTE) == "K 472 · Delivered 7:30 pm by Ravi · ₹540"


def test_dine_in_names_the_table():
    assert text(an_order(how=Fulfilment.DINE_IN)).startswith("K 472 · DINE IN · Table T2")


def test_allergies_and_diets_cannot_be_overlooked():
    diet = DietProfile(veg_only=True, jain=True, allergies=("peanut", "milk"))
    assert "⚠ ALLERGY: PEANUT, MILK · JAIN: NO ONION, NO GARLIC, NO ROOTS · VEG HOUSEHOLD" in text(an_order(diet=diet))


def test_paid_online_is_never_collected_again():
    order = an_order(method=PayMethod.UPI)
    order = after(
        order,
        PaymentCaptured(at_ms=SEVEN, payment=PaymentId("pay_1"), amount=order.total, currency="INR", method="upi"),
    )
    assert "PAID ₹540 · UPI" in text(order)
    assert "COLLECT" not in text(order)
    ready = on(on(accepted(order), OrderStatus.READY), OrderStatus.OUT_FOR_DELIVERY)
    assert "Delivered" in labels(order_card(kitchen(SEVEN + 60 * MINUTE), ready))


def test_an_unpaid_online_order_says_do_not_cook():
    assert "NOT PAID YET · do not cook" in text(an_order(method=PayMethod.UPI))


def test_a_late_order_says_by_how_much():
    assert "COOKING · was due 7:27 pm, 8 min late" in text(accepted(an_order()), SEVEN + 35 * MINUTE)


def test_an_order_for_later_is_accepted_for_its_time():
    eight = SEVEN + 120 * MINUTE
    order = an_order(slot=Slot(start_ms=eight, end_ms=eight + 30 * MINUTE))
    assert "FOR 9:00 pm – 9:30 pm" in text(order)
    assert labels(order_card(kitchen(), order)) == ["Accept for 9:00 pm", "Reject ▸"]


@pytest.mark.parametrize(
    ("how", "steps"),
    [
        (Fulfilment.DELIVERY, ["Ready", "Out for delivery", "Collected ₹540 · Delivered"]),
        (Fulfilment.TAKEAWAY, ["Ready", "Collected ₹540 · Picked up"]),
        (Fulfilment.DINE_IN, ["Ready", "Collected ₹540 · Served"]),
    ],
)
def test_each_kind_of_order_has_its_own_walk(how, steps):
    order = accepted(an_order(how=how))
    walk = [OrderStatus.READY, OrderStatus.OUT_FOR_DELIVERY][: len(steps) - 1]
    for step, status in zip(steps, [*walk, None], strict=False):
        instead = ["Pay by UPI"] if step.startswith("Collected") else []
        assert labels(order_card(kitchen(SEVEN + 60 * MINUTE), order)) == [step, *instead, "Cancel ▸"]
        if status is not None:
            order = on(order, status)


def test_a_tap_can_be_undone_for_a_minute_and_no_longer():
    order = accepted(an_order())
    tapped = SEVEN + 2 * MINUTE
    assert "Undo" in labels(order_card(kitchen(tapped + 59_000), order))
    assert "Undo" not in labels(order_card(kitchen(tapped + 60_000), order))


def test_what_was_taken_back_stays_readable():
    order = accepted(an_order())
    order = after(order, Undone(at_ms=SEVEN + 2 * MINUTE + 30_000, by=RAVI, step=order.acts))
    assert text(order).splitlines()[-2:] == ["Accepted · Asha, 7:02 pm", "Undone · Ravi, 7:02 pm"]
    assert "Accept +15" in labels(order_card(kitchen(), order))


def test_a_guest_who_wants_to_cancel_is_answered_before_anything_else():
    order = accepted(an_order())
    order = after(order, CancelAsked(at_ms=SEVEN + 5 * MINUTE, by="guest", step=order.acts))
    card = order_card(kitchen(SEVEN + 6 * MINUTE), order)
    assert "THE GUEST ASKS TO CANCEL · 7:05 pm" in card.text.plain
    assert labels(card)[:2] == ["Yes, cancel it", "No, we go on"]


def test_cancelled_and_rejected_cards_are_one_line_without_buttons():
    rejected = after(an_order(), Rejected(at_ms=SEVEN + MINUTE, by=RAVI, step=0, reason=RejectReason.BUSY))
    assert text(rejected) == "K 472 · Rejected 7:01 pm by Ravi · Too busy · ₹540"
    order = accepted(an_order())
    cancelled = after(order, Cancelled(at_ms=SEVEN + 9 * MINUTE, by=ASHA, step=order.acts, reason="kitc"))
    assert text(cancelled) == "K 472 · Cancelled 7:09 pm by Asha · Trouble in the kitchen · ₹540"
    assert not order_card(kitchen(SEVEN + 9 * MINUTE), cancelled).buttons


def test_reasons_that_need_a_rider_are_offered_for_deliveries_alone():
    assert labels(reject_card(kitchen(), an_order())) == [
        *("Too busy", "A dish ran out", "Closing soon", "No rider", "Cannot reach the address", "◂ Back"),
    ]
    assert "No rider" not in labels(reject_card(kitchen(), an_order(how=Fulfilment.TAKEAWAY)))
    assert "Guest not there" in labels(cancel_card(kitchen(), accepted(an_order())))


def test_whatever_a_guest_writes_stays_text():
    order = an_order(
        bill=a_bill(a_line("*Dosa* _<b>", note="*bold* {name} <script>`x`")), note="_it_ *is*", customer_name="*Bo* X"
    )
    card = order_card(kitchen(), order)
    assert "2 × *Dosa* _<b> (Full)" in card.text.plain
    assert "    *BOLD* {NAME} <SCRIPT>`X`" in card.text.plain
    assert "Note: _IT_ *IS*" in card.text.plain
    assert "*Bo* · …10" in card.text.plain


def test_a_test_order_says_so():
    assert "TEST, DO NOT COOK" in text(an_order(test=True))


def test_every_kitchen_button_fits_telegram_and_comes_back_as_it_went():
    order, thread = OrderId(new_id("ord")), ThreadId(new_id("thr"))
    assert len(order) == 26
    dish = "x" * 48
    special: list[Action] = [
        Accept(order=order, minutes=240),
        AnswerCancel(order=order, yes=False),
        Cancel(order=order, reason=CancelReason.GUEST_ABSENT),
        CollectedAndDelivered(order=order, paise=Money.rupees(9_999_999).paise),
        Reject(order=order, reason=RejectReason.SOLD_OUT),
        SoldOut(item=dish, until=Until.FURTHER_NOTICE),
        TakeThread(thread=thread, line=99_999),
        EndThread(thread=thread, line=99_999),
    ]
    for action in special:
        assert unpack(action.pack()) == action
        assert len(action.pack().encode()) <= MAX_BYTES
    kinds = [kind for kind in vars(kitchen_actions).values() if isinstance(kind, type) and issubclass(kind, Action)]
    assert all(kind is Action or kind.tag.startswith("k") for kind in kinds)
