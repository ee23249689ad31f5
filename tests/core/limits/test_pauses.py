"""Who sends faster than anybody can read gets one pause, told once, and it ends by itself."""

import asyncio
import math
from collections import Counter
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from core.limits.flood import unasked_of
from core.limits.pause import Pauses, chat_pauses
from core.limits.store import PauseStore
from tests.twins import without_guard

AGES = timedelta(hours=1)  # nothing drips in meanwhile, however busy the machine is
SHORT = {"window": timedelta(milliseconds=400), "pause": timedelta(milliseconds=300)}


def what_it_was(pause):
    return "on" if pause is None else "told" if pause.begins else "silent"


async def test_of_a_flood_one_message_is_answered_and_the_rest_is_dropped(redis):
    store = PauseStore(redis, "chat", most=5)
    met = [what_it_was(await store.take("asha")) for _ in range(40)]
    assert met == ["on"] * 5 + ["told"] + ["silent"] * 34
    assert await store.take("ravi") is None


async def test_the_pause_says_how_long_it_still_is(redis):
    store = PauseStore(redis, "chat", most=1)
    await store.take("asha")
    begun = await store.take("asha")
    assert begun is not None
    assert (begun.left, begun.begins) == (timedelta(seconds=8), True)
    later = await store.take("asha")
    assert later is not None
    assert timedelta(seconds=7) < later.left <= timedelta(seconds=8)


async def test_after_the_pause_it_goes_on_even_for_who_did_not_stop_sending(redis):
    store = PauseStore(redis, "chat", most=5, **SHORT)
    for _ in range(6):
        await store.take("asha")
    loop = asyncio.get_running_loop()
    began = loop.time()
    met: list[str] = []
    while not met or met[-1] != "on":
        met.append(what_it_was(await store.take("asha")))
        await asyncio.sleep(0.02)
    assert loop.time() - began >= 0.25
    assert set(met[:-1]) == {"silent"}


@pytest.mark.race
async def test_of_two_hundred_at_once_from_three_replicas_one_is_answered(redis):
    replicas = [Pauses(PauseStore(redis, "chat", most=10, window=AGES), unasked=0) for _ in range(3)]
    met = await asyncio.gather(*(replicas[n % 3].look("asha") for n in range(200)))
    assert Counter(map(what_it_was, met)) == {"on": 10, "told": 1, "silent": 189}


@pytest.mark.race
async def test_without_remembering_the_pause_it_would_be_a_wall_of_answers(redis):
    """The twin of the test above."""
    store = PauseStore(redis, "chat", most=10)
    store._take = without_guard(store._take, "if ends > now then", "if false then")
    met = await asyncio.gather(*(store.take("asha") for _ in range(200)))
    assert sum(pause is not None and pause.begins for pause in met) > 1


async def test_the_fastest_thumb_costs_no_round_trip(connections, redis, settings):
    pauses = chat_pauses(connections, most=settings.flood_events)
    assert pauses is not None
    await redis.config_resetstat()
    assert [await pauses.look("asha") for _ in range(160)] == [None] * 160  # sixteen a second
    assert not {"cmdstat_evalsha", "cmdstat_eval"} & (await redis.info("commandstats")).keys()


async def test_a_flood_over_four_replicas_is_stopped_soon(redis, settings):
    unasked = unasked_of(settings.flood_events)
    shared = PauseStore(redis, "chat", most=settings.flood_events - unasked, window=AGES, pause=AGES)
    replicas = [Pauses(shared, unasked=unasked) for _ in range(4)]
    for replica in replicas:
        replica._ends = math.inf  # all of it falls into one window
    met = Counter([what_it_was(await replicas[n % 4].look("asha")) for n in range(1_000)])
    assert met == {"on": 4 * 160 + 80, "told": 1, "silent": 279}


async def test_as_many_pass_as_the_house_allows_and_all_of_them_where_it_sets_no_limit(connections):
    pauses = chat_pauses(connections, most=0)
    assert pauses is None

    pauses = chat_pauses(connections, most=30)
    assert pauses is not None
    met = [what_it_was(await pauses.look("asha")) for _ in range(40)]
    assert met == ["on"] * 30 + ["told"] + ["silent"] * 9
    assert await pauses.look("ravi") is None


async def test_of_whom_too_much_waits_already_begins_a_pause_at_once_and_hears_of_it_once(redis):
    store = PauseStore(redis, "chat", most=50)
    pauses = Pauses(store, unasked=100)
    assert await pauses.look("asha") is None
    met = await asyncio.gather(*(pauses.begin("asha") for _ in range(20)))
    assert Counter(map(what_it_was, met)) == {"told": 1, "silent": 19}
    assert what_it_was(await pauses.look("asha")) == "silent"
    assert await pauses.look("ravi") is None


async def test_without_redis_nobody_is_paused():
    nowhere = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    pauses = Pauses(PauseStore(nowhere, "chat", most=1), unasked=0)
    assert [await pauses.look("asha") for _ in range(3)] == [None] * 3
    assert await pauses.begin("asha") is None
    await nowhere.aclose()


async def test_every_bucket_ends_by_itself(redis):
    store = PauseStore(redis, "chat", most=1)
    for _ in range(2):
        await store.take("asha")
    assert 0 < await redis.pttl("{rl:chat:asha}") <= 18_000
