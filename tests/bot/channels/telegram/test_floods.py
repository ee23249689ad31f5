"""Somebody who sends faster than anybody can read: nobody else notices, and they are told how long to wait."""

import asyncio
import statistics
import time
from datetime import timedelta
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.telegram.keys import chat_key
from bot.channels.telegram.lanes import DEPTH, Lanes
from bot.router import Router
from core.limits.pause import chat_pauses
from core.settings import TelegramMode
from tests.bot.channels.telegram.conftest import ASHA, MEERA
from tests.bot.channels.telegram.house import open_telegram_house
from tests.bot.channels.telegram.line import Counter, open_line
from tests.fakes.telegram import Flood, TelegramPerson

BACKLOG = 300


def _behind_the_router(line, connections, settings):
    """A kitchen in small that is asked as the program asks its guests' desk: nothing of somebody in a pause is done."""
    directory: Any = SimpleNamespace(all=list)
    desk: Any = Counter(connections)
    pauses = chat_pauses(connections, most=settings.flood_events)
    router = Router(outlets=directory, guests=desk, kitchen=desk, pauses=pauses)
    line.answers = router.handle
    line.account._dispatcher._listeners.flooded = router.flooded


def _comes_at_once(telegram, account, flooder, mode):
    """What to wait for until all of a flood has been handled or thrown away."""
    bodies = [telegram.say(flooder.chat, flooder.user, {"text": "spam"})[1] for _ in range(BACKLOG)]
    if mode is TelegramMode.POLLING:
        return [telegram.queue_message(body).done.wait() for body in bodies]
    # As if Telegram did not keep a chat's updates in order.
    updates = ({"update_id": 10_000_000 + body["message_id"], "message": body} for body in bodies)
    return [asyncio.create_task(account.handle(update)) for update in updates]


async def _waited_through(telegram, line, connections, mode, rounds=3):
    """How many turns of somebody with 300 messages waiting come before the turn of a guest who taps behind them."""
    people, before = [], []
    counter = Counter(connections)

    async def noted(incoming):
        people.append(incoming.chat)
        if incoming.chat == chat_key(ASHA):
            await asyncio.sleep(0.001)
            return ()
        return await counter.handle(incoming)

    line.answers = noted
    guest, flooder = TelegramPerson(telegram, MEERA), TelegramPerson(telegram, ASHA)
    await guest.says("hello")
    for _ in range(rounds):
        people.clear()
        waiting = _comes_at_once(telegram, line.account, flooder, mode)
        await _seconds_to_answer(telegram, guest)
        before.append(people.index(chat_key(MEERA)))
        await asyncio.gather(*waiting)
    return before


@pytest.mark.parametrize("mode", TelegramMode)
async def test_who_taps_behind_a_flood_waits_for_hardly_any_of_it(telegram, settings, connections, clock, mode):
    telegram.flood = Flood(overall=10_000)
    async with open_line(telegram, settings, connections, clock, mode=mode) as line:
        assert max(await _waited_through(telegram, line, connections, mode)) <= 20


