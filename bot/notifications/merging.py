"""Which news is worth a message where every message costs money: four for an order that goes well (UX.md §2).

The link to pay (or the answer to the tap that chose cash), that the order is placed and paid, that it is accepted, and
that it is ready or on its way. Whatever goes wrong is always told; what the next message says anyway is left out.
"""

from core.orders.models import Order, OrderStatus
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Delivery
from core.outlets.models import Fulfilment


def worth_a_message(delivery: Delivery, order: Order) -> bool:
    """Whether the guest would learn something from it that no other message tells."""
    match delivery.kind:
        case DeliveryKind.GUEST_PREPARING:
            return False
        case DeliveryKind.GUEST_READY:  # packed for the rider: that it is on its way comes soon
            return order.fulfilment is not Fulfilment.DELIVERY
        case DeliveryKind.GUEST_COMPLETED:  # whoever paid online has had four by now, and the food
            return not order.online
        case DeliveryKind.GUEST_CANCELLED:  # the guest's own tap was answered with it, but for the money
            return delivery.data.get("who") != "guest" or bool(delivery.data.get("refund"))
        case DeliveryKind.GUEST_REFUND_REQUESTED:  # the message that says why there is no food names the money too
            return order.status not in (OrderStatus.CANCELLED, OrderStatus.REJECTED)
        case _:
            return True
