"""What this process knows of its own health and of the stores, looked at in the background."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from core.ending import end

BEAT = timedelta(seconds=1)
PING = timedelta(seconds=3)
STALE = timedelta(seconds=10)

Ping = Callable[[], Awaitable[bool]]


class Pulse:
    """Notes each second that the loop turned, and every three that the stores answered."""

    def __init__(self, *, mongo: Ping, redis: Ping, workers_alive: Callable[[], bool]) -> None:
        self._mongo = mongo
        self._redis = redis
        self._workers_alive = workers_alive
        self._beat_at = self._mongo_at = self._redis_at = -STALE.total_seconds()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._look()
        tasks = [asyncio.create_task(work, name="pulse") for work in (self._beat(), self._look_again())]
        try:
            yield
        finally:
            await end(tasks)

    @property
    def alive(self) -> bool:
        return self._recent(self._beat_at) and self._workers_alive()

    @property
    def mongo(self) -> bool:
        return self._recent(self._mongo_at)

    @property
    def redis(self) -> bool:
        return self._recent(self._redis_at)

    @staticmethod
    def _recent(at: float) -> bool:
        return asyncio.get_running_loop().time() - at <= STALE.total_seconds()

    async def _beat(self) -> None:
        while True:
            self._beat_at = asyncio.get_running_loop().time()
            await asyncio.sleep(BEAT.total_seconds())

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(PING.total_seconds())
            await self._look()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        mongo, redis = await asyncio.gather(self._mongo(), self._redis())
        self._beat_at = loop.time()
        if mongo:
            self._mongo_at = loop.time()
        if redis:
            self._redis_at = loop.time()
