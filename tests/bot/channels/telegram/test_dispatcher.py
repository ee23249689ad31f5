"""Whose turn it is, the spinner, floods, and what nobody foresaw."""

import asyncio
import time
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError

from bot.channels.telegram.events import GroupMigrated
from bot.channels.telegram.keys import chat_key
from bot.channels.telegram.lanes import Flooded, Lanes
from bot.conversation.incoming import Tap, Text
from core.errors import StoreError
from core.settings import TelegramMode
from tests.bot.channels.telegram.conftest import ASHA, KITCHEN
from tests.bot.channels.telegram.line import Counter, open_line, says
from tests.fakes.telegram import TelegramPerson


def _tap(telegram, person, data="menu", update_id=1):
    telegram.queries["q1"] = (time.monotonic(), person.user["id"], False)
    message, _ = telegram.say(person.chat, person.user, {"text": "x"})
    query = {"id": "q1", "from": person.user, "message": message.shown(), "chat_instance": "1", "data": data}
    return {"update_id": update_id, "callback_query": query}


# Order


async def test_one_persons_updates_run_in_order_and_different_peoples_at_once(line, telegram):
    order, together = [], [0, 0]

    async def slow(incoming):
        together[0] += 1
        together[1] = max(together)
        await asyncio.sleep(0.03)
        together[0] -= 1
        order.append((incoming.handle, incoming.content))
        return ()

    line.answers = slow
    people = [TelegramPerson(telegram, 6_000_000_000 + n) for n in range(5)]
    updates: list[dict] = []
    for n in range(4):
        for person in people:
            if n % 2:
                updates.append(_tap(telegram, person, f"tap {n}", len(updates)))
            else:
                _, body = telegram.say(person.chat, person.user, {"text": f"text {n}"})
                updates.append({"update_id": len(updates), "message": body})
    began = time.monotonic()
    await asyncio.gather(*(line.account.handle(update) for update in updates))
    for person in people:
        mine = [content for handle, content in order if handle == f"telegram:{person.user['id']}"]
        assert mine == [Text("text 0"), Tap("tap 1"), Text("text 2"), Tap("tap 3")]
    assert together[1] == 5
    assert time.monotonic() - began < 0.4


async def test_no_more_than_the_width_run_at_once_and_no_lane_outlives_its_people():
    lanes, running, most = Lanes(width=3), 0, 0

    async def work(who):
        nonlocal running, most
        async with lanes.turn(str(who)):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.005)
            running -= 1

    await asyncio.gather(*(work(n % 20) for n in range(60)))
    assert most == 3
    assert len(lanes) == 0


async def test_a_lane_that_overflows_is_dropped_whole_and_is_free_again_at_once():
    lanes, done = Lanes(depth=5), []

    async def work(n, *, waits):
        async with lanes.turn("flood") as lane:
            async with lane.patiently():
                await asyncio.sleep(waits)
            done.append(n)

    results = await asyncio.wait_for(
        asyncio.gather(*(work(n, waits=60) for n in range(9)), return_exceptions=True), timeout=2
    )
    assert [type(result) for result in results] == [Flooded] * 9
    await work("later", waits=0)
    assert done == ["later"]
    assert len(lanes) == 0


async def test_a_timeout_of_ones_own_is_not_taken_for_a_flood():
    lanes = Lanes()
    with pytest.raises(TimeoutError):
        async with lanes.turn("a") as lane, lane.patiently(), asyncio.timeout(0.01):
            await asyncio.sleep(1)


# The spinner


async def test_the_answer_to_a_tap_rides_on_the_answer_to_the_webhook(line, asha, telegram):
    assert await line.account.handle(_tap(telegram, asha)) == {
        "method": "answerCallbackQuery",
        "callback_query_id": "q1",
    }
    assert telegram.made("answerCallbackQuery") == []


async def test_a_turn_that_takes_long_does_not_keep_the_spinner_turning(line, asha, telegram, monkeypatch):
    monkeypatch.setattr("bot.channels.telegram.dispatcher.SPINNER", timedelta(seconds=0.05))

    async def slow(incoming):
        await asyncio.sleep(0.3)
        return ()

    line.answers = slow
    began = time.monotonic()
    assert await line.account.handle(_tap(telegram, asha)) is None
    (call,) = telegram.made("answerCallbackQuery")
    assert 0.04 < call.at - began < 0.25
    assert not call.riding


