"""How long a service may take. What it has not answered by then may have been sent all the same."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Patience:
    """Both together stay under the ten seconds the sender gives a service (RELIABILITY.md §4.3)."""

    connect: timedelta = timedelta(seconds=2)
    answer: timedelta = timedelta(seconds=7)

    @property
    def connect_seconds(self) -> float:
        return self.connect.total_seconds()

    @property
    def answer_seconds(self) -> float:
        return self.answer.total_seconds()


PATIENCE: Final = Patience()
