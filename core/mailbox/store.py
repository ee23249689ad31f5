"""Messages for chats that fetch them themselves, in Redis streams, with a wake-up that reaches every replica."""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError, RedisError

from core.connections import LuaScript
from core.ids import ChatKey
from core.logs import get_logger

log = get_logger(__name__)

KEPT = 200
TTL = timedelta(hours=24)
WAKE_CHANNEL = "tiffin:mailbox"
LISTEN = timedelta(seconds=10)
AGAIN = timedelta(seconds=1)
BEGINNING = "0-0"
_PLACE = re.compile(r"\d{1,20}-\d{1,20}", re.ASCII)


class MailboxStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._post = LuaScript("core.mailbox", "post.lua")

    @staticmethod
    def key(chat: ChatKey) -> str:
        return f"{{chat:{chat}}}:later"

    async def post(self, chat: ChatKey, message: str) -> str:
        """Leave `message` for `chat` (kept for a day, the last 200) and wake its readers. Returns its place."""
        ttl_ms = TTL // timedelta(milliseconds=1)
        return str(await self._post(self._redis, [self.key(chat)], [message, KEPT, ttl_ms, WAKE_CHANNEL, chat]))

    async def read(self, chat: ChatKey, after: str = "", limit: int = 100) -> list[tuple[str, str]]:
        """(place, message) pairs behind the place `after`, oldest first. A place that is none reads from the start."""
        start = after if _PLACE.fullmatch(after) else BEGINNING
        found: Any = await self._redis.xrange(self.key(chat), min=f"({start}", max="+", count=limit)
        return [(place, fields["m"]) for place, fields in found]

    async def wakes(self) -> AsyncGenerator[ChatKey | None, None]:
        """Chats that have just been left something. None: the line was down, anyone may have been.

        Never ends by itself. A wake-up can get lost with the line; readers look again by themselves now and then.
        """
        while True:
            try:
                async with self._redis.pubsub() as line:
                    await line.subscribe(WAKE_CHANNEL)
                    yield None
                    silent = False
                    while True:
                        heard = await line.get_message(timeout=LISTEN.total_seconds())
                        if heard is None:
                            if silent:
                                raise ConnectionError("the line does not answer a ping")
                            await line.ping()
                            silent = True
                            continue
                        silent = False
                        if heard["type"] == "message":
                            yield ChatKey(heard["data"])
            except RedisError as failure:
                log.warning("mailbox_line_lost", error=type(failure).__name__)
                await asyncio.sleep(AGAIN.total_seconds())
