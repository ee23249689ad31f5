"""The 144 cells as tests play them: for each an order of its column, and a fact that is its event for that order.

And what every cell must bear: to be told again, in another order, and over a crash.
"""

import contextlib
import itertools
from collections.abc import Iterator

from core.clock import FrozenClock, from_ms
from core.ids import PaymentId
from core.money import Money
from core.orders.events import Event
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
from core.orders.ledger import LinkEnd
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import Column, OrderStatus
from core.orders.store import INDEXES, OrderStore
from core.outlets.models import PayMethod
from tests.core.orders.builders import (
    COOK,
    IN_COLUMN,
    LUNCH_MS,
    MINUTE,
    PAYMENT,
    TOTAL,
    after,
    an_order,
    by_hand,
    captured,
    new_order,
    refund_done,
    relayed,
)
from tests.explorer.memory import Memory

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


# Told again


def told_again(order: Order, fact: Fact) -> Iterator[Order]:
    """The order after the same news once more: at once, a second later by another way, and after everything was read
    anew from what is stored.
    """
    yield after(order, fact)
    if not fact.passing:
        yield after(order, fact.model_copy(update={"at_ms": fact.at_ms + 1_000}), now_ms=fact.at_ms)
    yield after(Order.from_document(order.to_document()), fact)
    yield after(order, now_ms=fact.at_ms)


# In another order

BESIDE = PaymentId("pay_beside")


def beside(at_ms: int) -> tuple[Fact, ...]:
    """What the provider says of another payment at the same time; nothing follows from it for this order's money."""
    tried = {"by": "provider", "payment": BESIDE, "n": 1, "amount": TOTAL, "currency": "INR", "method": "upi"}
    return (
        PaymentAuthorised(at_ms=at_ms, **tried),
        DisputeOpened(at_ms=at_ms, payment=BESIDE, dispute="disp_beside"),
    )


def in_every_order(before: Order, fact: Fact) -> Iterator[Order]:
    for facts in itertools.permutations([fact, *beside(fact.at_ms)]):
        order = before
        for one in facts:
            order = after(order, one, now_ms=fact.at_ms)
        yield order


def document(order: Order) -> dict[str, object]:
    """The order but for the sequence in which its facts came and its words go out, and when the provider is asked
    next: news that comes while an order waits is worth asking about, the same news of one that is paid is not.
    """
    fields = order.model_dump(exclude={"outbox", "facts", "flags", "check_asked_ms", "next_check_ms"})
    fields["facts"] = sorted((fact.key, fact.at_ms) for fact in order.facts)
    fields["outbox"] = sorted(
        (
            entry.kind,
            "" if entry.kind is DeliveryKind.PROVIDER_CLOSE_LINK else entry.step,
            str(sorted(entry.data.items())),
        )
        for entry in order.outbox
    )
    fields["flags"] = sorted(order.flags)
    return fields


# Over a crash


class Dies(BaseException):
    """The process is gone."""


CRASHES = ("before the write", "after the write", "the answer of the write is lost")


async def over_a_crash(before: Order, fact: Fact, crash: str) -> Order:
    """The order after a process died at this point of recording the fact, and another was told of it again."""
    memory = Memory(INDEXES)
    clock = FrozenClock(from_ms(fact.at_ms))
    crashed = False

    async def point(what: str) -> str:
        nonlocal crashed
        if what != "orders.replace_one" or crashed:
            if crashed and crash == "after the write" and what == "orders.find_one":
                raise Dies
            return "go"
        crashed = True
        if crash == "before the write":
            raise Dies
        return "lost"

    async def can_cook(order: Order) -> bool:
        return True

    await OrderStore(memory.database(), clock).insert(before)
    with contextlib.suppress(Dies):
        await OrderStore(memory.database(point), clock).record(before.id, fact, can_cook=can_cook)
    again = OrderStore(memory.database(), clock)
    if before.status is not OrderStatus.EXPIRED:
        assert (await again.require(before.id)).v == before.v + (crashed and crash != "before the write")
    return await again.record(before.id, fact, can_cook=can_cook)


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
