"""How fast the bot speaks: against Telegram's own windows, over replicas, and without Redis."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from redis.asyncio import Redis

from bot.channels.telegram.keys import chat_key
from bot.channels.telegram.limits import Allowance, Held, Pace, Paces, _Places
from tests.bot.channels.telegram.conftest import ASHA, KITCHEN, MEERA
from tests.bot.channels.telegram.line import open_line, says
from tests.fakes.telegram import Flood

SOON = timedelta(seconds=30)


@pytest.fixture
async def lost(connections):
    """Connections whose Redis is away."""
    nowhere = Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=0.2, decode_responses=True)
    yield replace(connections, redis=nowhere)
    await nowhere.aclose()


async def _times(allowance, n, chat=ASHA, *, edit=False, tapped=False, chats=None):
    """When each of `n` may speak, all asking at once; seconds from the first."""
    began = time.monotonic()
    times = []

    async def one(k):
        await allowance.take(chats[k] if chats else chat, edit=edit, tapped=tapped, patience=SOON)
        times.append(time.monotonic() - began)

    await asyncio.gather(*(one(k) for k in range(n)))
    return sorted(times)


def _most_in(times, window):
    """The most that fell into any window of so many seconds."""
    return max(sum(1 for at in times if start <= at < start + window) for start in times)


async def test_a_chat_hears_a_short_burst_and_then_about_one_a_second(connections):
    times = await _times(Allowance(connections), 7)
    assert times[4] < 0.3
    assert 0.8 < times[5] < 1.4
    assert 1.8 < times[6] < 2.4


async def test_thirty_a_second_over_all_chats_and_not_one_more(connections):
    times = await _times(Allowance(connections), 60, chats=[6_000_000_000 + n for n in range(60)])
    assert _most_in(times, 0.95) <= 30
    assert times[-1] < 3.0


async def test_replicas_share_the_limits(connections):
    paces = Paces(private=Pace(200, 2))
    times = await asyncio.gather(*(_times(Allowance(connections, paces), 4) for _ in range(3)))
    together = sorted(at for one in times for at in one)
    assert sum(at < 0.15 for at in together) <= 3  # the burst of two is shared, not one for each
    assert together[-1] > 1.7


async def test_twenty_a_minute_in_a_group(connections):
    pace = Paces().group
    # In any minute: the burst, and what the minute adds to it.
    assert pace.burst + 60_000 // pace.every_ms <= 20
    times = await _times(Allowance(connections, Paces(group=Pace(200, 5))), 8, chat=KITCHEN)
    assert times[4] < 0.15
    assert [0.1 < later - earlier < 0.35 for earlier, later in pairwise(times[4:])] == [True] * 3


async def test_edits_weigh_a_quarter_of_a_message(connections):
    times = await _times(Allowance(connections), 16, edit=True)
    assert times[-1] < 0.9  # as messages, eleven of them would have waited for up to eleven seconds


async def test_answers_to_taps_ask_nobody_and_are_paced_all_the_same(lost):
    times = await _times(Allowance(lost), 21, edit=True, tapped=True)
    assert times[16] < 0.2
    assert 0.6 < times[20] < 1.4


async def test_who_would_wait_too_long_is_told_at_once_and_takes_no_place(connections):
    allowance = Allowance(connections, Paces(private=Pace(10_000, 1)))
    await allowance.take(ASHA, edit=False, patience=SOON)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(Held) as held:
            await allowance.take(ASHA, edit=False, patience=timedelta(seconds=2))
        assert timedelta(seconds=9) < held.value.retry_after <= timedelta(seconds=10)
        assert held.value.retryable
    assert time.monotonic() - began < 1
    await allowance.take(MEERA, edit=False, patience=timedelta(seconds=1))


async def test_when_telegram_says_wait_everybody_does_in_every_process(connections):
    told, other = Allowance(connections), Allowance(connections)
    async with other.listening():
        await asyncio.sleep(0.1)
        await told.pause(ASHA, timedelta(seconds=0.6))
        await asyncio.sleep(0.05)
        for allowance, tapped in ((told, True), (other, True), (other, False)):
            with pytest.raises(Held):
                await allowance.take(ASHA, edit=True, tapped=tapped, patience=timedelta(milliseconds=100))
        began = time.monotonic()
        await other.take(MEERA, edit=False, patience=SOON)
        assert time.monotonic() - began < 0.2
        await other.take(ASHA, edit=False, patience=SOON)
        assert time.monotonic() - began > 0.3


async def test_without_redis_every_process_keeps_the_limits_for_itself(lost):
    allowance = Allowance(lost)
    times = await _times(allowance, 7)
    assert times[4] < 1.0
    assert times[6] > 1.5
    await allowance.pause(MEERA, timedelta(seconds=5))
    with pytest.raises(Held):
        await allowance.take(MEERA, edit=False, patience=timedelta(seconds=1))


async def test_the_line_of_pauses_is_taken_up_again_after_redis_was_away(connections, redis, monkeypatch):
    monkeypatch.setattr("bot.channels.telegram.limits.AGAIN", timedelta(milliseconds=20))
    allowance = Allowance(connections)
    async with allowance.listening():
        await asyncio.sleep(0.1)
        await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await asyncio.sleep(0.3)
        await Allowance(connections).pause(ASHA, timedelta(seconds=5))
        await asyncio.sleep(0.1)
        with pytest.raises(Held):
            await allowance.take(ASHA, edit=True, tapped=True, patience=timedelta(seconds=1))


async def test_whoever_is_at_rest_is_forgotten():
    places = _Places()
    for who in range(1000):
        await places.take(who, 1, 0, SOON)
    await asyncio.sleep(0.02)
    for _ in range(600):
        await places.take(-1, 0, 0, SOON)
    assert len(places) <= 2


# Against Telegram's windows


async def test_a_rush_of_cards_in_a_group_is_never_refused(telegram, settings, connections, clock):
    telegram.flood = Flood(group_a_minute=20)
    chat = telegram.group(KITCHEN)
    async with open_line(telegram, settings, connections, clock, paces=None, listens=False) as line:
        sent = await asyncio.gather(
            *(line.channel.send(chat_key(KITCHEN), says(f"card-{n}", f"K {n}", "Accept")) for n in range(8)),
            return_exceptions=True,
        )
    assert telegram.flood.refused == 0
    late = [one for one in sent if isinstance(one, Held)]
    assert len(chat.by_bot()) + len(late) == 8
    assert late  # the outbox brings them again


async def test_messages_to_many_guests_at_once_all_arrive_and_none_is_refused(telegram, settings, connections, clock):
    telegram.flood = Flood(overall=30)
    people = [6_000_000_000 + n for n in range(70)]
    for person in people:
        telegram.private(person)
    async with open_line(telegram, settings, connections, clock, paces=None, listens=False) as line:
        await asyncio.gather(*(line.channel.send(chat_key(p), says(f"m{p}", "Ready")) for p in people))
    assert telegram.flood.refused == 0
    assert all(len(telegram.chats[person].by_bot()) == 1 for person in people)


async def test_a_429_is_obeyed_to_the_second_by_both_replicas(telegram, settings, connections, clock, asha):
    """Telegram is stricter than its own figures at times; what it says goes."""
    telegram.flood = Flood(private_burst=1, private_a_second=0.5)
    async with (
        open_line(telegram, settings, connections, clock, listens=False) as one,
        open_line(telegram, settings, connections, clock, listens=False) as other,
    ):
        await asyncio.sleep(0.1)
        await one.channel.send(chat_key(ASHA), says("m1", "First"))
        sends = [line.channel.send(chat_key(ASHA), says(f"m{n}", f"Later {n}")) for n, line in ((2, one), (3, other))]
        first = asyncio.create_task(sends[0])
        await asyncio.sleep(0.2)  # the first one is told to wait, the second hears of it
        await asyncio.gather(first, sends[1])
    assert telegram.flood.too_early == 0
    assert sorted(m.text for m in asha.chat.by_bot()) == ["First", "Later 2", "Later 3"]


async def test_a_wait_longer_than_the_outbox_would_hold_a_worker_is_handed_back(
    telegram, settings, connections, clock, asha
):
    telegram.flood = Flood(private_burst=1, private_a_second=0.02)
    async with open_line(telegram, settings, connections, clock, listens=False) as line:
        await line.channel.send(chat_key(ASHA), says("m1", "First"))
        with pytest.raises(Held) as held:
            await line.channel.send(chat_key(ASHA), says("m2", "Second"))
        assert held.value.retry_after >= timedelta(seconds=45)
        with pytest.raises(Held):
            await line.channel.send(chat_key(ASHA), says("m3", "Third"))
    assert telegram.flood.refused == 1  # the third one was not even tried
