import asyncio
from datetime import timedelta

import pytest

from core.leases.store import LeaseStore

KEEP = timedelta(seconds=10)


@pytest.fixture
async def leases(mongo, clock):
    store = LeaseStore(mongo, clock)
    await store.prepare(["relay"])
    return store


async def test_one_replica_has_the_lease_and_keeps_it_while_it_asks_again(leases, clock):
    assert await leases.take("relay", "first", KEEP)
    assert not await leases.take("relay", "second", KEEP)
    clock.advance(KEEP - timedelta(seconds=1))
    assert await leases.take("relay", "first", KEEP)
    clock.advance(KEEP - timedelta(seconds=1))
    assert not await leases.take("relay", "second", KEEP)


async def test_a_dead_replicas_lease_goes_to_the_next_one(leases, clock):
    await leases.take("relay", "first", KEEP)
    clock.advance(KEEP)
    assert await leases.take("relay", "second", KEEP)
    assert not await leases.take("relay", "first", KEEP)


async def test_a_replica_that_stops_leaves_its_lease_to_the_others_and_nobody_elses(leases):
    await leases.take("relay", "first", KEEP)
    await leases.release("relay", "second")
    assert not await leases.take("relay", "second", KEEP)
    await leases.release("relay", "first")
    assert await leases.take("relay", "second", KEEP)


@pytest.mark.race
async def test_of_twenty_replicas_asking_at_once_one_gets_it(leases, clock):
    for _ in range(5):
        taken = await asyncio.gather(*(leases.take("relay", f"replica-{n}", KEEP) for n in range(20)))
        assert sum(taken) == 1
        clock.advance(KEEP)


async def test_preparing_again_takes_nothing_away(leases):
    await leases.take("relay", "first", KEEP)
    await leases.prepare(["relay"])
    assert not await leases.take("relay", "second", KEEP)
