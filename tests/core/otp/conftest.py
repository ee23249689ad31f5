from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import TooManyAttempts
from core.ids import ChatKey, Phone
from core.otp.limits import Limit, Limits
from core.otp.service import OtpService
from core.otp.store import ClaimStore, CodeStore
from core.sms.console import ConsoleSms
from core.sms.sender import SmsSender

PHONE = Phone("+919876543210")
OTHER_PHONE = Phone("+919876543211")
CHAT, STRANGER = ChatKey("telegram:42"), ChatKey("telegram:666")
EAGER = replace(Limits(), phone=(Limit("day", 100, timedelta(days=1)),))


class Desk:
    """The service with a phone to read the messages on."""

    def __init__(self, redis, mongo, settings, clock, limits=None, provider=None):
        self.sms = provider or ConsoleSms(clock)
        self.otp = OtpService(
            codes=CodeStore(redis, limits or Limits()),
            claims=ClaimStore(mongo, clock),
            sms=SmsSender([self.sms]),
            settings=settings,
            clock=clock,
        )

    async def code_for(self, chat=CHAT, phone=PHONE, **how):
        await self.otp.request(phone, chat, "en", **how)
        return self.sms.messages()[-1].text[:6]

    async def says(self, code, chat=CHAT, phone=PHONE):
        await self.otp.verify(phone, chat, code)


@pytest.fixture
def desk(redis, mongo, settings, clock):
    return lambda limits=None, provider=None: Desk(redis, mongo, settings, clock, limits, provider)


def wrong(code, by=1):
    return f"{(int(code) + by) % 10**6:06d}"


async def refused(attempt):
    with pytest.raises(TooManyAttempts) as too_many:
        await attempt
    return too_many.value.reason, too_many.value.retry_after
