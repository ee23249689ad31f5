"""An event loop without a clock and without sockets: it does what is ready and then stands still."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

SHORT_S = 1.0  # who sleeps less only steps aside; longer timers are time limits, and no time passes here


class StillLoop:
    """Runs real coroutines, one step after the other, always in the same order. What waits for something that is not
    ready waits until `drain` is called after somebody made it ready.
    """

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        self._naps: list[asyncio.TimerHandle] = []
        self.troubles: list[dict[str, Any]] = []
        self._as_loop: Any = self  # of a loop, tasks and futures want only what stands below

    def __enter__(self) -> "StillLoop":
        asyncio._set_running_loop(self._as_loop)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio._set_running_loop(None)

    def drain(self) -> None:
        """Go on until everything waits."""
        ready = self._ready
        while ready:
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def naps(self) -> int:
        """How many only stepped aside for a moment."""
        if self._naps:
            self._naps = [handle for handle in self._naps if not handle.cancelled()]
        return len(self._naps)

    def wake(self, n: int) -> None:
        self._ready.append(self._naps.pop(n))

    # What asyncio's tasks and futures ask of a loop

    def time(self) -> float:
        return 0.0

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self._as_loop)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(coro, loop=self._as_loop, **options)

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self._as_loop, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(delay, callback, args, self._as_loop, context)
        if delay < SHORT_S:
            self._naps.append(handle)
        return handle

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_later(when, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is looked at when its turn comes."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.troubles.append(context)
