"""The socket: slow clients, taken ports, and a house that closes without dropping a guest in mid-sentence."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from webhooks.keys import DRAINING, NEWCOMERS, Draining
from webhooks.newcomers import Newcomers
from webhooks.serving import PortTaken, listen, serving


async def slow(request):
    await asyncio.sleep(0.5)
    return web.Response(text="done")


@pytest.fixture
def app():
    @web.middleware
    async def spoke(request, handler):
        request.app[NEWCOMERS].spoke(request.protocol)
        return await handler(request)

    app = web.Application(middlewares=[spoke])
    app[DRAINING] = Draining()
    app[NEWCOMERS] = Newcomers()
    app.router.add_get("/slow", slow)
    return app


def test_a_taken_port_is_named_in_a_sentence():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            listen("127.0.0.1", port)
    assert taken.value.problems == [f"Port {port} on 127.0.0.1 is taken; set PORT to a free one."]


async def test_who_connects_and_says_nothing_is_shown_out(app, monkeypatch):
    monkeypatch.setattr("webhooks.newcomers.HEADER_TIMEOUT", timedelta(seconds=0.3))
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /slow HTTP/1.1\r\nHost: tiffin\r\n")  # and never the empty line
            async with asyncio.timeout(3):
                assert await reader.read() == b""
            writer.close()


async def test_who_was_heard_once_may_be_silent_between_two_requests(app, monkeypatch):
    monkeypatch.setattr("webhooks.newcomers.HEADER_TIMEOUT", timedelta(seconds=0.2))
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(2):
                writer.write(b"GET /slow HTTP/1.1\r\nHost: tiffin\r\n\r\n")
                answer = await asyncio.wait_for(reader.readuntil(b"done"), 3)
                assert answer.startswith(b"HTTP/1.1 200")
                await asyncio.sleep(0.4)
            writer.close()


async def test_a_request_under_way_is_finished_before_the_house_closes(app):
    with listen("127.0.0.1", 0) as listener:
        async with aiohttp.ClientSession() as http:
            async with serving(app, listener) as port:
                asked = asyncio.create_task(http.get(f"http://127.0.0.1:{port}/slow"))
                await asyncio.sleep(0.1)
            response = await asked
            assert response.status == 200
            assert await response.text() == "done"


async def test_the_balancer_is_told_before_the_door_closes(app):
    with listen("127.0.0.1", 0) as listener:
        async with aiohttp.ClientSession() as http:
            seen = asyncio.Event()

            async def balancer(port):
                while not app[DRAINING].begun:
                    await asyncio.sleep(0.01)
                async with http.get(f"http://127.0.0.1:{port}/slow") as response:
                    assert response.status == 200  # still served while it looks elsewhere
                seen.set()

            async with serving(app, listener, notice=timedelta(seconds=1)) as port:
                watching = asyncio.create_task(balancer(port))
            await watching
            assert seen.is_set()


async def test_a_body_that_dribbles_in_is_not_waited_for(app, monkeypatch):
    from webhooks.bodies import BadRequest, read_json

    monkeypatch.setattr("webhooks.bodies.BODY_TIMEOUT", timedelta(seconds=0.2))
    refused = []

    async def reading(request):
        try:
            await read_json(request)
        except BadRequest as bad:
            refused.append(bad.status)
        return web.Response()

    app.router.add_post("/read", reading)
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /read HTTP/1.1\r\nHost: tiffin\r\nContent-Length: 100\r\n\r\n{")
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
            writer.close()
    assert refused == [408]
