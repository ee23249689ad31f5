"""A small day, played for real: the simulator is worth what its guests and cooks really do."""

import pytest
from aiohttp import web

from bot.simulation.day import Day, NoDemo, simulate
from tests.house import open_test_house
from webhooks.serving import listen


@pytest.fixture
async def house(settings, connections, clock):
    async with open_test_house(settings, connections, clock) as house:
        yield house


async def test_every_guest_of_a_day_eats_or_is_told_why_not(house):
    left = []
    figures = await simulate(house.base, Day(guests=12, rate=600, seed=11), on_guest=left.append)

    assert not figures.errors
    assert len(left) == figures.guests == 12
    assert figures.placed == figures.wanted >= 12
    assert figures.outcomes.total() == figures.placed
    assert len(figures.turns_ms) > 12 * 5
    assert 0 < figures.percentile(50) <= figures.percentile(99)


async def test_an_address_that_is_no_demo_is_named():
    app = web.Application()
    runner = web.AppRunner(app)
    await runner.setup()
    with listen("127.0.0.1", 0) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await web.SockSite(runner, listener).start()
        with pytest.raises(NoDemo, match="answers 404"):
            await simulate(base, Day(guests=1, rate=60, seed=1))
        await runner.cleanup()
    with pytest.raises(NoDemo, match="cannot be reached"):
        await simulate(base, Day(guests=1, rate=60, seed=1))
