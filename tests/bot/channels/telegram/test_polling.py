"""Fetching updates: in which order they are confirmed, and what is there again after a crash."""

import asyncio
import json
import time
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError

from bot.channels.telegram.polling import Polling
from bot.conversation.incoming import Text
from core.settings import TelegramMode
from tests.bot.channels.telegram.line import Counter, open_line, says
from tests.fakes.telegram import TelegramPerson, Trouble


@pytest.fixture
async def polled(telegram, settings, connections, clock):
    async with open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING) as line:
        yield line


async def test_a_guest_is_answered_and_the_update_confirmed(polled, asha, telegram, connections):
    polled.answers = Counter(connections).handle
    await asha.says("one")
    await asha.taps("More")
    assert asha.screen == "Counted 2"
    assert telegram.updates.pending == {}
    asked = telegram.made("getUpdates")[0]
    assert asked.params["allowed_updates"] == ["message", "callback_query", "my_chat_member"]


async def test_a_webhook_that_stands_is_taken_down_first_and_nothing_is_thrown_away(
    telegram, settings, connections, clock, asha
):
    async with open_line(telegram, settings, connections, clock, listens=False):
        pass
    await telegram.updates.set_webhook("https://elsewhere.example/x", "", 40, None)
    telegram.updates.reaches["https://elsewhere.example"] = "http://127.0.0.1:9"
    _, body = telegram.say(asha.chat, asha.user, {"text": "while it pointed elsewhere"})
    waiting = telegram.queue_message(body)
    async with open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING) as line:
        await asyncio.wait_for(waiting.done.wait(), 5)
    assert [heard.content for heard in line.heard] == [Text("while it pointed elsewhere")]
    assert telegram.made("deleteWebhook")[0].params == {"drop_pending_updates": "false"}


async def test_an_update_is_confirmed_only_when_it_and_all_before_it_are_handled(polled, telegram):
    slow, quick = (TelegramPerson(telegram, 6_000_000_000 + n) for n in range(2))
    go_on = asyncio.Event()

    async def answer(incoming):
        if incoming.chat.endswith("0"):
            await go_on.wait()
        return (says(f"a{incoming.update_id}", "Done"),)

    polled.answers = answer
    first = telegram.queue_message(telegram.say(slow.chat, slow.user, {"text": "slow"})[1])
    others = [telegram.queue_message(telegram.say(quick.chat, quick.user, {"text": f"{n}"})[1]) for n in range(5)]
    async with asyncio.timeout(5), telegram.changed:
        await telegram.changed.wait_for(lambda: len(quick.chat.by_bot()) == 5)
    await asyncio.sleep(0.2)
    assert [one.done.is_set() for one in (first, *others)] == [False] * 6
    assert len(polled.heard) == 6  # though they came again with every answer
    go_on.set()
    for one in (first, *others):
        await asyncio.wait_for(one.done.wait(), 5)


async def test_what_was_not_handled_when_the_bot_died_is_handled_by_the_next(
    telegram, settings, connections, clock, asha
):
    counter = Counter(connections)
    stuck = asyncio.Event()

    async def never(incoming):
        stuck.set()
        await asyncio.sleep(3600)

    async with open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING, listens=False) as line:
        line.answers = never
        polling = asyncio.create_task(Polling(line.account.bot, line.account._serving).run())
        waiting = [telegram.queue_message(telegram.say(asha.chat, asha.user, {"text": f"{n}"})[1]) for n in range(3)]
        await asyncio.wait_for(stuck.wait(), 5)
        for task in asyncio.all_tasks():
            if task is polling or task.get_name() == "telegram-update":
                task.cancel()
        await asyncio.sleep(0.05)
    assert len(telegram.updates.pending) == 3
    async with open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING) as line:
        line.answers = counter.handle
        for one in waiting:
            await asyncio.wait_for(one.done.wait(), 5)
    assert [m.text for m in asha.chat.by_bot()] == ["Counted 1", "Counted 2", "Counted 3"]


