"""All 144 cells of the event table: what happens, that it happens once, and that nothing else happens.

What a cell must do is read from the same file the code reads; whether it was done is observed on the order from
outside. `pytest -s` prints the matrix.
"""

from collections.abc import Callable, Iterator

import pytest

from core.ids import PaymentId, RefundKey
from core.money import Money
from core.orders.events import TABLE, WORDS, BadEventTable, Event, read_table
from core.orders.facts import (
    Accepted,
    BrowserReturned,
    CancelAsked,
    Cancelled,
    DisputeOpened,
    Fact,
    LinkClosed,
    LinkFailed,
    LinkPartlyPaid,
    PayAgain,
    PaymentAuthorised,
    PaymentFailed,
    Progressed,
    RefundFailed,
    RefundSent,
    Rejected,
    Timer,
    TimerKind,
)
from core.orders.ledger import LinkEnd, LinkState, RefundStatus
from core.orders.models import Order
from core.orders.outcomes import OUTCOMES
from core.orders.outgoing import DeliveryKind
from core.orders.rows import row_of
from core.orders.status import Column, OrderStatus, column_of
from core.outlets.models import PayMethod
from tests.core.orders.builders import (
    COOK,
    HOUR,
    IN_COLUMN,
    LUNCH_MS,
    MINUTE,
    PAYMENT,
    TOTAL,
    after,
    an_order,
    by_hand,
    captured,
    link_opened,
    new_order,
    refund_created,
    refund_done,
    relayed,
)

S = OrderStatus
K = DeliveryKind
OTHER = PaymentId("pay_other")
AT = LUNCH_MS + 30 * MINUTE
WRONG = Money(10_000)


def in_column(column: Column, method: PayMethod = PayMethod.UPI) -> Order:
    return an_order(IN_COLUMN[column], method=method)


def unkept(column: Column) -> Order:
    """An order of this column that no payment is kept for."""
    return in_column(column, PayMethod.UPI if column in (Column.AP, Column.EX) else PayMethod.CASH)


def with_refund(order: Order) -> Order:
    """The same with one of our refunds under way."""
    if not order.refunds:
        order = after(order, captured(OTHER, amount=WRONG, at_ms=AT))
    order = after(order, RefundSent(at_ms=AT, refund_key=order.refunds[-1].key))
    return relayed(order)


def with_kept_or_captured(column: Column) -> Order:
    order = in_column(column)
    return order if order.kept else relayed(after(order, captured(amount=WRONG, at_ms=AT)))


Setting = tuple[Order, Fact]


def payment(kind: type[PaymentAuthorised] | type[PaymentFailed], payment_id: PaymentId) -> Fact:
    return kind(at_ms=AT, by="provider", payment=payment_id, n=1, amount=TOTAL, currency="INR", method="upi")


