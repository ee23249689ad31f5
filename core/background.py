"""Long work beside the event loop."""

import asyncio
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_USUAL_S = sys.getswitchinterval()
_SOON_S = 0.0005


async def beside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Work that keeps the processor busy, in a thread that makes way for the chats ten times as readily as others.

    Python lets the loop's thread wait for a busy one five milliseconds, and again after each send and receive of a
    turn. Ending early what another call still needs does no harm: the threads are as patient as ever then.
    """
    sys.setswitchinterval(_SOON_S)
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    finally:
        sys.setswitchinterval(_USUAL_S)
