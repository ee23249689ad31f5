"""A service that keeps failing is left alone for a while, so that guests do not wait for it one after the other."""

import logging
from collections import deque
from datetime import timedelta

from core.clock import Clock
from core.errors import ProviderError
from core.ids import Phone
from core.sms.provider import NumberRejected, SmsProvider, SmsReceipt

log = logging.getLogger(__name__)

FAILURES = 5
WITHIN = timedelta(seconds=30)
REST = timedelta(seconds=15)
MOST_UNDER_WAY = 20


class Breaker:
    """Opens after `failures` within `within`. After `rest` one call at a time may try; the first that ends well closes
    it, one that does not begins the rest anew.
    """

    def __init__(
        self, clock: Clock, *, failures: int = FAILURES, within: timedelta = WITHIN, rest: timedelta = REST
    ) -> None:
        self._clock = clock
        self._within = within // timedelta(milliseconds=1)
        self._rest = rest // timedelta(milliseconds=1)
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
            if self._trial is not None or self._clock.ms() - self._opened_ms < self._rest:
                return None
            self._trial = attempt
        return attempt

    def _end(self, attempt: "Attempt", well: bool) -> None:
        now = self._clock.ms()
        if self._opened_ms is not None:
            # A call made before it opened says nothing about now; only the trial does.
            if attempt is self._trial:
                self._trial = None
                self._opened_ms = None if well else now
                self._failed.clear()
        elif not well:
            self._failed.append(now)
            if len(self._failed) == self._failed.maxlen and now - self._failed[0] <= self._within:
                self._opened_ms = now


class Attempt:
    """A call that was let through."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def end(self, *, well: bool) -> None:
        self._breaker._end(self, well)


class Guarded:
    """A service behind its breaker, with at most `most` messages under way; refuses at once what may not go out."""

    def __init__(self, provider: SmsProvider, breaker: Breaker, *, most: int = MOST_UNDER_WAY) -> None:
        self._provider = provider
        self._breaker = breaker
        self._most = most
        self._under_way = 0

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def resting(self) -> bool:
        return self._breaker.is_open

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        if self._under_way >= self._most:
            raise ProviderError(self.name, retryable=True, code="busy")
        rested = self._breaker.is_open
        attempt = self._breaker.admit()
        if attempt is None:
            raise ProviderError(self.name, retryable=True, code="resting")
        self._under_way += 1
        well = False  # also when the sender's patience ends and this call is cancelled
        try:
            receipt = await self._provider.send(phone, text, template_id=template_id)
            well = True
        except NumberRejected:
            well = True  # it answered, and knows its numbers
            raise
        except ProviderError as failure:
            log.warning("sms_service_failed", extra={"provider": self.name, "reason": str(failure)})
            raise
        finally:
            self._under_way -= 1
            attempt.end(well=well)
            if self._breaker.is_open != rested:
                log.warning("sms_breaker_closed" if rested else "sms_breaker_open", extra={"provider": self.name})
        return receipt
