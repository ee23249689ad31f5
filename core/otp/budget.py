"""What text messages may cost in a day, all guests together. The day is that of UTC."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from core.clock import Clock
from core.errors import DomainError
from core.monitoring.alerts.models import AlertKind, Level
from core.monitoring.alerts.service import AlertService
from core.otp.store import SpentStore

# In percent of the day's budget; the last one means that nobody gets a code any more (RELIABILITY.md §8.6).
STEPS: Final = {50: Level.TICKET, 80: Level.PAGE, 100: Level.PAGE}


class BudgetSpent(DomainError):
    """The day has had its messages; `wait` until the next one."""

    wait: timedelta


class SmsBudget:
    """Counted before a message is handed over, in MongoDB: what is sent is never more than `most` a day, whatever
    becomes of Redis. A message no service took counts as well.
    """

    def __init__(self, *, store: SpentStore, alerts: AlertService, clock: Clock, most: int) -> None:
        self._store = store
        self._alerts = alerts
        self._clock = clock
        self.most = most

    async def take(self) -> None:
        """Count one message. Raises BudgetSpent, and what a store raises when it is away: then none may be sent."""
        now = self._clock.now().astimezone(UTC)
        spent = await self._store.take(now.date(), self.most)
        await self._tell(now, self.most if spent is None else spent)
        if spent is None:
            midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            raise BudgetSpent(wait=midnight - now)

    async def spent(self) -> int:
        """How many messages were counted today."""
        return await self._store.spent(self._clock.now().astimezone(UTC).date())

    async def _tell(self, now: datetime, spent: int) -> None:
        """At or beyond a step rather than at it: what a crash kept from being raised is raised by the next message."""
        for percent, level in STEPS.items():
            if self.most and spent * 100 >= self.most * percent:
                await self._alerts.raise_once(
                    AlertKind.SMS_BUDGET,
                    str(percent),
                    period=f"{now.date()}",
                    level=level,
                    percent=percent,
                    most=self.most,
                )
