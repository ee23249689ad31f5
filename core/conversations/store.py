"""Opaque chat state in Redis: one turn at a time for each chat, over all replicas.

A turn begins and ends with a script, each one round trip. The lock only spares wasted work: a turn that outlives its
lock cannot overwrite a later one, because the state is saved by comparing versions, and every effect of a turn is
idempotent by itself. A turn that goes on from what this process saved last needs no beginning: it is settled by one
script that saves it only if nobody saved in between (docs/decisions/turns-run-ahead.md).
"""

from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from core.connections import LuaScript
from core.ids import ChatKey

STATE_TTL = timedelta(days=7)
LOCK_TTL = timedelta(seconds=6)  # how long a guest waits after the process that held the turn was killed
RENEW_EVERY = LOCK_TTL / 3  # a turn that takes longer keeps its lock alive
SEEN_TTL = timedelta(hours=24)
SEEN_KEPT = 128
ANSWER_TTL = timedelta(minutes=10)
ANSWERS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Begun:
    """This turn is ours. `state` is empty in a chat that is new or was silent for seven days."""

    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """The update was handled before. `answer` is empty when it is too old to be remembered word for word."""

    answer: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Another turn of this chat is under way."""

    wait: timedelta


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


class ConversationStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._begin = LuaScript("core.conversations", "turn_begin.lua")
        self._end = LuaScript("core.conversations", "turn_end.lua")
        self._renew = LuaScript("core.conversations", "turn_renew.lua")
        self._settle = LuaScript("core.conversations", "turn_settle.lua")

    @staticmethod
    def keys(chat: ChatKey) -> list[str]:
        return [f"{{chat:{chat}}}:{what}" for what in ("session", "lock", "seen", "answers")]

    async def begin(self, chat: ChatKey, update_id: str, token: str) -> Begun | Repeated | Busy:
        """Take the chat's turn for `token`, unless the update was seen or another turn holds it. Atomic."""
        outcome = await self._begin(self._redis, self.keys(chat), [token, _ms(LOCK_TTL), update_id])
        match outcome[0]:
            case "OK":
                return Begun(version=int(outcome[1]), state=outcome[2])
            case "SEEN":
                return Repeated(answer=outcome[1])
            case _:
                return Busy(wait=timedelta(milliseconds=max(int(outcome[1]), 0)))

    async def end(self, chat: ChatKey, update_id: str, token: str, *, version: int, state: str, answer: str) -> bool:
        """Save `state`, remember the update with its `answer`, give the turn back. Atomic.

        False: a later turn had already saved, this one's state was dropped.
        """
        said = self._said(token, version, state, update_id, answer)
        return bool(await self._end(self._redis, self.keys(chat), said))

    async def settle(
        self, chat: ChatKey, update_id: str, token: str, *, after: str, state: str, answer: str
    ) -> bool | Repeated:
        """Save a whole turn that went on from what the turn of token `after` had saved. Atomic.

        False: another turn is under way or has saved since, or the state is gone; nothing was saved.
        """
        said = self._said(token, after, state, update_id, answer)
        outcome = await self._settle(self._redis, self.keys(chat), said)
        return Repeated(answer=outcome[1]) if outcome[0] == "SEEN" else bool(outcome[0] == "OK")

    @staticmethod
    def _said(token: str, since: int | str, state: str, update_id: str, answer: str) -> list[str | int]:
        return [
            *(token, since, state, _ms(STATE_TTL)),
            *(update_id, _ms(SEEN_TTL), SEEN_KEPT),
            *(answer, _ms(ANSWER_TTL), ANSWERS_KEPT),
        ]

    async def renew(self, chat: ChatKey, token: str) -> bool:
        """Keep the turn for another while. False: it is no longer ours. Atomic."""
        _, lock, _, _ = self.keys(chat)
        return bool(await self._renew(self._redis, [lock], [token, _ms(LOCK_TTL)]))

    async def abandon(self, chat: ChatKey, token: str) -> None:
        """Give the turn back without remembering the update: it will be sent again and handled then."""
        _, lock, _, _ = self.keys(chat)
        if await self._redis.get(lock) == token:  # a lock lost between the two costs a wait, never a wrong state
            await self._redis.delete(lock)

    async def forget(self, chat: ChatKey) -> None:
        """Drop everything said in this chat (erasure, sign-out)."""
        await self._redis.delete(*self.keys(chat))
