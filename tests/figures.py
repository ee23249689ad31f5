"""What a run counted, told at its end: the event table as a matrix, and one line for each figure a test recorded.

Figures travel with the reports of the tests, so they are all there when several processes share the work.
"""

from collections.abc import Iterator

import pytest

FIGURE, CELL = "figure", "cell"


def recorded(reporter: pytest.TerminalReporter, name: str) -> Iterator[str]:
    for report in reporter.stats.get("passed", []):
        for key, value in getattr(report, "user_properties", ()):
            if key == name and report.when == "call":
                yield str(value)


def tell(reporter: pytest.TerminalReporter) -> None:
    cells = dict(cell.split("|", 1) for cell in recorded(reporter, CELL))
    if cells:
        reporter.section("event table")
        for line in matrix(cells):
            reporter.write_line(line)
    figures = sorted(recorded(reporter, FIGURE))
    if figures:
        reporter.section("figures")
        for line in figures:
            reporter.write_line(line)


def matrix(cells: dict[str, str]) -> Iterator[str]:
    """`cells` by "event column": the words of the table, where every check of the cell has passed."""
    from core.orders.events import Event
    from core.orders.status import Column

    columns = {column: max(len(cells.get(f"{event} {column}", "-")) for event in Event) + 2 for column in Column}
    yield f"{'':28}" + "".join(f"{column:<{width}}" for column, width in columns.items())
    for n, event in enumerate(Event, 1):
        row = "".join(f"{cells.get(f'{event} {column}', '-'):<{width}}" for column, width in columns.items())
        yield f"{n:>2} {event:<25}{row}".rstrip()
    yield f"{len(cells)}/144 cells as the table says, each also repeated, reordered and crashed"
