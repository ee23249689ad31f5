"""Telegram's limits on sending, as figures a test can set: real windows and a real bucket."""

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from tests.fakes.telegram.rules import Refusal


@dataclass
class Flood:
    """Messages a second over all, a bucket for each private chat, messages a minute in a group.

    `strict` makes a chat that was refused wait out its time: whoever speaks before is refused again.
    """

    overall: int = 30
    private_burst: int = 6
    private_a_second: float = 1.0
    group_a_minute: int = 20
    edit_weighs: float = 0.25
    _all: deque[float] = field(default_factory=deque)
    _groups: dict[int, deque[tuple[float, float]]] = field(default_factory=lambda: defaultdict(deque))
    _buckets: dict[int, tuple[float, float]] = field(default_factory=dict)
    _shut: dict[int, float] = field(default_factory=dict)
    refused: int = 0
    too_early: int = 0  # calls into a chat that had been told to wait

    def check(self, chat: int, *, edit: bool) -> None:
        """Raises the refusal with `retry_after`."""
        now = time.monotonic()
        weight = self.edit_weighs if edit else 1.0
        if (until := self._shut.get(chat, 0.0)) > now:
            self.too_early += 1
            self._refuse(chat, until - now)
        if not edit:
            while self._all and self._all[0] <= now - 1.0:
                self._all.popleft()
            if len(self._all) >= self.overall:
                self._refuse(chat, 1.0)
        if chat < 0:
            window = self._groups[chat]
            while window and window[0][0] <= now - 60.0:
                window.popleft()
            if sum(w for _, w in window) + weight > self.group_a_minute:
                self._refuse(chat, window[0][0] + 60.0 - now)
            window.append((now, weight))
        else:
            tokens, at = self._buckets.get(chat, (float(self.private_burst), now))
            tokens = min(self.private_burst, tokens + (now - at) * self.private_a_second)
            if tokens < weight:
                self._refuse(chat, (weight - tokens) / self.private_a_second)
            self._buckets[chat] = (tokens - weight, now)
        if not edit:
            self._all.append(now)

    def _refuse(self, chat: int, wait: float) -> None:
        self.refused += 1
        seconds = max(1, math.ceil(wait))
        self._shut[chat] = max(self._shut.get(chat, 0.0), time.monotonic() + seconds)
        raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
