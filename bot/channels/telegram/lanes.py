"""Work of one person in order, of different people at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

WIDTH = 256
DEPTH = 60  # more than anybody has waiting who sends by hand, fewer than Telegram hands out at once


class Flooded(Exception):
    """This person sends faster than anybody can read; what they have waiting is dropped. `first`: it begins here."""

    def __init__(self, *, first: bool = False) -> None:
        super().__init__()
        self.first = first


@dataclass(slots=True)
class Lane:
    """One person's work. It lasts as long as somebody is in it."""

    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _inside: int = 0
    _flooded: bool = False
    _waiting: asyncio.Timeout | None = None

    @asynccontextmanager
    async def patiently(self) -> AsyncIterator[None]:
        """For the part of the work that may wait long; it ends with Flooded when the lane overflows meanwhile."""
        if self._flooded:
            raise Flooded
        waiting = asyncio.timeout(None)
        try:
            async with waiting:
                self._waiting = waiting
                yield
        except TimeoutError:
            if waiting.expired():
                raise Flooded from None
            raise
        finally:
            self._waiting = None

    def overflow(self) -> Flooded:
        first, self._flooded = not self._flooded, True
        if first and self._waiting is not None:
            self._waiting.reschedule(0.0)
        return Flooded(first=first)


class Lanes:
    """At most `width` people at once, each one's work in the order of arrival, `depth` of it at most.

    Beyond that the whole lane is dropped at once rather than its end: whoever waits behind a flood, or holds back the
    confirmation of everybody else's updates, is free within a moment.
    """

    def __init__(self, *, width: int = WIDTH, depth: int = DEPTH) -> None:
        self._lanes: dict[str, Lane] = {}
        self._depth = depth
        self._places = asyncio.Semaphore(width)

    def __len__(self) -> int:
        return len(self._lanes)

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[Lane]:
        """Raises Flooded when this person has too much waiting."""
        lane = self._lanes.setdefault(who, Lane())
        if lane._inside >= self._depth:
            raise lane.overflow()
        lane._inside += 1
        try:
            async with lane._turn:
                if lane._flooded:
                    raise Flooded
                async with self._places:
                    yield lane
        finally:
            lane._inside -= 1
            if not lane._inside:
                del self._lanes[who]
