"""What cooks and the outlet's clocks do to an order, and what people should look at."""

from core.orders.clocks import rung_by
from core.orders.decide import decide
from core.orders.facts import (
    Accepted,
    CancelAsked,
    CancelRefused,
    DisputeOpened,
    Progressed,
    Review,
    Timer,
    TimerKind,
    Undelivered,
    Undone,
)
from core.orders.guards import next_steps
from core.orders.models import NEVER_MS, Order, PaymentStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import Clocks, Fulfilment, PayMethod, Slot
from tests.core.orders.builders import (
    COOK,
    HOUR,
    LUNCH_MS,
    MINUTE,
    PAYMENT,
    TOTAL,
    a_draft,
    after,
    an_order,
    by_hand,
    cash,
    kinds,
    money_back,
    refund_done,
    relayed,
)

S = OrderStatus
K = DeliveryKind


# The kitchen


def test_accepting_promises_a_time_at_the_door_and_tells_the_guest():
    order = after(an_order(S.PLACED), Accepted(at_ms=LUNCH_MS + 5 * MINUTE, by=COOK, step=0, minutes=25))
    assert order.status is S.ACCEPTED
    assert order.promised_ms == LUNCH_MS + (5 + 25 + 15) * MINUTE
    assert kinds(order) == [K.GUEST_ACCEPTED, K.OUTLET_CARD]
    kept = after(an_order(S.PLACED), Accepted(at_ms=LUNCH_MS + 5 * MINUTE, by=COOK, step=0, minutes=0))
    assert kept.promised_ms == LUNCH_MS + 40 * MINUTE


def test_an_order_for_later_is_never_promised_before_its_time():
    slot = Slot(start_ms=LUNCH_MS + 5 * HOUR, end_ms=LUNCH_MS + 6 * HOUR)
    order = an_order(S.PLACED, draft=a_draft(slot=slot))
    order = after(order, Accepted(at_ms=LUNCH_MS + 5 * MINUTE, by=COOK, step=0, minutes=25))
    assert order.promised_ms == slot.start_ms


def test_each_way_of_eating_has_its_steps():
    assert next_steps(an_order(S.READY)) == (S.OUT_FOR_DELIVERY, S.COMPLETED)
    assert next_steps(an_order(S.READY, fulfilment=Fulfilment.TAKEAWAY)) == (S.COMPLETED,)
    assert next_steps(an_order(S.ACCEPTED)) == (S.PREPARING, S.READY)
    assert next_steps(an_order(S.COMPLETED)) == ()


def test_an_order_is_not_handed_over_before_its_cash_is_taken():
    order = an_order(S.READY, method=PayMethod.CASH, fulfilment=Fulfilment.TAKEAWAY)
    over = Progressed(at_ms=LUNCH_MS + HOUR, by=COOK, step=order.acts, to=S.COMPLETED)
    assert after(order, over) == order
    paid = after(order, cash(order, LUNCH_MS + HOUR))
    assert paid.payment_status is PaymentStatus.CASH_COLLECTED
    assert paid.paid
    assert kinds(paid) == [K.OUTLET_CARD]
    done = after(paid, Progressed(at_ms=LUNCH_MS + HOUR, by=COOK, step=paid.acts, to=S.COMPLETED))
    assert done.status is S.COMPLETED
    assert done.payment_status is PaymentStatus.CASH_COLLECTED
    assert after(done, cash(done, LUNCH_MS + 2 * HOUR)) == done
    gone = an_order(S.REJECTED, method=PayMethod.CASH)
    assert gone.payment_status is PaymentStatus.NONE


def test_a_wrong_tap_can_be_taken_back_for_a_minute():
    order = an_order(S.PREPARING)
    at = LUNCH_MS + 10 * MINUTE
    ready = after(order, Progressed(at_ms=at, by=COOK, step=order.acts, to=S.READY))
    assert ready.undo_until_ms == at + MINUTE
    back = after(relayed(ready), Undone(at_ms=at + 59_000, by=COOK, step=ready.acts))
    assert back.status is S.PREPARING
    assert kinds(back) == [K.GUEST_PREPARING, K.OUTLET_CARD]
    assert back.undo_until_ms == 0, "an undo is not undone"
    assert after(ready, Undone(at_ms=at + 60_000, by=COOK, step=ready.acts)) == ready
    again = after(back, Progressed(at_ms=at + 70_000, by=COOK, step=back.acts, to=S.READY))
    assert again.status is S.READY
    assert {e.id for e in again.outbox}.isdisjoint(e.id for e in ready.outbox)


