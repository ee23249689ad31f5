"""Flood limits in Redis, the same for all replicas."""

from datetime import timedelta

from redis.asyncio import Redis

from core.connections import LuaScript


class TokenBucket:
    """At most `capacity` at once, and on average `capacity` in every `fill`."""

    def __init__(self, redis: Redis, what: str, *, capacity: int, fill: timedelta) -> None:
        self._redis = redis
        self._what = what
        self._args = (capacity, fill // timedelta(milliseconds=1))
        self._take = LuaScript("core.limits", "take.lua")

    async def take(self, who: str) -> timedelta:
        """Take one; zero when there was one, else how long until there is. Atomic; Redis's clock decides."""
        wait = await self._take(self._redis, [f"{{rl:{self._what}:{who}}}"], self._args)
        return timedelta(milliseconds=int(wait))
