"""A provider's own SDK, which blocks and knows no limits: opened with the first call, and closed with the house."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from core.clock import Clock
from core.outlets.models import PayMethod
from core.payments.calls import MOST_UNDER_WAY, PATIENCE, Calls, Patience
from core.payments.line import Line

Result = TypeVar("Result")


class Sdk:
    """`opening` makes the SDK's client over a line of ours; called once, in the thread of the first call."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        opening: Callable[[Line], Any],
        *,
        patience: Patience = PATIENCE,
        line: Line | None = None,
    ) -> None:
        self._calls = Calls(name, clock, patience=patience)
        self._line = line or Line(MOST_UNDER_WAY, longest=patience.whole)
        self._opening = opening
        self._guard = threading.Lock()
        self._client: Any = None

    @property
    def resting(self) -> bool:
        """Whether the provider failed so often that it is being left alone."""
        return self._calls.resting

    async def ask(self, what: str, call: Callable[[Any], Result]) -> Result:
        """`call` is given the client, in a thread; it answers or raises ProviderError. Raises as `Calls.make`."""
        return await self._calls.make(what, lambda: call(self._open()))

    async def close(self) -> None:
        self._calls.close()
        self._line.close()

    def _open(self) -> Any:
        with self._guard:
            if self._client is None:
                self._client = self._opening(self._line)
        return self._client


def only_online(method: PayMethod) -> None:
    """Raises ValueError for what nobody pays on a link."""
    if not method.online:
        raise ValueError(f"nobody pays {method} on a link")
