"""What becomes of an order, told as a guest, a cook or an owner would."""

import pytest

from core.ids import PaymentId, RefundKey
from core.money import ZERO, Money
from core.orders.clocks import HARD_STOP_MS, next_check_ms, rung_by
from core.orders.decide import decide
from core.orders.decision import MAX_ATTEMPTS, MAX_FACTS
from core.orders.facts import (
    Accepted,
    BrowserReturned,
    CancelAsked,
    Cancelled,
    CancelRefused,
    DisputeOpened,
    ExpiryTried,
    LinkClosed,
    LinkFailed,
    LinkPartlyPaid,
    MethodChanged,
    PayAgain,
    PaymentAuthorised,
    PaymentFailed,
    PaymentSeen,
    Progressed,
    Reconciled,
    RefundAsked,
    RefundCreated,
    RefundFailed,
    RefundSent,
    RefundStuck,
    Review,
    Timer,
    TimerKind,
    Undelivered,
    Undone,
)
from core.orders.guards import next_steps
from core.orders.ledger import LinkEnd, LinkState, RefundStatus
from core.orders.models import NEVER_MS, Order, OrderDraft, PaymentStatus
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
    captured,
    cash,
    kinds,
    link_opened,
    money_back,
    new_order,
    refund_created,
    refund_done,
    relayed,
    window_over,
)

S = OrderStatus
K = DeliveryKind
SECOND_PAYMENT = PaymentId("pay_second")


def failed(payment: str, at_ms: int = LUNCH_MS + MINUTE) -> PaymentFailed:
    return PaymentFailed(
        at_ms=at_ms, by="provider", payment=PaymentId(payment), n=1, amount=TOTAL, currency="INR", method="upi"
    )


# Being placed


def test_a_cash_order_is_placed_at_once_and_the_kitchen_is_told():
    order = new_order(a_draft(method=PayMethod.CASH))
    assert order.status is S.PLACED
    assert order.placed_n == 1
    assert order.unpaid_of is None
    assert kinds(order) == [K.OUTLET_NEW_ORDER, K.GUEST_PLACED]
    assert order.payment_status is PaymentStatus.CASH_DUE
    assert not order.paid


def test_an_online_order_waits_for_its_payment_and_asks_for_one_link():
    order = new_order()
    assert order.status is S.AWAITING_PAYMENT
    assert order.unpaid_of == order.customer
    assert kinds(order) == [K.PROVIDER_CREATE_LINK]
    assert order.payment_status is PaymentStatus.WAITING
    assert order.open_link is None


def test_the_guest_gets_the_link_once_it_is_open():
    order = after(relayed(new_order()), link_opened())
    assert kinds(order) == [K.GUEST_PAY]
    assert order.outbox[0].data == {"n": 1, "amount": TOTAL.paise, "expires_ms": LUNCH_MS + 16 * MINUTE}
    assert order.open_link is not None
    assert order.open_link.url == "https://pay.example/1"


def test_the_payment_places_the_order_and_nothing_is_left_to_close():
    order = after(an_order(S.AWAITING_PAYMENT), captured())
    assert order.status is S.PLACED
    assert order.kept == PAYMENT
    assert order.unpaid_of is None
    assert kinds(order) == [K.OUTLET_NEW_ORDER, K.GUEST_PLACED]
    assert order.open_link is None
    assert order.links[0].end is LinkEnd.PAID
    assert order.payment_status is PaymentStatus.PAID


def test_a_payment_of_unknown_link_places_the_order_and_closes_what_is_open():
    order = after(an_order(S.AWAITING_PAYMENT), captured(n=0))
    assert order.status is S.PLACED
    assert K.PROVIDER_CLOSE_LINK in kinds(order)
    assert order.links[0].state is LinkState.CLOSING


def test_a_payment_known_before_its_link_was_places_the_order_and_the_late_link_is_no_longer_shown():
    order = after(relayed(new_order()), captured())
    assert order.status is S.PLACED
    assert K.GUEST_PAY not in kinds(after(order, link_opened(at_ms=LUNCH_MS + 2 * MINUTE)))


def test_an_authorised_payment_is_looked_at_again_in_a_minute():
    order = after(
        an_order(S.AWAITING_PAYMENT),
        PaymentAuthorised(at_ms=LUNCH_MS + 5_000, payment=PAYMENT, n=1, amount=TOTAL, currency="INR"),
    )
    assert order.status is S.AWAITING_PAYMENT
    assert order.payment_status is PaymentStatus.AUTHORISED
    assert next_check_ms(after(order, Reconciled(at_ms=LUNCH_MS + 60_000))) == LUNCH_MS + 65_000


