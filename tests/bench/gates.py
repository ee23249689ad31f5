"""P1 to P13 of PERFORMANCE.md, computed from one run. Only ratios inside one run mean anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from tests.bench.inside import ALL, FEW, LITTLE, MANY, MUCH, SOME
from tests.bench.run import ADD, BROWSE, SLOW_API_S, Run

ECHO, ECHO_AIOHTTP = "echo, PTB as shipped", "echo, PTB on aiohttp"
KB = 1024


@dataclass(frozen=True, slots=True)
class Gate:
    """`at_most`: the measured figure may not be above the gate, else not below it. `spread` is the lowest and highest
    of the rounds.
    """

    name: str
    what: str
    gate: float
    target: float
    measured: float
    spread: tuple[float, float]
    at_most: bool = True

    @property
    def held(self) -> bool:
        return self.measured <= self.gate if self.at_most else self.measured >= self.gate

    @property
    def on_target(self) -> bool:
        return self.measured <= self.target if self.at_most else self.measured >= self.target


Series = list[float]


def paired(above: Series, below: Series) -> Series:
    """Round by round, so that what slowed a round slowed both."""
    return [a / b for a, b in zip(above, below, strict=False) if b]


def gates(run: Run) -> Iterator[Gate]:
    """Those of which this run has measured all that is needed."""
    for make in (_turns, _patience, _stores, _sizes, _process, _lost):
        yield from make(run)


def _of(run: Run, cell: str, field: str) -> Series:
    return [float(getattr(result, field)) for result in run.cells.get(cell, ())]


def _gate(name: str, what: str, gate: float, target: float, series: Series, *, at_most: bool = True) -> Iterator[Gate]:
    if series:
        yield Gate(name, what, gate, target, median(series), (min(series), max(series)), at_most)


def _turns(run: Run) -> Iterator[Gate]:
    add = _of(run, f"{ADD} @32", "cpu_ms")
    echo, bare = _of(run, f"{ECHO} @32", "cpu_ms"), _of(run, "bare two calls @32", "cpu_ms")
    yield from _gate("P1", "add to cart ÷ stock echo, CPU at 32", 1.0, 0.75, paired(add, echo))
    yield from _gate("P1b", "same ÷ bare two-call turn", 3.5, 2.7, paired(add, bare))
    many, beside = _of(run, f"{ADD} @256", "per_s"), _of(run, f"{ADD} @32 beside", "per_s")
    yield from _gate("P2", "turns/s at 256 people ÷ at 32", 0.9, 1.0, paired(many, beside), at_most=False)
    for slow, gate, target in (("", 0.5, 0.33), (" slow", 0.05, 0.014)):
        # Like with like: the same echo on our transport. A whole turn beside a stock echo is P1.
        rates = _of(run, f"{ECHO} burst{slow}", "per_s"), _of(run, f"{ECHO_AIOHTTP} burst{slow}", "per_s")
        what = "burst of 256 echoes ÷ as shipped" + (", Bot API 50 ms" if slow else "")
        yield from _gate("P2b", what, gate, target, paired(*rates))
    # 32 people who each wait 50 ms make 640 turns a second at the very most, however fast the bot is.
    possible = [min(rate, 32 / SLOW_API_S) for rate in _of(run, f"{ADD} @32", "per_s")]
    slow_rate = paired(_of(run, f"{ADD} @32 slow", "per_s"), possible)
    yield from _gate("P3", "turns/s with a 50 ms Bot API ÷ what 32 can make", 0.85, 0.95, slow_rate, at_most=False)


def _patience(run: Run) -> Iterator[Gate]:
    for cell, gate, target in ((f"{ADD} 100/s", 4.0, 2.5), (f"{ADD} half", 8.0, 4.5)):
        series = paired(_of(run, cell, "p99"), _of(run, cell, "p50"))
        yield from _gate("P4", f"p99 ÷ p50, {cell.removeprefix(ADD).strip()}", gate, target, series)
    stuck, alone = _of(run, f"{ADD} 100/s stuck", "p99"), _of(run, f"{ADD} 100/s alone", "p99")
    yield from _gate("P4c", "others' p99 beside somebody stuck ÷ without", 1.2, 1.0, paired(stuck, alone))


def _stores(run: Run) -> Iterator[Gate]:
    found = run.inside.get("stores", {})
    if not found:
        return
    yield from _gate("P6", "orders placed ÷ raw pair", 0.5, 0.7, paired(found["place"], found["pair"]), at_most=False)
    for what in ("issue", "verify"):
        series = paired(found[what], found[f"raw_{what}"])
        yield from _gate("P6", f"OTP {what} ÷ raw", 0.6, 0.8, series, at_most=False)


def _sizes(run: Run) -> Iterator[Gate]:
    if menus := run.inside.get("menus"):
        for figure, what in (("cpu", "browse CPU"), ("p50", "browse p50")):
            series = paired(menus[f"{figure}_{MANY}"], menus[f"{figure}_{FEW}"])
            yield from _gate("P7", f"{what}, {MANY:,} dishes ÷ {FEW}", 1.1, 1.0, series)
        series = paired(menus[f"search_{MANY}"], menus[f"search_{FEW}"])
        yield from _gate("P7", f"search, {MANY:,} dishes ÷ {FEW}", 2.0, 1.3, series)
        yield from _gate("P7", f"longest stall, {MANY:,} dishes read anew, ms", 25.0, 5.0, menus["stall"])
    if orders := run.inside.get("orders"):
        series = paired(orders[f"p50_{MUCH}"], orders[f"p50_{LITTLE}"])
        yield from _gate("P8", f"my orders among {MUCH:,} ÷ among {LITTLE:,}", 1.2, 1.0, series)
    if carts := run.inside.get("carts"):
        series = paired(carts[f"p50_{ALL}"], carts[f"p50_{SOME}"])
        yield from _gate("P9", f"a cart among {ALL:,} ÷ among {SOME}", 1.4, 1.3, series)


def _process(run: Run) -> Iterator[Gate]:
    if memory := run.inside.get("memory"):
        kept = [each / KB for each in memory["person_bytes"]]
        yield from _gate("P10", "process memory a person, kB", 0.3, 0.16, kept)
        stored = [each / KB for each in memory["session_bytes"]]
        yield from _gate("P10", "Redis a session with five lines, kB", 1.0, 0.7, stored)
        yield from _gate("P10", f"RSS after {memory['people'][0]:,.0f} people ÷ idle", 1.25, 1.13, memory["rss_ratio"])
    if workers := run.inside.get("workers"):
        gains = paired(workers["two"], workers["one"])
        ceilings = [2.0 - rest for rest in workers["rest"]]
        yield from _gate(
            "P11", "two processes ÷ one, of the ceiling", 0.9, 0.98, paired(gains, ceilings), at_most=False
        )
    if starts := run.inside.get("starts"):
        yield from _gate(
            "P12", "start to first answer ÷ echo bot", 1.5, 1.2, paired(starts["tiffin_s"], starts["ptb_s"])
        )
        held = paired(starts["tiffin_rss"], starts["ptb_rss"])
        yield from _gate("P12", "memory then ÷ echo bot", 1.6, 1.4, held)


def _lost(run: Run) -> Iterator[Gate]:
    ours = [f"{ADD} @32", f"{ADD} @32 beside", f"{ADD} @256", f"{BROWSE} @32"]
    series = [_of(run, cell, "lost") + _of(run, cell, "refused") for cell in ours]
    total = [sum(each) for each in series if each]
    if total:
        yield Gate("P13", "turns lost or refused at 32 and 256", 0.0, 0.0, sum(total), (min(total), max(total)))
