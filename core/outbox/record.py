"""The outbox's handler of `record`: what an order says about its guest is written where the next order looks."""

from core.customers.models import Mark, Strike
from core.customers.service import CustomerService
from core.errors import NotFound
from core.orders.models import Order
from core.outbox.models import Delivery, DeliveryResult, Sent, Skipped


class RecordKeeper:
    def __init__(self, customers: CustomerService) -> None:
        self._customers = customers

    async def carry_out(self, delivery: Delivery, order: Order) -> DeliveryResult:
        """May be repeated: an order leaves one mark."""
        what = Strike(str(delivery.data["what"]))
        try:
            await self._customers.mark(order.customer, Mark(order=order.id, what=what, at_ms=order.ended_ms))
        except NotFound:
            return Skipped("the guest was forgotten")
        return Sent()
