"""Whether a delivery still says something true when its turn comes."""

from core.orders.ledger import LinkState
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.orders.status import Column, OrderStatus, column_of
from core.outbox.models import Delivery

K = DeliveryKind


def overtaken(delivery: Delivery, order: Order) -> str | None:
    """Why it is no longer worth sending, or None. The order is as it stands now.

    A kitchen never hears of an order that is not paid: whatever waits, this is asked right before it is sent.
    """
    column = column_of(order.status)
    match delivery.kind:
        case K.OUTLET_NEW_ORDER:
            return "not to be cooked" if column in (Column.AP, Column.CX, Column.EX) else None
        case K.OUTLET_REMIND:
            return "answered" if delivery.data.get("level") and column is not Column.PL else None
        case K.OUTLET_CANCEL_REQUESTED:
            return None if order.cancel_requested_ms and column is Column.AC else "answered"
        case K.GUEST_PAY:
            link = order.link(int(delivery.data["n"]))
            open_now = column is Column.AP and link is not None and link.state is LinkState.OPEN
            return None if open_now else "link is closed"
        case K.SMS_OUTLET:
            answered = delivery.data.get("what") == K.OUTLET_NEW_ORDER and column is not Column.PL
            return "answered" if answered else None
        case K.OUTLET_DOOR_LINK:
            door = order.link(int(delivery.data["n"]))
            return None if door is not None and door.state is LinkState.OPEN else "link is closed"
        case K.GUEST_PAYMENT_FAILED:
            return None if column is Column.AP else "no longer waiting"
        case K.GUEST_STILL_WAITING:
            return None if column is Column.PL else "answered"
        case K.GUEST_PLACED | K.GUEST_REVIVED | K.GUEST_ACCEPTED:
            return "cancelled" if column in (Column.CX, Column.EX) else None
        case K.GUEST_PREPARING:
            return None if order.status is OrderStatus.PREPARING else "moved on"
        case K.GUEST_READY:
            return None if order.status is OrderStatus.READY else "moved on"
        case K.GUEST_OUT:
            return None if order.status is OrderStatus.OUT_FOR_DELIVERY else "moved on"
        case K.GUEST_LATE:
            return None if column is Column.AC else "handed over"
        case _:
            return None
