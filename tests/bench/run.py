"""One run: every row beside every other, in random order, round after round."""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from rich.progress import Progress, TaskID

from tests.bench import telegram
from tests.bench.load import WARM_S, Cell, Line, Request, Result, post
from tests.bench.machine import cores, cpu_ns, pinned, rss_bytes
from tests.bench.product import (
    BUYERS,
    PEOPLE,
    RUN,
    TELEGRAM_HEADER,
    WEB_PEOPLE,
    WHATSAPP_PEOPLE,
    Product,
    answers,
    environment,
    free_port,
    open_product,
    running,
)

QUIET = 0.25  # cores others may use before a cell is measured again
TRIES = 2
SLOW_API_S = 0.05
STUCK_S = 2.0
STUCK = 4  # people, one after another: fewer turns beside them would leave a p99 to chance
SHARED = 256  # people of one process or two: woken for a turn at a time, one beside the driver pays for each switch
PLACE_RATE = 8.0  # Telegram lets a bot send some thirty messages a second, so nobody places faster than that
ECHO, ECHO_AIOHTTP, BARE, TIFFIN = "ptb", "ptb-aiohttp", "bare", "tiffin"
BROWSE, ITEM, ADD, CART, PLACE = "browse", "open item", "add", "cart", "place"
WEB, WHATSAPP, RAZORPAY = "web chat browse", "WhatsApp browse", "razorpay news"


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of turn: who serves it, how many of the chat's calls end it, what people there send."""

    name: str
    server: str
    calls: int
    request: Request
    people: Sequence[int]


@dataclass
class Run:
    """Everything measured: `cells` by what they measured, a value a round; `inside` as `tests.bench.inside` says."""

    cells: dict[str, list[Result]] = field(default_factory=dict)
    inside: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    again: int = 0

    def add(self, name: str, result: Result) -> None:
        self.cells.setdefault(name, []).append(result)

    def to_dict(self) -> dict[str, Any]:
        cells = {name: [result.to_dict() for result in results] for name, results in self.cells.items()}
        return {"cells": cells, "inside": self.inside, "measured_again": self.again}


@dataclass
class Bench:
    bot_core: int  # what is measured has it for itself; asked again, `cores` would know only ours
    rest: int
    api: telegram.Api
    api_port: int
    product: Product
    ports: dict[str, int]
    pids: dict[str, int]
    side: list[int]
    run: Run
    progress: Progress
    task: TaskID
    strangers: Iterator[int] = field(default_factory=lambda: count(95_000))  # whom no code was sent to yet

    def rows(self) -> list[Row]:
        p, people = self.product, range(PEOPLE)
        return [
            Row("bare two calls", BARE, 2, self._reference_tap, people),
            Row("echo, PTB as shipped", ECHO, 1, self._reference_text, people),
            Row("echo, PTB on aiohttp", ECHO_AIOHTTP, 1, self._reference_text, people),
            Row(BROWSE, TIFFIN, 1, p.browse, people),
            Row(ITEM, TIFFIN, 1, p.open_item, people),
            Row(ADD, TIFFIN, 1, p.add, people),
            Row(CART, TIFFIN, 1, p.see_cart, people),
            Row(WEB, TIFFIN, 0, p.web_browse, range(WEB_PEOPLE)),
            Row(WHATSAPP, TIFFIN, 1, p.whatsapp_browse, WHATSAPP_PEOPLE),
            Row(RAZORPAY, TIFFIN, 0, p.razorpay, people),
        ]

    def row(self, name: str) -> Row:
        return next(row for row in self.rows() if row.name == name)

    def _reference_tap(self, person: int) -> bytes:
        return post("/webhooks/telegram", self.product.updates.tap(person, "c:12:3"), TELEGRAM_HEADER)

    def _reference_text(self, person: int) -> bytes:
        return self.product.says(person, "2 x paneer tikka please")

    def cell(self, row: Row, port: int = 0, pid: int = 0) -> Cell:
        pids = [pid or self.pids[row.server], *self.side]
        return Cell(self.api, port or self.ports[row.server], pids, row.request, row.calls, row.people)

    async def measure(self, name: str, row: Row, work: Callable[[Cell], Any]) -> Result:
        """Once more when others kept the machine busy; what counts is the last try."""
        for attempt in range(TRIES):
            if row.server == TIFFIN and row.name not in (WEB, WHATSAPP, RAZORPAY):
                await self.product.lay(row.people)
            result: Result = await work(self.cell(row))
            if result.foreign <= QUIET or attempt == TRIES - 1:
                break
            self.run.again += 1
            await asyncio.sleep(0.3)
        if row.name in (WHATSAPP, RAZORPAY, PLACE):
            await self.product.sweep()
        self.run.add(name, result)
        return result

    def step(self, what: str) -> None:
        self.progress.update(self.task, advance=1, description=what)


