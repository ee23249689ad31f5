"""The sender of a real house: services behind breakers, a second try, and what became of each message."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from core.breaker import Breaker
from core.clock import Clock
from core.connections import STORE_FAILURES
from core.ids import Phone
from core.sms.breaker import Guarded
from core.sms.delivery import DeliveryStatus, Score
from core.sms.provider import NoProvider, SmsProvider, SmsReceipt
from core.sms.sender import PATIENCE, SmsSender
from core.sms.store import SmsStore

log = logging.getLogger(__name__)

SECOND_TRY = timedelta(seconds=3)


class TrackingSender(SmsSender):
    """Sends like SmsSender. When nobody took the message it asks all of them once more after `second_try`
    (RELIABILITY.md §4.3), unless every service rests behind its breaker.
    """

    def __init__(
        self,
        providers: Sequence[SmsProvider],
        *,
        store: SmsStore,
        clock: Clock,
        patience: timedelta = PATIENCE,
        second_try: timedelta = SECOND_TRY,
    ) -> None:
        self._services = tuple(Guarded(provider, Breaker(clock)) for provider in providers)
        super().__init__(self._services, patience=patience)
        self._store = store
        self._second_try = second_try.total_seconds()

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        try:
            receipt = await super().send(phone, text, template_id=template_id)
        except NoProvider:
            if all(service.resting for service in self._services):
                raise
            await asyncio.sleep(self._second_try)
            receipt = await super().send(phone, text, template_id=template_id)
        if receipt.id:
            await self._remember(receipt)
        return receipt

    async def progressed(self, provider: str, message_id: str, status: DeliveryStatus, *, error: str = "") -> bool:
        """A service reports on a message. False: nothing new. Raises what a store raises when it is away."""
        moved = await self._store.advance(provider, message_id, status, error=error)
        if moved and status.went_wrong:
            about = {"provider": provider, "sms_id": message_id, "status": status.value, "code": error}
            log.warning("sms_not_delivered", extra=about)
        return moved

    async def scores(self) -> Mapping[str, Score]:
        """For each service that reports on its messages: how many of the last fifty arrived."""
        scores = {service.name: await self._store.score(service.name) for service in self._services}
        return {name: score for name, score in scores.items() if score.of}

    async def _remember(self, receipt: SmsReceipt) -> None:
        try:
            await self._store.took(receipt.provider, receipt.id)
        except STORE_FAILURES:  # it is sent all the same; the first report about it makes up for this
            log.warning("sms_not_noted", extra={"provider": receipt.provider, "sms_id": receipt.id})
