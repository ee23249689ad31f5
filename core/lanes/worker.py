"""Doing the work: lanes side by side, one piece at a time in each."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

from core.clock import Clock
from core.lanes.models import Again, Dead, Done, Outcome, WorkItem
from core.lanes.store import WorkStore

log = logging.getLogger(__name__)

BATCH = 200
WIDTH = 16  # lanes at once
STAY_MS = 8_000  # after so long in one lane it is given back, long before its lease ends
TIMEOUT = timedelta(seconds=20)  # for one piece; a lease lasts thirty
KEEP_ORDER_MS = 5_000  # a piece that is tried again this soon holds up those behind it; later ones let them pass
AFTER_TROUBLE_MS = 30_000

Item = TypeVar("Item", bound=WorkItem)


class Worker(Generic[Item]):
    """`work` does one piece and says what came of it. What it raises is raised by `run_once`, for the one who runs jobs
    to log; the piece is tried again, and the other lanes go on.
    """

    def __init__(
        self,
        store: WorkStore[Item],
        work: Callable[[Item], Awaitable[Outcome]],
        clock: Clock,
        *,
        width: int = WIDTH,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self._store = store
        self._work = work
        self._clock = clock
        self._slots = asyncio.Semaphore(width)
        self._timeout = timeout
        self._running: dict[str, asyncio.Task[int]] = {}

    async def run_once(self, patience: timedelta | None = None) -> int:
        """Do what can be done now; how many pieces were done. After `patience` lanes still at work go on by themselves.

        Safe to run twice at once, here and in other processes.
        """
        started = {}
        for lane in await self._store.ready_lanes(BATCH):
            if lane not in self._running:
                started[lane] = asyncio.create_task(self._lane(lane), name=f"lane-{lane}")
        self._running |= started
        return await self._wait(patience)

    async def close(self) -> None:
        """Wait for the lanes that are still at work."""
        await self._wait(None)

    async def _wait(self, patience: timedelta | None) -> int:
        if self._running:
            timeout = None if patience is None else patience.total_seconds()
            await asyncio.wait(self._running.values(), timeout=timeout)
        count, failure = 0, None
        for lane, task in list(self._running.items()):
            if not task.done():
                continue
            del self._running[lane]
            trouble = None if task.cancelled() else task.exception()
            if task.cancelled() or trouble is not None:
                log.warning("lane_failed", extra={"lane": lane, "error": type(trouble).__name__})
                failure = failure or trouble
            else:
                count += task.result()
        if failure is not None:
            raise failure
        return count

    async def _lane(self, lane: str) -> int:
        async with self._slots:
            fence = await self._store.take_lane(lane)
            if fence is None:
                return 0
            try:
                return await self._work_off(lane, fence)
            finally:
                await self._store.release_lane(lane, fence)

    async def _work_off(self, lane: str, fence: int) -> int:
        count, until = 0, asyncio.get_running_loop().time() + STAY_MS / 1000
        for item in await self._store.waiting(lane):
            now = self._clock.ms()
            if item.lease_until_ms >= now:
                break  # somebody who lost this lane is still at it
            if item.next_ms > now:
                if item.next_ms - now <= KEEP_ORDER_MS:
                    break
                continue
            claimed = await self._store.claim(item, fence)
            if claimed is None:
                break
            outcome = await self._do(claimed)
            count += isinstance(outcome, Done)
            soon = isinstance(outcome, Again) and outcome.after_ms <= KEEP_ORDER_MS
            if soon or asyncio.get_running_loop().time() > until:
                break
        return count

    async def _do(self, item: Item) -> Outcome:
        outcome: Outcome | None = None
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                outcome = await self._work(item)
        except TimeoutError:
            outcome = Again(AFTER_TROUBLE_MS, "took too long")
        finally:
            if outcome is None:  # something nobody foresaw is on its way to whoever runs jobs
                await self._store.again(item, AFTER_TROUBLE_MS, "failed")
        match outcome:
            case Done(ref, note, drop):
                await self._store.done(item, ref=ref, note=note, drop=drop)
            case Again(after_ms, note):
                await self._store.again(item, after_ms, note)
            case Dead(note):
                await self._store.dead(item, note)
        return outcome
