"""The door Telegram delivers to."""

import json

import aiohttp
import pytest
from redis.exceptions import ConnectionError

from core.settings import TelegramMode
from tests.bot.channels.telegram.conftest import asha, telegram  # noqa: F401  the same Telegram as the channel's tests
from tests.bot.channels.telegram.line import SECRET, open_line, says
from webhooks.telegram import SECRET_HEADER


@pytest.fixture
async def line(telegram, settings, connections, clock):  # noqa: F811
    async with open_line(telegram, settings, connections, clock) as line:
        yield line


@pytest.fixture
async def door(line):
    async with aiohttp.ClientSession() as http:

        async def knock(body, secret=SECRET, **headers):
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            if secret is not None:
                headers[SECRET_HEADER] = secret
            async with http.post(f"{line.address}/webhooks/telegram", data=data, headers=headers) as answer:
                return answer.status, await answer.read()

        yield knock


def _message(person, text="menu", update_id=77):
    _, body = person.telegram.say(person.chat, person.user, {"text": text})
    return {"update_id": update_id, "message": body}


async def test_an_update_is_answered_when_its_answers_are_on_the_screen(line, door, asha):  # noqa: F811
    async def answer(incoming):
        return (says("a", "The menu"),)

    line.answers = answer
    assert await door(_message(asha)) == (200, b"")
    assert [m.text for m in asha.chat.by_bot()] == ["The menu"]


async def test_the_answer_to_a_tap_rides_along(line, door, asha):  # noqa: F811
    message, _ = asha.telegram.say(asha.chat, asha.user, {"text": "x"})
    query = {"id": "q9", "from": asha.user, "message": message.shown(), "data": "menu"}
    status, body = await door({"update_id": 78, "callback_query": query})
    assert status == 200
    assert json.loads(body) == {"method": "answerCallbackQuery", "callback_query_id": "q9"}


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "ключ"])
async def test_who_does_not_know_the_secret_is_turned_away_unread(line, door, asha, secret):  # noqa: F811
    status, _ = await door(_message(asha), secret=secret)
    assert status == 401
    assert line.heard == []


UNREADABLE = [
    *(b"", b"{", b"\xff\xfe", b"[]", b"7", b'"x"', b"null", b"{}", b"[" * 20_000),
    *(b'{"update_id": "x"}', b'{"update_id": 1e400}', b'{"update_id": 1.5}'),
]


@pytest.mark.parametrize("body", UNREADABLE)
async def test_what_nobody_can_read_is_done_with(line, door, body, caplog):
    assert await door(body) == (200, b"")
    assert line.heard == []
    assert "telegram_unreadable" in caplog.text


async def test_while_our_stores_are_away_it_is_to_come_again(line, door, asha):  # noqa: F811
    async def away(incoming):
        raise ConnectionError

    line.answers = away
    status, _ = await door(_message(asha))
    assert status == 503


async def test_an_update_that_breaks_us_is_done_with(line, door, asha):  # noqa: F811
    async def broken(incoming):
        raise RuntimeError

    line.answers = broken
    assert await door(_message(asha)) == (200, b"")


async def test_a_bot_that_asks_for_its_updates_has_no_door(telegram, settings, connections, clock):  # noqa: F811
    async with (
        open_line(telegram, settings, connections, clock, mode=TelegramMode.POLLING, listens=False) as line,
        aiohttp.ClientSession() as http,
        http.post(f"{line.address}/webhooks/telegram", json={"update_id": 1}) as answer,
    ):
        assert answer.status == 404