def test_failed_then_captured_is_placed_and_captured_then_failed_stays_placed():
    first = after(an_order(S.AWAITING_PAYMENT), failed(PAYMENT), captured())
    then = after(an_order(S.AWAITING_PAYMENT), captured(), failed(PAYMENT))
    assert first.status is then.status is S.PLACED
    assert first.kept == then.kept == PAYMENT


def test_a_failed_attempt_offers_another_try_but_not_for_ever():
    order = an_order(S.AWAITING_PAYMENT)
    for n in range(8):
        order = after(order, failed(f"pay_{n}"))
    assert kinds(order).count(K.GUEST_PAYMENT_FAILED) == 5


def test_no_other_try_is_offered_when_the_payment_went_through_meanwhile_or_no_link_is_open():
    order = after(an_order(S.AWAITING_PAYMENT), captured(amount=Money(1)), failed(PAYMENT))
    assert K.GUEST_PAYMENT_FAILED not in kinds(order)
    closed = after(an_order(S.AWAITING_PAYMENT), LinkClosed(at_ms=LUNCH_MS, n=1, reason=LinkEnd.CANCELLED))
    assert K.GUEST_PAYMENT_FAILED not in kinds(after(closed, failed("pay_x")))


def test_attempts_that_came_to_nothing_are_bounded_and_real_money_never_is():
    order = after(an_order(S.AWAITING_PAYMENT), captured(amount=Money(1), at_ms=LUNCH_MS))
    for n in range(MAX_FACTS + 20):
        order = after(order, failed(f"pay_{n}", at_ms=LUNCH_MS + n))
    assert len(order.payments) == MAX_ATTEMPTS + 1
    assert order.payment(PAYMENT) is not None
    assert len(order.facts) == MAX_FACTS
    again = after(order, captured(amount=Money(1), at_ms=LUNCH_MS + MINUTE))
    assert again == order, "a capture whose fact was forgotten is still one payment"


# Money that must go back


def test_the_second_payment_goes_back_and_the_guest_hears_why():
    order = after(an_order(S.PLACED), captured(SECOND_PAYMENT))
    assert order.status is S.PLACED
    assert order.kept == PAYMENT
    assert [(r.payment, r.amount, r.reason) for r in order.refunds] == [(SECOND_PAYMENT, TOTAL, "paid_twice")]
    assert kinds(order) == [K.PROVIDER_REFUND, K.GUEST_REFUND_REQUESTED]
    assert order.payment_status is PaymentStatus.PAID


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(TOTAL + Money(1), "INR"), (TOTAL - Money(1), "INR"), (TOTAL * 100, "INR"), (TOTAL, "USD")],
)
def test_a_wrong_amount_is_never_placed_and_all_of_it_goes_back(amount: Money, currency: str):
    order = after(an_order(S.AWAITING_PAYMENT), captured(amount=amount, currency=currency))
    assert order.status is S.AWAITING_PAYMENT
    assert order.kept is None
    assert money_back(order) == amount
    assert K.ADMIN_ALERT in kinds(order)
    assert K.OUTLET_NEW_ORDER not in kinds(order)
    right = after(order, captured(SECOND_PAYMENT))
    assert right.status is S.PLACED
    assert right.kept == SECOND_PAYMENT
    assert money_back(right) == amount


def test_cancelling_a_paid_order_returns_all_of_it_in_one_message():
    order = after(an_order(S.PLACED), CancelAsked(at_ms=LUNCH_MS + 4 * MINUTE, by="guest", step=0))
    assert order.status is S.CANCELLED
    assert money_back(order) == TOTAL
    assert kinds(order) == [K.STOCK_RETURN, K.GUEST_CANCELLED, K.OUTLET_STOP, K.PROVIDER_REFUND]
    told = next(entry for entry in order.outbox if entry.kind is K.GUEST_CANCELLED)
    assert told.data == {"who": "guest", "reason": "", "refund": TOTAL.paise}
    assert order.payment_status is PaymentStatus.REFUNDING


