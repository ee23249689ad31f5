"""Outlets that invoice, and the house behind the counter."""

from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Database
from tests.core.orders.house import House

GSTIN = "29AAKCT4821M1ZR"


@pytest.fixture
async def house(mongo: Database, clock: FrozenClock) -> House:
    house = await House(mongo, clock).open()
    clock.advance(timedelta(minutes=20))  # the builders' orders are handed over by then
    registered = {"gstin": GSTIN, "fssai": "11224333000417", "invoice_prefix": "BLR1"}
    house.directory.outlet = house.directory.outlet.model_copy(update=registered)
    return house