@pytest.mark.parametrize("mode", TelegramMode)
async def test_in_one_lane_without_a_bound_they_would_wait_for_all_of_it(
    telegram, settings, connections, clock, mode, monkeypatch
):
    """The twin of the test above: everybody behind everybody, and nothing is dropped."""
    turn = Lanes.turn
    monkeypatch.setattr(Lanes, "turn", lambda lanes, who: turn(lanes, "everybody"))
    monkeypatch.setattr("bot.channels.telegram.dispatcher.Lanes", partial(Lanes, depth=10 * BACKLOG))
    async with open_line(telegram, settings, connections, clock, mode=mode) as line:
        assert await _waited_through(telegram, line, connections, mode, rounds=1) >= [BACKLOG // 2]


async def _seconds_to_answer(telegram, person):
    """From a tap until its answer is on the screen."""
    seen, began = len(person.chat.changes), time.monotonic()
    message = person.chat.by_bot()[-1]
    telegram.queue_tap(person.user, message.shown(), message.rows[0][0]["callback_data"])
    async with asyncio.timeout(20), telegram.changed:
        await telegram.changed.wait_for(lambda: len(person.chat.changes) > seen)
    return time.monotonic() - began


def _shown(times):
    return ", ".join(f"{each:.2f}" for each in sorted(times))


@pytest.mark.deep
@pytest.mark.parametrize("mode", TelegramMode)
async def test_one_person_who_floods_slows_nobody_else_down(
    telegram, settings, connections, clock, mode, redis, monkeypatch, figure
):
    """200 updates a second of one person; the others' p95 beside what it is without, in turns. The middle one of five
    turns decides: what else the machine does meets some of them, and either side.
    """
    monkeypatch.setattr("bot.channels.telegram.account.FINISH", timedelta(seconds=0.5))
    telegram.flood = Flood(overall=10_000)
    async with open_line(telegram, settings, connections, clock, mode=mode, paces=None) as line:
        _behind_the_router(line, connections, settings)
        people = [TelegramPerson(telegram, 6_000_000_000 + n) for n in range(12)]
        flooder = TelegramPerson(telegram, ASHA)
        for person in people:
            await person.says("hello")
        tasks, numbers = set(), count()

        async def others(rounds):
            """Somebody taps every twentieth of a second, each of them every 0.6 s."""
            waits = []
            for _ in range(rounds):
                for person in people:
                    waits.append(await _seconds_to_answer(telegram, person))
                    await asyncio.sleep(0.05)
            return waits

        async def flood():
            for n in numbers:
                _, body = telegram.say(flooder.chat, flooder.user, {"text": f"spam {n}"})
                if mode is TelegramMode.POLLING:
                    telegram.queue_message(body)
                else:  # all at once, as if Telegram did not keep a chat's updates in order
                    tasks.add(asyncio.create_task(line.account.handle({"update_id": 10_000_000 + n, "message": body})))
                await asyncio.sleep(0.005)

        await others(1)
        times = []
        for _ in range(5):
            alone = await others(2)
            flooding = asyncio.create_task(flood())
            await asyncio.sleep(0.3)
            beside = await others(2)
            for task in (flooding, *tasks):
                task.cancel()
            await asyncio.gather(flooding, *tasks, return_exceptions=True)
            tasks.clear()
            for n in range(DEPTH + 1 if mode is TelegramMode.POLLING else 0):  # what still waits is dropped
                telegram.queue_message(telegram.say(flooder.chat, flooder.user, {"text": f"last {n}"})[1])
            async with asyncio.timeout(60):  # what the flooder still waits for would not be quiet
                while telegram.updates.pending:
                    await asyncio.sleep(0.05)
            quiet, loud = (statistics.quantiles(waits, n=20)[-1] for waits in (alone, beside))
            times.append(loud / quiet)
        figure(f"Telegram, {mode}: others' p95 beside a flood, times their quiet p95: {_shown(times)}")
    assert statistics.median(times) < 2
    assert telegram.flood.refused == 0
    assert int(await redis.get(f"count:telegram:{ASHA}")) > 5


async def test_after_a_flood_the_flooder_is_answered_again_soon(telegram, settings, connections, clock, asha):
    async with open_line(telegram, settings, connections, clock, paces=None) as line:
        line.answers = Counter(connections).handle
        bodies = [telegram.say(asha.chat, asha.user, {"text": f"spam {n}"})[1] for n in range(300)]
        await asyncio.gather(*(line.account.handle({"update_id": n, "message": b}) for n, b in enumerate(bodies)))
        began = time.monotonic()
        await asha.says("sorry")
        assert asha.screen.startswith("Counted")
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("mode", TelegramMode)
async def test_who_floods_reads_once_how_long_to_wait_instead_of_meeting_a_wall_of_silence(
    telegram, settings, connections, clock, mode, asha, meera
):
    async with open_telegram_house(telegram, settings, connections, clock, mode=mode, flood_events=240) as house:
        await asyncio.gather(*_comes_at_once(telegram, house.account, asha, mode))
        await meera.says("hello")
        await asha.hears("Give me 8 seconds, that was faster than I can read. Your cart is as it was.")
    said = [message.text for message in asha.chat.by_bot()]
    assert len([text for text in said if text.startswith("Give me 8 seconds")]) == 1
    assert len(said) <= 5
    assert "Tiffin" in meera.screen
