"""Twilio on loopback, and a restaurant on it."""

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.bot.channels.whatsapp.house import NUMBER, SID, TOKEN, WhatsAppHouse, open_whatsapp_house
from tests.fakes.twilio import FakeTwilioChat, WhatsAppPerson, running_twilio


@pytest.fixture
async def twilio(clock: FrozenClock) -> AsyncIterator[FakeTwilioChat]:
    async with running_twilio(account_sid=SID, auth_token=TOKEN, number=NUMBER, clock=clock) as fake:
        yield fake
    assert fake.mistakes == []


@pytest.fixture
async def house(
    twilio: FakeTwilioChat, settings: Settings, connections: Connections, clock: FrozenClock
) -> AsyncIterator[WhatsAppHouse]:
    async with open_whatsapp_house(twilio, settings, connections, clock) as house:
        yield house


@pytest.fixture
async def asha(house: WhatsAppHouse) -> WhatsAppPerson:
    return await house.guest()
