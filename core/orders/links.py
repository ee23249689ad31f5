"""Which payment links an order wants: one while it waits for an online payment, none otherwise."""

from collections.abc import Iterable

from core.orders.decision import Decision
from core.orders.ledger import Link, LinkState
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.placing import place
from core.orders.status import OrderStatus

STANDING = (LinkState.WANTED, LinkState.OPEN, LinkState.CLOSING)


def has_link(order: Order) -> bool:
    """Whether a link of it is, or may become, one that can be paid."""
    return any(link.state in STANDING for link in order.links)


def close_links(d: Decision) -> None:
    """Have every link closed that could still be paid, or be made and then be paid."""
    _close(d, d.order.links)


def _close(d: Decision, links: Iterable[Link]) -> None:
    for link in links:
        if link.state in (LinkState.WANTED, LinkState.OPEN):
            d.put_link(link.model_copy(update={"state": LinkState.CLOSING}))
            # A link given up and found again is closed a second time: the number alone would name both commands.
            d.tell(DeliveryKind.PROVIDER_CLOSE_LINK, f"{link.n}-{d.order.outbox_seq + 1}", n=link.n)


def settle_links(d: Decision) -> None:
    """No link for an order that is not waiting; a new one, or the kitchen if it is cash, once the old ones are gone.

    An old link is closed first: two that are open could both be paid.
    """
    if d.order.status is not OrderStatus.AWAITING_PAYMENT:
        close_links(d)
        return
    _close(d, d.order.links[:-1])  # one that was given up, replaced, and turned up after all
    if has_link(d.order):
        return
    if not d.order.online:
        place(d, DeliveryKind.GUEST_PLACED)
    elif d.order.link_wanted:
        n = max((link.n for link in d.order.links), default=0) + 1
        d.put_link(Link(n=n, method=d.order.method, state=LinkState.WANTED, wanted_ms=d.now_ms))
        d.change(link_wanted=False)
        d.tell(DeliveryKind.PROVIDER_CREATE_LINK, str(n), n=n)
