"""People at work: a turn begins with a delivery and ends when it is acknowledged and all it brings has arrived.

Closed: so many people, each beginning the next turn when the last one ended. Open: turns begin at a given rate whether
or not the ones before have ended, and waiting counts. Burst: so many at once over at most a hundred connections.
"""

import asyncio
import gc
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.bench.machine import Account, cpu_ns, foreign, percentile, rss_bytes
from tests.bench.telegram import LENGTH, Api

WARM_S = 0.4
PATIENCE_S = 30.0
CONNECTIONS = 100  # as many as Telegram opens to a webhook at most

now = time.perf_counter_ns

Request = Callable[[int], bytes]  # the whole HTTP request of somebody's next turn


@dataclass
class Result:
    """Times in milliseconds; `cpu_ms` is the processor time of the bot for one turn, `foreign` cores others used."""

    turns: int = 0
    per_s: float = 0.0
    cpu_ms: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    foreign: float = 0.0
    driver: float = 0.0
    lost: int = 0
    refused: int = 0
    rss: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Turn:
    calls: int  # still to come
    began: int
    done: Callable[["Turn"], None]
    acked: bool = False
    ended: int = 0

    def called(self) -> None:
        self.calls -= 1
        self._look()

    def ack(self) -> None:
        self.acked = True
        self._look()

    def _look(self) -> None:
        if self.acked and self.calls <= 0 and not self.ended:
            self.ended = now()
            self.done(self)


class Line(asyncio.Protocol):
    """One keep-alive connection to the bot; one request at a time."""

    def __init__(self) -> None:
        self.answered: Callable[[int, bytes], None] = lambda status, body: None
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, request: bytes) -> None:
        assert self._transport is not None
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = LENGTH.search(self._buffer, 0, end)
        whole = end + 4 + (int(length.group(1)) if length else 0)
        if len(self._buffer) >= whole:
            status, body = int(self._buffer[9:12]), self._buffer[end + 4 : whole]
            self._buffer = self._buffer[whole:]
            self.answered(status, body)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def post(path: str, body: bytes, headers: str = "", *, kind: str = "application/json") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{headers}"
    return head.encode() + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@dataclass
class Cell:
    """One measurement. `calls` is how many of a chat's calls to the Bot API end a turn, `people` whose turns there are.

    `pids` are everybody whose work is ours, the bot under measurement first.
    """

    api: Api
    port: int
    pids: Sequence[int]
    request: Request
    calls: int
    people: Sequence[int]
    lasts: list[int] = field(default_factory=list)
    refused: int = 0
    _recording: bool = False
    _stopped: bool = False
    _finished: int = 0
    _turns: dict[int, Turn] = field(default_factory=dict)
    _waiting: deque[int] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._waiting.extend(self.people)

    def called(self, person: int) -> None:
        turn = self._turns.get(person)
        if turn is not None:
            turn.called()

    async def _lines(self, count: int) -> list[Line]:
        self.api.listeners.append(self.called)
        loop = asyncio.get_running_loop()
        return [(await loop.create_connection(Line, "127.0.0.1", self.port))[1] for _ in range(count)]

    def _begin(self, line: Line, after: Callable[[], None], began: int = 0) -> bool:
        """False when everybody is in a turn already."""
        if not self._waiting:
            return False
        person = self._waiting.popleft()
        left = 2  # the answer, and the end of the turn

        def half() -> None:
            nonlocal left
            left -= 1
            if not left:
                after()

        def done(turn: Turn) -> None:
            del self._turns[person]
            self._waiting.append(person)
            self._finished += 1
            if self._recording:
                self.lasts.append(turn.ended - turn.began)
            half()

        turn = self._turns[person] = Turn(self.calls, began or now(), done)

        def answered(status: int, _: bytes) -> None:
            self.refused += status != 200
            turn.ack()
            half()

        line.answered = answered
        line.send(self.request(person))
        return True

    async def closed(self, people: int, seconds: float) -> Result:
        lines = await self._lines(people)

        def go_on(line: Line) -> None:
            if not self._stopped:
                self._begin(line, lambda: go_on(line))

        for line in lines:
            go_on(line)
        await asyncio.sleep(WARM_S)
        gc.collect()
        return await self._measured(lines, lambda: asyncio.sleep(seconds))

    async def open(self, rate: float, seconds: float, seed: int = 7) -> Result:
        """A Poisson stream; the time counts from when a turn should have begun."""
        lines = await self._lines(CONNECTIONS)
        free, late = list(lines), deque[int]()

        def arrive(due: int) -> None:
            if not free:
                late.append(due)
                return
            line = free.pop()

            def after() -> None:
                free.append(line)
                if late:
                    arrive(late.popleft())

            if not self._begin(line, after, due):
                free.append(line)
                late.append(due)

        async def stream() -> None:
            dice, due = random.Random(seed), now()
            end = due + int(seconds * 1e9)
            while due < end:
                due += int(dice.expovariate(rate) * 1e9)
                await asyncio.sleep(max(0.0, (due - now()) / 1e9))
                arrive(due)

        return await self._measured(lines, stream)

    async def burst(self, count: int) -> Result:
        """`per_s` is over the whole burst, to the last turn's end."""
        lines = await self._lines(min(count, CONNECTIONS))
        left, over = count, asyncio.get_running_loop().create_future()

        def go_on(line: Line) -> None:
            nonlocal left
            if left and self._begin(line, lambda: go_on(line)):
                left -= 1
            if self._finished >= count and not over.done():
                over.set_result(None)

        async def all_of_it() -> None:
            for line in lines:
                go_on(line)
            await asyncio.wait([over], timeout=PATIENCE_S)

        return await self._measured(lines, all_of_it)

    async def _measured(self, lines: list[Line], work: Callable[[], Any]) -> Result:
        before, bot, mine = Account.read(self.pids), cpu_ns(self.pids[0]), time.process_time_ns()
        finished, began = self._finished, now()
        self._recording = True
        await work()
        self._recording = False
        wall = (now() - began) / 1e9
        turns = self._finished - finished
        after, bot, mine = Account.read(self.pids), cpu_ns(self.pids[0]) - bot, time.process_time_ns() - mine
        self._stopped = True
        until = now() + int(PATIENCE_S * 1e9)
        while self._turns and now() < until:
            await asyncio.sleep(0.02)
        lost = len(self._turns)
        for line in lines:
            line.close()
        self.api.listeners.remove(self.called)
        times = sorted(self.lasts) or [0]
        return Result(
            turns=turns,
            per_s=turns / wall,
            cpu_ms=bot / 1e6 / max(turns, 1),
            p50=percentile(times, 0.5) / 1e6,
            p99=percentile(times, 0.99) / 1e6,
            foreign=foreign(before, after, wall),
            driver=mine / 1e9 / wall,
            lost=lost,
            refused=self.refused,
            rss=rss_bytes(self.pids[0]),
        )
