"""A pause for whoever sends faster than anybody can read: said once, and over by itself."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from core.connections import Connections
from core.errors import StoreError
from core.limits.flood import unasked_of
from core.limits.store import WINDOW, Pause, PauseStore

log = logging.getLogger(__name__)


def chat_pauses(connections: Connections, *, most: int) -> "Pauses | None":
    """Pauses for a chat that sends more than `most` in ten seconds; None for 0, which sets no limit."""
    unasked = unasked_of(most)
    return Pauses(PauseStore(connections.redis, "chat", most=most - unasked), unasked=unasked) if most else None


class Pauses:
    """The first `unasked` of a window pass by this process alone; beyond them Redis counts for all replicas.

    Without Redis nobody is paused: then nothing else goes on either.
    """

    def __init__(self, store: PauseStore, *, unasked: int) -> None:
        self._store = store
        self._unasked = unasked
        self._seen: Counter[str] = Counter()  # of this window; forgotten with it
        self._paused: set[str] = set()  # of those, whoever must be asked about
        self._ends = 0.0

    async def look(self, who: str) -> Pause | None:
        """None to go on."""
        now = asyncio.get_running_loop().time()
        if now >= self._ends:
            self._seen.clear()
            self._ends = now + WINDOW.total_seconds()
        self._seen[who] += 1
        if self._seen[who] <= self._unasked and who not in self._paused:
            return None
        return await self._asked(who, self._store.take)

    async def begin(self, who: str) -> Pause | None:
        """Pause somebody of whom so much waits already that it was thrown away. None: that cannot be known now."""
        return await self._asked(who, self._store.begin)

    async def _asked(self, who: str, ask: Callable[[str], Awaitable[Pause | None]]) -> Pause | None:
        try:
            pause = await ask(who)
        except StoreError as failure:
            log.warning("pauses_unknown", extra={"error": type(failure).__name__})
            return None
        (self._paused.discard if pause is None else self._paused.add)(who)
        return pause
