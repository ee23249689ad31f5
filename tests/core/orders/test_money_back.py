"""Money that must go back, by itself, by an owner's wish or by somebody's hand."""

import pytest

from core.ids import PaymentId, RefundKey
from core.money import Money
from core.orders.facts import (
    CancelAsked,
    Cancelled,
    DisputeOpened,
    PaymentSeen,
    RefundAsked,
    RefundCreated,
    RefundFailed,
    RefundSent,
    RefundStuck,
)
from core.orders.ledger import RefundStatus
from core.orders.models import Order, PaymentStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from tests.core.orders.builders import (
    HOUR,
    LUNCH_MS,
    MINUTE,
    PAYMENT,
    SECOND_PAYMENT,
    TOTAL,
    after,
    an_order,
    by_hand,
    captured,
    kinds,
    money_back,
    refund_created,
    refund_done,
    relayed,
    window_over,
)

S = OrderStatus
K = DeliveryKind


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
