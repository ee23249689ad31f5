"""The same for many, some at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

AT_ONCE = 8  # things the provider is asked about side by side

Thing = TypeVar("Thing")


async def each(things: Sequence[Thing], do: Callable[[Thing], Awaitable[object]]) -> int:
    """How many there were. One that fails keeps no other from being done; its failure is raised at the end."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(thing: Thing) -> None:
        async with slots:
            await do(thing)

    results = await asyncio.gather(*map(one, things), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return len(things)
