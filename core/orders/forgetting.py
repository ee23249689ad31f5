"""An order without the person: what was eaten and paid stays, as the tax office asks; who it was goes."""

from core.customers.models import DietProfile
from core.ids import ChatKey
from core.orders.models import Order


def forgotten(order: Order) -> Order:
    address = order.address
    if address is not None:
        blank = {"line": "", "landmark": "", "latitude": 0.0, "longitude": 0.0}
        address = address.model_copy(update=blank)
    return order.model_copy(
        update={
            "customer_name": "",
            "phone": "",
            "chat": ChatKey(""),
            "address": address,
            "note": "",
            "rider_note": "",
            "diet": DietProfile(),
            "lines": tuple(line.model_copy(update={"note": ""}) for line in order.lines),
            "bill": order.bill.model_copy(
                update={"lines": tuple(line.model_copy(update={"note": ""}) for line in order.bill.lines)}
            ),
        }
    )