async def test_stopping_waits_for_what_is_under_way_and_confirms_it(telegram, settings, connections, clock, asha):
    async def slow(incoming):
        await asyncio.sleep(0.3)
        return (says("a", "Done"),)

    async with open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING) as line:
        line.answers = slow
        one = telegram.queue_message(telegram.say(asha.chat, asha.user, {"text": "last order"})[1])
        while not line.heard:
            await asyncio.sleep(0.01)
    assert one.done.is_set()
    assert [m.text for m in asha.chat.by_bot()] == ["Done"]


async def test_while_our_stores_are_away_updates_wait_at_telegram(polled, asha, telegram, monkeypatch):
    monkeypatch.setattr("bot.channels.telegram.polling.FIRST_PAUSE", timedelta(seconds=0.05))
    failures = [ConnectionError("away")] * 4

    async def flaky(incoming):
        if failures:
            assert telegram.updates.pending
            raise failures.pop()
        return (says("a", "Here again"),)

    polled.answers = flaky
    await asha.says("menu")
    assert asha.screen == "Here again"


async def test_more_updates_than_fit_into_one_answer_are_all_handled_once(polled, telegram, connections, redis):
    polled.answers = Counter(connections).handle
    people = [TelegramPerson(telegram, 6_000_000_000 + n) for n in range(60)]
    waiting = [
        telegram.queue_message(telegram.say(person.chat, person.user, {"text": f"{n}"})[1])
        for n in range(5)
        for person in people
    ]
    for one in waiting:
        await asyncio.wait_for(one.done.wait(), 20)
    counts = [await redis.get(f"count:telegram:{person.user['id']}") for person in people]
    assert counts == ["5"] * 60


async def test_an_update_nobody_can_read_does_not_hold_up_the_others(polled, asha, telegram):
    telegram.updates.add("message", {"chat": 7}, "chat:7")
    await asha.says("menu")
    assert [heard.content for heard in polled.heard] == [Text("menu")]


async def test_a_second_poller_is_explained_in_the_log(polled, telegram, monkeypatch, caplog, asha):
    monkeypatch.setattr("bot.channels.telegram.polling.AFTER_CONFLICT", timedelta(seconds=0.1))
    await asyncio.sleep(0.1)
    await telegram.updates.fetch(0, 100, 0.05, None)
    await asyncio.sleep(0.1)
    assert telegram.updates.conflicts == 1
    assert "telegram_polled_elsewhere" in caplog.text
    assert "Another process fetches" in caplog.text
    await asha.says("still there?")
    assert polled.heard


async def test_a_webhook_set_behind_our_back_is_taken_down_again(polled, telegram, monkeypatch, asha):
    monkeypatch.setattr("bot.channels.telegram.polling.AFTER_CONFLICT", timedelta(seconds=0.1))
    await asyncio.sleep(0.1)
    await telegram.updates.set_webhook("https://elsewhere.example/x", "", 40, None)
    telegram.updates.reaches["https://elsewhere.example"] = "http://127.0.0.1:9"
    await asha.says("still there?")
    assert polled.heard
    assert len(telegram.made("deleteWebhook")) == 2


@pytest.mark.parametrize("trouble", [{"status": 502}, {"drop": True}, {"raw": b"<html>", "status": 200}])
async def test_it_goes_on_after_a_bad_moment_of_telegrams(polled, telegram, asha, monkeypatch, trouble):
    monkeypatch.setattr("bot.channels.telegram.polling.AFTER_FAILURE", (timedelta(seconds=0.05),))
    telegram.fails("getUpdates", Trouble(times=2, **trouble))
    await asha.says("one")
    await asha.says("two")
    assert len(polled.heard) == 2


async def test_it_waits_as_long_as_telegram_says(polled, telegram, asha):
    refusal = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    telegram.fails("getUpdates", Trouble(status=429, raw=json.dumps(refusal).encode()))
    began = time.monotonic()
    await asha.says("one")
    await asha.says("two")
    assert time.monotonic() - began > 0.9
