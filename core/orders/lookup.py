"""Finding an order by what a guest says on the phone: its code, or the end of a number."""

from collections.abc import Iterable
from datetime import timedelta

from core.clock import Clock
from core.ids import OrderId
from core.orders.codes import day_code
from core.orders.lookup_store import OrderLookupStore
from core.orders.models import Order
from core.outlets.models import Outlet

CODE_DAYS = 7
PHONE_DAYS = 3
DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)
LEAST_DIGITS = 4


class OrderLookup:
    """Reads for owners and admins. Which outlets somebody may look into is for the caller to say."""

    def __init__(self, *, store: OrderLookupStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def by_id(self, order_id: OrderId, outlets: Iterable[Outlet]) -> Order | None:
        """The order, if it is one of these outlets'."""
        order = await self._store.get(order_id)
        return order if order is not None and order.outlet in {outlet.id for outlet in outlets} else None

    async def by_code(self, code: str, outlets: Iterable[Outlet]) -> list[Order]:
        """Orders of this code made in the last seven days, newest first."""
        spoken, now = "".join(code.split()).upper(), self._clock.ms()
        wanted = [
            day_code(outlet.id, outlet.timezone, now - days * DAY_MS, spoken)
            for outlet in outlets
            for days in range(CODE_DAYS)
        ]
        return await self._store.of_day_codes(wanted)

    async def by_phone(self, digits: str, outlets: Iterable[Outlet], limit: int = 10) -> list[Order]:
        """The newest orders of the last three days whose guest's number ends in these digits (at least four)."""
        if len(digits) < LEAST_DIGITS:
            return []
        since = self._clock.ms() - PHONE_DAYS * DAY_MS
        return await self._store.of_phone([outlet.id for outlet in outlets], digits, since, limit)
