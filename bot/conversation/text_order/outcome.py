"""Drafts held against the menu: sizes and options chosen, notes kept, and what is doubtful turned into questions."""

from dataclasses import dataclass, field, replace

from bot.conversation.text_order.draft import Draft, wishes_of
from bot.conversation.text_order.food_words import concept_of
from bot.conversation.text_order.index import OrderIndex, Pick, name_keys
from bot.conversation.text_order.lexicon import ANOTHER_DISH, COLD, HOT_DRINKS
from bot.conversation.text_order.models import Ambiguous, Kind, ParsedLine, Problem, ProblemKind
from bot.conversation.text_order.scene import Scene
from bot.conversation.text_order.wishes import Wish, same_word
from core.cart.models import MAX_NOTE, MAX_QTY

_STORY = 3  # so many words about an uncounted dish that are no wish: something is told, not ordered
_ABOUT_QUANTITY = frozenset({ProblemKind.QUANTITY, ProblemKind.FRACTION, ProblemKind.RANGE})


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: ParsedLine
    problem: Problem | None
    rest: tuple[Wish, ...]  # wishes the dish has no option for


@dataclass(slots=True)
class Outcome:
    scene: Scene
    index: OrderIndex
    lines: list[ParsedLine] = field(default_factory=list)
    ambiguous: list[Ambiguous] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    asked: bool = False
    _taken: dict[int, ParsedLine] = field(default_factory=dict)
    _asked: dict[int, Ambiguous] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        return bool(self.lines or self.ambiguous or self.problems)

    def take(self, draft: Draft) -> None:
        before = [self._in_front(draft, wish) for wish in wishes_of(self.scene, draft.before)]
        wishes = [*before, *wishes_of(self.scene, draft.after)]
        strange = [wish for wish in wishes if wish.strange]
        candidates = [self._candidate(draft, pick, wishes) for pick in draft.mention.rivals]
        alien = all(any(wish in candidate.rest for wish in strange) for candidate in candidates)
        if alien and draft.qty is None and sum(len(wish.words) for wish in strange) >= _STORY:
            return
        self.asked |= draft.qty is not None or draft.kind is not Kind.ADD or bool(wishes)
        sound = [candidate.line for candidate in candidates if candidate.problem is None]
        first, plain = candidates[0], draft.mention.certain and not alien
        if first.problem is not None and (plain or first.problem.kind in _ABOUT_QUANTITY):
            self.problems.append(first.problem)
        elif draft.either is not None:
            self._ask_which(draft.either, draft, sound or [first.line])
        elif plain:
            self.lines.append(first.line)
            self._taken[id(draft)] = first.line
        else:
            lines = sound or [candidate.line for candidate in candidates]
            self._ask(draft, Ambiguous(self._heard(draft, strange if alien else []), tuple(lines)))

    def _ask_which(self, other: Draft, draft: Draft, lines: list[ParsedLine]) -> None:
        """ "tea or coffee": take back the tea and ask."""
        taken = self._taken.pop(id(other), None)
        if taken is not None:
            self.lines.remove(taken)
            lines = [taken, *lines]
        asked = self._asked.pop(id(other), None)
        if asked is not None:
            self.ambiguous.remove(asked)
            lines = [*asked.candidates, *lines]
        self._ask(draft, Ambiguous(self.scene.said(other.mention.start, draft.mention.end), tuple(lines)))

    def _ask(self, draft: Draft, question: Ambiguous) -> None:
        self.ambiguous.append(question)
        self._asked[id(draft)] = question

    def _candidate(self, draft: Draft, pick: Pick, wishes: list[Wish]) -> _Candidate:
        words = self.index.words_of(pick.dish)
        sizes = [word for wish in wishes if words.size_in(wish) for word in wish.words]
        variant, missing = words.sized([*draft.sizes, *sizes])
        sizes_as_wishes = [Wish(None, (size,), size) for size in missing]
        offered = [wish for wish in sizes_as_wishes if words.offers(wish)]
        named = [wish for wish in self._in_the_name(draft, pick) if words.offers_exactly(wish)]
        heard = words.hear([*offered, *(wish for wish in wishes if not words.size_in(wish))], named)
        quantity, trouble = _quantity(draft)
        line = ParsedLine(
            item=self.index.items[pick.dish],
            variant=variant,
            options=heard.options,
            note=_note(heard.rest),
            qty=quantity,
            score=pick.score,
            heard=self.scene.said(draft.mention.start, draft.mention.end),
            kind=draft.kind,
            counted=draft.qty is not None,
            declined=heard.declined,
            disputed=heard.disputed,
        )
        unmet = " ".join(wish.said for wish in sizes_as_wishes if wish not in offered)
        problem = None
        if trouble is not None:
            problem = Problem(trouble, line, draft.said_qty)
        elif unmet and draft.kind is not Kind.REMOVE:
            problem = Problem(ProblemKind.SIZE, line, unmet)
        elif heard.sold_out:
            problem = Problem(ProblemKind.OPTION_SOLD_OUT, line, ", ".join(heard.sold_out))
        return _Candidate(line, problem, heard.rest)

    def _in_the_name(self, draft: Draft, pick: Pick) -> list[Wish]:
        """What the guest's name of a dish adds to the menu's: a lassi that was called salted lassi."""
        own = [concept_of(key) for key in name_keys(self.index.items[pick.dish].name)]
        said = self.scene.keys[draft.mention.start : draft.mention.end]
        added = [key for key in said if not any(same_word(concept_of(key), word) for word in own)]
        return [Wish(None, (key,), key) for key in added if key.isalpha()]

    def _in_front(self, draft: Draft, wish: Wish) -> Wish:
        """A word before the name that makes another dish of it, such as cold coffee, is no wish."""
        hot = not HOT_DRINKS.isdisjoint(self.scene.keys[draft.mention.start : draft.mention.end])
        if wish.cue is None and any(word in ANOTHER_DISH or (hot and word in COLD) for word in wish.words):
            return replace(wish, strange=True)
        return wish

    def _heard(self, draft: Draft, strange: list[Wish]) -> str:
        said = self.scene.said(draft.mention.start, draft.mention.end)
        before = {wish.said for wish in wishes_of(self.scene, draft.before)}
        front = [wish.said for wish in strange if wish.said in before]
        back = [wish.said for wish in strange if wish.said not in before]
        return " ".join([*front, said, *back])


def _quantity(draft: Draft) -> tuple[int, ProblemKind | None]:
    if draft.qty is None:
        return (0 if draft.kind is Kind.REMOVE else 1), None
    quantity = int(draft.qty)
    if draft.trouble is not None:
        return quantity, draft.trouble
    if draft.qty != quantity:
        return quantity, ProblemKind.FRACTION
    return quantity, None if 1 <= quantity <= MAX_QTY else ProblemKind.QUANTITY


def _note(wishes: tuple[Wish, ...]) -> str:
    note = ", ".join(dict.fromkeys(wish.said for wish in wishes if not wish.strange))
    if len(note) <= MAX_NOTE:
        return note
    return note[: MAX_NOTE - 1].rsplit(" ", 1)[0] + "…"