@asynccontextmanager
async def open_bench(folder: Path, progress: Progress, task: TaskID) -> AsyncIterator[Bench]:
    bot_core, rest = cores()
    pinned(rest)()
    async with AsyncExitStack() as stack:
        api = telegram.Api()
        server, api_port = await telegram.serve(api)
        stack.callback(server.close)
        product = await stack.enter_async_context(open_product(folder, api_port))
        ports, pids = {}, {}
        for kind in (BARE, ECHO, ECHO_AIOHTTP):
            port, log = free_port(), folder / f"{kind}.log"
            command = ("-m", "tests.bench.bots", kind, "--port", str(port), "--api", str(api_port))
            env = environment(product.settings, port)
            process = stack.enter_context(running(command, log, bot_core, env))
            await answers(port, process, log)
            ports[kind], pids[kind] = port, process.pid
        ports[TIFFIN], pids[TIFFIN] = await stack.enter_async_context(product.process("tiffin", bot_core))
        await product.seat(range(PEOPLE), buyers=BUYERS)
        await product.lay(range(PEOPLE))
        await product.seat_on_whatsapp(WHATSAPP_PEOPLE)
        await product.seat_browsers(ports[TIFFIN])
        side = [*_children(), *(pid for name, pid in pids.items() if name != TIFFIN)]
        await asyncio.sleep(1.0)
        yield Bench(bot_core, rest, api, api_port, product, ports, pids, side, Run(), progress, task)


