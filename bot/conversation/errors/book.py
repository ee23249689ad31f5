"""A topic's book of words: each type of error beside the one that speaks for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.conversation.session import Fact
from bot.conversation.states import State
from bot.conversation.text import Text
from bot.conversation.turn import Turn
from core.errors import RestaurantError
from core.money import Money
from core.outlets.models import Outlet


@dataclass(frozen=True, slots=True)
class Explained:
    """What to say, and which screen to show below it. `state` None: the one that is shown already."""

    text: Text
    state: State | None = None
    data: dict[str, Fact] = field(default_factory=dict)


E = TypeVar("E", bound=RestaurantError)
Words = Callable[[Any, Turn], Explained]


class WordBook:
    """`@words(CartFull)` above a function makes it speak for that error, and for those below it without their own."""

    def __init__(self) -> None:
        self._words: dict[type[RestaurantError], Words] = {}

    def __call__(self, *kinds: type[E]) -> Callable[[Callable[[E, Turn], Explained]], Callable[[E, Turn], Explained]]:
        def register(speak: Callable[[E, Turn], Explained]) -> Callable[[E, Turn], Explained]:
            for kind in kinds:
                self._words[kind] = speak
            return speak

        return register

    def __iter__(self) -> Iterator[tuple[type[RestaurantError], Words]]:
        return iter(self._words.items())


def moment(turn: Turn, ms: int) -> str:
    return turn.texts.moment(ms, _outlet(turn).timezone, turn.now_ms)


def money(turn: Turn, amount: Money) -> str:
    return turn.texts.money(amount, _outlet(turn).currency)


def _outlet(turn: Turn) -> Outlet:
    """The chosen outlet; an error may come before one is, and then any of the house's will do."""
    chosen = turn.services.outlets.get(turn.session.outlet) if turn.session.outlet else None
    return chosen or turn.services.outlets.all()[0]
