import asyncio
from datetime import timedelta

import pytest

from core.limits.store import TokenBucket


@pytest.fixture
def bucket(redis):
    return TokenBucket(redis, "taps", capacity=5, fill=timedelta(seconds=1))


async def test_a_guest_gets_what_the_bucket_holds_and_then_learns_how_long_to_wait(bucket):
    assert [await bucket.take("guest") for _ in range(5)] == [timedelta()] * 5
    assert timedelta() < await bucket.take("guest") <= timedelta(milliseconds=200)


async def test_one_guests_haste_is_not_anothers(bucket):
    for _ in range(6):
        await bucket.take("hasty")
    assert await bucket.take("calm") == timedelta()


async def test_the_bucket_fills_evenly_and_never_beyond_its_size(bucket):
    for _ in range(5):
        await bucket.take("guest")
    await asyncio.sleep(0.25)
    assert await bucket.take("guest") == timedelta()
    assert await bucket.take("guest") > timedelta()
    await asyncio.sleep(1.5)
    assert [bool(await bucket.take("guest")) for _ in range(6)] == [False] * 5 + [True]


@pytest.mark.race
async def test_a_hundred_taps_at_once_get_no_more_than_the_bucket_holds(bucket):
    waits = await asyncio.gather(*(bucket.take("guest") for _ in range(100)))
    assert 5 <= sum(not wait for wait in waits) <= 6  # one may drip in while they run


async def test_a_silent_guests_bucket_is_forgotten(bucket, redis):
    await bucket.take("guest")
    assert 0 < await redis.pttl("{rl:taps:guest}") <= 1000
