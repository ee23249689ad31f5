"""A small day, played for real: the simulator is worth what its guests and cooks really do."""

import pytest
from aiohttp import web

from bot.simulation.day import Day, NoDemo, simulate
from bot.simulation.figures import Figures
from bot.simulation.visitor import How, Pay, Wish
from tests.fakes.loopback import on_loopback
from tests.house import open_test_house


@pytest.fixture
async def house(settings, connections, clock):
    async with open_test_house(settings, connections, clock) as house:
        yield house


async def test_every_guest_of_a_day_eats_or_is_told_why_not(house):
    left: list[Figures] = []
    figures = await simulate(house.base, Day(guests=24, rate=1200, seed=11), on_guest=left.append)

    assert not figures.errors
    assert len(left) == figures.guests == 24
    assert figures.placed == figures.wanted >= 24
    assert figures.outcomes.total() == figures.placed
    assert {"Collected", "Served", "Delivered"} <= set(figures.outcomes)
    assert figures.paid_online
    assert len(figures.turns_ms) > 24 * 5
    assert 0 < figures.percentile(50) <= figures.percentile(99)


async def test_a_kitchen_that_declines_everything_is_believed(house, monkeypatch):
    monkeypatch.setattr("bot.simulation.cook.REJECTED", 1.0)
    figures = await simulate(house.base, Day(guests=3, rate=1200, seed=11))

    assert not figures.errors
    assert figures.outcomes["Declined"] == figures.placed == 3


async def test_guests_change_their_minds_and_come_back_for_the_same(house, monkeypatch):
    wishes = ((1, Wish(How.TAKEAWAY, Pay.CASH, cancels=True)), (1, Wish(How.TAKEAWAY, Pay.CASH, again=True)))
    monkeypatch.setattr("bot.simulation.day.MENU_OF_WISHES", wishes)
    monkeypatch.setattr("bot.simulation.cook.REJECTED", 0.0)
    figures = await simulate(house.base, Day(guests=6, rate=1200, seed=11))

    assert not figures.errors
    assert figures.guests < figures.wanted == figures.placed
    assert figures.outcomes["Cancelled"] + figures.outcomes["Collected"] == figures.placed
    assert figures.outcomes["Collected"] >= 2


async def test_an_address_that_is_no_demo_is_named():
    async with on_loopback(web.Application()) as base:
        with pytest.raises(NoDemo, match="answers 404"):
            await simulate(base, Day(guests=1, rate=60, seed=1))
    with pytest.raises(NoDemo, match="cannot be reached"):
        await simulate(base, Day(guests=1, rate=60, seed=1))
