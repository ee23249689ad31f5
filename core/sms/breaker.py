"""A service that keeps failing is left alone for a while, so that guests do not wait for it one after the other."""

import logging

from core.breaker import Breaker
from core.errors import ProviderError
from core.ids import Phone
from core.sms.provider import NumberRejected, SmsProvider, SmsReceipt

log = logging.getLogger(__name__)

MOST_UNDER_WAY = 20


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
