from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.bot.channels.whatsapp.house import NUMBER, SID, TOKEN
from tests.counts.wired import Wired, to_the_menu, wired_house
from tests.fakes.telegram import FakeTelegram, running_telegram
from tests.fakes.twilio import FakeTwilioChat, running_twilio


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with running_telegram() as fake:
        yield fake


@pytest.fixture
async def twilio(clock: FrozenClock) -> AsyncIterator[FakeTwilioChat]:
    async with running_twilio(account_sid=SID, auth_token=TOKEN, number=NUMBER, clock=clock) as fake:
        yield fake
    assert fake.mistakes == []


@pytest.fixture
async def wired(
    settings: Settings, connections: Connections, clock: FrozenClock, telegram: FakeTelegram, twilio: FakeTwilioChat
) -> AsyncIterator[Wired]:
    """Guests at the menu: one in the browser, one on Telegram."""
    async with wired_house(settings, clock, telegram, twilio) as wired:
        await to_the_menu(wired.web)
        await to_the_menu(wired.person)
        yield wired
