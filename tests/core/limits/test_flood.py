import asyncio
from datetime import timedelta

import pytest

from core.limits.flood import FloodGate
from core.limits.store import TokenBucket

WINDOW = timedelta(seconds=0.3)


@pytest.fixture
def gate(redis):
    return FloodGate(TokenBucket(redis, "taps", capacity=3, fill=WINDOW), unasked=5, window=WINDOW)


async def asked(redis) -> int:
    return int((await redis.info("commandstats")).get("cmdstat_eval", {}).get("calls", 0)) + int(
        (await redis.info("commandstats")).get("cmdstat_evalsha", {}).get("calls", 0)
    )


async def test_a_calm_guest_costs_no_round_trip(gate, redis):
    before = await asked(redis)
    for _ in range(5):
        assert await gate.take("calm") == timedelta()
    assert await asked(redis) == before


async def test_a_hasty_guest_is_counted_and_stopped_and_nobody_else_is(gate):
    waits = [await gate.take("hasty") for _ in range(12)]
    assert waits[:8] == [timedelta()] * 8
    assert all(waits[9:])  # one may have dripped in meanwhile
    assert await gate.take("calm") == timedelta()


async def test_the_next_window_begins_afresh_and_forgets_who_was_there(gate):
    for _ in range(12):
        await gate.take("hasty")
    await asyncio.sleep(0.7)
    assert [await gate.take("hasty") for _ in range(5)] == [timedelta()] * 5
    assert list(gate._seen) == ["hasty"]


async def test_a_flood_over_two_replicas_meets_one_count(redis):
    window = timedelta(seconds=10)
    gates = [FloodGate(TokenBucket(redis, "taps", capacity=3, fill=window), unasked=2, window=window) for _ in range(2)]
    passed = 0
    for n in range(40):
        passed += not await gates[n % 2].take("hasty")
    assert passed == 2 + 2 + 3
