"""The house behind the counter, for tests of orders, payments, outbox and inbox."""

import pytest

from core.clock import FrozenClock
from core.connections import Database
from tests.core.orders.house import House


@pytest.fixture
async def house(mongo: Database, clock: FrozenClock) -> House:
    return await House(mongo, clock).open()
