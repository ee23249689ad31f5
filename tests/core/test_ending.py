import asyncio
from contextlib import suppress

import pytest

from core.ending import end
from core.mailbox.store import MailboxStore


async def for_ever():
    while True:
        await asyncio.sleep(1)


async def deaf_once():
    """What redis-py's sending is on Python 3.11 when it has just been done."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(1)
    await for_ever()


async def broken():
    raise KeyError("mistake")


async def test_tasks_end_and_what_they_failed_with_is_told():
    tasks = [asyncio.create_task(work()) for work in (for_ever, for_ever, broken)]
    await asyncio.sleep(0)
    (failure,) = await end(tasks)
    assert isinstance(failure, KeyError)
    assert all(task.done() for task in tasks)
    assert await end(tasks) == [failure]


async def test_a_task_that_swallows_its_cancellation_is_told_again():
    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        assert await end([task]) == []
    assert task.cancelled()


@pytest.mark.race
async def test_a_line_to_redis_ends_whenever_it_is_told_to(redis):
    async def listen():
        async for _ in MailboxStore(redis).wakes():
            pass

    for moment in range(120):  # from before it connects until it waits for news
        task = asyncio.create_task(listen())
        for _ in range(moment % 40):
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await end([task]) == []