async def test_without_a_webhook_the_tap_is_answered_first(telegram, settings, connections, clock, asha):
    async def slow(incoming):
        await asyncio.sleep(0.2)
        return (says("a", "Menu"),)

    async with open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING) as line:
        line.answers = slow
        message, _ = telegram.say(asha.chat, asha.user, {"text": "x"})
        await asha.taps_button(message, "menu")
    methods = [call.method for call in telegram.calls if call.method in ("answerCallbackQuery", "sendMessage")]
    assert methods == ["answerCallbackQuery", "sendMessage"]


async def test_a_tap_that_is_too_old_to_be_answered_is_handled_all_the_same(
    telegram, settings, connections, clock, asha
):
    telegram.query_life = -1.0
    async with open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING) as line:
        message, _ = telegram.say(asha.chat, asha.user, {"text": "x"})
        await asha.taps_button(message, "menu")
        await asha.taps_button(None, "cart")
    assert [(heard.content, heard.message) for heard in line.heard] == [
        (Tap("menu"), str(message.id)),
        (Tap("cart"), ""),
    ]


# What nobody foresaw


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 5, "message": {"chat": {}, "from": 7}},
        {"update_id": 5, "message": 12},
        {"update_id": 5, "callback_query": {"id": []}},
        {"update_id": 5, "message": {"message_id": 1, "from": {"id": "x"}, "chat": {"id": None}, "text": ["a"]}},
        {"update_id": 5, "my_chat_member": {"chat": {"type": "private"}}},
        {"update_id": 5},
    ],
)
async def test_an_update_of_an_unheard_of_shape_is_done_with(line, update):
    assert await line.account.handle(update) is None


async def test_a_mistake_in_a_turn_is_logged_and_the_update_done_with(line, asha, caplog):
    async def broken(incoming):
        raise ZeroDivisionError

    line.answers = broken
    await asha.says("menu")
    assert "telegram_update_failed" in caplog.text
    line.answers = None
    await asha.says("menu")


async def test_while_our_stores_are_away_the_update_comes_again(line, asha, telegram, monkeypatch):
    failures = [ConnectionError("away"), StoreError("away")]

    async def flaky(incoming):
        if failures:
            raise failures.pop()
        return (says("a", "Here I am"),)

    line.answers = flaky
    await asha.says("menu")
    assert asha.screen == "Here I am"
    assert [delivery.status for delivery in telegram.updates.deliveries[-3:]] == [503, 503, 200]


async def test_an_update_that_keeps_failing_while_the_stores_are_well_does_not_come_for_a_day(
    line, asha, telegram, caplog
):
    async def broken(incoming):
        raise StoreError("order kept changing")

    line.answers = broken
    await asha.says("menu")
    statuses = [delivery.status for delivery in telegram.updates.deliveries]
    assert statuses == [503] * 6 + [200]
    assert "telegram_update_given_up" in caplog.text


async def test_an_update_is_never_given_up_while_a_store_is_away(line, asha, telegram, monkeypatch):
    async def away(database):
        return False

    async def broken(incoming):
        raise StoreError("away")

    monkeypatch.setattr("bot.channels.telegram.dispatcher.mongo_answers", away)
    line.answers = broken
    _, body = telegram.say(asha.chat, asha.user, {"text": "menu"})
    for _ in range(12):
        with pytest.raises(StoreError):
            await line.account.handle({"update_id": 9, "message": body})


async def test_a_guest_who_blocked_the_bot_meanwhile_is_no_reason_to_come_again(line, asha, telegram):
    async def answer(incoming):
        asha.chat.shut = "bot was blocked by the user"
        return (says("a", "Hello"),)

    line.answers = answer
    await asha.says("menu")
    assert telegram.updates.deliveries[-1].status == 200


async def test_the_same_update_twice_at_once_counts_once(line, connections, asha, telegram, redis):
    line.answers = Counter(connections).handle
    _, body = telegram.say(asha.chat, asha.user, {"text": "menu"})
    await asyncio.gather(*(line.account.handle({"update_id": 9, "message": body}) for _ in range(5)))
    assert await redis.get(f"count:telegram:{ASHA}") == "1"
    assert [m.text for m in asha.chat.by_bot()] == ["Counted 1"]


async def test_what_happens_to_a_group_is_told_and_told_again_while_our_stores_are_away(line, telegram, monkeypatch):
    group, failures = telegram.group(KITCHEN), [ConnectionError("away")]
    hear = line.hear

    async def flaky(event):
        if failures:
            raise failures.pop()
        await hear(event)

    line.account.serve(line.handle, flaky)
    _, body = telegram.say(
        group, {"id": 77, "is_bot": False, "first_name": "Ravi"}, {"migrate_to_chat_id": -1_000_000_004}
    )
    await telegram.queue_message(body).done.wait()
    assert line.events == [GroupMigrated(chat_key(KITCHEN), chat_key(-1_000_000_004))]