def setting(event: Event, column: Column) -> Setting:
    """An order of this column, and a fact that is this event for it."""
    order = in_column(column)
    match event:
        case Event.PAYMENT_AUTHORISED:
            return order, payment(PaymentAuthorised, OTHER)
        case Event.FIRST_CAPTURE:
            order = unkept(column)
            # Six minutes after it expired, inside the grace.
            return order, captured(at_ms=order.ended_ms + 6 * MINUTE if column is Column.EX else AT)
        case Event.SAME_CAPTURE:
            order = with_kept_or_captured(column)
            # The fact is forgotten, so that it is the table that has to know.
            known = order.payments[0]
            return order.model_copy(update={"facts": ()}), captured(known.id, amount=known.amount, at_ms=AT)
        case Event.ANOTHER_CAPTURE:
            if not order.kept:
                # Cannot come about: an order without a kept payment. What the table says is looked at all the same.
                first = captured(amount=WRONG, at_ms=AT)
                order = relayed(after(order, first)).model_copy(update={"kept": PAYMENT})
            return order, captured(OTHER, at_ms=AT)
        case Event.WRONG_CAPTURE:
            return order, captured(OTHER, amount=WRONG, at_ms=AT)
        case Event.PAYMENT_FAILED:
            return order, payment(PaymentFailed, OTHER)
        case Event.LINK_PARTLY_PAID:
            order = relayed(after(order, payment(PaymentAuthorised, OTHER)))
            return order, LinkPartlyPaid(at_ms=AT, n=1, payment=OTHER)
        case Event.LINK_EXPIRED:
            return order, LinkClosed(at_ms=AT, n=1, reason=LinkEnd.EXPIRED)
        case Event.LINK_CANCELLED:
            return order, LinkClosed(at_ms=LUNCH_MS + 5 * MINUTE, n=1, reason=LinkEnd.CANCELLED)
        case Event.REFUND_MOVED:
            order = with_refund(order)
            return order, refund_done(order, order.refunds[-1].key, AT)
        case Event.REFUND_FAILED:
            order = with_refund(order)
            last = order.refunds[-1]
            return order, RefundFailed(at_ms=AT, payment=last.payment, amount=last.amount, refund_key=last.key)
        case Event.REFUND_BY_HAND:
            order = with_kept_or_captured(column)
            return order, by_hand(order.payments[0].id, Money(4_000), at_ms=AT)
        case Event.REFUND_BEFORE_CAPTURE:
            return order, by_hand(OTHER, at_ms=AT)
        case Event.DISPUTE_OPENED:
            return order, DisputeOpened(at_ms=AT, payment=PAYMENT, dispute="disp_1")
        case Event.BROWSER_RETURNED:
            return order, BrowserReturned(at_ms=AT, by="guest")
        case Event.PAY_AGAIN:
            if column is Column.AP:
                gone = LinkFailed(at_ms=LUNCH_MS, n=1, reason="refused", final=True)
                order = relayed(after(new_order(), gone))
            return order, PayAgain(at_ms=AT, by="guest", step=order.acts)
        case Event.GUEST_CANCELS:
            return order, CancelAsked(at_ms=AT, by="guest", step=order.acts)
        case Event.OUTLET_ACCEPTS:
            return order, Accepted(at_ms=AT, by=COOK, step=order.acts, minutes=25)
        case Event.OUTLET_REJECTS:
            return order, Rejected(at_ms=AT, by=COOK, step=order.acts, reason="busy")
        case Event.OUTLET_PROGRESS:
            return order, Progressed(at_ms=AT, by=COOK, step=order.acts, to=S.READY)
        case Event.WINDOW_OVER:
            if column is Column.AP:  # the job closes the link first
                order = relayed(after(order, LinkClosed(at_ms=AT, n=1, reason=LinkEnd.CANCELLED, ours=True)))
            return order, Timer(at_ms=AT, timer=TimerKind.WINDOW_OVER, level=1)
        case Event.NO_ANSWER:
            return order, Timer(at_ms=AT, timer=TimerKind.NO_ANSWER, level=1, since=order.moves)
        case Event.FORCE_CANCEL:
            return order, Cancelled(at_ms=AT, by="owner", step=order.acts, reason="kitchen on fire")
        case Event.LINK_FAILED:
            if column is Column.AP:
                order = relayed(new_order())
            return order, LinkFailed(at_ms=AT, n=1, reason="timeout")


CELLS = [(event, column) for event in Event for column in Column]

# What each word must show on the order. Nothing but what the words of a cell show may be seen there.
SHOWS = {
    "fact": set[str](),
    "ignore": set(),
    "no_op": set(),
    "na": set(),
    "keep": {"placed", "kept"},
    "door": set(),  # this payment was not made at the door; test_at_the_door.py looks at those
    "no_door": set(),
    "revive": {"placed", "kept", "restocked"},
    "refund": {"returns"},
    "refund_all": {"returns"},
    "retry_refund": {"retried"},
    "review": {"review"},
    "alert": {"alert"},
    "tell_outlet": {"outlet told"},
    "tell_refunded": {"told: money is back"},
    "retry_offer": {"another try offered"},
    "offer_cash": {"told: no link"},
    "check_soon": {"provider asked"},
    "reconcile": {"provider asked"},
    "unless_ours": set(),
    "close_link": {"links closed"},
    "relink": {"new link"},
    "expire": {"expired"},
    "remind": {"reminded"},
    "give_up": set(),  # not at the first rung; the ladder has its own tests
    "accept": {"accepted"},
    "reject": {"rejected"},
    "advance": {"advanced"},
    "request": {"kitchen asked"},
    "cancel": {"cancelled"},
    "stop": {"kitchen stopped"},
    "close_if_found": {"closed if found"},
}


