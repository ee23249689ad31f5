"""A flood limit that costs people nothing: who is calm is not asked about."""

import asyncio
import sys
from collections import Counter
from datetime import timedelta

from core.connections import Connections
from core.limits.store import TokenBucket


def unasked_of(most: int) -> int:
    """How many of `most` a process lets pass by itself: so many that nobody who taps by hand is ever asked about in
    Redis, and so few that several processes together still stop a flood soon.
    """
    return most * 2 // 3


def flood_gate(connections: Connections, what: str, *, most: int, window: timedelta) -> "FloodGate":
    """Lets `most` pass in a `window`; any number for 0."""
    unasked = unasked_of(most)
    bucket = TokenBucket(connections.redis, what, capacity=most - unasked, fill=window)
    return FloodGate(bucket, unasked=unasked if most else sys.maxsize, window=window)


class FloodGate:
    """The first `unasked` of a window pass by this process alone; beyond them Redis counts for all replicas."""

    def __init__(self, bucket: TokenBucket, *, unasked: int, window: timedelta) -> None:
        self._bucket = bucket
        self._unasked = unasked
        self._window = window.total_seconds()
        self._seen: Counter[str] = Counter()  # of this window; forgotten with it
        self._ends = 0.0

    async def take(self, who: str) -> timedelta:
        """Zero to go on, else how long to wait."""
        now = asyncio.get_running_loop().time()
        if now >= self._ends:
            self._seen.clear()
            self._ends = now + self._window
        self._seen[who] += 1
        return timedelta() if self._seen[who] <= self._unasked else await self._bucket.take(who)
