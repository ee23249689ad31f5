"""Telegram on loopback, and a bot on it."""

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.bot.channels.telegram.line import Line, open_line
from tests.fakes.telegram import FakeTelegram, TelegramPerson, running_telegram

ASHA, RAVI, MEERA = 5_000_000_001, 5_000_000_002, 5_000_000_003
KITCHEN = -4_001


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with running_telegram() as fake:
        yield fake
        assert fake.refusals() == []


@pytest.fixture
async def line(
    telegram: FakeTelegram, settings: Settings, connections: Connections, clock: FrozenClock
) -> AsyncIterator[Line]:
    """The bot behind a webhook, in no hurry; `line.answers` is what it says."""
    async with open_line(telegram, settings, connections, clock) as line:
        yield line


@pytest.fixture
def asha(telegram: FakeTelegram) -> TelegramPerson:
    return TelegramPerson(telegram, ASHA)


@pytest.fixture
def meera(telegram: FakeTelegram) -> TelegramPerson:
    return TelegramPerson(telegram, MEERA, name="Meera")