def expected(event: Event, column: Column, before: Order) -> set[str]:
    shown: set[str] = set()
    for word in TABLE[event, column]:
        if not word.startswith("refuse:"):
            shown |= SHOWS[word]
    if not any(payment.captured or payment.authorised_ms for payment in before.payments) and event in (
        Event.GUEST_CANCELS,
        Event.FORCE_CANCEL,
        Event.WINDOW_OVER,
        Event.REFUND_BEFORE_CAPTURE,
    ):
        shown.discard("returns")  # nothing was paid
    if event is Event.REFUND_BEFORE_CAPTURE:
        shown.discard("returns")  # its payment is not in the books yet; the test below brings it
    if not any(link.state in (LinkState.OPEN, LinkState.WANTED) for link in before.links):
        shown.discard("links closed")
    return shown


def observed(before: Order, order: Order) -> set[str]:
    """What changed, seen from outside."""
    sent = {entry.kind: entry for entry in order.outbox}
    moved = order.status if order.moves > before.moves else None
    returning = {p.id for p in before.payments if p.returns}
    failed = [refund for refund in order.refunds if refund.status is RefundStatus.FAILED]
    said = sent.get(K.GUEST_PAYMENT_FAILED)
    close = [entry for entry in order.outbox if entry.kind is K.PROVIDER_CLOSE_LINK]

    def shown() -> Iterator[str]:
        names = {
            S.PLACED: "placed",
            S.ACCEPTED: "accepted",
            S.REJECTED: "rejected",
            S.CANCELLED: "cancelled",
            S.EXPIRED: "expired",
            S.READY: "advanced",
        }
        if moved is not None:
            yield names[moved]
        if order.kept != before.kept:
            yield "kept"
        if any(p.returns and p.id not in returning for p in order.payments):
            yield "returns"
        if failed and K.PROVIDER_REFUND in sent:
            yield "retried"
        if "review" in order.flags and "review" not in before.flags:
            yield "review"
        if order.check_asked_ms != before.check_asked_ms:
            yield "provider asked"
        if any(not entry.step.endswith("if-found") for entry in close):
            yield "links closed"
        if any(entry.step.endswith("if-found") for entry in close):
            yield "closed if found"
        if len(order.links) > len(before.links):
            yield "new link"
        if said is not None:
            yield "told: no link" if said.data["reason"] == "no_link" else "another try offered"
        if K.OUTLET_REMIND in sent:
            yield "reminded" if sent[K.OUTLET_REMIND].data["level"] else "outlet told"
        by_kind = {
            K.ADMIN_ALERT: "alert",
            K.GUEST_REFUNDED: "told: money is back",
            K.OUTLET_CANCEL_REQUESTED: "kitchen asked",
            K.OUTLET_STOP: "kitchen stopped",
            K.STOCK_TAKE: "restocked",
        }
        for kind, name in by_kind.items():
            if kind in sent:
                yield name

    return set(shown())


_matrix: dict[tuple[Event, Column], str] = {}


@pytest.fixture(scope="module", autouse=True)
def matrix() -> Iterator[None]:
    """Printed with -s, after the last cell."""
    yield
    print("\n\n" + f"{'':24}" + "".join(f"{column:<34}" for column in Column))
    for n, event in enumerate(Event, 1):
        row = "".join(f"{_matrix.get((event, column), '-'):<34}" for column in Column)
        print(f"{n:>2} {event:<21}{row}")
    print(f"\n{len(_matrix)}/144 cells as the table says, each also repeated, reread and redecided")


