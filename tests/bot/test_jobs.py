import asyncio
import logging
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as RedisAway

from bot.jobs import Job, Jobs
from core.leases.store import LeaseStore

SOON = timedelta(seconds=0.05)
NEVER = timedelta(hours=1)


class Counted:
    def __init__(self, *, takes: float = 0.0, failing: list[Exception] | None = None) -> None:
        self.began = self.ended = 0
        self.takes, self.failing = takes, failing or []

    async def __call__(self) -> None:
        self.began += 1
        await asyncio.sleep(self.takes)
        if self.failing:
            raise self.failing.pop(0)
        self.ended += 1


@pytest.fixture
def leases(mongo, clock):
    return LeaseStore(mongo, clock)


async def ran(counted: Counted, times: int) -> None:
    async with asyncio.timeout(5):
        while counted.ended < times:
            await asyncio.sleep(0.01)


async def test_a_nudge_does_the_work_at_once_and_ticks_do_it_by_themselves(leases):
    nudged, ticking = Counted(), Counted()
    jobs = Jobs([Job("dispatch", NEVER, nudged, nudged=True), Job("expiry", SOON, ticking)], leases)
    await jobs.start()
    try:
        await ran(ticking, 3)
        assert nudged.ended == 0
        jobs.nudge()
        await ran(nudged, 1)
        assert jobs.alive
    finally:
        await jobs.stop()
    assert not jobs.alive


async def test_what_a_nudged_job_finds_is_passed_on_to_the_one_behind_it(leases):
    copied = sent = 0
    waiting = 3

    async def relay() -> int:
        nonlocal copied, waiting
        await asyncio.sleep(0.1)  # longer than the dispatcher's first, empty look
        copied, waiting, found = copied + waiting, 0, waiting
        return found

    async def dispatch() -> int:
        nonlocal sent
        found, sent = copied - sent, copied
        return found

    jobs = Jobs([Job("relay", NEVER, relay, nudged=True), Job("dispatch", NEVER, dispatch, nudged=True)], leases)
    await jobs.start()
    try:
        jobs.nudge()
        async with asyncio.timeout(5):
            while sent < 3:
                await asyncio.sleep(0.01)
    finally:
        await jobs.stop()


async def test_of_two_replicas_one_ticks_but_either_answers_a_nudge(leases):
    first, second = Counted(), Counted()
    one = Jobs([Job("relay", SOON, first, nudged=True)], leases)
    two = Jobs([Job("relay", SOON, second, nudged=True)], leases)
    await one.start()
    await ran(first, 1)
    await two.start()
    try:
        await ran(first, 5)
        assert second.began == 0
        two.nudge()
        await ran(second, 1)
        await one.stop()
        await ran(second, 2)  # the lease was given back, not waited for
    finally:
        await one.stop()
        await two.stop()


async def test_a_job_of_every_replica_needs_no_lease(leases, mongo):
    refresh = Counted()
    jobs = Jobs([Job("refresh", SOON, refresh, alone=False)], leases)
    await jobs.start()
    try:
        await ran(refresh, 2)
    finally:
        await jobs.stop()
    assert await mongo["leases"].count_documents({}) == 0


async def test_a_failing_job_is_logged_when_it_begins_to_fail_and_tried_at_the_next_tick(leases, caplog):
    caplog.set_level(logging.INFO)
    flaky = Counted(failing=[RedisAway("gone"), RedisAway("gone"), RedisAway("gone")])
    broken = Counted(failing=[KeyError("mistake")])
    jobs = Jobs([Job("relay", SOON, flaky), Job("expiry", SOON, broken)], leases)
    await jobs.start()
    try:
        await ran(flaky, 1)
        await ran(broken, 1)
        assert jobs.alive
    finally:
        await jobs.stop()
    assert caplog.text.count("job_without_stores") == 1
    assert caplog.text.count("job_failed") == 1
    assert caplog.text.count("job_recovered") == 2


@pytest.mark.parametrize("every", [SOON, NEVER])
async def test_a_job_under_way_is_finished_before_the_house_closes(leases, every, caplog):
    slow = Counted(takes=0.3)
    jobs = Jobs([Job("dispatch", every, slow, nudged=every is NEVER)], leases)
    await jobs.start()
    jobs.nudge()
    await asyncio.sleep(0.2)
    assert (slow.began, slow.ended) == (1, 0)
    await jobs.stop()
    assert (slow.began, slow.ended) == (1, 1)
    assert "Traceback" not in caplog.text


async def test_a_tick_during_a_nudged_run_does_not_do_the_work_twice_at_once(leases):
    slow = Counted(takes=0.2)
    jobs = Jobs([Job("dispatch", SOON, slow, nudged=True)], leases)
    await jobs.start()
    try:
        jobs.nudge()
        await asyncio.sleep(0.15)
        assert slow.began == 1
    finally:
        await jobs.stop()
