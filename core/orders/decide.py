"""The one function that says what becomes of an order. Pure: the order with its facts, the time, and nothing else."""

from core.orders.absorb import absorb
from core.orders.acts import act
from core.orders.books import settle_books
from core.orders.clocks import due_ms, next_check_ms
from core.orders.decision import Decision
from core.orders.events import cell, nothing, refusal
from core.orders.facts import Fact
from core.orders.guards import makes_sense
from core.orders.links import settle_links
from core.orders.models import Order
from core.orders.outcomes import OUTCOMES, STOP
from core.orders.refunds import settle_refunds
from core.orders.rows import row_of
from core.orders.status import column_of
from core.orders.trust import on_trust


def decide(order: Order, now_ms: int, outlet_open: bool) -> Order:
    """The order with everything that follows from its fresh facts: status, refunds, what goes out, when to look again.

    Deciding again changes nothing, and neither does a fact that was seen before. `outlet_open` says whether the outlet
    could cook this order now; it matters only to an expired order whose payment arrives late.
    """
    d = Decision(order.model_copy(update={"fresh": ()}), now_ms, outlet_open)
    for fact in order.fresh:
        _take(d, fact)
    settle_links(d)
    settle_refunds(d)
    settle_books(d)
    d.change(
        outbox_n=len(d.order.outbox),
        due_ms=due_ms(d.order),
        next_check_ms=next_check_ms(d.order),
        on_trust_of=d.order.on_trust_of if on_trust(d.order) else None,
    )
    return d.order


def _take(d: Decision, fact: Fact) -> None:
    """Carry out one fact. What is refused or makes no sense has not happened, and may be tried again."""
    event, column = row_of(d.order, fact), column_of(d.order.status)
    if event is not None and (refusal(event, column) or nothing(event, column)):
        return
    if not makes_sense(d.order, fact, d.now_ms):
        return
    absorb(d, fact)
    d.remember(fact)
    if event is None:
        act(d, fact)
        return
    for word in cell(event, column):
        if OUTCOMES[word](d, fact, event) is STOP:
            return
