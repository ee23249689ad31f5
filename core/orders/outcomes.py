"""What each outcome word of the event table does. The table says when; nothing here asks for the status."""

from collections.abc import Callable
from typing import Final

from core.customers.models import Strike
from core.orders.clocks import BROWSER_CHECK_MS, CHECK_SOON_MS, MINUTE_MS, hard_stop_ms, ladder
from core.orders.decision import Decision, who
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
    PaymentCaptured,
    PaymentFact,
    Progressed,
    RefundFact,
    RefundFailed,
    Rejected,
    Timer,
)
from core.orders.ledger import LinkEnd, LinkState, RefundStatus
from core.orders.links import close_links, close_these
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.placing import place
from core.orders.refunds import ask_refund, give_back, left_of
from core.orders.rows import refund_named
from core.orders.status import OrderStatus

MAX_RETRY_OFFERS = 5
# Reasons as the kitchen's buttons and the services write them.
ABSENT = frozenset({"abse", "refu"})
GUEST_ASKED = frozenset({"gues", "guest", "guest_asked"})
STOP: Final = object()  # what stands to the right in the cell does not happen

Outcome = Callable[[Decision, Fact, Event], object]

_REFUND_REASONS = {
    Event.FIRST_CAPTURE: "not_needed",
    Event.ANOTHER_CAPTURE: "paid_twice",
    Event.WRONG_CAPTURE: "wrong_amount",
    Event.LINK_PARTLY_PAID: "wrong_amount",
    Event.REFUND_BEFORE_CAPTURE: "by_hand",
}
_PROGRESS_WORDS = {
    OrderStatus.PREPARING: DeliveryKind.GUEST_PREPARING,
    OrderStatus.READY: DeliveryKind.GUEST_READY,
    OrderStatus.OUT_FOR_DELIVERY: DeliveryKind.GUEST_OUT,
    OrderStatus.COMPLETED: DeliveryKind.GUEST_COMPLETED,
}


def fact_only(d: Decision, fact: Fact, event: Event) -> None:
    """It is in the ledgers already."""


def keep(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, PaymentCaptured)
    _keep(d, fact)
    place(d, DeliveryKind.GUEST_PLACED)


def _keep(d: Decision, fact: PaymentCaptured) -> None:
    link = d.order.link(fact.n)
    if link is not None:  # paid in full: there is nothing left to close
        paid = {"state": LinkState.CLOSED, "end": LinkEnd.PAID, "closed_ms": link.closed_ms or fact.at_ms}
        d.put_link(link.model_copy(update=paid))
        d.change(method=link.method)
    d.change(kept=fact.payment, check_asked_ms=0)  # whoever wanted the provider asked has the answer


def door(d: Decision, fact: Fact, event: Event) -> object:
    """Money of a link that was shown at the door. Cash may have been faster, and then it is the second payment."""
    assert isinstance(fact, PaymentCaptured)
    link = d.order.link(fact.n)
    if link is None or not link.door:
        return None
    if d.order.cash_ms:
        payment = d.order.payment(fact.payment)
        assert payment is not None  # it was just written down
        give_back(d, payment, "paid_twice")
    else:
        _keep(d, fact)
        d.tell(DeliveryKind.GUEST_PAID, amount=fact.amount.paise)
    return STOP


def no_door(d: Decision, fact: Fact, event: Event) -> None:
    """The code for the door is not to be had: the rider takes cash, and may ask for another one."""
    assert isinstance(fact, LinkFailed)
    link = d.order.link(fact.n)
    if link is None or not link.door:
        return
    if link.state is LinkState.WANTED:
        close_these(d, (link,))  # it may exist without us having heard
    d.tell(DeliveryKind.OUTLET_REMIND, f"{event}-{fact.key}", level=0, what=event.value)


def revive(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, PaymentCaptured)
    grace_ms = d.order.clocks.revival * MINUTE_MS
    if d.now_ms > d.order.ended_ms + grace_ms or not d.outlet_open:
        payment = d.order.payment(fact.payment)
        assert payment is not None
        give_back(d, payment, "late")
        return
    _keep(d, fact)
    place(d, DeliveryKind.GUEST_REVIVED)
    d.flag("revived")
    d.tell(DeliveryKind.STOCK_TAKE)


def refund(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, PaymentFact | RefundFact | LinkPartlyPaid)
    for payment in d.order.payments:
        if payment.id == fact.payment and payment.id != d.order.kept:
            reason = "cancelled" if event is Event.FIRST_CAPTURE and d.order.status.ended else _REFUND_REASONS[event]
            give_back(d, payment, reason)


