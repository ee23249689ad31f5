from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.counts.wired import Wired, to_the_menu, wired_house
from tests.fakes.telegram import FakeTelegram, running_telegram


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with running_telegram() as fake:
        yield fake


@pytest.fixture
async def wired(
    settings: Settings, connections: Connections, clock: FrozenClock, telegram: FakeTelegram
) -> AsyncIterator[Wired]:
    """Two guests at the menu: one in the browser, one on Telegram."""
    async with wired_house(settings, clock, telegram) as wired:
        await to_the_menu(wired.web)
        await to_the_menu(wired.person)
        yield wired
