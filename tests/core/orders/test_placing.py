"""From the order to the kitchen: paid in time, late, or not at all."""

import pytest

from core.ids import PaymentId
from core.money import ZERO, Money
from core.orders.clocks import HARD_STOP_MS, next_check_ms
from core.orders.decide import decide
from core.orders.decision import MAX_ATTEMPTS, MAX_FACTS
from core.orders.facts import (
    BrowserReturned,
    ExpiryTried,
    LinkClosed,
    LinkFailed,
    PaymentAuthorised,
    PaymentFailed,
    Reconciled,
    RefundSent,
    Timer,
    TimerKind,
)
from core.orders.ledger import LinkEnd, LinkState
from core.orders.models import NEVER_MS, OrderDraft, PaymentStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import Fulfilment, PayMethod
from tests.core.orders.builders import (
    HOUR,
    LUNCH_MS,
    MINUTE,
    PAYMENT,
    SECOND_PAYMENT,
    TOTAL,
    a_draft,
    after,
    an_order,
    captured,
    kinds,
    link_opened,
    money_back,
    new_order,
    refund_done,
    relayed,
    window_over,
)

S = OrderStatus
K = DeliveryKind


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
