"""Payment links: one at a time, and whatever becomes of those before it."""

from core.money import Money
from core.orders.facts import (
    DisputeOpened,
    LinkClosed,
    LinkFailed,
    LinkPartlyPaid,
    MethodChanged,
    PayAgain,
    Timer,
    TimerKind,
)
from core.orders.ledger import LinkEnd, LinkState
from core.orders.models import PaymentStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from tests.core.orders.builders import (
    HOUR,
    LUNCH_MS,
    MINUTE,
    PAYMENT,
    TOTAL,
    after,
    an_order,
    captured,
    kinds,
    link_opened,
    money_back,
    new_order,
    relayed,
)

S = OrderStatus
K = DeliveryKind


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