def test_only_the_last_step_can_be_taken_back():
    order = an_order(S.COMPLETED)
    assert [step.before for step in order.history[:-1]] == [None] * (len(order.history) - 1)
    assert order.history[-1].before is S.OUT_FOR_DELIVERY


def test_an_acceptance_taken_back_waits_for_an_answer_anew():
    order = after(an_order(S.PLACED), Accepted(at_ms=LUNCH_MS + 14 * MINUTE, by=COOK, step=0, minutes=15))
    at = LUNCH_MS + 14 * MINUTE + 30_000
    order = after(order, Undone(at_ms=at, by=COOK, step=order.acts))
    assert order.status is S.PLACED
    assert order.accepted_n == 0
    assert order.due_ms == at + 2 * MINUTE
    reminded = after(order, *rung_by(order, at + 2 * MINUTE), now_ms=at + 2 * MINUTE)
    assert kinds(reminded)[-1] is K.OUTLET_REMIND
    taken = after(reminded, Accepted(at_ms=at + 3 * MINUTE, by=COOK, step=reminded.acts, minutes=15))
    assert taken.status is S.ACCEPTED
    assert taken.accepted_n == 1


def test_saying_no_cannot_be_taken_back():
    order = an_order(S.REJECTED)
    assert order.undo_until_ms == 0
    assert after(order, Undone(at_ms=order.history[-1].at_ms, by=COOK, step=order.acts)) == order


def test_a_guest_can_ask_after_acceptance_and_the_kitchen_can_say_no_and_be_asked_again():
    order = an_order(S.PREPARING)
    at = LUNCH_MS + 10 * MINUTE
    asked = after(order, CancelAsked(at_ms=at, by="guest", step=order.acts, reason="wrong address"))
    assert asked.status is S.PREPARING
    assert kinds(asked) == [K.OUTLET_CANCEL_REQUESTED]
    assert after(asked, CancelAsked(at_ms=at, by="guest", step=asked.acts)) == asked
    refused = after(asked, CancelRefused(at_ms=at, by=COOK, step=asked.acts))
    assert not refused.cancel_requested_ms
    assert K.GUEST_CANCEL_REFUSED in kinds(refused)
    assert after(refused, CancelRefused(at_ms=at, by=COOK, step=refused.acts)) == refused
    again = after(refused, CancelAsked(at_ms=at, by="guest", step=refused.acts))
    assert kinds(again).count(K.OUTLET_CANCEL_REQUESTED) == 2


# The outlet's clocks


def ring(order: Order, minutes: int) -> Order:
    now = order.waiting_ms + minutes * MINUTE
    return after(order, *rung_by(order, now), now_ms=now)


def test_an_outlet_that_does_not_answer_is_reminded_then_the_owner_then_the_guest_gets_the_money_back():
    order = relayed(an_order(S.PLACED))
    said = {}
    for minutes in range(16):
        order = ring(relayed(order), minutes)
        if order.outbox:
            said[minutes] = kinds(order)
    assert said == {
        2: [K.OUTLET_REMIND],
        5: [K.OUTLET_REMIND, K.GUEST_STILL_WAITING],
        8: [K.OUTLET_REMIND, K.ADMIN_ALERT],
        15: [K.ADMIN_ALERT, K.STOCK_RETURN, K.GUEST_CANCELLED, K.OUTLET_STOP, K.PROVIDER_REFUND],
    }
    assert order.status is S.CANCELLED
    assert order.cancel_reason == "no_answer"
    assert money_back(order) == TOTAL


def test_after_a_night_in_the_dark_an_order_is_given_up_once_and_not_reminded_of():
    order = ring(an_order(S.PLACED), 120)
    assert order.status is S.CANCELLED
    assert K.OUTLET_REMIND not in kinds(order)


def test_an_outlet_may_have_its_own_patience():
    order = an_order(S.PLACED, draft=a_draft(clocks=Clocks(louder=(), owner=3, give_up=4)))
    reminded = ring(order, 3)
    assert kinds(reminded) == [K.OUTLET_REMIND, K.ADMIN_ALERT]
    assert ring(reminded, 4).status is S.CANCELLED


