"""All 144 cells of the event table: what happens, that it happens once, and that nothing else happens.

What a cell must do is read from the same file the code reads; whether it was done is observed on the order from
outside. The matrix is told at the end of the run.
"""

from collections.abc import Callable, Iterator

import pytest

from core.ids import RefundKey
from core.orders.events import TABLE, WORDS, BadEventTable, Event, read_table
from core.orders.ledger import LinkState, RefundStatus
from core.orders.models import Order
from core.orders.outcomes import OUTCOMES
from core.orders.outgoing import DeliveryKind
from core.orders.rows import row_of
from core.orders.status import Column, OrderStatus, column_of
from tests.core.orders.builders import (
    HOUR,
    TOTAL,
    after,
    by_hand,
    captured,
    link_opened,
    money_back,
    refund_created,
    refund_done,
)
from tests.core.orders.cells import (
    AT,
    CELLS,
    CRASHES,
    OTHER,
    document,
    in_column,
    in_every_order,
    money_holds,
    over_a_crash,
    setting,
    told_again,
    with_refund,
)
from tests.figures import CELL

S = OrderStatus
K = DeliveryKind

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


@pytest.mark.parametrize(("event", "column"), CELLS, ids=[f"{event}-{column}" for event, column in CELLS])
async def test_the_cell_does_what_the_table_says_once_and_nothing_else(
    event: Event, column: Column, record_property: Callable[[str, object], None]
):
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

    for again in told_again(order, fact):
        assert again == order, "told twice is told once"
    finals = list(in_every_order(before, fact))
    assert len(finals) == 6
    for final in finals:
        assert document(final) == document(finals[0]), "in whatever order it is told"
        assert (final.status, money_back(final)) == (order.status, money_back(order))
        money_holds(final)
    for crash in CRASHES:
        recovered = await over_a_crash(before, fact, crash)
        money_holds(recovered)
        stored = {"v": recovered.v, "on_trust_of": recovered.on_trust_of}  # the store's own
        assert order.model_copy(update=stored) == recovered, f"{crash}, and told again"
    record_property(CELL, f"{event} {column}|{' '.join(words)}")


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