def test_an_agreed_part_stays_with_the_house():
    order = an_order(S.PREPARING)
    at = LUNCH_MS + 10 * MINUTE
    order = after(order, Cancelled(at_ms=at, by="owner", step=order.acts, reason="half", refund=Money(20_000)))
    assert order.status is S.CANCELLED
    assert money_back(order) == Money(20_000)
    done = after(order, refund_done(order, order.refunds[0].key, at))
    assert done.payment_status is PaymentStatus.PARTLY_REFUNDED
    assert done.refunded == Money(20_000)


def test_a_payment_that_lands_after_cancelling_goes_back():
    order = an_order(S.AWAITING_PAYMENT)
    order = after(order, CancelAsked(at_ms=LUNCH_MS + MINUTE, by="guest", step=0))
    assert order.status is S.CANCELLED
    assert kinds(order) == [K.STOCK_RETURN, K.GUEST_CANCELLED, K.PROVIDER_CLOSE_LINK]
    late = after(relayed(order), captured(at_ms=LUNCH_MS + 2 * MINUTE))
    assert late.status is S.CANCELLED
    assert late.refunds[0].reason == "cancelled"
    assert money_back(late) == TOTAL
    assert kinds(late) == [K.PROVIDER_REFUND, K.GUEST_REFUND_REQUESTED]


def test_the_guest_is_told_when_the_money_is_back_and_what_the_bank_needs():
    order = an_order(S.CANCELLED)
    key = order.refunds[0].key
    sent = after(order, RefundSent(at_ms=LUNCH_MS + HOUR, refund_key=key))
    pending = after(sent, refund_created(order, key, LUNCH_MS + HOUR))
    assert K.GUEST_REFUNDED not in kinds(pending)
    assert pending.refunding == TOTAL
    done = after(pending, refund_done(order, key, LUNCH_MS + 2 * HOUR))
    assert kinds(done) == [K.GUEST_REFUNDED]
    assert done.refunded == TOTAL
    assert done.refunds[0].bank_ref == "ARN0001"
    assert done.payment_status is PaymentStatus.REFUNDED


def test_a_refund_reported_done_never_becomes_pending_again():
    order = an_order(S.CANCELLED)
    key = order.refunds[0].key
    done = after(order, refund_done(order, key, LUNCH_MS + HOUR))
    assert after(done, refund_created(order, key, LUNCH_MS + 2 * HOUR)).refunds[0].status is RefundStatus.PROCESSED


def refund_failed(order: Order, key: RefundKey, *, final: bool = False) -> RefundFailed:
    refund = order.refund(key)
    assert refund is not None
    return RefundFailed(
        at_ms=LUNCH_MS + HOUR,
        payment=refund.payment,
        amount=refund.amount,
        refund_key=key,
        provider_id=f"rfnd_{key}",
        reason="bank said no",
        final=final,
    )


def test_a_failed_refund_is_tried_three_times_and_then_a_person_is_asked():
    order = an_order(S.CANCELLED)
    for n in (1, 2, 3):
        assert order.refunds[-1].status is RefundStatus.DUE
        assert order.refunds[-1].n == n
        assert order.refunds[-1].key == f"rf_{order.id}_{PAYMENT}_{n}"
        order = after(relayed(order), refund_failed(order, order.refunds[-1].key))
        assert K.ADMIN_ALERT in kinds(order)
        assert K.GUEST_REFUND_REQUESTED not in kinds(order)
        assert money_back(order) == TOTAL
    assert order.refunds[-1].status is RefundStatus.MANUAL
    assert "refund_manual" in order.flags
    assert K.PROVIDER_REFUND not in kinds(order)


def test_a_refund_that_can_never_succeed_goes_to_a_person_at_once():
    order = an_order(S.CANCELLED)
    order = after(order, refund_failed(order, order.refunds[0].key, final=True))
    assert [r.status for r in order.refunds] == [RefundStatus.FAILED, RefundStatus.MANUAL]


def test_a_refund_nobody_answers_for_a_day_goes_to_a_person():
    order = an_order(S.CANCELLED)
    key = order.refunds[0].key
    order = after(order, RefundStuck(at_ms=LUNCH_MS + 24 * HOUR, refund_key=key, reason="timeout"))
    assert order.refunds[0].status is RefundStatus.MANUAL
    assert kinds(order) == [K.ADMIN_ALERT]
    late = after(order, refund_done(order, key, LUNCH_MS + 25 * HOUR))
    assert late.refunds[0].status is RefundStatus.PROCESSED
    assert len(late.refunds) == 1


