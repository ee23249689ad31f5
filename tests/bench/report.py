"""One table of rows, one of gates, one picture, one JSON."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.gates import Gate
from tests.bench.run import Run


def tables(console: Console, run: Run, gates: list[Gate]) -> None:
    rows = Table("turn", "per s", "CPU ms", "lowest", "highest", "p50 ms", "p99 ms", "÷ echo", "others' load", "lost")
    for column in rows.columns[1:]:
        column.justify = "right"
    for column in rows.columns:
        column.no_wrap = True
    echo = {n: result.cpu_ms for n, result in enumerate(run.cells.get("echo, PTB as shipped @32", ()))}
    for name, results in sorted(run.cells.items()):
        cpu = [result.cpu_ms for result in results]
        ratios = [result.cpu_ms / echo[n] for n, result in enumerate(results) if n in echo]
        rows.add_row(
            name,
            f"{median(result.per_s for result in results):.0f}",
            *(f"{value:.3f}" for value in (median(cpu), min(cpu), max(cpu))),
            *(f"{median(getattr(result, what) for result in results):.1f}" for what in ("p50", "p99")),
            f"{median(ratios):.2f}" if ratios else "",
            f"{median(result.foreign for result in results):.2f}",
            str(sum(result.lost + result.refused for result in results)),
        )
    console.print(rows)
    held = Table("gate", "what", "must be", "target", "measured", "rounds", "held")
    for gate in gates:
        sign = "≤" if gate.at_most else "≥"
        verdict = "[green]yes, on target" if gate.on_target else "[green]yes" if gate.held else "[red]NO"
        held.add_row(
            gate.name,
            gate.what,
            f"{sign} {gate.gate:g}",
            f"{gate.target:g}",
            f"{gate.measured:.3g}",
            f"{gate.spread[0]:.3g} … {gate.spread[1]:.3g}",
            verdict,
        )
    console.print(held)
    console.print("P5 is counted, and what is counted is tested: tests/counts/test_round_trips.py.")
    if run.again:
        console.print(f"{run.again} measurements were made again, because others kept the machine busy.")


def keep(folder: Path, run: Run, gates: list[Gate], about: dict[str, Any]) -> list[Path]:
    """`bench.json` and `bench.png`."""
    told = [
        {"gate": g.name, "what": g.what, "must_be": g.gate, "at_most": g.at_most, "target": g.target,
         "measured": g.measured, "lowest": g.spread[0], "highest": g.spread[1], "held": g.held}
        for g in gates
    ]  # fmt: skip
    data, picture = folder / "bench.json", folder / "bench.png"
    data.write_text(json.dumps({**about, "gates": told, **run.to_dict()}, indent=1), encoding="utf-8")
    _draw(picture, run, gates)
    return [data, picture]


def _draw(path: Path, run: Run, gates: list[Gate]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    turns = {name: [r.cpu_ms for r in results] for name, results in run.cells.items() if name.endswith("@32")}
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(14, 0.4 * max(len(turns), len(gates)) + 2))
    names = sorted(turns, key=lambda name: median(turns[name]))
    left.boxplot([turns[name] for name in names], orientation="horizontal", tick_labels=names)
    left.set_xlabel("processor time of the bot for a turn, ms")
    left.set_xlim(left=0)
    shares = [_share(gate) for gate in gates]
    labels = [f"{gate.name} {gate.what}" for gate in gates]
    right.barh(labels, shares, color=["tab:green" if gate.held else "tab:red" for gate in gates])
    right.axvline(1.0, color="black", linewidth=1)
    right.set_xlabel("how much of the gate is used (1 = just held)")
    right.invert_yaxis()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _share(gate: Gate) -> float:
    if gate.at_most:
        return gate.measured / gate.gate if gate.gate else float(gate.measured > 0)
    return gate.gate / gate.measured if gate.measured else 2.0
