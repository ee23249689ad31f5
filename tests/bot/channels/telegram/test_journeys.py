"""The stories of the web chat, told on Telegram: the same words, the same taps, the same ends."""

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.bot.channels.telegram.house import TelegramHouse, open_telegram_house
from tests.dialogues.test_journeys import *  # noqa: F403  every story of that file is a test of this one
from tests.fakes.telegram import FakeTelegram


@pytest.fixture
async def house(
    telegram: FakeTelegram, settings: Settings, connections: Connections, clock: FrozenClock
) -> AsyncIterator[TelegramHouse]:
    async with open_telegram_house(telegram, settings, connections, clock) as house:
        yield house