def test_news_of_a_refund_or_payment_nobody_knows_changes_no_other():
    order = an_order(S.CANCELLED)
    stranger = RefundKey("rf_x_y_1")
    assert after(order, RefundSent(at_ms=LUNCH_MS, refund_key=stranger)).refunds == order.refunds
    assert after(order, DisputeOpened(at_ms=LUNCH_MS, payment=PaymentId("pay_x"), dispute="d")).payments == (
        order.payments
    )
    lost = RefundFailed(at_ms=LUNCH_MS, payment=PaymentId("pay_x"), amount=TOTAL, refund_key=stranger)
    assert money_back(after(order, lost)) == TOTAL


# Refunds made by hand


def test_a_refund_by_hand_before_the_capture_is_known_keeps_the_kitchen_quiet():
    order = after(an_order(S.AWAITING_PAYMENT), by_hand())
    order = after(order, captured(at_ms=LUNCH_MS + 3 * MINUTE))
    assert order.status is S.AWAITING_PAYMENT
    assert order.kept is None
    assert money_back(order) == TOTAL
    assert all(not refund.ours for refund in order.refunds)
    assert window_over(order).status is S.EXPIRED


def test_what_a_hand_left_of_an_unused_payment_goes_back_too():
    order = after(an_order(S.AWAITING_PAYMENT), by_hand(amount=Money(30_000)), captured())
    assert order.status is S.AWAITING_PAYMENT
    assert [(r.ours, r.amount) for r in order.refunds] == [(False, Money(30_000)), (True, Money(22_000))]


def test_a_payment_given_up_once_is_not_kept_when_the_hand_refund_fails():
    seen = PaymentSeen(at_ms=LUNCH_MS, payment=PAYMENT, n=1, amount=TOTAL, currency="INR")
    hand = by_hand()
    undone = RefundFailed(at_ms=LUNCH_MS + 3 * MINUTE, payment=PAYMENT, amount=TOTAL, provider_id=hand.provider_id)
    created = RefundCreated.model_validate(hand.model_dump() | {"kind": "refund_created"})
    order = after(an_order(S.AWAITING_PAYMENT), seen, created, undone)
    order = after(order, captured(at_ms=LUNCH_MS + 4 * MINUTE))
    assert order.status is S.AWAITING_PAYMENT
    assert money_back(order) == TOTAL


def test_a_refund_by_hand_of_the_payment_that_pays_is_a_matter_for_people():
    order = after(an_order(S.PLACED), by_hand())
    assert order.status is S.PLACED
    assert "review" in order.flags
    assert kinds(order) == [K.OUTLET_REMIND, K.ADMIN_ALERT]


def test_a_refund_by_hand_replaces_ours_while_it_was_not_sent():
    order = after(an_order(S.CANCELLED), by_hand(amount=Money(12_000)))
    assert [(r.status, r.amount) for r in order.refunds if r.ours] == [
        (RefundStatus.WITHDRAWN, TOTAL),
        (RefundStatus.DUE, Money(40_000)),
    ]
    assert money_back(order) == TOTAL
    stale = after(order, RefundSent(at_ms=LUNCH_MS + HOUR, refund_key=order.refunds[0].key))
    assert stale.refunds[0].status is RefundStatus.WITHDRAWN, "what was withdrawn is not sent"


def test_a_refund_that_was_sent_is_not_taken_back_by_a_hand():
    order = an_order(S.CANCELLED)
    order = after(order, RefundSent(at_ms=LUNCH_MS + HOUR, refund_key=order.refunds[0].key))
    order = after(order, by_hand(amount=Money(12_000), at_ms=LUNCH_MS + 2 * HOUR))
    assert order.refunds[0].status is RefundStatus.SENT
    refused = RefundFailed(
        at_ms=LUNCH_MS + 3 * HOUR, payment=PAYMENT, amount=TOTAL, refund_key=order.refunds[0].key, reason="too much"
    )
    order = after(order, refused)
    assert money_back(order) == TOTAL
    assert order.refunds[-1].amount == Money(40_000)


