"""From what came in to the screen that reacts to it.

Buttons go to the screen that owns them. Typed words are tried in a fixed order: global words; a person who has taken
over; the screen that asked a question; the number or label of a button on the screen; a text order; a dish to search
for; and at last the same question again.
"""

from dataclasses import dataclass
from typing import Protocol

from bot.conversation.actions import Action, StaleAction, unpack
from bot.conversation.choosing import chosen, numbers
from bot.conversation.global_words import GlobalWord, global_word
from bot.conversation.incoming import Choice, Contact, Location, Media, Start, Tap, Text
from bot.conversation.screen import Answered, Back, Goto, NotUnderstood, Screens, Step
from bot.conversation.states import State
from bot.conversation.turn import OutletNotChosen, Turn
from core.customers.names import clean_text
from core.errors import DomainError, InvalidInput

MAX_TEXT = 1_000
ANYWHERE = {
    GlobalWord.HELLO: State.HELLO,
    GlobalWord.MENU: State.MENU,
    GlobalWord.CART: State.CART,
    GlobalWord.CHECKOUT: State.REVIEW,
    GlobalWord.TRACK: State.ORDER,
    GlobalWord.CANCEL: State.ORDER,
    GlobalWord.MONEY: State.ORDER,
    GlobalWord.ORDERS: State.ORDERS,
    GlobalWord.USUAL: State.USUAL,
    GlobalWord.PROFILE: State.PROFILE,
    GlobalWord.ADDRESSES: State.ADDRESSES,
    GlobalWord.LANGUAGE: State.LANGUAGE,
    GlobalWord.PRIVACY: State.PRIVACY,
    GlobalWord.HELP: State.HELP,
    GlobalWord.HUMAN: State.HUMAN,
}
HUMAN_AFTER = 2  # misses in a row
TICKED = frozenset({"opt", "diet="})  # buttons that tick one of several things (PickChoice, ToggleDiet)


class TextTooLong(InvalidInput):
    """More characters than the `limit` of one message."""

    limit: int


class CannotSee(InvalidInput):
    """A picture, a voice note, a file."""


class People(Protocol):
    """The staff who answer when a guest asks for a person."""

    async def forward(self, turn: Turn, text: str) -> None: ...

    def asks(self, turn: Turn) -> bool:
        """Whether the guest was asked what to tell them, so that the next words are theirs to read."""
        ...


class Wishes(Protocol):
    """What is typed, or opened by a link, where no screen asked for it."""

    def start(self, turn: Turn, payload: str) -> Step: ...

    async def understand(self, turn: Turn, text: str) -> Step: ...

    async def remembered(self, turn: Turn) -> Step | None: ...


