"""What Tiffin does by itself: ticks of APScheduler, and a nudge that does at once what need not wait for the next tick.

Every replica ticks. A lease in MongoDB spares double work and nothing depends on it: each job can be done twice. A
nudge goes past the lease, because the one who has just placed an order is the one who knows.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from structlog.contextvars import bound_contextvars

from core.connections import STORE_FAILURES
from core.ending import end
from core.leases.store import LeaseStore
from core.logs import get_logger

log = get_logger(__name__)

Run = Callable[[], Awaitable[object]]

LEASE_TICKS = 3  # a replica that died is missed after so many
SHORTEST_LEASE = timedelta(seconds=10)
FINISH_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Job:
    """`alone`: one replica is enough. `nudged`: also done at once after something happened; when it found something to
    do (its count is not 0), so are the nudged ones behind it in the list.
    """

    name: str
    every: timedelta
    run: Run
    alone: bool = True
    nudged: bool = False


@dataclass(slots=True)
class _Worker:
    job: Job
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    nudge: asyncio.Event = field(default_factory=asyncio.Event)
    failing: bool = False


class Jobs:
    def __init__(self, jobs: Sequence[Job], leases: LeaseStore) -> None:
        self._workers = [_Worker(job) for job in jobs]
        self._leases = leases
        self._owner = secrets.token_hex(8)
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._nudged: list[asyncio.Task[None]] = []
        self._running: set[asyncio.Task[Any]] = set()

    def nudge(self) -> None:
        """Something happened that guests or cooks wait to hear of. Cheap, callable from anywhere on the loop."""
        for worker in self._workers:
            worker.nudge.set()

    @property
    def alive(self) -> bool:
        """Whether ticks and nudges are still being heard; true too where this process does no jobs."""
        return not self._nudged or (self._scheduler.running and not any(task.done() for task in self._nudged))

    async def start(self, *, shared: bool = True) -> None:
        """Begin to tick. Without `shared`, only what each replica does for itself, and what it is nudged to do."""
        await self._leases.prepare(worker.job.name for worker in self._workers if worker.job.alone)
        for worker in self._workers:
            if worker.job.alone and not shared:
                continue
            trigger = IntervalTrigger(seconds=worker.job.every.total_seconds(), timezone=UTC)
            self._scheduler.add_job(self._tick, trigger, args=[worker], id=worker.job.name)
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)  # a run may outlast its interval
        self._scheduler.start()
        self._nudged = [
            asyncio.create_task(self._answer_nudges(n), name=f"nudged-{worker.job.name}")
            for n, worker in enumerate(self._workers)
            if worker.job.nudged
        ]

    async def stop(self) -> None:
        """No new runs; those under way finish, within ten seconds."""
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        await end(self._nudged)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=FINISH_TIMEOUT.total_seconds())
            await end(late)
        self._scheduler.shutdown(wait=False)
        for worker in self._workers:
            if worker.job.alone:
                await self._guarded(worker, partial(self._leases.release, worker.job.name, self._owner))

    async def run_all(self) -> None:
        """Every job once, in order, whoever holds the lease: for tests and for catching up at start."""
        for worker in self._workers:
            await self._work(worker, worker.job.run)

    async def _tick(self, worker: _Worker) -> None:
        if not worker.lock.locked():  # else a nudge is at it
            self._under_way(asyncio.current_task())
            await self._work(worker, partial(self._leased, worker.job) if worker.job.alone else worker.job.run)

    async def _leased(self, job: Job) -> None:
        if await self._leases.take(job.name, self._owner, max(job.every * LEASE_TICKS, SHORTEST_LEASE)):
            await job.run()

    async def _answer_nudges(self, n: int) -> None:
        worker, behind = self._workers[n], self._workers[n + 1 :]
        while True:
            await worker.nudge.wait()
            worker.nudge.clear()
            if await self._work(worker, worker.job.run):
                for later in behind:
                    later.nudge.set()

    async def _work(self, worker: _Worker, run: Run) -> object:
        """Done to its end even when whoever waits for it is cancelled."""
        task = asyncio.create_task(self._to_its_end(worker, run), name=f"job-{worker.job.name}")
        self._under_way(task)
        return await asyncio.shield(task)

    def _under_way(self, task: asyncio.Task[Any] | None) -> None:
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _to_its_end(self, worker: _Worker, run: Run) -> object:
        async with worker.lock:
            return await self._guarded(worker, run)

    async def _guarded(self, worker: _Worker, run: Run) -> object:
        """The door of the jobs: a failure is logged when it begins, and the end of it; the next tick tries again."""
        try:
            with bound_contextvars(job=worker.job.name):
                outcome = await run()
        except STORE_FAILURES as failure:
            if not worker.failing:
                log.error("job_without_stores", job=worker.job.name, error=type(failure).__name__)
            worker.failing = True
            return None
        except Exception:
            log.exception("job_failed", job=worker.job.name)
            worker.failing = True
            return None
        if worker.failing:
            log.info("job_recovered", job=worker.job.name)
        worker.failing = False
        return outcome
