"""Screens: render reads and changes nothing; reactions do one thing and say where to go."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, cast

from bot.conversation.actions import Action
from bot.conversation.incoming import Contact, Content, Location, Text
from bot.conversation.reply import Reply
from bot.conversation.session import Fact
from bot.conversation.states import State
from bot.conversation.turn import Turn


@dataclass(frozen=True, slots=True)
class Stay:
    """Show the reacting screen (again), with its data as it is now."""


@dataclass(frozen=True, slots=True)
class Goto:
    """Show another screen. `remember=False` leaves no trace for Back."""

    state: State
    data: dict[str, Fact] = field(default_factory=dict)
    remember: bool = True


@dataclass(frozen=True, slots=True)
class Back:
    """Show the screen before."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Everything was said in `turn.extra`; no screen follows."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """This screen cannot use the text; the engine tries the text order, then search, then asks again."""


Step = Stay | Goto | Back | Answered | NotUnderstood
Reaction = Callable[[Any, Turn, Any], Awaitable[Step]]
R = TypeVar("R", bound=Callable[..., Awaitable[Step]])


def on(*kinds: type[Action] | type[Text] | type[Contact] | type[Location]) -> Callable[[R], R]:
    """Marks the method that reacts to an action, or to typed text, a contact, a location while the screen is shown.

    An action belongs to exactly one screen and may be tapped while any other is shown: buttons stay in the chat.
    """

    def mark(method: R) -> R:
        method.__dict__["reacts_to"] = kinds
        return method

    return mark


class Screen:
    """One screen. Subclasses set `state` and write `render`; reactions are found by `@on`."""

    state: ClassVar[State]
    reactions: ClassVar[dict[type, str]] = {}
    takes_text: ClassVar[bool] = False  # free text is an answer here (a note, an address), not an order
    takes_numbers: ClassVar[bool] = False  # so is a small number (how many, which table), whatever was numbered
    instead: ClassVar[State | None] = None  # where Back leads, for a screen that is nothing without what was chosen
    folds: ClassVar[bool] = False  # what was chosen opened a page of it, which Back closes first

    def __init_subclass__(cls) -> None:
        cls.reactions = {kind: name for name, method in vars(cls).items() for kind in getattr(method, "reacts_to", ())}
        cls.takes_text = Text in cls.reactions

    async def render(self, turn: Turn) -> Reply:
        """What the guest sees. Reads fresh, changes nothing."""
        raise TypeError(f"{type(self).__name__} cannot be shown")

    async def react(self, turn: Turn, to: Action | Content) -> Step:
        reaction = cast(Reaction, getattr(type(self), self.reactions[type(to)]))
        return await reaction(self, turn, to)


class Screens:
    """All screens, by state and by the actions they own."""

    def __init__(self, *screens: Screen) -> None:
        self._by_state = {screen.state: screen for screen in screens}
        self._by_action: dict[type, Screen] = {}
        for screen in screens:
            for kind in screen.reactions:
                if issubclass(kind, Action):
                    if kind in self._by_action:
                        raise TypeError(f"{kind.__name__} belongs to two screens")
                    self._by_action[kind] = screen
        if missing := set(State) - set(self._by_state):
            raise TypeError(f"states without a screen: {sorted(missing)}")

    def showing(self, state: State) -> Screen:
        return self._by_state[state]

    def owning(self, action: Action) -> Screen | None:
        return self._by_action.get(type(action))
