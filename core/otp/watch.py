"""What people must hear of those who ask for codes and guess them."""

from datetime import timedelta

from core.clock import Clock
from core.ids import ChatKey, Phone
from core.monitoring.alerts.models import AlertKind, Level
from core.monitoring.alerts.service import AlertService
from core.otp.limits import Limits
from core.otp.store import Refused, Stopped


class OtpWatch:
    """Alerts about codes; each names a chat or the last two digits of a phone, never a whole one."""

    def __init__(self, *, alerts: AlertService, clock: Clock, limits: Limits) -> None:
        self._alerts = alerts
        self._clock = clock
        self._limits = limits

    async def refused(self, chat: ChatKey, refused: Refused) -> None:
        if isinstance(refused, Stopped):
            await self._alerts.raise_once(
                AlertKind.SMS_STOPPED,
                refused.series,
                period=str(refused.since_ms),
                level=Level.PAGE,
                series=refused.series,
                used=refused.used,
                of=refused.of,
                minutes=self._limits.series.stop // timedelta(minutes=1),
            )
        elif refused.reason == self._limits.asked_of_a_chat.reason:
            await self._alerts.raise_once(
                AlertKind.MANY_PHONES,
                chat,
                period=self._hour(),
                chat=shown_chat(chat),
                most=self._limits.asked_of_a_chat.most,
            )

    async def wrong(self, phone: Phone, chat: ChatKey, of_phone: int) -> None:
        """`of_phone` wrong codes within the hour, this one from `chat` being the last."""
        if of_phone >= self._limits.wrong_of_a_phone.most:
            await self._alerts.raise_once(
                AlertKind.WRONG_CODES,
                phone,
                period=self._hour(),
                phone=phone[-2:],
                chat=shown_chat(chat),
                most=self._limits.wrong_of_a_phone.most,
            )

    def _hour(self) -> str:
        return f"{self._clock.now():%Y-%m-%dT%H}"


def shown_chat(chat: ChatKey) -> str:
    """A chat as people may read of it: where its name is a phone, the last two digits."""
    channel, _, name = chat.partition(":")
    return f"{channel}:…{name[-2:]}" if "+" in name else chat
