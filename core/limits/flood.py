"""A flood limit that costs people nothing: who is calm is not asked about."""

import asyncio
from collections import Counter
from datetime import timedelta

from core.limits.store import TokenBucket


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
