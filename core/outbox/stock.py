"""The outbox's handler of `stock`: what was taken off the shelf for an order that will not be cooked goes back."""

from core.orders.kitchen import Kitchen
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Delivery, DeliveryResult, Sent


class StockKeeper:
    def __init__(self, kitchen: Kitchen) -> None:
        self._kitchen = kitchen

    async def carry_out(self, delivery: Delivery, order: Order) -> DeliveryResult:
        """At least once, as every delivery: a crash between the shelf and the note may count a portion twice."""
        if delivery.kind is DeliveryKind.STOCK_TAKE:
            await self._kitchen.take_stock(order)
        else:
            await self._kitchen.return_stock(order)
        return Sent()
