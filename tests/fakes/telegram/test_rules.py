"""The fake refuses what Telegram refuses; if it were kinder, the tests on it would prove nothing."""

import asyncio
import time

import aiohttp
import pytest

from tests.fakes.telegram import Flood, TelegramPerson, Trouble, running_telegram
from tests.fakes.telegram.rules import Refusal, parse_html

ASHA = 42


@pytest.fixture
async def telegram():
    async with running_telegram() as fake:
        fake.private(ASHA)
        yield fake


@pytest.fixture
async def api(telegram):
    async with aiohttp.ClientSession() as http:

        async def call(method, as_json=False, **params):
            body = {"json": params} if as_json else {"data": {name: str(value) for name, value in params.items()}}
            async with http.post(f"{telegram.base}/bot{telegram.token}/{method}", **body) as answer:
                return answer.status, await answer.json()

        yield call


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<b>", "Can't find end tag"),
        ("</b>", "Unexpected end tag"),
        ("<b><i></b></i>", "Unmatched end tag"),
        ("<img>", "Unsupported start tag"),
        ("a < b", "Unclosed start tag"),
        ("<3", "Unclosed start tag"),
    ],
)
def test_markup_that_is_not_whole_is_refused(html, what):
    with pytest.raises(Refusal, match=what):
        parse_html(html)


def test_entities_are_counted_in_utf16():
    parsed = parse_html("🍛 <b>a<i>b</i></b> &lt;&amp;&nosuch;")
    assert parsed.text == "🍛 ab <&&nosuch;"
    assert [(e["type"], e["offset"], e["length"]) for e in parsed.entities] == [("bold", 3, 2), ("italic", 4, 1)]


KEYBOARD = '{"inline_keyboard": [[{"text": "A", "callback_data": "%s"}]]}'


@pytest.mark.parametrize(
    ("method", "params", "code", "what"),
    [
        ("sendMessage", {"text": "  "}, 400, "message text is empty"),
        ("sendMessage", {"text": "x" * 4097}, 400, "message is too long"),
        ("sendMessage", {"text": "<b>" + "&lt;" * 4097 + "</b>", "parse_mode": "HTML"}, 400, "message is too long"),
        ("sendMessage", {"text": "<b>", "parse_mode": "HTML"}, 400, "can't parse entities"),
        ("sendMessage", {"text": "x", "chat_id": 404}, 400, "chat not found"),
        ("sendMessage", {"text": "x", "reply_markup": KEYBOARD % ("x" * 65)}, 400, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "x", "reply_markup": KEYBOARD % "₹" * 1}, 200, ""),
        ("sendMessage", {"text": "x", "reply_markup": '{"inline_keyboard": [[{"text": "A"}]]}'}, 400, "Text buttons"),
        ("sendPhoto", {"photo": "nothing"}, 400, "wrong file identifier"),
        ("editMessageText", {"message_id": 99, "text": "x"}, 400, "message to edit not found"),
        ("deleteMessage", {"message_id": 99}, 400, "message to delete not found"),
        ("answerCallbackQuery", {"callback_query_id": "1"}, 400, "query is too old"),
        ("setMyCommands", {"commands": '[{"command": "Menu", "description": "x"}]'}, 400, "BOT_COMMAND_INVALID"),
        ("nosuchmethod", {}, 404, "Not Found"),
        ("SENDMESSAGE", {"text": "methods know no case"}, 200, ""),
    ],
)
async def test_what_telegram_refuses_is_refused(api, method, params, code, what):
    status, answer = await api(method, **{"chat_id": ASHA, **params})
    assert status == code
    assert answer["ok"] is (code == 200)
    assert what in answer.get("description", "")


async def test_forms_and_json_say_the_same(api, telegram):
    for as_json in (False, True):
        await api("sendMessage", as_json, chat_id=ASHA, text="hello")
    assert telegram.calls[0].params == telegram.calls[1].params


async def test_an_edit_that_changes_nothing_is_refused(api, telegram):
    _, sent = await api("sendMessage", chat_id=ASHA, text="x")
    id = sent["result"]["message_id"]
    status, answer = await api("editMessageText", chat_id=ASHA, message_id=id, text="x")
    assert (status, "message is not modified" in answer["description"]) == (400, True)


async def test_a_chat_is_open_only_as_long_as_the_person_wants(api, telegram):
    telegram.chats[ASHA].shut = "bot was blocked by the user"
    assert (await api("sendMessage", chat_id=ASHA, text="x"))[0] == 403


async def test_the_31st_message_of_a_second_is_one_too_many(api, telegram):
    telegram.flood = Flood()
    for n in range(40):
        telegram.private(100 + n)
    statuses = [(await api("sendMessage", chat_id=100 + n, text="x"))[0] for n in range(31)]
    assert statuses == [200] * 30 + [429]


async def test_updates_stay_until_an_offset_behind_them_is_asked_for(api, telegram):
    person = TelegramPerson(telegram, ASHA)
    for n in range(3):
        telegram.queue_message(telegram.say(person.chat, person.user, {"text": f"{n}"})[1])
    for _ in range(2):
        _, answer = await api("getUpdates")
        assert len(answer["result"]) == 3
    _, answer = await api("getUpdates", offset=answer["result"][1]["update_id"])
    assert [one["message"]["text"] for one in answer["result"]] == ["1", "2"]


async def test_a_long_poll_ends_with_the_first_update_and_one_poller_ends_the_other(api, telegram):
    person = TelegramPerson(telegram, ASHA)
    first = asyncio.create_task(api("getUpdates", timeout=5))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(api("getUpdates", timeout=5))
    status, answer = await first
    assert (status, "other getUpdates" in answer["description"]) == (409, True)
    began = time.monotonic()
    telegram.queue_message(telegram.say(person.chat, person.user, {"text": "hello"})[1])
    _, answer = await second
    assert len(answer["result"]) == 1
    assert time.monotonic() - began < 1


async def test_it_fails_when_told_to_and_only_then(api, telegram):
    telegram.fails("sendMessage", Trouble(status=502, description="Bad Gateway", times=2))
    statuses = [(await api("sendMessage", chat_id=ASHA, text="x"))[0] for _ in range(3)]
    assert statuses == [502, 502, 200]
