"""Events from outside: stored first, acknowledged then, worked off afterwards, each lane in order."""

import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import ValidationError

from core.clock import Clock
from core.errors import DomainError, ProviderError, RestaurantError
from core.inbox.models import InboxItem
from core.inbox.store import InboxStore
from core.lanes.models import Again, Dead, Done, Outcome
from core.lanes.worker import Worker

log = logging.getLogger(__name__)

Handler = Callable[[InboxItem], Awaitable[None]]

GAPS_MS = tuple(s * 1_000 for s in (1, 2, 4, 8, 16, 32, 60))
GIVE_UP_MS = 15 * 60_000
KEEP_MS = 400 * 24 * 3_600_000  # how long an event is recognised when it is replayed
PATIENCE = timedelta(seconds=1)


def _nobody() -> None:
    """Wakes nobody: the worker comes round by itself."""


class InboxService:
    """`wake` is called after each new event and must not wait."""

    def __init__(
        self,
        *,
        store: InboxStore,
        clock: Clock,
        wake: Callable[[], None] = _nobody,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._store = store
        self._clock = clock
        self.wake = wake
        self._jitter = jitter
        self._handlers: dict[str, Handler] = {}
        self._forgetting: set[str] = set()
        self._worker = Worker(store, self._work, clock)

    def handle(self, source: str, handler: Handler, *, forgets: bool = False) -> None:
        """Who works off the events of a source. What it raises decides: what can never succeed (DomainError, a
        ValidationError, a ProviderError not worth retrying) is given up at once, the rest is tried for 15 minutes.

        `forgets`: what an event said is dropped when it is done; that it came is remembered.
        """
        self._handlers[source] = handler
        if forgets:
            self._forgetting.add(source)

    async def put(self, source: str, event_id: str, lane: str, raw: str, *, after_ms: int = 0) -> bool:
        """Store an event; acknowledge it when this returns. False: it was stored before.

        `lane`: events of one lane are worked off one after the other. `after_ms`: not before so long.
        """
        now = self._clock.ms()
        item = InboxItem(
            id=f"{source}:{event_id}", source=source, lane=lane, raw=raw, created_ms=now, next_ms=now + after_ms
        )
        fresh = await self._store.add(item)
        if fresh:
            self.wake()
        return fresh

    async def inbox_once(self, patience: timedelta | None = PATIENCE) -> int:
        """Work off what waits; how many events were done. Safe to run twice at once, and late."""
        return await self._worker.run_once(patience)

    async def close(self) -> None:
        await self._worker.close()

    async def dead(self, limit: int = 50) -> list[InboxItem]:
        """Events that were given up; those about money are for a person to look at."""
        return await self._store.dead_items(limit)

    async def retry(self, item_id: str) -> bool:
        """Try a given-up event again."""
        return await self._store.revive(item_id)

    async def last_ms(self, lane: str) -> int:
        """When something last arrived in a lane; 0: nothing ever did."""
        return await self._store.last_ms(lane)

    async def oldest_ms(self) -> int:
        """Since when the oldest event waits; 0: none does."""
        return await self._store.oldest_ms()

    async def sweep(self) -> int:
        """Drop events too old to be replayed."""
        return await self._store.forget_before(self._clock.ms() - KEEP_MS)

    async def _work(self, item: InboxItem) -> Outcome:
        handler = self._handlers.get(item.source)
        if handler is None:
            return self._dead(item, "nobody handles this source")
        try:
            await handler(item)
        except (DomainError, ValidationError) as hopeless:
            return self._dead(item, type(hopeless).__name__)
        except RestaurantError as failure:
            if isinstance(failure, ProviderError) and not failure.retryable:
                return self._dead(item, type(failure).__name__)
            if self._clock.ms() - item.created_ms > GIVE_UP_MS:
                return self._dead(item, f"gave up: {type(failure).__name__}")
            gap = GAPS_MS[min(item.tries, len(GAPS_MS)) - 1]
            after_ms = gap if item.tries > len(GAPS_MS) else int(self._jitter(0, gap))
            return Again(after_ms, type(failure).__name__)
        return Done(drop=("raw",) if item.source in self._forgetting else ())

    def _dead(self, item: InboxItem, note: str) -> Dead:
        log.error("inbox_dead", extra={"item": item.id, "source": item.source, "note": note})
        return Dead(note)
