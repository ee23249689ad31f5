"""Ending tasks for certain."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

AGAIN = timedelta(milliseconds=100)


async def end(tasks: Iterable[asyncio.Task[Any]]) -> list[BaseException]:
    """Cancel tasks and wait until they are done; answers what they failed with, cancellation aside.

    They are cancelled again and again: on Python 3.11 `asyncio.wait_for`, through which redis-py sends, swallows a
    cancellation that arrives in the moment its work is done, and a loop that should have ended goes on for ever.
    """
    all_tasks = set(tasks)
    left = {task for task in all_tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN.total_seconds())
    ended = (task for task in all_tasks if not task.cancelled())
    return [failure for task in ended if (failure := task.exception()) is not None]
