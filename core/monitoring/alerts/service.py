"""Raising an alert, and seeing to it that somebody hears of it."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import blake2b

from core.clock import Clock
from core.connections import STORE_FAILURES
from core.errors import ProviderError
from core.lanes.models import Again, Dead, Done, Outcome
from core.lanes.worker import Worker
from core.logs import get_logger
from core.monitoring.alerts.models import LANE, Alert, AlertKind, Level
from core.monitoring.alerts.store import AlertStore

log = get_logger(__name__)

Tell = Callable[[Alert], Awaitable[int]]

PATIENCE = timedelta(seconds=1)
GAPS_MS = tuple(s * 1_000 for s in (2, 5, 15, 60, 300))
GIVE_UP_MS = 24 * 3_600_000
KEEP_MS = 90 * 24 * 3_600_000
REMEMBERED = 1_000  # alerts this process knows to be stored; beyond them the store is asked again


def _nobody() -> None:
    """Wakes nobody: the worker comes round by itself."""


class AlertService:
    """`wake` is called after each new alert and must not wait."""

    def __init__(self, *, store: AlertStore, clock: Clock, wake: Callable[[], None] = _nobody) -> None:
        self._store = store
        self._clock = clock
        self.wake = wake
        self._tell: Tell | None = None
        self._worker = Worker(store, self._work, clock)
        self._raised: OrderedDict[str, None] = OrderedDict()

    def handle(self, tell: Tell) -> None:
        """Who tells people. It returns how many heard of it; 0: there is nobody to tell. Raises ProviderError when it
        reached none of them.
        """
        self._tell = tell

    async def raise_once(
        self, kind: AlertKind, about: str, *, period: str, level: Level = Level.TICKET, **facts: str | int
    ) -> bool:
        """Store an alert for its way to people; False: it was raised in this period already.

        Never stands in the way of what it is about: without the store it is a line in the log, and whoever raises it
        the next time it holds gets it stored.
        """
        alert_id = _id(kind, about, period)
        if alert_id in self._raised:
            return False
        now = self._clock.ms()
        alert = Alert(
            id=alert_id,
            lane=LANE,
            kind=kind,
            level=level,
            about=about,
            period=period,
            facts=facts,
            created_ms=now,
            next_ms=now,
        )
        try:
            fresh = await self._store.add(alert)
        except STORE_FAILURES as failure:
            log.error("alert_not_stored", kind=kind.value, urgency=level.value, error=type(failure).__name__)
            return False
        self._remember(alert_id)
        if fresh:
            log.warning("alert", kind=kind.value, urgency=level.value)
            self.wake()
        return fresh

    async def send_once(self, patience: timedelta | None = PATIENCE) -> int:
        """Tell what waits; how many alerts went out. Safe to run twice at once, and late."""
        return await self._worker.run_once(patience)

    async def close(self) -> None:
        await self._worker.close()

    async def latest(self, limit: int = 20) -> list[Alert]:
        """The newest first."""
        return await self._store.latest(limit)

    async def sweep(self) -> int:
        """Drop alerts older than ninety days."""
        return await self._store.forget_before(self._clock.ms() - KEEP_MS)

    async def _work(self, alert: Alert) -> Outcome:
        if self._tell is None:
            return Again(GAPS_MS[-1], "nobody tells people")
        try:
            told = await self._tell(alert)
        except ProviderError as failure:
            if self._clock.ms() - alert.created_ms >= GIVE_UP_MS:
                log.error("alert_dead", kind=alert.kind.value, urgency=alert.level.value)
                return Dead(f"{type(failure).__name__}: {failure.provider}")
            return Again(GAPS_MS[min(alert.tries, len(GAPS_MS)) - 1], type(failure).__name__)
        return Done(note="" if told else "nobody to tell")

    def _remember(self, alert_id: str) -> None:
        self._raised[alert_id] = None
        while len(self._raised) > REMEMBERED:
            self._raised.popitem(last=False)


def _id(kind: AlertKind, about: str, period: str) -> str:
    return f"alert_{kind}_{blake2b(f'{about}#{period}'.encode(), digest_size=10).hexdigest()}"