def test_goodwill_is_paid_out_of_the_kept_payment_and_never_more_than_is_left():
    order = an_order(S.COMPLETED)
    order = after(order, RefundAsked(at_ms=LUNCH_MS + HOUR, by="owner", request="r1", amount=Money(5_000)))
    assert money_back(order) == Money(5_000)
    assert kinds(order) == [K.PROVIDER_REFUND, K.GUEST_REFUND_REQUESTED]
    assert order.refunds[0].reason == "goodwill"
    assert order.payment_status is PaymentStatus.REFUNDING
    again = after(order, RefundAsked(at_ms=LUNCH_MS + HOUR, by="owner", request="r1", amount=Money(5_000)))
    assert again == order, "the same wish is one refund"
    rest = after(order, RefundAsked(at_ms=LUNCH_MS + HOUR, by="owner", request="r2", reason="cold"))
    assert money_back(rest) == TOTAL
    assert money_back(after(rest, RefundAsked(at_ms=LUNCH_MS + HOUR, by="owner", request="r3"))) == TOTAL
    unpaid = an_order(S.COMPLETED, method=PayMethod.CASH)
    assert after(unpaid, RefundAsked(at_ms=LUNCH_MS + HOUR, by="owner", request="r1")) == unpaid


def test_a_failed_goodwill_is_tried_again_for_its_own_amount():
    order = an_order(S.COMPLETED)
    order = after(order, RefundAsked(at_ms=LUNCH_MS + HOUR, by="owner", request="r1", amount=Money(5_000)))
    order = after(order, refund_failed(order, order.refunds[0].key))
    assert [(r.status, r.amount) for r in order.refunds] == [
        (RefundStatus.FAILED, Money(5_000)),
        (RefundStatus.DUE, Money(5_000)),
    ]


def test_a_failed_refund_that_a_hand_made_good_is_not_tried_again():
    order = an_order(S.CANCELLED)
    order = after(order, RefundSent(at_ms=LUNCH_MS + HOUR, refund_key=order.refunds[0].key), by_hand())
    order = after(order, refund_failed(order, order.refunds[0].key))
    assert money_back(order) == TOTAL
    assert len(order.refunds) == 2


# Late payments


@pytest.mark.parametrize(("minutes", "alive"), [(1, True), (9, True), (10, True), (11, False), (24 * 60, False)])
def test_a_late_payment_revives_the_order_inside_the_grace_and_goes_back_after(minutes: int, alive: bool):
    order = an_order(S.EXPIRED)
    late = after(order, captured(at_ms=order.ended_ms + minutes * MINUTE))
    assert (late.status is S.PLACED) is alive
    if alive:
        assert kinds(late) == [K.OUTLET_NEW_ORDER, K.GUEST_REVIVED, K.STOCK_TAKE]
        assert late.placed_n == 1
        assert late.ended_ms == 0
        assert "revived" in late.flags
        assert money_back(late) == ZERO
    else:
        assert kinds(late) == [K.PROVIDER_REFUND, K.GUEST_REFUND_REQUESTED]
        assert late.refunds[0].reason == "late"


def test_a_late_payment_of_an_outlet_that_closed_goes_back():
    order = an_order(S.EXPIRED)
    late = after(order, captured(at_ms=order.ended_ms + MINUTE), outlet_open=False)
    assert late.status is S.EXPIRED
    assert money_back(late) == TOTAL


def test_two_late_payments_revive_once():
    order = an_order(S.EXPIRED)
    at = order.ended_ms + MINUTE
    order = after(order, captured(at_ms=at), captured(SECOND_PAYMENT, at_ms=at))
    assert order.status is S.PLACED
    assert order.placed_n == 1
    assert money_back(order) == TOTAL


# Links


def test_a_link_is_closed_before_the_next_one_is_made():
    order = an_order(S.AWAITING_PAYMENT)
    order = after(order, MethodChanged(at_ms=LUNCH_MS + MINUTE, by="guest", step=order.acts, method=PayMethod.CARD))
    assert kinds(order) == [K.PROVIDER_CLOSE_LINK]
    assert order.open_link is None
    order = after(order, LinkClosed(at_ms=LUNCH_MS + MINUTE, n=1, reason=LinkEnd.CANCELLED))
    assert order.links[0].ours
    assert kinds(order)[-1] is K.PROVIDER_CREATE_LINK
    assert [(link.n, link.method, link.state) for link in order.links] == [
        (1, PayMethod.UPI, LinkState.CLOSED),
        (2, PayMethod.CARD, LinkState.WANTED),
    ]
    assert K.ADMIN_ALERT not in kinds(order)


def test_changing_to_cash_places_the_order_once_no_link_can_be_paid():
    order = an_order(S.AWAITING_PAYMENT)
    change = MethodChanged(at_ms=LUNCH_MS + MINUTE, by="guest", step=order.acts, method=PayMethod.CASH)
    order = after(order, change)
    assert order.status is S.AWAITING_PAYMENT
    order = after(order, LinkClosed(at_ms=LUNCH_MS + MINUTE, n=1, reason=LinkEnd.CANCELLED))
    assert order.status is S.PLACED
    assert order.payment_status is PaymentStatus.CASH_DUE
    both = after(order, captured(at_ms=LUNCH_MS + 2 * MINUTE))
    assert both.status is S.PLACED
    assert money_back(both) == TOTAL
    assert "first_capture" in both.flags


