from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import TooManyAttempts
from core.ids import ChatKey, Phone
from core.monitoring.alerts.service import AlertService
from core.monitoring.alerts.store import AlertStore
from core.otp.budget import SmsBudget
from core.otp.limits import Limit, Limits
from core.otp.service import OtpService
from core.otp.store import ClaimStore, CodeStore, SpentStore
from core.otp.watch import OtpWatch
from core.sms.console import ConsoleSms
from core.sms.sender import SmsSender

PHONE = Phone("+919876543210")
OTHER_PHONE = Phone("+919876543211")
CHAT, STRANGER = ChatKey("telegram:42"), ChatKey("telegram:666")
EAGER = replace(Limits(), phone=(Limit("day", 100, timedelta(days=1)),))


class Desk:
    """The service with a phone to read the messages on."""

    def __init__(self, redis, mongo, settings, clock, limits=None, provider=None):
        limits = limits or Limits()
        self.sms = provider or ConsoleSms(clock)
        self.alerts = AlertService(store=AlertStore(mongo, clock), clock=clock)
        self.codes = CodeStore(redis, limits)
        self.otp = OtpService(
            codes=self.codes,
            claims=ClaimStore(mongo, clock),
            sms=SmsSender([self.sms]),
            settings=settings,
            clock=clock,
            budget=SmsBudget(store=SpentStore(mongo), alerts=self.alerts, clock=clock, most=limits.budget_day.most),
            watch=OtpWatch(alerts=self.alerts, clock=clock, limits=limits),
        )

    async def code_for(self, chat=CHAT, phone=PHONE, **how):
        await self.otp.request(phone, chat, "en", **how)
        return self.sms.messages()[-1].text[:6]

    async def says(self, code, chat=CHAT, phone=PHONE):
        await self.otp.verify(phone, chat, code)

    async def alerted(self):
        """What people must hear of, oldest first."""
        return [(alert.kind, alert.facts) for alert in reversed(await self.alerts.latest(50))]


@pytest.fixture
def desk(redis, mongo, settings, clock):
    return lambda limits=None, provider=None: Desk(redis, mongo, settings, clock, limits, provider)


def wrong(code, by=1):
    return f"{(int(code) + by) % 10**6:06d}"


async def refused(attempt):
    with pytest.raises(TooManyAttempts) as too_many:
        await attempt
    return too_many.value.reason, too_many.value.retry_after
