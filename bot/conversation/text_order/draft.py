"""A dish of the message with everything the guest said about it, before it is held against the menu."""

from dataclasses import dataclass, field

from bot.conversation.text_order.lexicon import POSTPOSED, Role
from bot.conversation.text_order.match import Mention
from bot.conversation.text_order.models import Kind, ProblemKind
from bot.conversation.text_order.scene import Scene
from bot.conversation.text_order.wishes import CUES, Wish

APART = -1  # in a list of tokens: a comma or an "and" stood here
_CONTENT = frozenset({Role.WORD, Role.MANNER, Role.DISH, Role.SIZE, Role.NUMBER, Role.UNIT})
_BEHIND = POSTPOSED | {"na", "naa"}
_APART_FROM_IT = frozenset({"side", "alag", "separate", "separately"})
_CARRIED = frozenset({Role.NO, Role.LESS, Role.MORE})
_ADDRESSED = "for"  # "for Rahul", "for the kids"


@dataclass(slots=True, eq=False)
class Draft:
    mention: Mention
    qty: float | None = None
    said_qty: str = ""
    trouble: ProblemKind | None = None  # what is wrong with the quantity, when it is not its size
    sizes: list[str] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    kind: Kind = Kind.ADD
    base: "Draft | None" = None  # "3 coffee, one without sugar": the coffees it is one of
    either: "Draft | None" = None  # "tea or coffee": the tea

    def part(self, qty: float, said: str) -> "Draft":
        """Some of these portions, as a line of its own."""
        return Draft(self.mention, qty, said, None, [*self.sizes], [*self.before], [*self.after], self.kind, self)


@dataclass(slots=True)
class Waiting:
    """What was read and still waits for its dish."""

    qty: float | None = None
    said_qty: str = ""
    trouble: ProblemKind | None = None
    since: int = -1
    behind: bool = False  # the number stood behind a dish that has one already
    sizes: list[str] = field(default_factory=list)
    words: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Position:
    """Where the reader stands: the dish it read last, whether a comma or an "and" came since, and what waits."""

    current: Draft | None = None
    joined: bool = False
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def open_dish(self) -> Mention | None:
        """The dish that words belong to without a pause."""
        return self.current.mention if self.current is not None and not self.joined else None


def wishes_of(scene: Scene, tokens: list[int]) -> list[Wish]:
    """The wishes in a stretch of words: "less sugar extra hot", "chini kam", "no onion and garlic"."""
    return _Phrases(scene).read(tokens)


def has_content(scene: Scene, tokens: list[int]) -> bool:
    return any(at != APART and scene.roles[at] in _CONTENT for at in tokens)


class _Phrases:
    """Cuts words into wishes. A cue opens one ("no onion"); a Hindi one may close it ("pyaaz nahi")."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._wishes: list[Wish] = []
        self._phrase: list[int] = []
        self._cue: Role | None = None
        self._carried: Role | None = None  # "no onion and garlic": the no, for what comes after the "and"
        self._closed = False
        self._lent = False

    def read(self, tokens: list[int]) -> list[Wish]:
        for at in tokens:
            if at == APART:
                self._carried = self._cue if self._cue in _CARRIED else self._carried
                self._end()
            elif self._scene.roles[at] in CUES:
                self._hear_cue(at, self._scene.roles[at])
            elif self._scene.roles[at] in _CONTENT:
                self._hear_content(at)
            else:
                self._hear_small_word(at)
        self._end()
        return self._wishes

    def _hear_cue(self, at: int, role: Role) -> None:
        if has_content(self._scene, self._phrase):
            if self._cue is None and self._scene.keys[at] in _BEHIND:
                self._cue, self._closed = role, True
            elif self._cue is role and self._scene.keys[at] in _BEHIND and not self._closed:
                self._closed = True  # "thoda namak kam" says less twice
            elif not (self._closed and self._scene.roles[self._phrase[-1]] is role):  # "mat dalna" is one cue
                self._end()
                self._cue = role
        elif self._cue in (None, Role.WITH):
            self._cue = role
        self._carried = None
        self._phrase.append(at)

    def _hear_content(self, at: int) -> None:
        if self._closed:
            self._end()
        if not self._phrase and self._carried is not None and self._scene.roles[at] is not Role.MANNER:
            self._cue, self._lent = self._carried, True
        self._phrase.append(at)

    def _hear_small_word(self, at: int) -> None:
        if self._scene.keys[at] == _ADDRESSED:
            self._end()
            self._phrase = [at]
        elif self._scene.roles[at] is Role.FILLER and has_content(self._scene, self._phrase):
            self._end()
        elif self._phrase:
            self._phrase.append(at)

    def _end(self) -> None:
        wish = self._wish()
        if wish is not None:
            self._wishes.append(wish)
        self._phrase, self._cue, self._closed, self._lent = [], None, False, False

    def _wish(self) -> Wish | None:
        scene, phrase = self._scene, self._phrase
        content = [at for at in phrase if scene.roles[at] in _CONTENT]
        if not content:
            return None
        addressed = scene.keys[phrase[0]] == _ADDRESSED
        telling = [at for at in phrase if scene.roles[at] in _CONTENT or scene.roles[at] in CUES]
        known = self._cue is not None or addressed or any(scene.keys[at] in _APART_FROM_IT for at in content)
        return Wish(
            cue=self._cue,
            words=tuple(scene.keys[at] for at in content),
            said=scene.said(phrase[0] if addressed else min(telling), max(telling) + 1),
            carried=self._lent,
            strange=not known and any(scene.roles[at] in (Role.WORD, Role.DISH) for at in content),
        )