def test_a_payment_that_beats_the_change_to_cash_pays_the_order():
    order = an_order(S.AWAITING_PAYMENT)
    change = MethodChanged(at_ms=LUNCH_MS + MINUTE, by="guest", step=order.acts, method=PayMethod.CASH)
    order = after(after(order, change), captured(at_ms=LUNCH_MS + MINUTE))
    assert order.status is S.PLACED
    assert order.method is PayMethod.UPI
    assert order.paid


def test_the_method_it_has_already_is_no_change():
    order = an_order(S.AWAITING_PAYMENT)
    same = MethodChanged(at_ms=LUNCH_MS + MINUTE, by="guest", step=order.acts, method=PayMethod.UPI)
    assert after(order, same) == order


def test_pay_again_makes_a_link_only_when_there_is_none_and_not_one_that_outlives_the_order():
    order = an_order(S.AWAITING_PAYMENT)
    assert after(order, PayAgain(at_ms=LUNCH_MS + MINUTE, by="guest", step=0)).links == order.links
    gone = after(relayed(new_order()), LinkFailed(at_ms=LUNCH_MS + MINUTE, n=1, reason="refused", final=True))
    assert gone.links[0].end is LinkEnd.FAILED
    assert kinds(gone) == [K.GUEST_PAYMENT_FAILED]
    again = after(gone, PayAgain(at_ms=LUNCH_MS + 2 * MINUTE, by="guest", step=0))
    assert [link.n for link in again.links] == [1, 2]
    late = PayAgain(at_ms=LUNCH_MS + 44 * MINUTE, by="guest", step=0)
    assert len(after(gone, late).links) == 1


def test_a_link_given_up_that_turns_up_after_all_can_be_paid():
    gone = after(relayed(new_order()), LinkFailed(at_ms=LUNCH_MS + MINUTE, n=1, reason="refused", final=True))
    found = after(gone, link_opened(at_ms=LUNCH_MS + 2 * MINUTE))
    assert found.open_link is not None
    assert K.GUEST_PAY in kinds(found)


def test_a_link_nobody_asked_for_is_taken_into_the_books_and_closed_when_not_wanted():
    order = after(an_order(S.EXPIRED), link_opened(7, at_ms=LUNCH_MS + HOUR))
    assert order.links[-1].state is LinkState.CLOSING
    assert kinds(order) == [K.PROVIDER_CLOSE_LINK]


def test_a_link_that_opens_again_is_the_link_it_was():
    order = an_order(S.AWAITING_PAYMENT)
    forgotten = order.model_copy(update={"facts": ()})
    assert after(forgotten, link_opened(at_ms=LUNCH_MS + MINUTE)).links == order.links


def test_a_link_closed_before_it_was_known_stays_closed():
    order = after(relayed(new_order()), LinkClosed(at_ms=LUNCH_MS + MINUTE, n=1, reason=LinkEnd.CANCELLED, ours=False))
    opened = after(order, link_opened(at_ms=LUNCH_MS))
    assert opened.links[0].state is LinkState.CLOSED
    assert opened.open_link is None


def test_news_of_an_unknown_link_closes_nothing():
    order = an_order(S.AWAITING_PAYMENT)
    closed = after(order, LinkClosed(at_ms=LUNCH_MS + MINUTE, n=9, reason=LinkEnd.CANCELLED))
    assert closed.links == order.links
    assert K.ADMIN_ALERT not in kinds(closed)


def test_a_payment_is_disputed_whether_the_dispute_or_the_payment_is_heard_of_first():
    dispute = DisputeOpened(at_ms=LUNCH_MS + MINUTE, payment=PAYMENT, dispute="disp_1")
    for told in ((dispute, captured()), (captured(), dispute)):
        order = an_order(S.AWAITING_PAYMENT)
        for fact in told:
            order = after(order, fact)
        assert [payment.disputed for payment in order.payments] == [True]


