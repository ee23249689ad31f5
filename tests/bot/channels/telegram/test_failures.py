"""What can go wrong between us and Telegram, and who hears of it."""

import pytest
from redis.asyncio import Redis

from bot.channels.base import Unreachable
from bot.channels.telegram.errors import ChatMoved, Refused, Unanswered
from bot.channels.telegram.events import GroupMigrated
from bot.channels.telegram.keys import chat_key
from core.ids import ChatKey
from tests.bot.channels.telegram.conftest import CHAT, GROUP, KITCHEN
from tests.bot.channels.telegram.line import says
from tests.fakes.telegram import TelegramCook, Trouble
from tests.fakes.telegram.chats import Chat


async def test_a_guest_who_blocked_the_bot_is_out_of_reach_for_good(line, asha, telegram):
    asha.chat.shut = "bot was blocked by the user"
    with pytest.raises(Unreachable) as gone:
        await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert not gone.value.retryable
    assert len([call for call in telegram.calls if call.method == "sendMessage"]) == 1
    asha.chat.shut = ""
    with pytest.raises(Unreachable):
        await line.channel.send(ChatKey("telegram:anon"), says("m1", "x"))


async def test_a_chat_nobody_knows_is_out_of_reach(line, telegram):
    telegram.pardons.add("chat not found")
    with pytest.raises(Unreachable):
        await line.channel.send(chat_key(404), says("m1", "hello"))


async def test_a_mistake_of_ours_is_not_repeated(line, asha, telegram):
    telegram.pardons.add("message text is empty")
    with pytest.raises(Refused) as refused:
        await line.channel.send(CHAT, says("m1", "   "))
    assert not refused.value.retryable
    assert len([call for call in telegram.calls if call.method == "sendMessage"]) == 1


@pytest.mark.parametrize("trouble", [{"status": 502}, {"drop": True}, {"status": 500, "raw": b"<html>"}])
async def test_a_card_that_may_not_have_arrived_is_left_to_the_outbox_to_repeat(line, asha, telegram, trouble):
    telegram.fails("sendMessage", Trouble(**trouble))
    with pytest.raises(Unanswered) as failure:
        await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert failure.value.retryable
    await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert [m.text for m in asha.chat.by_bot()] == ["Your order is ready"]


async def test_an_edit_without_an_answer_is_made_again_at_once(line, telegram):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    telegram.fails("editMessageText", Trouble(drop=True, after=True))
    assert await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", replaces=ref)) == ref
    assert [(m.text, m.edits) for m in chat.by_bot()] == [("K 472 accepted", 1)]


async def test_an_answer_survives_a_bad_moment_of_telegrams(guide, asha, telegram):
    telegram.fails("sendMessage", Trouble(status=502))
    await asha.opens()
    assert asha.screen == "Welcome"
    telegram.fails("editMessageText", Trouble(drop=True))
    await asha.taps("Menu")
    assert asha.screen == "The menu"


async def test_an_answer_telegram_refuses_does_not_take_the_next_one_along(line, asha, telegram):
    telegram.pardons.add("message text is empty")

    async def two(incoming):
        return says("a", " "), says("b", "Here is the menu")

    line.answers = two
    await asha.says("menu")
    assert asha.screen == "Here is the menu"


async def test_a_group_that_moved_is_told_of_and_the_next_try_reaches_it(line, telegram):
    telegram.pardons.add("group chat was upgraded")
    telegram.group(KITCHEN)
    new = telegram.migrate(KITCHEN, -1_000_000_004_001)
    with pytest.raises(ChatMoved) as moved:
        await line.channel.send(GROUP, says("card-1", "K 472"))
    assert moved.value.retryable
    assert line.events == [GroupMigrated(GROUP, moved.value.new)]
    await line.channel.send(moved.value.new, says("card-1", "K 472"))
    assert [m.text for m in new.by_bot()] == ["K 472"]


async def test_a_cook_who_wrote_before_the_group_moved_is_answered_in_the_new_one(line, telegram):
    telegram.pardons.add("group chat was upgraded")
    cook = TelegramCook(telegram, 77, KITCHEN)

    async def answer(incoming):
        new.append(telegram.migrate(KITCHEN, -1_000_000_004_001))
        return (says("a", "Paused"),)

    new: list[Chat] = []
    line.answers = answer
    await cook.says("/pause")
    assert [m.text for m in new[0].by_bot()] == ["Paused"]


async def test_a_token_that_was_taken_back_is_told_of_and_the_card_waits(line, asha, telegram, caplog):
    telegram.token = "1:another"
    with pytest.raises(Unanswered):
        await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert "telegram_token_refused" in caplog.text


async def test_without_redis_answers_are_shown_all_the_same(guide, asha, line, monkeypatch):
    nowhere = Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=0.2, decode_responses=True)
    for part in (line.channel._sent, line.account.allowance):
        monkeypatch.setattr(part, "_redis", nowhere)
    await asha.opens()
    await asha.taps("Menu")
    await asha.says("cart")
    assert [m.text for m in asha.chat.by_bot()] == ["The menu", "Your cart"]
    await nowhere.aclose()
