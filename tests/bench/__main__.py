"""`python -m tests.bench`: the gates P1 to P13, in about ten minutes; with --quick the main six, in about two."""

import argparse
import asyncio
import gc
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench import report, run
from tests.bench.gates import gates

PARTS = ("stores", "menus", "orders", "carts")
EACH_ROUND = {"quick": 7, "full": 17}


async def measured(folder: Path, progress: Progress, *, quick: bool, rounds: int, seconds: float) -> run.Run:
    steps = rounds * EACH_ROUND["quick" if quick else "full"] + (0 if quick else len(PARTS) + 4 * rounds + 1)
    task = progress.add_task("laying the tables", total=steps)
    async with run.open_bench(folder, progress, task) as bench:
        gc.collect()
        gc.freeze()
        if quick:
            await run.quick(bench, rounds, seconds)
        else:
            await run.full(bench, rounds, seconds)
            await run.workers(bench, rounds, seconds)
            await run.memory(bench, 15_000)
            await run.starts(bench, rounds)
            for what in PARTS:
                await run.inside(bench, what, rounds)
        return bench.run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the main six gates alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.0, help="a measurement takes so long (1.5, quick 1)")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="where bench.json and bench.png go")
    given = parser.parse_args()
    seconds = given.seconds or (1.0 if given.quick else 1.5)
    console = Console()
    if not console.is_terminal:
        console.width = 130
    columns = (
        TextColumn("{task.description:34}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with (
        tempfile.TemporaryDirectory(prefix="tiffin-bench-") as folder,
        Progress(*columns, console=console) as progress,
    ):
        work = measured(Path(folder), progress, quick=given.quick, rounds=given.rounds, seconds=seconds)
        found = asyncio.run(work)
    told = list(gates(found))
    report.tables(console, found, told)
    given.out.mkdir(parents=True, exist_ok=True)
    about = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
        "rounds": given.rounds,
        "seconds": seconds,
    }
    for path in report.keep(given.out, found, told, about):
        console.print(f"[dim]{path}")
    return 0 if all(gate.held for gate in told) else 1


if __name__ == "__main__":
    raise SystemExit(main())