def test_a_link_that_exists_was_made_whoever_says_later_that_it_was_not():
    never = LinkClosed(at_ms=LUNCH_MS + MINUTE, n=1, reason=LinkEnd.FAILED, ours=True)
    for told in ((never, link_opened()), (link_opened(), never)):
        order = relayed(new_order())
        for fact in told:
            order = after(order, fact)
        assert [link.state for link in order.links if link.id] == [LinkState.OPEN]


def test_a_link_that_was_replaced_and_turns_up_is_closed_while_the_new_one_stays_open():
    order = after(relayed(new_order()), LinkFailed(at_ms=LUNCH_MS, n=1, reason="refused", final=True))
    order = after(order, PayAgain(at_ms=LUNCH_MS, by="guest", step=order.acts))
    order = after(relayed(order), link_opened(2), link_opened(1))
    assert [(link.n, link.state) for link in order.links] == [(1, LinkState.CLOSING), (2, LinkState.OPEN)]
    closing = [entry.data["n"] for entry in order.outbox if entry.kind is K.PROVIDER_CLOSE_LINK]
    assert closing == [1]


def test_a_link_closed_by_somebody_else_alerts_the_owner_and_ends_the_order():
    order = after(an_order(S.AWAITING_PAYMENT), LinkClosed(at_ms=LUNCH_MS + MINUTE, n=1, reason=LinkEnd.CANCELLED))
    assert K.ADMIN_ALERT in kinds(order)
    assert order.next_check_ms <= LUNCH_MS + MINUTE
    assert order.due_ms == LUNCH_MS + MINUTE
    timer = Timer(at_ms=LUNCH_MS + MINUTE, timer=TimerKind.WINDOW_OVER, level=1)
    assert after(order, timer).status is S.EXPIRED


def test_a_link_cancelled_when_its_time_was_over_was_cancelled_by_us():
    at = LUNCH_MS + 17 * MINUTE
    order = after(an_order(S.AWAITING_PAYMENT), LinkClosed(at_ms=at, n=1, reason=LinkEnd.CANCELLED))
    assert order.links[0].ours
    assert K.ADMIN_ALERT not in kinds(order)


def test_paid_outranks_every_other_end_of_a_link():
    order = after(
        an_order(S.AWAITING_PAYMENT),
        LinkClosed(at_ms=LUNCH_MS + MINUTE, n=1, reason=LinkEnd.PAID),
        LinkClosed(at_ms=LUNCH_MS + 2 * MINUTE, n=1, reason=LinkEnd.EXPIRED),
    )
    assert order.links[0].end is LinkEnd.PAID
    assert order.next_check_ms <= LUNCH_MS + 2 * MINUTE


def test_a_link_paid_in_part_is_closed_and_the_part_goes_back():
    part = captured(amount=Money(10_000))
    order = after(an_order(S.AWAITING_PAYMENT), LinkPartlyPaid(at_ms=LUNCH_MS + MINUTE, n=1, payment=PAYMENT), part)
    assert order.links[0].state is LinkState.CLOSING
    assert money_back(order) == Money(10_000)
    other_way = after(an_order(S.AWAITING_PAYMENT), part, LinkPartlyPaid(at_ms=LUNCH_MS + MINUTE, n=1, payment=PAYMENT))
    assert money_back(other_way) == Money(10_000)


# The window


def test_the_order_does_not_expire_before_its_window_is_over():
    order = an_order(S.AWAITING_PAYMENT)
    assert order.due_ms == LUNCH_MS + 18 * MINUTE
    early = LUNCH_MS + 17 * MINUTE
    closed = LinkClosed(at_ms=early, n=1, reason=LinkEnd.CANCELLED, ours=True)
    assert after(order, closed, Timer(at_ms=early, timer=TimerKind.WINDOW_OVER, level=1)).status is S.AWAITING_PAYMENT


def test_the_order_does_not_expire_while_its_link_can_be_paid_but_for_an_hour_at_most():
    order = an_order(S.AWAITING_PAYMENT)
    at = LUNCH_MS + 20 * MINUTE
    assert after(order, Timer(at_ms=at, timer=TimerKind.WINDOW_OVER, level=1)).status is S.AWAITING_PAYMENT
    tried = after(order, ExpiryTried(at_ms=at))
    assert tried.due_ms == at + MINUTE
    end = LUNCH_MS + HARD_STOP_MS
    over = after(tried, Timer(at_ms=end, timer=TimerKind.WINDOW_OVER, level=1))
    assert over.status is S.EXPIRED
    assert kinds(over) == [K.STOCK_RETURN, K.GUEST_EXPIRED, K.PROVIDER_CLOSE_LINK]
    assert K.OUTLET_STOP not in kinds(over), "the outlet was never told of it"


