"""What a turn costs on the wire, counted where it travels."""

from collections.abc import AsyncIterator
from itertools import count
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from bot.bootstrap import Runtime, open_runtime
from bot.commands.demo import furnish
from bot.conversation.incoming import Content, Incoming, Start, Tap
from bot.conversation.reply import Outgoing
from core.clock import FrozenClock
from core.connections import Connections
from core.ids import ChatKey, CustomerId, Handle
from core.settings import Settings
from tests.wire import Tap as WireTap
from tests.wire import mongo_commands, redis_commands, wire_tap

CHAT = "webchat:counted"


class Wired:
    """A guest whose every store command is counted."""

    def __init__(self, runtime: Runtime, redis: WireTap, mongo: WireTap, clock: FrozenClock) -> None:
        self.runtime, self.redis, self.mongo = runtime, redis, mongo
        self._clock, self._numbers = clock, count()
        self.shown: tuple[Outgoing, ...] = ()

    async def does(self, content: Content) -> None:
        self.redis.reset()
        self.mongo.reset()
        answer = await self.runtime.router.handle(
            Incoming("webchat", Handle(CHAT), ChatKey(CHAT), str(next(self._numbers)), content, self._clock.now(), "en")
        )
        self.shown = answer or self.shown

    async def taps(self, part: str) -> None:
        found = [b.action for reply in self.shown for row in reply.buttons for b in row if part in b.label and b.action]
        assert found, part
        await self.does(Tap(found[0]))


@pytest.fixture
async def wired(settings: Settings, connections: Connections, clock: FrozenClock) -> AsyncIterator[Wired]:
    assert settings.redis_url
    assert settings.mongodb_url
    redis_url, mongo_url = (urlsplit(url.get_secret_value()) for url in (settings.redis_url, settings.mongodb_url))
    async with (
        wire_tap(redis_url.hostname or "", redis_url.port or 0, redis_commands) as redis,
        wire_tap(mongo_url.hostname or "", mongo_url.port or 0, mongo_commands) as mongo,
    ):
        through = settings.model_copy(
            update={
                "redis_url": SecretStr(redis_url._replace(netloc=f"127.0.0.1:{redis.port}").geturl()),
                "mongodb_url": SecretStr(mongo_url._replace(netloc=f"127.0.0.1:{mongo.port}").geturl()),
            }
        )
        async with open_runtime(through, clock=clock) as runtime:
            await furnish(runtime, always_open=False)
            guest = Wired(runtime, redis, mongo, clock)
            await guest.does(Start())
            await guest.taps("Order food")
            await guest.taps("Menu first")
            await guest.taps("MG Road")
            await guest.taps("Takeaway")
            yield guest


async def test_browsing_costs_two_round_trips_to_redis_and_none_to_mongodb(wired: Wired):
    for part in ("Breads", "Menu", "Breads", "Naan", "Back"):
        await wired.taps(part)
        assert wired.redis.round_trips <= 2, (part, wired.redis.names)
        assert wired.mongo.commands == 0, (part, wired.mongo.names)


async def test_a_cart_change_costs_no_more_than_three_and_none_to_mongodb(wired: Wired):
    await wired.taps("Breads")
    await wired.taps("Add")
    assert wired.redis.round_trips <= 3, wired.redis.names
    assert wired.mongo.commands == 0, wired.mongo.names


async def test_a_planted_look_at_mongodb_is_counted(wired: Wired):
    await wired.runtime.services.orders.open_for(CustomerId("cus_x"))
    assert wired.mongo.commands >= 1
