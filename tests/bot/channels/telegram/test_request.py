import asyncio
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram.request import AiohttpRequest, form
from tests.bot.channels.telegram.conftest import ASHA, KITCHEN
from tests.bot.channels.telegram.line import PIXEL
from tests.fakes.telegram import Flood, Trouble
from tests.fakes.telegram.server import TOKEN


@pytest.fixture
async def bot(telegram):
    telegram.private(ASHA)
    request = AiohttpRequest(connections=64)
    yield Bot(TOKEN, base_url=f"{telegram.base}/bot", request=request, get_updates_request=AiohttpRequest())
    await request.shutdown()


async def test_a_call_is_a_form_and_opens_the_session_by_itself(bot, telegram):
    sent = await bot.send_message(ASHA, "Namaste ₹ & <b>hello</b>", parse_mode="HTML")
    assert sent.text == "Namaste ₹ & hello"
    assert telegram.calls[-1].content_type == "application/x-www-form-urlencoded"


async def test_a_file_travels_whole_with_its_name(bot, telegram):
    await bot.send_document(
        ASHA, InputFile(b"%PDF" + bytes(range(256)) * 4000, filename="bill K472.pdf"), caption="Bill"
    )
    call = telegram.calls[-1]
    assert call.content_type == "multipart/form-data"
    assert call.files["document"] == ("bill K472.pdf", b"%PDF" + bytes(range(256)) * 4000)
    assert call.params == {"chat_id": ASHA, "caption": "Bill"}
    photo = await bot.send_photo(ASHA, PIXEL, caption="Dosa")
    assert photo.photo
    assert photo.caption == "Dosa"


async def test_a_call_that_gets_no_answer_in_time_timed_out(bot, telegram):
    telegram.fails("sendMessage", Trouble(silence=1.0))
    with pytest.raises(TimedOut):
        await bot.send_message(ASHA, "hello", read_timeout=0.1)
    await bot.send_message(ASHA, "hello again")


async def test_without_a_time_limit_it_waits(bot, telegram):
    telegram.fails("sendMessage", Trouble(silence=0.3, after=True, raw=b'{"ok": true, "result": true}', status=200))
    assert await bot.send_message(ASHA, "hello", read_timeout=None, connect_timeout=None) is True


async def test_a_server_that_is_not_there_is_a_network_error_that_keeps_the_token_to_itself(telegram):
    async with Bot(TOKEN, base_url=f"{telegram.base}/bot", request=AiohttpRequest()) as known:
        assert known.username == "tiffin_test_bot"
    request = AiohttpRequest()
    lost = Bot(TOKEN, base_url="http://127.0.0.1:9/bot", request=request)
    with pytest.raises(NetworkError) as failure:
        await lost.send_message(ASHA, "hello")
    assert not isinstance(failure.value, TimedOut)
    assert TOKEN not in f"{failure.value!r}"
    await request.shutdown()


async def test_a_call_after_the_end_opens_nothing_anew(bot, telegram):
    await bot.request.shutdown()
    with pytest.raises(NetworkError):
        await bot.send_message(ASHA, "hello")
    await bot.request.initialize()
    assert (await bot.send_message(ASHA, "hello")).text == "hello"


async def test_a_line_that_breaks_is_a_network_error(bot, telegram):
    telegram.fails("sendMessage", Trouble(drop=True))
    with pytest.raises(NetworkError):
        await bot.send_message(ASHA, "hello")


@pytest.mark.parametrize("raw", [b"<html>Bad Gateway</html>", b"", b"[1, 2]", b"\xff\xfe"])
async def test_an_answer_that_is_no_answer_is_an_error_of_the_library(bot, telegram, raw):
    telegram.fails("sendMessage", Trouble(status=200, raw=raw))
    with pytest.raises(TelegramError):
        await bot.send_message(ASHA, "hello")


async def test_telegrams_refusals_come_as_the_library_names_them(bot, telegram):
    telegram.pardons |= {"chat not found", "group chat was upgraded"}
    telegram.group(KITCHEN)
    telegram.migrate(KITCHEN, -1_000_000_004_001)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(KITCHEN, "hello")
    assert moved.value.new_chat_id == -1_000_000_004_001
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(404, "hello")
    telegram.chats[ASHA].shut = "bot was blocked by the user"
    with pytest.raises(Forbidden):
        await bot.send_message(ASHA, "hello")
    telegram.chats[ASHA].shut = ""
    telegram.flood = Flood(private_burst=1)
    await bot.send_message(ASHA, "one")
    with pytest.raises(RetryAfter) as held:
        await bot.send_message(ASHA, "two")
    assert held.value.retry_after == timedelta(seconds=1)
    telegram.fails("sendMessage", Trouble(status=502, description="Bad Gateway"))
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(ASHA, "three")


async def test_a_token_telegram_does_not_know_is_said_so(telegram):
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", base_url=f"{telegram.base}/bot", request=AiohttpRequest()):
            pass


async def test_hundreds_of_calls_at_once_all_arrive(bot, telegram):
    telegram.delay = 0.02
    await asyncio.gather(*(bot.send_message(ASHA, f"message {n}") for n in range(300)))
    assert len({message.text for message in telegram.chats[ASHA].by_bot()}) == 300


WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(WORDS, WORDS))
def test_any_form_says_what_was_put_into_it(values):
    assert dict(parse_qsl(form(values).decode(), keep_blank_values=True)) == values


@pytest.mark.parametrize("filler", ["", "x" * 300, "x" * 300 + "₹"])
def test_a_long_form_is_the_same_as_a_short_one(filler):
    values = {"text": "".join(map(chr, range(1, 128))) * 3 + filler, "other": "+ %2B &amp;"}
    assert parse_qsl(form(values).decode()) == parse_qsl(urlencode(values))


async def test_an_edit_gives_nothing_back_but_that_it_is_done(bot, telegram):
    sent = await bot.send_message(ASHA, "one")
    assert await bot.edit_message_text("two", ASHA, sent.message_id) is True
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("two", ASHA, sent.message_id)
