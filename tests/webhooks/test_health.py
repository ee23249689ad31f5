"""What supervisors and balancers are told, and what guests are told, when a store goes away and comes back."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import pytest
from pydantic import SecretStr

from bot.channels.webchat.sessions import Sessions
from core.clock import FrozenClock
from core.connections import open_connections
from tests.conftest import LUNCH
from tests.fakes.line import line_to
from tests.house import open_test_house
from tests.webhooks.asking import listening, send
from webhooks.pulse import Pulse


async def get(http, path):
    async with http.get(path) as response:
        return response.status, await response.json()


async def until(http, path, status):
    async with asyncio.timeout(15):
        while True:
            found, answer = await get(http, path)
            if found == status:
                return answer
            await asyncio.sleep(0.1)


async def test_a_house_at_work_is_alive_and_ready(http):
    assert await get(http, "/health/live") == (200, {"status": "alive"})
    assert await get(http, "/health/ready") == (200, {"status": "ready", "mongodb": "answers", "degraded": []})


async def test_a_job_runner_that_died_is_noticed(cuttable):
    house, http, *_ = cuttable
    await house.runtime.jobs.stop()
    assert (await get(http, "/health/live"))[0] == 503


async def test_a_loop_that_does_not_turn_and_a_store_that_does_not_answer_grow_stale(monkeypatch):
    monkeypatch.setattr("webhooks.pulse.STALE", timedelta(seconds=0.3))
    monkeypatch.setattr("webhooks.pulse.PING", timedelta(seconds=0.05))
    answers = {"mongo": True, "redis": True}

    async def ping_mongo() -> bool:
        return answers["mongo"]

    async def ping_redis() -> bool:
        return answers["redis"]

    pulse = Pulse(mongo=ping_mongo, redis=ping_redis, workers_alive=lambda: True)

    def seen() -> tuple[bool, bool, bool]:
        return pulse.alive, pulse.mongo, pulse.redis

    assert seen() == (False, False, False)
    async with pulse.running():
        await asyncio.sleep(0.5)
        assert seen()[1:] == (True, True)
        answers["mongo"] = False
        await asyncio.sleep(0.5)
        assert seen()[1:] == (False, True)
        answers["mongo"] = True
        await asyncio.sleep(0.2)
        assert seen()[1:] == (True, True)
    await asyncio.sleep(0.5)
    assert seen() == (False, False, False)


@pytest.fixture
async def lines(stores, redis, database_name, tmp_path):
    """Lines to both stores, and settings that lead over them."""
    settings = stores.model_copy(update={"mongodb_db": database_name, "tiffin_data": tmp_path})
    redis_at, mongo_at = (urlsplit(url.get_secret_value()) for url in (settings.redis_url, settings.mongodb_url))
    async with (
        line_to(redis_at.hostname, redis_at.port) as to_redis,
        line_to(mongo_at.hostname, mongo_at.port) as to_mongo,
    ):
        over = settings.model_copy(
            update={
                "redis_url": SecretStr(redis_at._replace(netloc=f"127.0.0.1:{to_redis.port}").geturl()),
                "mongodb_url": SecretStr(
                    mongo_at._replace(
                        netloc=f"127.0.0.1:{to_mongo.port}", query="w=majority&journal=true&directConnection=true"
                    ).geturl()
                ),
            }
        )
        yield to_redis, to_mongo, over


@pytest.fixture
async def cuttable(lines, monkeypatch):
    """A house whose lines to the stores can be cut."""
    monkeypatch.setattr("webhooks.pulse.STALE", timedelta(seconds=1))
    monkeypatch.setattr("webhooks.pulse.PING", timedelta(seconds=0.2))
    to_redis, to_mongo, settings = lines
    connections = await open_connections(settings)
    try:
        async with (
            open_test_house(settings, connections, FrozenClock(LUNCH)) as house,
            aiohttp.ClientSession(house.base) as http,
        ):
            async with http.post("/chat") as response:
                session = (await response.json())["session"]
            yield house, http, session, to_redis, to_mongo
            for line in (to_redis, to_mongo):
                if line.is_cut:
                    await line.mend()
        await connections.mongo_client.drop_database(settings.mongodb_db)
    finally:
        await connections.close()


async def test_without_mongodb_a_new_guest_is_asked_to_come_again_and_welcome_when_it_is_back(cuttable):
    _, http, session, _, to_mongo = cuttable
    await to_mongo.cut()
    status, answer = await send(http, session, {"id": "e1", "type": "start"})
    assert status == 503
    assert answer["retry_after"] == 5
    assert answer["error"].endswith(".")
    assert (await until(http, "/health/ready", 503))["mongodb"] == "away"
    assert (await get(http, "/health/live"))[0] == 200

    await to_mongo.mend()
    await until(http, "/health/ready", 200)
    status, answer = await send(http, session, {"id": "e1", "type": "start"})
    assert status == 200
    assert answer["replies"][-1]["buttons"]


async def test_without_redis_nothing_is_lost_and_the_house_is_still_ready_for_what_matters(cuttable):
    _, http, session, to_redis, _ = cuttable
    assert (await send(http, session, {"id": "e1", "type": "start"}))[0] == 200
    await to_redis.cut()
    status, answer = await send(http, session, {"id": "e2", "type": "text", "text": "menu"})
    assert (status, answer["retry_after"]) == (503, 5)
    async with http.get(f"/chat/{session}/stream") as response:
        assert response.status == 503
    async with asyncio.timeout(15):
        while (ready := (await get(http, "/health/ready")))[1]["degraded"] != ["redis"]:
            await asyncio.sleep(0.1)
    assert ready[0] == 200

    await to_redis.mend()
    async with asyncio.timeout(15):
        while (await send(http, session, {"id": "e2", "type": "text", "text": "menu"}))[0] != 200:
            await asyncio.sleep(0.2)


async def test_a_stream_goes_on_over_a_redis_that_went_away(cuttable):
    house, http, session, to_redis, _ = cuttable
    chat = Sessions(house.runtime.settings).check(session).chat
    async with listening(http, f"/chat/{session}/stream"):
        await to_redis.cut()
        await asyncio.sleep(0.2)
        await to_redis.mend()
    await house.runtime.mailbox.post(chat, '{"replies": [{"text": "ready"}]}')
    async with listening(http, f"/chat/{session}/stream") as again, asyncio.timeout(10):
        assert await again.texts(1) == ["ready"]
