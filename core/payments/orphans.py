"""Money that nobody ordered with. It is written down once, told to a person once, and closed by one with a reason."""

import logging

from core.clock import Clock
from core.ids import PaymentId
from core.monitoring.alerts.models import AlertKind
from core.monitoring.alerts.service import AlertService
from core.payments.models import Orphan, PaymentView, RefundView
from core.payments.store import OrphanStore

log = logging.getLogger(__name__)

SHOWN = 50


class Orphans:
    def __init__(self, *, store: OrphanStore, alerts: AlertService, clock: Clock) -> None:
        self._store = store
        self._alerts = alerts
        self._clock = clock

    async def found_payment(self, provider: str, view: PaymentView, at_ms: int) -> bool:
        """False: it was found before."""
        return await self._found(
            Orphan(
                id=view.id,
                provider=provider,
                kind="payment",
                amount=view.amount,
                currency=view.currency,
                method=view.method,
                payment=view.id,
                at_ms=at_ms,
                found_ms=self._clock.ms(),
            )
        )

    async def found_refund(self, provider: str, view: RefundView, at_ms: int) -> bool:
        """Money that went back of a payment we know nothing of. Of a payment that is an orphan itself it is no news."""
        if await self._store.get(view.payment) is not None:
            return False
        return await self._found(
            Orphan(
                id=view.id,
                provider=provider,
                kind="refund",
                amount=view.amount,
                currency="",
                payment=view.payment,
                at_ms=at_ms,
                found_ms=self._clock.ms(),
            )
        )

    async def knows(self, payment: PaymentId) -> bool:
        return await self._store.get(payment) is not None

    async def open(self, limit: int = SHOWN) -> list[Orphan]:
        """Those nobody has closed, oldest first."""
        return await self._store.open(limit)

    async def count_open(self) -> int:
        return await self._store.count_open()

    async def close(self, provider_id: str, *, by: str, reason: str) -> Orphan | None:
        """Once, with a reason; None: somebody was faster."""
        closed = await self._store.close(provider_id, at_ms=self._clock.ms(), by=by, reason=reason)
        if closed is not None:
            log.info("orphan_closed", extra={"payment": closed.id, "by": by, "reason": reason})
        return closed

    async def _found(self, orphan: Orphan) -> bool:
        """Told whether it is new or not: an alert that was raised before is not raised again."""
        fresh = await self._store.insert(orphan)
        if fresh:
            about = {"payment": orphan.id, "kind": orphan.kind, "amount": orphan.amount.paise}
            log.error("payment_orphan", extra=about)
        await self._alerts.raise_once(
            AlertKind.ORPHAN,
            orphan.id,
            period="once",
            kind_of=orphan.kind,
            amount=orphan.amount.paise,
            currency=orphan.currency,
            provider=orphan.provider,
        )
        return fresh
