"""What comes by itself: nothing lost over a reconnect, a second window, a second replica or a shutdown."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import ClientConnectionError, ClientTimeout

from bot.channels.webchat.sessions import Sessions
from bot.conversation.reply import Outgoing
from bot.conversation.text import Text
from tests.webhooks.asking import listening
from webhooks.app import build_app
from webhooks.serving import listen, serving


@pytest.fixture
def chat(house, session):
    return Sessions(house.runtime.settings).check(session).chat


@pytest.fixture
def tell(house, chat):
    async def tell(id: str) -> None:
        await house.runtime.channels["webchat"].send(chat, Outgoing(id=id, text=Text.of(f"news {id}")))

    return tell


async def test_what_came_while_nobody_listened_is_there_and_what_comes_follows_at_once(http, session, tell):
    await tell("1")
    await tell("2")
    async with listening(http, f"/chat/{session}/stream") as stream:
        assert await stream.texts(2) == ["news 1", "news 2"]
        await tell("3")
        async with asyncio.timeout(1):
            assert await stream.texts(1) == ["news 3"]


async def test_a_page_that_comes_back_hears_what_it_missed_and_nothing_twice(http, session, tell):
    await tell("1")
    async with listening(http, f"/chat/{session}/stream") as stream:
        place, _ = await stream.next()
    await tell("2")
    await tell("3")
    async with listening(http, f"/chat/{session}/stream", after=place) as stream:
        assert await stream.texts(2) == ["news 2", "news 3"]


async def test_a_page_that_lies_about_its_place_hears_everything_again(http, session, tell):
    await tell("1")
    async with listening(http, f"/chat/{session}/stream", after="$(reboot)") as stream:
        assert await stream.texts(1) == ["news 1"]


async def test_two_windows_of_one_chat_both_hear(http, session, tell):
    async with listening(http, f"/chat/{session}/stream") as one, listening(http, f"/chat/{session}/stream") as two:
        await tell("1")
        assert await one.texts(1) == await two.texts(1) == ["news 1"]


async def test_a_page_at_one_replica_hears_what_another_replica_says(house, http, session, tell):
    with listen("127.0.0.1", 0) as listener:
        async with (
            serving(build_app(house.runtime), listener) as port,
            listening(http, f"http://127.0.0.1:{port}/chat/{session}/stream") as stream,
        ):
            await tell("1")
            async with asyncio.timeout(5):
                assert await stream.texts(1) == ["news 1"]


async def test_more_than_one_page_of_news_arrives_whole_and_in_order(http, session, tell):
    for n in range(150):
        await tell(str(n))
    async with listening(http, f"/chat/{session}/stream") as stream:
        assert await stream.texts(150) == [f"news {n}" for n in range(150)]


async def test_a_silent_stream_is_kept_alive(http, session, monkeypatch):
    monkeypatch.setattr("webhooks.streaming.KEEP_ALIVE", timedelta(seconds=0.1))
    async with listening(http, f"/chat/{session}/stream") as stream, asyncio.timeout(5):
        assert [await stream.next() for _ in range(3)] == [("", None)] * 3


async def test_a_stream_may_not_be_collected_or_kept_on_its_way(http, session):
    async with listening(http, f"/chat/{session}/stream") as stream:
        headers = stream.response.headers
        assert headers["Content-Type"].startswith("text/event-stream")
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in headers


async def test_nothing_is_kept_of_a_page_that_went_away(house, http, session, monkeypatch):
    from webhooks.keys import LISTENERS

    monkeypatch.setattr("webhooks.streaming.KEEP_ALIVE", timedelta(seconds=0.1))
    with listen("127.0.0.1", 0) as listener:
        app = build_app(house.runtime)
        async with serving(app, listener) as port:
            async with listening(http, f"http://127.0.0.1:{port}/chat/{session}/stream"):
                assert app[LISTENERS].count == 1
            async with asyncio.timeout(5):
                while app[LISTENERS].count:
                    await asyncio.sleep(0.05)


async def test_one_chat_in_twenty_windows_is_told_to_close_some(http, session):
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as windows:
        for _ in range(16):
            await windows.enter_async_context(listening(http, f"/chat/{session}/stream"))
        async with http.get(f"/chat/{session}/stream") as response:
            assert response.status == 429
            assert (await response.json())["retry_after"] >= 1


async def test_a_house_that_closes_ends_its_streams_instead_of_waiting_for_them(house, http, session):
    with listen("127.0.0.1", 0) as listener:
        loop = asyncio.get_running_loop()
        async with serving(build_app(house.runtime), listener) as port:
            opened = await http.get(f"http://127.0.0.1:{port}/chat/{session}/stream", timeout=ClientTimeout(total=30))
            await opened.content.readline()
            began = loop.time()
        assert loop.time() - began < 2
        rest = await opened.content.read()
        assert rest == b"\n"  # the end of the greeting, then a clean end of the stream
        with pytest.raises(ClientConnectionError):
            await http.get(f"http://127.0.0.1:{port}/health/live")


async def test_the_demo_page_hears_everything_over_one_connection(house, http, session, tell):
    async with http.get("/demo/config") as response:
        config = await response.json()
    kitchen = next(iter(config["kitchens"].values()))
    await tell("1")
    query = [("from", f"{session}~"), ("from", f"{kitchen}~"), ("from", "phone~"), ("from", "till~"), ("from", "x.y~")]
    path = f"{config['stream']}?" + "&".join(f"{name}={value}" for name, value in query)
    async with listening(http, path) as stream, asyncio.timeout(5):
        heard = {}
        for _ in range(2):
            _, data = await stream.next()
            heard[data["stream"]] = data
        assert heard["x.y"]["gone"] is True
        assert heard[session]["replies"][0]["text"] == "news 1"
        assert heard[session]["id"]
        await house.runtime.sms.send("+919876543210", "123456 is your Tiffin code.")
        _, data = await stream.next()
        assert data["stream"] == "phone"
        assert data["sms"]["to"] == "+919876543210"