def _children() -> Iterator[int]:
    """Ourselves, and the stores we started."""
    me = str(Path("/proc/self").resolve().name)
    yield int(me)
    for task in Path(f"/proc/{me}/task").iterdir():
        for child in (task / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"valkey" in command or b"nx_27017" in command:
                yield int(child)


# ---- what is measured


async def quick(bench: Bench, rounds: int, seconds: float) -> None:
    """P1, P1b, P2, P2b, P3 and P13."""
    names = ("bare two calls", "echo, PTB as shipped", BROWSE, ADD)
    for turn in range(rounds):
        work: list[tuple[str, Callable[[], Any]]] = [
            (name, lambda name=name: _closed(bench, name, 32, seconds))  # type: ignore[misc]
            for name in names
        ]
        work += [
            ("256 people", lambda turn=turn: _crowded(bench, turn, seconds)),  # type: ignore[misc]
            ("a slow Bot API", lambda: _slow(bench, seconds)),
            ("a burst", lambda: _bursts(bench, slow=False)),
        ]
        await _shuffled(bench, work, turn)


async def full(bench: Bench, rounds: int, seconds: float) -> None:
    """Everything that needs the bots side by side."""
    for turn in range(rounds):
        work: list[tuple[str, Callable[[], Any]]] = [
            (row.name, lambda name=row.name: _closed(bench, name, 32, seconds))  # type: ignore[misc]
            for row in bench.rows()
        ]
        work += [
            ("256 people", lambda turn=turn: _crowded(bench, turn, seconds)),  # type: ignore[misc]
            ("a slow Bot API", lambda: _slow(bench, seconds)),
            ("a burst", lambda: _bursts(bench, slow=False)),
            ("a burst, slow", lambda: _bursts(bench, slow=True)),
            ("a steady stream", lambda: _open(bench, seconds * 2)),
            ("somebody stuck", lambda: _stuck(bench)),
            ("orders", lambda turn=turn: _orders(bench, turn, rounds)),  # type: ignore[misc]
        ]
        await _shuffled(bench, work, turn)


async def _shuffled(bench: Bench, work: list[tuple[str, Callable[[], Any]]], turn: int) -> None:
    random.Random(turn).shuffle(work)
    for what, measure in work:
        bench.step(f"round {turn + 1}: {what}")
        await measure()


async def _closed(bench: Bench, name: str, people: int, seconds: float) -> None:
    await bench.measure(f"{name} @{people}", bench.row(name), lambda cell: cell.closed(people, seconds))


async def _crowded(bench: Bench, turn: int, seconds: float) -> None:
    """Many people right beside few: a minute apart, the machine's own pace differs by more than the gate allows.

    Four times as long as other rows: many take their turns in waves, and one wave in a second and a half is a sixth.
    """
    few = f"{ADD} @32 beside", 32
    many = f"{ADD} @256", 256
    for name, people in (few, many) if turn % 2 else (many, few):
        await bench.measure(name, bench.row(ADD), lambda cell, people=people: cell.closed(people, 4 * seconds))  # type: ignore[misc]


async def _slow(bench: Bench, seconds: float) -> None:
    """Four times as long as other rows: all begin at once, and for a while they go on coming in one wave."""
    bench.api.delay = SLOW_API_S
    try:
        await bench.measure(f"{ADD} @32 slow", bench.row(ADD), lambda cell: cell.closed(32, 4 * seconds))
    finally:
        bench.api.delay = 0.0


async def _bursts(bench: Bench, *, slow: bool) -> None:
    bench.api.delay = SLOW_API_S if slow else 0.0
    try:
        for name in ("echo, PTB as shipped", "echo, PTB on aiohttp", ADD):
            called = f"{name} burst{' slow' if slow else ''}"
            await bench.measure(called, bench.row(name), lambda cell: cell.burst(256))
    finally:
        bench.api.delay = 0.0


async def _open(bench: Bench, seconds: float) -> None:
    """A hundred turns a second, and half of what this run's closed loops reached so far."""
    await bench.measure(f"{ADD} 100/s", bench.row(ADD), lambda cell: cell.open(100, seconds))
    reached = bench.run.cells.get(f"{ADD} @32")
    if reached:
        half = reached[-1].per_s / 2
        await bench.measure(f"{ADD} half", bench.row(ADD), lambda cell: cell.open(half, seconds))


async def _stuck(bench: Bench) -> None:
    """Others' waiting while somebody's code takes two seconds to leave, again and again, beside the same without."""
    row, seconds = bench.row(ADD), STUCK * STUCK_S
    await bench.measure(f"{ADD} 100/s alone", row, lambda cell: cell.open(100, seconds))

    async def one_after_another(victims: Sequence[int]) -> None:
        loop = asyncio.get_running_loop()
        for victim in victims:
            _, line = await loop.create_connection(Line, "127.0.0.1", bench.ports[TIFFIN])
            line.send(bench.product.says(victim, f"+919{victim % 1000:03d}{victim:06d}"))  # numbers that are no series
            await asyncio.sleep(STUCK_S)
            line.close()

    async def beside(cell: Cell) -> Result:
        victims = [next(bench.strangers) for _ in range(STUCK)]
        for victim in victims:
            await bench.product.seat_at_phone(victim)
        stuck = asyncio.create_task(one_after_another(victims))
        try:
            return await cell.open(100, seconds)
        finally:
            await stuck

    bench.api.sms_delay = STUCK_S
    try:
        await bench.measure(f"{ADD} 100/s stuck", row, beside)
    finally:
        bench.api.sms_delay = 0.0


async def _orders(bench: Bench, turn: int, rounds: int) -> None:
    each = len(BUYERS) // max(rounds, 1)
    buyers = BUYERS[turn * each : (turn + 1) * each]
    row = Row(PLACE, TIFFIN, 1, bench.product.place, buyers)
    seconds = min(4.0, len(buyers) / PLACE_RATE / 2)
    await bench.measure(f"{PLACE} {PLACE_RATE:.0f}/s", row, lambda cell: cell.open(PLACE_RATE, seconds))


# ---- what needs processes of its own


async def inside(bench: Bench, what: str, rounds: int) -> None:
    """On stores of its own: what other rows left in theirs slows one side of a ratio more than the other."""
    bench.step(f"inside: {what}")
    folder = bench.product.folder / what
    folder.mkdir()
    async with open_product(folder, bench.api_port) as product:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.inside", what, str(rounds),
            env=environment(product.settings, 0) | {"LOG_LEVEL": "ERROR"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, preexec_fn=pinned(bench.bot_core),
        )  # fmt: skip
        out, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"inside {what}:\n{errors.decode()[-3000:]}")
    bench.run.inside[what] = json.loads(out.decode().strip().splitlines()[-1])