def refund_all(d: Decision, fact: Fact, event: Event) -> None:
    agreed = fact.refund if isinstance(fact, Cancelled) else None
    for payment in d.order.payments:
        if payment.captured:
            part = agreed is not None and payment.id == d.order.kept
            give_back(d, payment, "cancelled", payment.amount - agreed if part and agreed is not None else None)


def retry_refund(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, RefundFailed)
    failed = refund_named(d.order, fact)
    payment = d.order.payment(fact.payment)
    if failed is None or payment is None or failed.status is not RefundStatus.FAILED:
        return
    missing = min(failed.amount, left_of(d, payment))
    if missing.paise > 0:
        ask_refund(d, payment, missing, failed.reason, by_hand=fact.final)


def review(d: Decision, fact: Fact, event: Event) -> None:
    d.flag("review")
    d.flag(event.value)


def alert(d: Decision, fact: Fact, event: Event) -> None:
    about: dict[str, str | int] = {}
    if isinstance(fact, LinkPartlyPaid | LinkClosed):
        about["n"] = fact.n
    if isinstance(fact, PaymentFact | RefundFact | DisputeOpened):
        about["payment"] = fact.payment
    if isinstance(fact, PaymentFact | RefundFact):
        about["amount"] = fact.amount.paise
    if isinstance(fact, PaymentFact):
        about["currency"] = fact.currency
    if isinstance(fact, RefundFailed):
        about["reason"] = fact.reason
    d.alert(event.value, fact.key, **about)


def tell_outlet(d: Decision, fact: Fact, event: Event) -> None:
    d.tell(DeliveryKind.OUTLET_REMIND, f"{event}-{fact.key}", level=0, what=event.value)


def tell_refunded(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, RefundFact)
    done = refund_named(d.order, fact)
    if done is not None and done.status is RefundStatus.PROCESSED:
        d.tell(DeliveryKind.GUEST_REFUNDED, done.key, key=done.key, amount=done.amount.paise)


def retry_offer(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, PaymentFact)
    payment = d.order.payment(fact.payment)
    hopeless = payment is None or payment.captured or payment.authorised_ms > 0
    offers = sum(1 for tried in d.order.payments if tried.failed_ms)
    if d.order.open_link is not None and not hopeless and offers <= MAX_RETRY_OFFERS:
        d.tell(DeliveryKind.GUEST_PAYMENT_FAILED, fact.payment, reason="declined", n=d.order.open_link.n)


def offer_cash(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, LinkFailed)
    d.flag("link_trouble")
    d.tell(DeliveryKind.GUEST_PAYMENT_FAILED, f"link-{fact.n}", reason="no_link", n=fact.n)


def check_soon(d: Decision, fact: Fact, event: Event) -> None:
    d.ask_provider(d.now_ms + CHECK_SOON_MS)


def reconcile(d: Decision, fact: Fact, event: Event) -> None:
    wait_ms = BROWSER_CHECK_MS if isinstance(fact, BrowserReturned) and d.order.checked_ms else 0
    d.ask_provider(max(d.now_ms, d.order.checked_ms + wait_ms))


def unless_ours(d: Decision, fact: Fact, event: Event) -> object:
    assert isinstance(fact, LinkClosed)
    link = d.order.link(fact.n)
    return STOP if link is None or link.ours else None


def close_link(d: Decision, fact: Fact, event: Event) -> None:
    close_links(d)


def close_if_found(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, LinkFailed)
    d.tell(DeliveryKind.PROVIDER_CLOSE_LINK, f"{fact.n}-if-found", n=fact.n)


def relink(d: Decision, fact: Fact, event: Event) -> None:
    window_ms = d.order.clocks.payment_window * MINUTE_MS
    if d.now_ms + window_ms < hard_stop_ms(d.order):  # a link that would outlive the order is not made
        d.change(link_wanted=True)


def expire(d: Decision, fact: Fact, event: Event) -> None:
    _end(d, OrderStatus.EXPIRED, fact.by)
    d.tell(DeliveryKind.GUEST_EXPIRED)


def remind(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, Timer)
    rungs = ladder(d.order)
    d.change(rung=fact.level)
    if fact.level == len(rungs):
        return
    minutes = rungs[fact.level - 1]
    d.tell(DeliveryKind.OUTLET_REMIND, f"{d.step}-{fact.level}", level=fact.level, minutes=minutes)
    if fact.level == len(rungs) - 1:
        d.alert("no_answer", d.step, minutes=minutes, outlet=d.order.outlet)
    if fact.level == len(d.order.clocks.louder):
        give_up_ms = d.order.waiting_ms + rungs[-1] * MINUTE_MS
        d.tell(DeliveryKind.GUEST_STILL_WAITING, give_up_ms=give_up_ms)


