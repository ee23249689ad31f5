"""Threads for a service whose library blocks."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MOST_THREADS = 20

Result = TypeVar("Result")


class Threads:
    """A service's own, so that one that hangs does not keep payments waiting for a thread."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=MOST_THREADS, thread_name_prefix=f"sms-{name}")

    async def run(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        """Start nothing more; calls under way end by their own timeouts."""
        self._pool.shutdown(wait=False, cancel_futures=True)