def test_a_refused_timer_may_ring_again():
    order = an_order(S.AWAITING_PAYMENT)
    timer = Timer(at_ms=LUNCH_MS + 20 * MINUTE, timer=TimerKind.WINDOW_OVER, level=1)
    assert window_over(after(order, timer)).status is S.EXPIRED


def test_without_a_link_the_window_is_counted_from_when_it_was_asked_for():
    order = new_order()
    assert order.due_ms == LUNCH_MS + 18 * MINUTE
    bare = decide(order.model_copy(update={"links": ()}), LUNCH_MS, outlet_open=True)
    assert bare.due_ms == LUNCH_MS + HARD_STOP_MS


def test_an_order_nobody_could_make_a_link_for_offers_another_way_and_closes_what_turns_up():
    order = after(relayed(new_order()), LinkFailed(at_ms=LUNCH_MS + 3 * MINUTE, n=1, reason="timeout"))
    assert kinds(order) == [K.GUEST_PAYMENT_FAILED]
    assert order.outbox[0].data["reason"] == "no_link"
    assert order.links[0].state is LinkState.WANTED
    gone = an_order(S.CANCELLED)
    assert K.PROVIDER_CLOSE_LINK in kinds(after(gone, LinkFailed(at_ms=LUNCH_MS + HOUR, n=1, reason="timeout")))


# When the provider is asked


def test_the_provider_is_asked_often_while_the_link_is_open_and_for_days_afterwards():
    order = an_order(S.AWAITING_PAYMENT)
    asked = []
    while order.next_check_ms < NEVER_MS:
        asked.append(order.next_check_ms - LUNCH_MS)
        order = after(order, Reconciled(at_ms=order.next_check_ms))
    end = 16 * MINUTE
    assert asked == [
        *(s * 1000 for s in (30, 60, 120, 240, 480, 900)),
        end,
        end + 15 * MINUTE,
        *(end + h * HOUR for h in (1, 6, 24, 48, 72, 96)),
    ]


def test_a_provider_that_does_not_answer_is_asked_again_soon_then_less_often():
    order, at = an_order(S.AWAITING_PAYMENT), LUNCH_MS + 30_000
    waits = []
    for _ in range(9):
        order = after(order, Reconciled(at_ms=at, ok=False))
        waits.append((order.next_check_ms - at) // 1000)
        at = order.next_check_ms
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert after(order, Reconciled(at_ms=at)).next_check_ms > at


def test_a_refund_under_way_is_looked_at_every_six_hours():
    order = an_order(S.CANCELLED)
    far = LUNCH_MS + 200 * HOUR
    order = after(order, Reconciled(at_ms=far))
    key = order.refunds[0].key
    sent = after(order, RefundSent(at_ms=far, refund_key=key))
    assert far < sent.next_check_ms <= far + 6 * HOUR
    assert after(sent, refund_done(sent, key, far)).next_check_ms == NEVER_MS


def test_browsers_that_come_back_cannot_make_us_ask_more_than_every_ten_seconds():
    order = an_order(S.AWAITING_PAYMENT)
    at = LUNCH_MS + 5_000
    order = after(order, BrowserReturned(at_ms=at, by="guest"))
    assert order.next_check_ms == at
    order = after(order, Reconciled(at_ms=at))
    order = after(order, BrowserReturned(at_ms=at + 1_000, by="guest"))
    assert order.next_check_ms == at + 10_000
    assert after(order, BrowserReturned(at_ms=at + 2_000, by="guest")).next_check_ms == at + 10_000
    assert [fact.kind for fact in order.facts] == ["created", "link_opened"], "passing facts are not kept"


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


def test_an_address_is_for_deliveries_and_for_nothing_else():
    delivered, eaten_here = a_draft().model_dump(), a_draft(fulfilment=Fulfilment.DINE_IN).model_dump()
    with pytest.raises(ValueError, match="address"):
        OrderDraft.model_validate(delivered | {"address": None})
    with pytest.raises(ValueError, match="address"):
        OrderDraft.model_validate(eaten_here | {"address": delivered["address"]})


def test_an_order_costs_something():
    nothing = {"currency": "INR", "lines": (), "subtotal": 0, "total": 0}
    with pytest.raises(ValueError, match="costs something"):
        OrderDraft.model_validate(a_draft().model_dump() | {"bill": nothing})
