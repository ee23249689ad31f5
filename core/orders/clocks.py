"""When a clock rings for an order, and when the provider is asked about it. All from the order alone."""

from collections.abc import Iterator

from core.orders.facts import Timer, TimerKind
from core.orders.ledger import Link, LinkEnd, LinkState, RefundStatus
from core.orders.models import NEVER_MS, Order
from core.orders.status import OrderStatus
from core.outlets.models import Fulfilment

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
LINK_SLACK_MS = 2 * MINUTE_MS  # after a link's own expiry, for a payment made in its last second
HARD_STOP_MS = 60 * MINUTE_MS  # an unpaid order ends, even if the provider never answers
EXPIRY_AGAIN_MS = MINUTE_MS
LATE_NOTICE_MS = 3 * MINUTE_MS  # before the promise breaks
FINISH_MS = 4 * HOUR_MS  # after the promise, an order that was ready counts as handed over
CHECK_SOON_MS = MINUTE_MS
CHECK_AGAIN_MS = 30 * SECOND_MS  # doubled with each failure
CHECK_AGAIN_MAX_MS = 30 * MINUTE_MS
BROWSER_CHECK_MS = 10 * SECOND_MS  # at most one check in this time because a browser came back

CHECKS_WHILE_OPEN_MS = tuple(s * SECOND_MS for s in (30, 60, 120, 240, 480, 900))
# A bank may authorise up to three days late; a link that ever existed is looked at until that is over.
CHECKS_AFTER_MS = (0, 15 * MINUTE_MS, *(h * HOUR_MS for h in (1, 6, 24, 48, 72, 96)))
CHECK_REFUND_MS = 6 * HOUR_MS


def ladder(order: Order) -> tuple[int, ...]:
    """Minutes after placing at which the outlet is reminded, then the owner, then the order given up."""
    clocks = order.clocks
    return (*clocks.louder, clocks.owner, clocks.give_up)


def hard_stop_ms(order: Order) -> int:
    return order.created_ms + HARD_STOP_MS


def window_end_ms(order: Order) -> int:
    """When an unpaid order may end: after its last link did, and at the hard stop whatever happens."""
    if not order.links:
        return hard_stop_ms(order)
    return min(_link_end_ms(order, order.links[-1]), hard_stop_ms(order))


def _link_end_ms(order: Order, link: Link) -> int:
    gone = link.state is LinkState.CLOSED and link.end in (LinkEnd.EXPIRED, LinkEnd.CANCELLED)
    if gone and not link.ours:
        return link.closed_ms  # it can no longer be paid, and nobody asked for another one
    expires = link.expires_ms or link.wanted_ms + order.clocks.payment_window * MINUTE_MS
    return expires + LINK_SLACK_MS


def late_ms(order: Order) -> int:
    """When the guest is told that it will be late; NEVER_MS if it no longer can be, or was told."""
    waiting = [OrderStatus.ACCEPTED, OrderStatus.PREPARING]
    if order.fulfilment is Fulfilment.DELIVERY:
        waiting.append(OrderStatus.READY)
    if order.status not in waiting or "late" in order.flags:
        return NEVER_MS
    return order.promised_ms - LATE_NOTICE_MS


def finish_ms(order: Order) -> int:
    if not order.status.cooking or "stuck" in order.flags:
        return NEVER_MS
    return order.promised_ms + FINISH_MS


def due_ms(order: Order) -> int:
    """When a clock rings next for this order."""
    match order.status:
        case OrderStatus.AWAITING_PAYMENT:
            again = order.expiry_tried_ms + EXPIRY_AGAIN_MS if order.expiry_tried_ms else 0
            return min(max(window_end_ms(order), again), max(hard_stop_ms(order), again))
        case OrderStatus.PLACED:
            rungs = ladder(order)
            return order.waiting_ms + rungs[order.rung] * MINUTE_MS if order.rung < len(rungs) else NEVER_MS
        case _:
            return min(late_ms(order), finish_ms(order))


def rung_by(order: Order, now_ms: int) -> tuple[Timer, ...]:
    """The clocks of the kitchen that have rung. Of several rungs of the ladder only the highest: an order that was
    forgotten while the house was dark is given up once, not reminded of three times.
    """
    if order.status is OrderStatus.PLACED:
        reached = sum(1 for minutes in ladder(order) if order.waiting_ms + minutes * MINUTE_MS <= now_ms)
        if reached <= order.rung:
            return ()
        return (Timer(timer=TimerKind.NO_ANSWER, level=reached, since=order.moves, at_ms=now_ms),)
    timers = []
    if late_ms(order) <= now_ms:
        timers.append(Timer(timer=TimerKind.LATE, at_ms=now_ms))
    if finish_ms(order) <= now_ms:
        timers.append(Timer(timer=TimerKind.FINISH, at_ms=now_ms))
    return tuple(timers)


def next_check_ms(order: Order) -> int:
    """When the provider is asked next."""
    if order.checks_failed:
        wait = min(CHECK_AGAIN_MS << min(order.checks_failed - 1, 10), CHECK_AGAIN_MAX_MS)
        return order.check_tried_ms + wait
    return min((at for at in _checks(order) if at > order.checked_ms), default=NEVER_MS)


def _checks(order: Order) -> Iterator[int]:
    if order.check_asked_ms:
        yield order.check_asked_ms
    for link in order.links:
        shown = order.status is OrderStatus.AWAITING_PAYMENT or (link.door and link.state is LinkState.OPEN)
        if link.opened_ms and shown:
            yield from (link.opened_ms + after for after in CHECKS_WHILE_OPEN_MS)
        if link.opened_ms:
            yield from (link.expires_ms + after for after in CHECKS_AFTER_MS)
    for refund in order.refunds:
        if refund.status in (RefundStatus.SENT, RefundStatus.PENDING):
            rounds = max(0, order.checked_ms - refund.at_ms) // CHECK_REFUND_MS
            yield refund.at_ms + (rounds + 1) * CHECK_REFUND_MS
