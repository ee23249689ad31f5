"""What follows from facts that are not in the event table, because they make sense in one state only."""

from core.money import Money
from core.orders.decision import Decision
from core.orders.facts import (
    SYSTEM,
    CancelRefused,
    CashCollected,
    CashReturned,
    Created,
    DoorLinkAsked,
    Fact,
    LinkClosed,
    LinkOpened,
    MethodChanged,
    RefundAsked,
    RefundStuck,
    Review,
    Timer,
    TimerKind,
    Undelivered,
    Undone,
)
from core.orders.ledger import LinkEnd, LinkState
from core.orders.links import at_the_door, close_links, want_link
from core.orders.outgoing import DeliveryKind
from core.orders.placing import place
from core.orders.refunds import ask_refund, left_of, tell_refund
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod

_WORDS = {
    OrderStatus.PLACED: DeliveryKind.GUEST_PLACED,
    OrderStatus.ACCEPTED: DeliveryKind.GUEST_ACCEPTED,
    OrderStatus.PREPARING: DeliveryKind.GUEST_PREPARING,
    OrderStatus.READY: DeliveryKind.GUEST_READY,
    OrderStatus.OUT_FOR_DELIVERY: DeliveryKind.GUEST_OUT,
}


# Without these the kitchen does not begin, or does not stop.
_MUST_ARRIVE = (DeliveryKind.OUTLET_NEW_ORDER, DeliveryKind.OUTLET_STOP)


def act(d: Decision, fact: Fact) -> None:
    match fact:
        case Created():
            _created(d)
        case LinkOpened():
            _link_opened(d, fact)
        case LinkClosed(reason=LinkEnd.PAID) if d.order.status is OrderStatus.AWAITING_PAYMENT:
            d.ask_provider(d.now_ms)  # paid, and the payment itself has not been heard of
        case MethodChanged():
            d.change(method=fact.method, link_wanted=fact.method.online)
            close_links(d)
        case RefundAsked():
            _refund_asked(d, fact)
        case RefundStuck():
            d.flag("refund_manual")
            d.alert("refund_stuck", fact.refund_key, key=fact.refund_key, reason=fact.reason)
        case CashCollected():
            d.change(cash_ms=d.now_ms)
            d.tell(DeliveryKind.OUTLET_CARD, "cash-collected")
        case CashReturned():
            d.change(cash_back=d.order.cash_back + fact.amount)
            _given(d, fact, fact.amount)
            d.tell(DeliveryKind.GUEST_CASH_BACK, fact.request, amount=fact.amount.paise)
        case DoorLinkAsked():
            want_link(d, PayMethod.UPI, door=True)
            d.tell(DeliveryKind.OUTLET_CARD, f"door-asked-{fact.step}")
        case CancelRefused():
            d.change(cancel_requested_ms=0)
            d.tell(DeliveryKind.GUEST_CANCEL_REFUSED, f"{fact.step}")
            d.tell(DeliveryKind.OUTLET_CARD, f"cancel-refused-{fact.step}")
        case Undone():
            _undone(d, fact)
        case Timer(timer=TimerKind.LATE):
            d.flag("late")
            d.tell(DeliveryKind.GUEST_LATE, "late", promised_ms=d.order.promised_ms)
        case Timer(timer=TimerKind.FINISH):
            _finish(d)
        case Undelivered():
            _undelivered(d, fact)
        case Review():
            d.flag("review")
            d.flag(fact.what)
            d.alert(fact.what, fact.about, about=fact.about)
        case _:
            pass  # the ledger has it


def _created(d: Decision) -> None:
    if not d.order.online:
        place(d, DeliveryKind.GUEST_PLACED)
        return
    d.move(OrderStatus.AWAITING_PAYMENT, "guest")
    d.change(link_wanted=True)


def _link_opened(d: Decision, fact: LinkOpened) -> None:
    link = d.order.link(fact.n)
    if link is not None and link.door:
        if link.state is LinkState.OPEN and at_the_door(d.order):
            d.tell(DeliveryKind.OUTLET_DOOR_LINK, str(fact.n), n=fact.n)
        return
    if d.order.status is OrderStatus.AWAITING_PAYMENT and link is not None and link.state is LinkState.OPEN:
        d.tell(
            DeliveryKind.GUEST_PAY,
            str(fact.n),
            n=fact.n,
            amount=d.order.total.paise,
            expires_ms=fact.expires_ms,
        )


def _refund_asked(d: Decision, fact: RefundAsked) -> None:
    assert d.order.kept is not None  # makes_sense looked
    payment = d.order.payment(d.order.kept)
    assert payment is not None  # captured payments stay in the ledger
    left = left_of(d, payment)
    amount = left if fact.amount is None else min(fact.amount, left)
    if amount.paise > 0:  # the guest hears of each: a second one for the same reason is no second try
        tell_refund(d, ask_refund(d, payment, amount, fact.reason or "goodwill"))
        _given(d, fact, amount)


def _given(d: Decision, fact: RefundAsked | CashReturned, amount: Money) -> None:
    """Kept beside the facts, of which the oldest are forgotten: small refunds must not make room for a large one."""
    if not fact.agreed_by:
        d.change(given_alone=d.order.given_alone + amount)


def _undone(d: Decision, fact: Undone) -> None:
    before = d.order.history[-1].before
    assert before is not None  # makes_sense looked
    if before is OrderStatus.PLACED:
        d.change(accepted_n=d.order.accepted_n - 1, accepted_ms=0, waiting_ms=d.now_ms, rung=0, cancel_requested_ms=0)
    d.move(before, fact.by, "undo")
    d.tell(_WORDS[before], promised_ms=d.order.promised_ms, undo=1)
    d.tell(DeliveryKind.OUTLET_CARD)


def _finish(d: Decision) -> None:
    """Hours after the promise nobody said that it was handed over."""
    if d.order.status in (OrderStatus.READY, OrderStatus.OUT_FOR_DELIVERY):
        if not d.order.paid:
            d.flag("cash_not_recorded")
        d.move(OrderStatus.COMPLETED, SYSTEM, "timer")
        d.tell(DeliveryKind.OUTLET_CARD)
        return
    d.flag("stuck")
    d.alert("stuck", d.step, outlet=d.order.outlet, status=d.order.status.value)


def _undelivered(d: Decision, fact: Undelivered) -> None:
    if fact.what.startswith("guest."):
        d.flag("guest_unreachable")
        return
    d.flag("undelivered")
    if not fact.very_late:
        d.alert("undelivered", fact.key, delivery=fact.what, reason=fact.reason, final=int(fact.final))
    if fact.what in _MUST_ARRIVE and (fact.very_late or fact.final):
        d.tell(DeliveryKind.SMS_OUTLET, fact.what, what=fact.what)
