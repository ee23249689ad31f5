"""Closing an outlet's day: each morning yesterday, and the days before it once more, as banks may be late."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.clock import Clock, from_ms, to_ms
from core.daybook.models import DayBook, book_id
from core.daybook.reckoning import reckon
from core.daybook.store import DayBookStore
from core.ids import OrderId, OutletId
from core.logs import get_logger
from core.orders.models import Order
from core.orders.service import OrderService
from core.outlets.models import Outlet
from core.outlets.service import OutletService
from core.payments.service import PaymentService

log = get_logger(__name__)

CLOSES: Final = time(5)  # on the outlet's own clock: whoever eats late has paid by then
DAYS: Final = 5  # that are written anew each night
MS: Final = timedelta(milliseconds=1)
TOUCHED_MS: Final = timedelta(days=8) // MS  # orders made so long before a day may still move in it


class DayBookService:
    def __init__(
        self,
        *,
        store: DayBookStore,
        orders: OrderService,
        payments: PaymentService,
        outlets: OutletService,
        clock: Clock,
    ) -> None:
        self._store = store
        self._orders = orders
        self._payments = payments
        self._outlets = outlets
        self._clock = clock

    async def get(self, outlet: OutletId, day: date) -> DayBook | None:
        """None: that day is not closed yet, or is before our time."""
        return await self._store.get(book_id(outlet, day.isoformat()))

    def yesterday(self, outlet: Outlet) -> date:
        return self._local(outlet).date() - timedelta(days=1)

    async def close_due(self) -> list[DayBook]:
        """Close yesterday where it is not yet closed this morning. The books of which something new is to be said.

        Safe twice at once, and late. Raises ProviderError when a provider does not hand out its list: no book is
        written without it.
        """
        due = [outlet for outlet in self._outlets.all() if await self._is_due(outlet)]
        if not due:
            return []
        blank = {outlet.id: [self._blank(outlet, day) for day in self._days(outlet)] for outlet in due}
        since_ms = min(book.since_ms for books in blank.values() for book in books)
        statement = await self._payments.statement(since_ms, self._clock.ms())
        named = {line.order for line in statement.payments if line.order is not None}
        named |= {line.order for line in statement.refunds if line.order is not None}
        new: list[DayBook] = []
        for outlet in due:
            orders = await self._touched(outlet, since_ms, named)
            for book in blank[outlet.id]:
                written = await self._write(reckon(book, orders, statement))
                if written is not None and written.gist != written.told and not (written.quiet and not written.told):
                    new.append(written)
        log.info("days_closed", outlets=len(due), new=len(new))
        return new

    async def told(self, book: DayBook) -> None:
        """The owner knows it as it is now."""
        await self._store.put(book.model_copy(update={"told": book.gist, "v": book.v + 1}))

    # How

    async def _is_due(self, outlet: Outlet) -> bool:
        local = self._local(outlet)
        if local.time() < CLOSES:
            return False
        this_morning = to_ms(datetime.combine(local.date(), CLOSES, local.tzinfo))
        book = await self.get(outlet.id, self.yesterday(outlet))
        return book is None or book.made_ms < this_morning

    def _days(self, outlet: Outlet) -> list[date]:
        """Yesterday last: a morning that is interrupted begins anew."""
        return [self.yesterday(outlet) - timedelta(days=n) for n in reversed(range(DAYS))]

    def _blank(self, outlet: Outlet, day: date) -> DayBook:
        zone = ZoneInfo(outlet.timezone)
        since, until = (datetime.combine(day + timedelta(days=n), time(), zone) for n in (0, 1))
        return DayBook(
            id=book_id(outlet.id, day.isoformat()),
            outlet=outlet.id,
            day=day.isoformat(),
            since_ms=to_ms(since),
            until_ms=to_ms(until),
            currency=outlet.currency,
            made_ms=self._clock.ms(),
        )

    async def _touched(self, outlet: Outlet, since_ms: int, named: set[OrderId]) -> list[Order]:
        """The outlet's orders that the days may concern: the younger ones, and those the provider's list names."""
        made = await self._orders.made_between(outlet.id, since_ms - TOUCHED_MS, self._clock.ms() + 1)
        found = {order.id: order for order in made}
        for order_id in sorted(named - found.keys()):
            order = await self._orders.get(order_id)
            if order is not None and order.outlet == outlet.id:
                found[order.id] = order
        return list(found.values())

    async def _write(self, book: DayBook) -> DayBook | None:
        """As it stands now; None: somebody else was faster and says what there is to say."""
        before = await self._store.get(book.id)
        if before is not None:
            book = book.model_copy(update={"v": before.v + 1, "told": before.told})
        if before is None and book.quiet and book.day != self.yesterday(self._outlets.require(book.outlet)).isoformat():
            return None  # days before our time
        return book if await self._store.put(book) else None

    def _local(self, outlet: Outlet) -> datetime:
        return from_ms(self._clock.ms()).astimezone(ZoneInfo(outlet.timezone))
