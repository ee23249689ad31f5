"""Cards and boards: found again and edited, in whatever group and topic they stand."""

from tests.bot.channels.telegram.conftest import GROUP, KITCHEN
from tests.bot.channels.telegram.line import says
from tests.fakes.telegram import TelegramCook, Trouble


async def test_a_card_that_is_sent_twice_is_there_once(line, telegram):
    chat = telegram.group(KITCHEN)
    first = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    assert await line.channel.send(GROUP, says("card-1", "K 472", "Accept")) == first
    assert await line.channel.send(GROUP, says("card-2", "K 473", "Accept")) != first
    assert [message.text for message in chat.by_bot()] == ["K 472", "K 473"]


async def test_a_card_is_edited_by_our_name_for_it_or_by_telegrams(line, telegram):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    assert await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", "Ready", replaces="card-1")) == ref
    assert await line.channel.send(GROUP, says("card-1.c", "K 472 ready", replaces=ref)) == ref
    assert [(m.text, m.rows) for m in chat.by_bot()] == [("K 472 ready", [])]


async def test_without_redis_a_card_is_edited_by_telegrams_name_all_the_same(line, telegram, redis):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    await redis.flushdb()
    await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", replaces=ref))
    assert [m.text for m in chat.by_bot()] == ["K 472 accepted"]


async def test_of_a_card_telegram_took_no_more_than_its_number_need_be_told(line, telegram):
    chat = telegram.group(KITCHEN)
    telegram.fails("sendMessage", Trouble(status=200, raw=b'{"ok":true,"result":{"message_id":1000}}', after=True))
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    assert ref == "1000"
    assert [m.text for m in chat.by_bot()] == ["K 472"]


async def test_a_card_that_was_deleted_is_sent_anew(line, telegram):
    telegram.pardons.add("message to edit not found")
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    chat.messages[int(ref)].deleted = True
    new = await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", "Ready", replaces=ref))
    assert new != ref
    assert [m.text for m in chat.by_bot()] == ["K 472 accepted"]


async def test_what_reads_the_same_already_is_well(line, telegram):
    telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    assert await line.channel.send(GROUP, says("card-1", "K 472", "Accept", replaces=ref)) == ref


async def test_the_board_is_pinned_without_a_sound(line, telegram):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("board", "Nothing to cook"))
    await line.channel.pin(GROUP, ref)
    assert chat.pinned == [int(ref)]
    assert telegram.made("pinChatMessage")[0].params["disable_notification"] == "true"


async def test_a_tapped_card_is_redrawn_where_it_stands_and_another_one_where_it_is(line, telegram):
    cook = TelegramCook(telegram, 77, KITCHEN)
    first = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    await line.channel.send(GROUP, says("card-2", "K 473", "Accept"))

    async def answer(incoming):
        return (
            says("x-c", "K 473 accepted", "Ready", replaces=incoming.message),
            says("y", "K 472 gone", replaces=first),
        )

    line.answers = answer
    await cook.taps_on("K 473", "Accept")
    assert [m.text for m in cook.chat.by_bot()] == ["K 472 gone", "K 473 accepted"]


async def test_an_answer_in_a_topic_stays_in_it(line, telegram):
    cook = TelegramCook(telegram, 77, -1_000_000_004_001)

    async def answer(incoming):
        return (says("a", "Paused"),)

    line.answers = answer
    await cook.sends({"text": "/pause", "is_topic_message": True, "message_thread_id": 12})
    assert telegram.made("sendMessage")[0].params["message_thread_id"] == 12