@dataclass(frozen=True, slots=True)
class Listener:
    screens: Screens
    people: People
    wishes: Wishes

    async def react(self, turn: Turn) -> tuple[Step, State]:
        """The step to take, and the screen that decided it."""
        step, state = await self._react(turn)
        if turn.session.wish and isinstance(step, Goto) and step.state is State.MENU:
            turn.must_be_ours()
            step = await self.wishes.remembered(turn) or step
        return step, state

    async def _react(self, turn: Turn) -> tuple[Step, State]:
        match turn.incoming.content:
            case Tap(action=packed):
                return await self._tap(turn, unpack(packed))
            case Text(text=text):
                return await self._text(turn, text)
            case Start(payload=payload):
                return self.wishes.start(turn, payload), State.HELLO
            case Contact() as contact:
                turn.session = turn.session.but(resume=turn.session.resume or turn.session.state)
                return await self.screens.showing(State.PHONE).react(turn, contact), State.PHONE
            case Location() as location:
                return await self._location(turn, location)
            case Media(kind=kind, caption=caption):
                if caption:
                    return await self._text(turn, caption)
                raise CannotSee(kind=kind)
            case other:
                raise InvalidInput(what=type(other).__name__)

    async def _tap(self, turn: Turn, action: Action) -> tuple[Step, State]:
        owner = self.screens.owning(action)
        if owner is None:
            raise StaleAction(packed=action.tag)
        return await owner.react(turn, action), owner.state

    async def _location(self, turn: Turn, location: Location) -> tuple[Step, State]:
        return await self.screens.showing(State.ADDRESS).react(turn, location), State.ADDRESS

    async def _text(self, turn: Turn, raw: str) -> tuple[Step, State]:
        if len(raw) > MAX_TEXT:
            raise TextTooLong(limit=MAX_TEXT)
        text = clean_text(raw, MAX_TEXT)
        at = turn.session.state
        if not text:
            return NotUnderstood(), at
        screen = self.screens.showing(at)
        people_listen = turn.session.human_until_ms > turn.now_ms
        word = global_word(text)
        if word is GlobalWord.HELLO and not text.startswith("/") and (people_listen or self.people.asks(turn)):
            word = None  # said to the person who is about to read it
        if word:
            return await self._global(turn, word), at
        if people_listen:
            await self.people.forward(turn, text)
            return Answered(), at
        numbered = turn.incoming.choices and numbers(text) and not screen.takes_numbers
        if numbered and (taps := await self._named(turn, text)):
            return await self._taps(turn, taps)
        if screen.takes_text:
            step = await screen.react(turn, Text(text))
            if not isinstance(step, NotUnderstood):
                return step, at
        if taps := await self._named(turn, text):
            return await self._taps(turn, taps)
        step = await self.wishes.understand(turn, raw)  # as it was typed: a dish a line is an order, too
        if isinstance(step, NotUnderstood):
            self._ask_again(turn)
        return step, at

    async def _global(self, turn: Turn, word: GlobalWord) -> Step:
        if word is GlobalWord.STOP:
            return Goto(State.PRIVACY, {"stop": 1})
        if word is GlobalWord.BACK:
            return Back()
        if word is GlobalWord.CANCEL:
            return Goto(State.ORDER, {"cancel": 1})
        if word is GlobalWord.MONEY:
            return Goto(State.ORDER, {"money": 1})
        return Goto(ANYWHERE[word])

    async def _taps(self, turn: Turn, taps: list[Action]) -> tuple[Step, State]:
        """One button after the other, each where the one before it led; the guest sees the last screen alone."""
        step, state = await self._tap(turn, taps[0])
        for tap in taps[1:]:
            if isinstance(step, Goto):
                turn.session = turn.session.but(state=step.state, data=step.data)
            step, state = await self._tap(turn, tap)
        return step, state

    async def _named(self, turn: Turn, text: str) -> list[Action]:
        """The button a guest names by its label or its number among those shown, if exactly one fits; several numbers
        together tick several things of one list.
        """
        taps = [unpack(action) for action in chosen(text, turn.incoming.choices or await self._shown(turn))]
        ticks = len({type(tap) for tap in taps}) == 1 and taps[0].tag in TICKED
        return taps if len(taps) == 1 or ticks else []

    async def _shown(self, turn: Turn) -> tuple[Choice, ...]:
        try:
            shown = await self.screens.showing(turn.session.state).render(turn)
        except (DomainError, OutletNotChosen):
            return ()
        buttons = [button for row in shown.buttons for button in row]
        return tuple(Choice(b.action.pack(), _names(b.label)) for b in buttons if b.action is not None)

    @staticmethod
    def _ask_again(turn: Turn) -> None:
        texts = turn.texts
        if turn.session.misses + 1 >= HUMAN_AFTER:
            turn.notice(
                texts.say("I still did not get that. Type *human* and a person will answer, or tap a button below.")
            )
        else:
            turn.notice(
                texts.say(
                    "I did not get that. Tap a button, type a dish such as “2 masala dosa”, "
                    "or one of *menu*, *cart*, *help*."
                )
            )


def _names(label: str) -> tuple[str, ...]:
    """A label as guests type it: with or without the price behind the dot."""
    return (label, label.split(" · ")[0], label.lstrip("✓+•- "))
