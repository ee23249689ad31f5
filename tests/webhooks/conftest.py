"""The same house as in the dialogues, asked over raw HTTP. One for each file: these tests bring guests of their own."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.conftest import LUNCH
from tests.house import House, open_test_house

FLOOD_EVENTS = 60  # fewer than by default, so that a flood need not be long


@pytest.fixture(scope="module")
async def house(
    stores: Settings, open_stores: Connections, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    name = f"tiffin_test_{secrets.token_hex(6)}"
    folder: Path = tmp_path_factory.mktemp("house")
    changes = {"mongodb_db": name, "tiffin_data": folder, "flood_events": FLOOD_EVENTS}
    settings = stores.model_copy(update=changes)
    await open_stores.redis.flushdb()
    client = open_stores.mongo_client
    connections = Connections(redis=open_stores.redis, mongo=client.get_database(name), mongo_client=client)
    async with open_test_house(settings, connections, FrozenClock(LUNCH)) as house:
        yield house
    await client.drop_database(name)


@pytest.fixture
def clock(house: House) -> FrozenClock:
    return house.clock


@pytest.fixture
async def http(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(house.base, connector=aiohttp.TCPConnector(limit=0)) as http:
        yield http


@pytest.fixture
async def session(http: aiohttp.ClientSession) -> str:
    """A guest's session, fresh."""
    async with http.post("/chat") as response:
        return str((await response.json())["session"])