def give_up(d: Decision, fact: Fact, event: Event) -> None:
    if d.order.rung < len(ladder(d.order)):
        return
    d.alert("given_up", d.step, outlet=d.order.outlet)
    _cancel(d, fact, "no_answer")
    close_links(d)
    refund_all(d, fact, event)
    stop(d, fact, event)


def accept(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, Accepted)
    d.move(OrderStatus.ACCEPTED, fact.by, undoable=True)
    d.change(accepted_ms=d.now_ms, accepted_n=d.order.accepted_n + 1, promised_ms=_promise(d, fact.minutes))
    d.tell(DeliveryKind.GUEST_ACCEPTED, promised_ms=d.order.promised_ms)
    d.tell(DeliveryKind.OUTLET_CARD)


def _promise(d: Decision, minutes: int) -> int:
    """At the pass in `minutes`, at the door a ride later; never before the time the guest chose."""
    if not minutes:
        return d.order.promised_ms
    promised = d.now_ms + (minutes + d.order.road_minutes) * MINUTE_MS
    return max(promised, d.order.slot.start_ms) if d.order.slot is not None else promised


def reject(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, Rejected)
    _end(d, OrderStatus.REJECTED, fact.by, fact.reason)
    d.change(cancel_reason=fact.reason, cancel_by=fact.by)
    d.tell(DeliveryKind.GUEST_REJECTED, reason=fact.reason)
    d.tell(DeliveryKind.OUTLET_CARD)


def advance(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, Progressed)
    d.move(fact.to, fact.by, undoable=True)
    d.tell(_PROGRESS_WORDS[fact.to])
    d.tell(DeliveryKind.OUTLET_CARD)


def request(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, CancelAsked)
    d.change(cancel_requested_ms=d.now_ms)
    d.tell(DeliveryKind.OUTLET_CANCEL_REQUESTED, f"{fact.step}", reason=fact.reason)


def cancel(d: Decision, fact: Fact, event: Event) -> None:
    assert isinstance(fact, Cancelled | CancelAsked)
    _cancel(d, fact, fact.reason)


def _cancel(d: Decision, fact: Fact, reason: str) -> None:
    strike = strike_for(d.order, fact, reason)
    _end(d, OrderStatus.CANCELLED, fact.by, reason)
    if strike is not None:
        d.tell(DeliveryKind.RECORD_MARK, what=strike.value)
    d.change(cancel_reason=reason, cancel_by=fact.by, cancel_requested_ms=0)
    d.tell(DeliveryKind.GUEST_CANCELLED, who=who(fact), reason=reason)


def strike_for(order: Order, fact: Fact, reason: str) -> Strike | None:
    """What this cancellation says about the guest; nothing where money was at stake, or where it was our doing."""
    if order.test or order.paid or order.online or not order.chat:
        return None
    if reason in ABSENT and order.status.cooking:
        return Strike.ABSENT
    asked = isinstance(fact, CancelAsked) or reason in GUEST_ASKED
    return Strike.CANCELLED if asked else None


def _end(d: Decision, status: OrderStatus, by: str, note: str = "") -> None:
    uncooked = d.order.status in (OrderStatus.AWAITING_PAYMENT, OrderStatus.PLACED)
    d.move(status, by, note)
    if uncooked:
        d.tell(DeliveryKind.STOCK_RETURN)


def stop(d: Decision, fact: Fact, event: Event) -> None:
    d.tell(DeliveryKind.OUTLET_STOP, who=who(fact), reason=d.order.cancel_reason)


OUTCOMES: dict[str, Outcome] = {
    "fact": fact_only,
    "ignore": fact_only,
    "keep": keep,
    "door": door,
    "no_door": no_door,
    "revive": revive,
    "refund": refund,
    "refund_all": refund_all,
    "retry_refund": retry_refund,
    "review": review,
    "alert": alert,
    "tell_outlet": tell_outlet,
    "tell_refunded": tell_refunded,
    "retry_offer": retry_offer,
    "offer_cash": offer_cash,
    "check_soon": check_soon,
    "reconcile": reconcile,
    "unless_ours": unless_ours,
    "close_link": close_link,
    "relink": relink,
    "expire": expire,
    "remind": remind,
    "give_up": give_up,
    "accept": accept,
    "reject": reject,
    "advance": advance,
    "request": request,
    "cancel": cancel,
    "stop": stop,
    "close_if_found": close_if_found,
}