async def workers(bench: Bench, rounds: int, seconds: float) -> None:
    """One process beside two that share the load, the second one on the core of the driver and the stores.

    Beyond one process's pace comes what that core has left, so its share for the rest is taken while two run.
    """
    figures: dict[str, list[float]] = {"one": [], "two": [], "rest": []}
    row = bench.row(ADD)
    async with bench.product.process("second", bench.rest) as (port, pid):
        for turn in range(rounds):
            for count in (1, 2) if turn % 2 else (2, 1):
                bench.step(f"processes: {count}")
                await bench.product.lay(row.people)
                halves = [row.people] if count == 1 else [row.people[: PEOPLE // 2], row.people[PEOPLE // 2 :]]
                servers = [(bench.ports[TIFFIN], bench.pids[TIFFIN]), (port, pid)]
                cells = [
                    Cell(bench.api, at, [of], row.request, row.calls, people)
                    for (at, of), people in zip(servers, halves, strict=False)
                ]
                async with asyncio.TaskGroup() as group:
                    share = group.create_task(_share(bench.side[:3], WARM_S + seconds / 4, seconds / 2))
                    loads = [group.create_task(cell.closed(SHARED // count, seconds)) for cell in cells]
                results = [load.result() for load in loads]
                figures["one" if count == 1 else "two"].append(sum(result.per_s for result in results))
                if count == 2:
                    figures["rest"].append(share.result())
    bench.run.inside["workers"] = figures


async def _share(pids: Sequence[int], after: float, seconds: float) -> float:
    """What these take of a core, looked at in the middle of a measurement."""
    await asyncio.sleep(after)
    began, spent = time.perf_counter(), sum(cpu_ns(pid) for pid in pids)
    await asyncio.sleep(seconds)
    return (sum(cpu_ns(pid) for pid in pids) - spent) / 1e9 / (time.perf_counter() - began)


async def memory(bench: Bench, people: int) -> None:
    """A look at the menu by so many different people, none of them seen before; what Redis and the process keep."""
    bench.step(f"memory: {people} people")
    redis, product = bench.product.connections.redis, bench.product
    crowd = range(10_000, 10_000 + people)
    before = (await redis.info("memory"))["used_memory"]
    await product.seat_crowd(crowd)
    seated = (await redis.info("memory"))["used_memory"]
    idle = rss_bytes(bench.pids[TIFFIN])
    cell = Cell(bench.api, bench.ports[TIFFIN], [bench.pids[TIFFIN]], product.browse, 1, crowd)
    result = Result()
    while result.turns < people:  # everybody waits for their turn, so nobody comes twice before all have come
        again = await cell.closed(32, 10.0)
        result.turns += again.turns
        cell = Cell(bench.api, bench.ports[TIFFIN], [bench.pids[TIFFIN]], product.browse, 1, crowd[result.turns :])
        if not crowd[result.turns :]:
            break
    after = rss_bytes(bench.pids[TIFFIN])
    bench.run.inside["memory"] = {
        "person_bytes": [(after - idle) / people],
        "session_bytes": [(seated - before) / people],
        "rss_ratio": [after / idle],
        "people": [float(people)],
    }


async def starts(bench: Bench, rounds: int) -> None:
    """From the start of the process to its first answer, and what it holds then."""
    figures: dict[str, list[float]] = {"tiffin_s": [], "ptb_s": [], "tiffin_rss": [], "ptb_rss": []}
    for turn in range(rounds):
        for name in ("tiffin", "ptb") if turn % 2 else ("ptb", "tiffin"):
            bench.step(f"start: {name}")
            port, log = free_port(), bench.product.folder / f"start-{name}.log"
            echo = ("-m", "tests.bench.bots", ECHO, "--port", str(port), "--api", str(bench.api_port))
            command = RUN if name == "tiffin" else echo
            env = environment(bench.product.settings, port)
            del env["TWILIO_WHATSAPP_NUMBER"]  # one channel, as the echo has
            began = time.perf_counter()
            with running(command, log, bench.bot_core, env) as process:
                await answers(port, process, log)
                request = bench.product.browse(0) if name == "tiffin" else bench._reference_text(0)
                answered = asyncio.Event()
                _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
                line.answered = lambda status, body, answered=answered: answered.set()  # type: ignore[misc]
                line.send(request)
                await asyncio.wait_for(answered.wait(), 30)
                figures[f"{name}_s"].append(time.perf_counter() - began)
                line.close()
                await asyncio.sleep(0.5)
                figures[f"{name}_rss"].append(float(rss_bytes(process.pid)))
    bench.run.inside["starts"] = figures
