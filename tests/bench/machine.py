"""The machine under the measurement: who used how much of it, and which core is whose."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_ns(pid: int) -> int:
    """User and system time of a process in nanoseconds, all its threads (the scheduler's own account, no ticks)."""
    total = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
                total += int(stat.read().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total


def rss_bytes(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def busy_s() -> float:
    """Seconds all processors together have worked since the machine started, time stolen by other tenants included."""
    with open("/proc/stat") as stat:
        parts = [int(number) for number in stat.readline().split()[1:]]
    return (parts[0] + parts[1] + parts[2] + parts[5] + parts[6] + parts[7]) * TICK_S


def cores() -> tuple[int, int]:
    """The core of the bot under measurement, and the one of everything else. The same where there is only one."""
    own = sorted(os.sched_getaffinity(0))
    return own[0], own[-1]


def pinned(core: int) -> Callable[[], None]:
    """For `preexec_fn`: the child stays on this core."""
    return lambda: os.sched_setaffinity(0, {core})


@dataclass(frozen=True, slots=True)
class Account:
    """A reading of every meter at once."""

    busy_s: float
    ours_ns: tuple[int, ...]

    @classmethod
    def read(cls, pids: Iterable[int]) -> "Account":
        return cls(busy_s(), tuple(cpu_ns(pid) for pid in pids))


def foreign(before: Account, after: Account, wall_s: float) -> float:
    """How many cores others than the measurement kept busy meanwhile."""
    ours = sum(b - a for a, b in zip(before.ours_ns, after.ours_ns, strict=True)) / 1e9
    return max(0.0, (after.busy_s - before.busy_s - ours) / wall_s)


def percentile(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]
