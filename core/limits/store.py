"""Flood limits in Redis, the same for all replicas."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.connections import LuaScript
from core.errors import StoreError

WINDOW: Final = timedelta(seconds=10)
PAUSE: Final = timedelta(seconds=8)
_MS: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """`left` of it; `begins` for the one message that is answered with how long it takes."""

    left: timedelta
    begins: bool


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


class PauseStore:
    """A bucket that holds `most` and fills in `window`; who finds it empty pauses for `pause`."""

    def __init__(
        self, redis: Redis, what: str, *, most: int, window: timedelta = WINDOW, pause: timedelta = PAUSE
    ) -> None:
        self._redis = redis
        self._what = what
        self._args = (most, window // _MS, pause // _MS)
        self._take = LuaScript("core.limits", "pause.lua")

    async def take(self, who: str) -> Pause | None:
        """Take one; None when there was one. Of all that come together one begins the pause. Atomic.

        Raises StoreError.
        """
        return await self._asked(who, 1)

    async def begin(self, who: str) -> Pause | None:
        """Pause at once, as if more had come than the bucket holds. Raises StoreError."""
        return await self._asked(who, self._args[0] + 1)

    async def _asked(self, who: str, many: int) -> Pause | None:
        try:
            left, begins = await self._take(self._redis, [f"{{rl:{self._what}:{who}}}"], [*self._args, many])
        except (RedisError, OSError) as failure:
            raise StoreError("pauses cannot be reached") from failure
        return Pause(timedelta(milliseconds=int(left)), bool(int(begins))) if int(left) else None
