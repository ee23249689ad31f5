"""A provider that keeps failing is left alone for a while: whoever calls then is told at once, and it can recover."""

from collections import deque
from datetime import timedelta
from typing import Final

from core.clock import Clock

FAILURES: Final = 5
WITHIN: Final = timedelta(seconds=30)
REST: Final = timedelta(seconds=15)
_MS: Final = timedelta(milliseconds=1)


class Breaker:
    """Opens after `failures` within `within`. After `rest` one call at a time may try: the first that ends well closes
    it, one that does not begins the rest anew (RELIABILITY.md §4.3).
    """

    def __init__(
        self, clock: Clock, *, failures: int = FAILURES, within: timedelta = WITHIN, rest: timedelta = REST
    ) -> None:
        self._clock = clock
        self._within_ms = within // _MS
        self._rest_ms = rest // _MS
        self._failed: deque[int] = deque(maxlen=failures)
        self._opened_ms: int | None = None
        self._trial: Attempt | None = None

    @property
    def is_open(self) -> bool:
        return self._opened_ms is not None

    def admit(self) -> "Attempt | None":
        """None while no call may be made. Whoever gets an attempt ends it, however it goes."""
        attempt = Attempt(self)
        if self._opened_ms is not None:
            if self._trial is not None or self._clock.ms() - self._opened_ms < self._rest_ms:
                return None
            self._trial = attempt
        return attempt

    def _end(self, attempt: "Attempt", well: bool) -> None:
        now = self._clock.ms()
        if self._opened_ms is not None:
            # A call that was under way when it opened says nothing about now; only the trial does.
            if attempt is self._trial:
                self._trial = None
                self._opened_ms = None if well else now
                self._failed.clear()
        elif not well:
            self._failed.append(now)
            if len(self._failed) == self._failed.maxlen and now - self._failed[0] <= self._within_ms:
                self._opened_ms = now


class Attempt:
    """A call that was let through."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def end(self, *, well: bool) -> None:
        self._breaker._end(self, well)