def test_a_clock_that_rang_does_not_ring_again():
    order = ring(an_order(S.PLACED), 2)
    assert rung_by(order, order.waiting_ms + 3 * MINUTE) == ()
    old = Timer(at_ms=LUNCH_MS + HOUR, timer=TimerKind.NO_ANSWER, level=1, since=order.moves)
    assert after(order, old) == order
    stale = Timer(at_ms=LUNCH_MS + HOUR, timer=TimerKind.NO_ANSWER, level=4, since=order.moves - 1)
    assert after(order, stale) == order
    full = order.model_copy(update={"rung": 4})
    assert decide(full, LUNCH_MS, outlet_open=True).due_ms == NEVER_MS


def test_the_guest_hears_of_a_delay_before_the_promise_breaks_and_only_once():
    order = an_order(S.PREPARING)
    at = order.promised_ms - 3 * MINUTE
    assert order.due_ms == at
    assert rung_by(order, at - 1) == ()
    late = after(order, *rung_by(order, at), now_ms=at)
    assert kinds(late) == [K.GUEST_LATE]
    assert rung_by(late, at + MINUTE) == ()
    assert after(late, Timer(at_ms=at, timer=TimerKind.LATE, level=1)) == late


def test_food_on_the_counter_is_not_late_and_food_that_waits_for_a_rider_is():
    assert an_order(S.READY, fulfilment=Fulfilment.TAKEAWAY).due_ms > LUNCH_MS + 4 * HOUR
    assert an_order(S.READY).due_ms < LUNCH_MS + HOUR


def test_hours_later_what_was_ready_counts_as_handed_over_and_what_was_not_needs_a_person():
    end = LUNCH_MS + 6 * HOUR
    for method, flags in ((PayMethod.UPI, ()), (PayMethod.CASH, ("cash_not_recorded",))):
        order = an_order(S.READY, method=method, fulfilment=Fulfilment.TAKEAWAY)
        done = after(order, *rung_by(order, end), now_ms=end)
        assert done.status is S.COMPLETED
        assert done.history[-1].note == "timer"
        assert done.flags == flags
    order = an_order(S.PREPARING)
    stuck = after(order, *rung_by(order, end), now_ms=end)
    assert stuck.status is S.PREPARING
    assert "stuck" in stuck.flags
    assert K.ADMIN_ALERT in kinds(stuck)
    assert stuck.due_ms == NEVER_MS
    assert rung_by(stuck, end + HOUR) == ()
    assert after(stuck, Timer(at_ms=end, timer=TimerKind.FINISH, level=1)) == stuck


# What did not go out, and what people should look at


def test_a_card_that_does_not_arrive_is_a_matter_for_the_owner_and_a_message_to_a_guest_is_not():
    order = an_order(S.PLACED)
    lost = after(order, Undelivered(at_ms=LUNCH_MS, delivery="d1", what="outlet.new_order", reason="403", final=True))
    assert kinds(lost) == [K.ADMIN_ALERT, K.SMS_OUTLET]
    assert "undelivered" in lost.flags
    blocked = after(order, Undelivered(at_ms=LUNCH_MS, delivery="d2", what="guest.placed", reason="blocked"))
    assert kinds(blocked) == []
    assert blocked.flags == ("guest_unreachable",)


def test_what_the_rules_do_not_cover_is_flagged_once():
    order = after(an_order(S.PLACED), Review(at_ms=LUNCH_MS, what="payment_bound_elsewhere", about="pay_x"))
    assert order.flags == ("review", "payment_bound_elsewhere")
    assert kinds(order) == [K.ADMIN_ALERT]
    again = after(order, Review(at_ms=LUNCH_MS + 1, what="payment_bound_elsewhere", about="pay_x"))
    assert again == order
    other = after(order, Review(at_ms=LUNCH_MS, what="payment_bound_elsewhere", about="pay_y"))
    assert other.flags == order.flags
    assert len(other.outbox) == 2


def test_a_dispute_marks_its_payment():
    order = after(an_order(S.COMPLETED), DisputeOpened(at_ms=LUNCH_MS + HOUR, payment=PAYMENT, dispute="disp_1"))
    assert order.payments[0].disputed
    assert "dispute_opened" in order.flags


def test_a_guest_who_was_forgotten_gets_no_more_messages():
    order = an_order(S.CANCELLED).model_copy(update={"chat": ""})
    done = after(order, refund_done(order, order.refunds[0].key, LUNCH_MS + HOUR))
    assert kinds(done) == []
    assert done.refunded == TOTAL


def test_the_same_alert_waiting_to_go_out_is_not_doubled():
    order = after(an_order(S.PLACED), by_hand())
    lost_facts = order.model_copy(update={"facts": (), "refunds": ()})
    assert len(after(lost_facts, by_hand()).outbox) == len(order.outbox)
