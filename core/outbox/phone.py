"""The outbox's handler of `sms`: a text message to an outlet whose group cannot be reached (RELIABILITY 4.3)."""

from typing import Protocol

from core.clock import Clock
from core.ids import OutletId, Phone
from core.orders.models import Order
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Delivery, DeliveryResult, Failed, Sent, Skipped
from core.outbox.store import DeliveryStore
from core.outlets.models import Outlet
from core.sms.provider import SmsReceipt
from core.sms.texts import outlet_text

QUIET_MS = 10 * 60_000  # one message says enough for so long, however many orders wait


class Sender(Protocol):
    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt: ...


class Outlets(Protocol):
    def get(self, outlet: OutletId) -> Outlet | None: ...


class OutletPhone:
    """`template` is the registered one in India, where such messages are dropped without."""

    def __init__(
        self, *, sender: Sender, store: DeliveryStore, outlets: Outlets, clock: Clock, template: str | None = None
    ) -> None:
        self._sender = sender
        self._store = store
        self._outlets = outlets
        self._clock = clock
        self._template = template

    async def carry_out(self, delivery: Delivery, order: Order) -> DeliveryResult:
        """Once in ten minutes an outlet, and a word to stop always. Raises ProviderError when nobody takes it."""
        outlet = self._outlets.get(order.outlet)
        if outlet is None or not outlet.phone:
            return Failed("the outlet has no phone")
        stop = delivery.data.get("what") == DeliveryKind.OUTLET_STOP
        before = None if stop else await self._store.last_in(delivery.lane)
        if before is not None and self._clock.ms() - before.done_ms < QUIET_MS:
            return Skipped("it was told a moment ago")
        text = outlet_text(order.code, outlet.name, stop=stop)
        receipt = await self._sender.send(Phone("".join(outlet.phone.split())), text, template_id=self._template)
        return Sent(receipt.id or "unclear")
