"""Which payment links an order wants: one while it waits for an online payment, or one shown at its door."""

from collections.abc import Iterable

from core.orders.decision import Decision
from core.orders.ledger import Link, LinkState
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.placing import place
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod

STANDING = (LinkState.WANTED, LinkState.OPEN, LinkState.CLOSING)


def has_link(order: Order) -> bool:
    """Whether a link of it is, or may become, one that can be paid."""
    return any(link.state in STANDING for link in order.links)


def at_the_door(order: Order) -> bool:
    """Whether it is cooked or on the road, and its money is still to be taken."""
    return not order.online and not order.paid and order.status.cooking


def want_link(d: Decision, method: PayMethod, *, door: bool = False) -> None:
    """The next link, and the command to make it."""
    n = max((link.n for link in d.order.links), default=0) + 1
    d.put_link(Link(n=n, method=method, state=LinkState.WANTED, wanted_ms=d.now_ms, door=door))
    d.tell(DeliveryKind.PROVIDER_CREATE_LINK, str(n), n=n)


def close_links(d: Decision) -> None:
    """Have every link closed that could still be paid, or be made and then be paid."""
    close_these(d, d.order.links)


def close_these(d: Decision, links: Iterable[Link]) -> None:
    for link in links:
        if link.state in (LinkState.WANTED, LinkState.OPEN):
            d.put_link(link.model_copy(update={"state": LinkState.CLOSING}))
            # A link given up and found again is closed a second time: the number alone would name both commands.
            d.tell(DeliveryKind.PROVIDER_CLOSE_LINK, f"{link.n}-{d.order.outbox_seq + 1}", n=link.n)


def settle_links(d: Decision) -> None:
    """No link for an order that is not waiting, but the one shown at its door; a new one, or the kitchen if it is cash,
    once the old ones are gone.

    An old link is closed first: two that are open could both be paid.
    """
    if d.order.status is not OrderStatus.AWAITING_PAYMENT:
        _settle_door(d)
        return
    close_these(d, d.order.links[:-1])  # one that was given up, replaced, and turned up after all
    if has_link(d.order):
        return
    if not d.order.online:
        place(d, DeliveryKind.GUEST_PLACED)
    elif d.order.link_wanted:
        d.change(link_wanted=False)
        want_link(d, d.order.method)


def _settle_door(d: Decision) -> None:
    """Close all but the link the rider shows; when that one is done with, its code comes off the card."""
    shown = [link for link in d.order.links[-1:] if link.door and at_the_door(d.order)]
    close_these(d, [link for link in d.order.links if link not in shown])
    for link in d.order.links:
        if link.door and link.state is LinkState.CLOSED and link.n not in d.doors_before:
            d.tell(DeliveryKind.OUTLET_CARD, f"door-{link.n}")