@pytest.mark.parametrize(("event", "column"), CELLS, ids=[f"{event}-{column}" for event, column in CELLS])
def test_the_cell_does_what_the_table_says_once_and_nothing_else(event: Event, column: Column):
    before, fact = setting(event, column)
    assert column_of(before.status) is column
    assert row_of(before, fact) is event
    order = after(before, fact)

    assert observed(before, order) == expected(event, column, before)
    words = TABLE[event, column]
    if words in (("no_op",), ("na",)) or words[0].startswith("refuse:"):
        assert order == before
    elif not fact.passing:
        assert any(kept.key == fact.key for kept in order.facts)
    money_holds(order)

    assert after(order, fact) == order, "told twice is told once"
    reread = Order.from_document(order.to_document())
    assert reread == order, "what is stored is what was decided"
    assert after(reread, fact) == order, "and told again after a crash it is told once"
    assert after(order, now_ms=AT) == order, "deciding again changes nothing"
    _matrix[event, column] = " ".join(words)


def money_holds(order: Order) -> None:
    """I3, I4, I5, I7 on one order."""
    for paid in order.payments:
        on_its_way = sum(
            refund.amount.paise for refund in order.refunds if refund.payment == paid.id and refund.status.counts
        )
        if paid.captured:
            assert on_its_way <= paid.amount.paise
            if paid.id != order.kept or order.status in (S.CANCELLED, S.REJECTED, S.EXPIRED):
                assert on_its_way == paid.amount.paise - paid.withheld.paise
    if order.status in (S.AWAITING_PAYMENT, S.EXPIRED):
        assert not order.placed_ms
    assert order.placed_n <= 1


def test_the_file_holds_24_events_and_144_cells():
    assert len(Event) == 24
    assert len(TABLE) == 144
    assert all(TABLE.values())


def test_every_word_of_the_table_is_carried_out_and_no_other():
    assert set(OUTCOMES) | {"no_op", "na"} == WORDS
    assert set(SHOWS) == WORDS


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda text: text.replace('AP = ["keep"]', ""), "first_capture AP: empty"),
        (lambda text: text.replace('AP = ["keep"]', 'AP = ["kepe"]'), "first_capture AP: kepe?"),
        (lambda text: text.replace('AP = ["keep"]', 'AP = ["keep", "no_op"]'), "nothing stands alone"),
        (lambda text: text.replace('AP = ["keep"]', 'AP = ["keep"]\nAX = ["keep"]'), "no such column AX"),
        (lambda text: text.replace("[events.first_capture]", "[events.first_catch]"), "first_catch: no such event"),
        (lambda text: text.replace('EX = ["revive"]', 'EX = ["refund"]'), "revive: in no cell"),
        (lambda text: text.replace('EX = ["refuse:reorder"]', 'EX = ["refuse:nope"]'), "refuse:nope?"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_by_name(spoil: Callable[[str], str], problem: str):
    from importlib.resources import files

    text = files("core.orders").joinpath("events.toml").read_text(encoding="utf-8")
    assert read_table(text)[0] == TABLE
    with pytest.raises(BadEventTable) as refused:
        read_table(spoil(text))
    assert problem in str(refused.value)


# What single cells cannot show


def test_a_refund_by_hand_and_then_its_capture_leave_nothing_to_give_back_in_any_state():
    for column in Column:
        before = in_column(column)
        order = after(before, by_hand(OTHER, at_ms=AT), captured(OTHER, at_ms=AT))
        assert order.status is before.status
        assert sum(r.amount.paise for r in order.refunds if r.payment == OTHER and r.status.counts) == TOTAL.paise
        assert not [r for r in order.refunds if r.payment == OTHER and r.ours]


def test_a_link_that_is_open_is_closed_in_every_state_but_one():
    for column in Column:
        order = after(in_column(column), link_opened(2, at_ms=AT))
        wanted = column is Column.AP
        closed = {entry.data["n"] for entry in order.outbox if entry.kind is K.PROVIDER_CLOSE_LINK}
        assert (order.open_link is not None) is wanted
        assert closed == ({1} if wanted else {2}), "of two only the newest may stay open"


def test_a_refund_on_its_way_is_no_news_until_the_money_is_back():
    order = with_refund(in_column(Column.CX))
    key = RefundKey(order.refunds[-1].key)
    pending = after(order, refund_created(order, key, AT))
    assert pending.refunds[-1].status is RefundStatus.PENDING
    assert not pending.outbox
    assert after(pending, refund_done(order, key, AT + HOUR)).outbox[0].kind is K.GUEST_REFUNDED
