"""Calls to a provider whose library blocks: in threads of its own, bounded in number and time, behind a breaker."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from core.breaker import Breaker
from core.clock import Clock
from core.errors import ProviderError
from core.payments.errors import PaymentRefused

log = logging.getLogger(__name__)

MOST_UNDER_WAY: Final = 20

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Patience:
    """`connect` and `answer` are what the library is given; `whole` ends a call that neither of them ended: one that
    waited for a thread, or whose answer comes drop by drop.
    """

    connect: timedelta = timedelta(seconds=2)
    answer: timedelta = timedelta(seconds=8)
    whole: timedelta = timedelta(seconds=10)

    @property
    def seconds(self) -> tuple[float, float]:
        """As `requests` takes both."""
        return self.connect.total_seconds(), self.answer.total_seconds()


PATIENCE: Final = Patience()


class NotNow(ProviderError):
    """It is up and answered, only not what was asked: our key is refused, or the same request is still under way."""

    def __init__(self, provider: str, why: str, **facts: object) -> None:
        super().__init__(provider, retryable=True, why=why, **facts)


class KeyUsed(NotNow):
    """The idempotency key was used before, for a request that looked different."""


class Calls:
    """At most twenty at once. A call that is given up may still be carried out: its outcome is unknown."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        patience: Patience = PATIENCE,
        breaker: Breaker | None = None,
        most: int = MOST_UNDER_WAY,
    ) -> None:
        self._name = name
        self._patience = patience
        self._breaker = breaker or Breaker(clock)
        self._threads = ThreadPoolExecutor(max_workers=most, thread_name_prefix=name)

    @property
    def resting(self) -> bool:
        """Whether the provider is being left alone."""
        return self._breaker.is_open

    async def make(self, what: str, call: Callable[[], Result]) -> Result:
        """`call` answers, or raises ProviderError. Also raised while the provider rests, and when it takes too long."""
        rested = self._breaker.is_open
        attempt = self._breaker.admit()
        if attempt is None:
            raise ProviderError(self._name, retryable=True, why="resting", call=what)
        well = False  # also when the caller is cancelled while it waits
        try:
            async with asyncio.timeout(self._patience.whole.total_seconds()):
                answer = await asyncio.get_running_loop().run_in_executor(self._threads, call)
            well = True
        except (PaymentRefused, NotNow):
            well = True
            raise
        except ProviderError as failure:
            log.warning("payment_call_failed", extra={"provider": self._name, "call": what, "reason": str(failure)})
            raise
        except TimeoutError:
            log.warning("payment_call_failed", extra={"provider": self._name, "call": what, "reason": "too late"})
            raise ProviderError(self._name, retryable=True, why="too late", call=what) from None
        finally:
            attempt.end(well=well)
            if self._breaker.is_open != rested:
                change = "payment_breaker_closed" if rested else "payment_breaker_open"
                log.warning(change, extra={"provider": self._name})
        return answer

    def close(self) -> None:
        """Start nothing more; calls under way end by their own timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)
