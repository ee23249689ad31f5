"""What a simulated day came to."""

from collections import Counter
from dataclasses import dataclass, field

from rich.table import Table

SLOW_ENOUGH = (50, 95, 99)


@dataclass
class Figures:
    """Counted by guests and cooks as they go."""

    guests: int = 0
    wanted: int = 0  # orders guests set out to make
    placed: int = 0
    paid_online: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)  # how orders ended
    errors: Counter[str] = field(default_factory=Counter)
    turns_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def turn(self, seconds: float) -> None:
        self.turns_ms.append(seconds * 1000)

    @property
    def conversion(self) -> float:
        """Of the orders guests wanted, how many were placed."""
        return self.placed / self.wanted if self.wanted else 0.0

    def percentile(self, percent: int) -> float:
        """The turn latency, in milliseconds, that `percent` of the turns did not exceed."""
        if not self.turns_ms:
            return 0.0
        ordered = sorted(self.turns_ms)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    def table(self) -> Table:
        table = Table(title="The day", title_justify="left", show_header=False, pad_edge=False)
        table.add_column(style="bold")
        table.add_column(justify="right")
        table.add_row("Guests", f"{self.guests:,}")
        table.add_row("Orders placed", f"{self.placed:,} of {self.wanted:,} wanted ({self.conversion:.1%})")
        table.add_row("Orders a minute", f"{self.placed / self.seconds * 60:.1f}" if self.seconds else "0.0")
        table.add_row("Paid online", f"{self.paid_online:,}")
        for outcome, count in self.outcomes.most_common():
            table.add_row(outcome, f"{count:,}")
        table.add_section()
        table.add_row("Turns", f"{len(self.turns_ms):,}")
        for percent in SLOW_ENOUGH:
            table.add_row(f"Turn latency p{percent}", f"{self.percentile(percent):.1f} ms")
        table.add_section()
        table.add_row("Errors", f"{self.errors.total():,}", style="red" if self.errors else "green")
        for error, count in self.errors.most_common():
            table.add_row(f"  {error}", f"{count:,}", style="red")
        return table
