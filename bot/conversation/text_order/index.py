"""One outlet's dishes, by the words guests name them with. Built once a menu version, off the loop."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice, product

from bot.conversation.text_order.lexicon import ROLES, Role
from bot.conversation.text_order.vocabulary import Hit, Vocabulary
from bot.conversation.text_order.wishes import DishWords
from bot.conversation.text_order.words import Shape, folded, readable, tokens_of
from core.menu.models import MenuItem

LONGEST = 7  # words of a name that are compared; no dish on a menu needs more to be told from the others
_CANDIDATES = 24
_COMBINATIONS = 48
_MEMORY = 4_096
_MIXED = 0.97
_IN_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_HELD_TOGETHER = frozenset({Role.AND, Role.WITH})


@dataclass(frozen=True, slots=True)
class Naming:
    """A name or an alias, in numbered words."""

    dish: int
    words: tuple[int, ...]
    own: bool  # the name on the menu, not an alias
    bridged: bool  # "Mac and Cheese": its words may be joined by "and" or "with"


@dataclass(frozen=True, slots=True)
class Pick:
    """A dish some words may name."""

    dish: int
    likeness: float  # of the words
    coverage: float  # how much of the name was said
    head: bool  # whether what was said holds the noun: "coffee" of Filter Coffee, not "filter"
    own: bool  # by words of its name on the menu, not of an alias alone
    ordered: bool
    bridged: bool

    @property
    def full(self) -> bool:
        return self.coverage == 1.0

    @property
    def score(self) -> float:
        return round(self.likeness * (0.55 + 0.45 * self.coverage) - (0.0 if self.ordered else 0.02), 4)


class OrderIndex:
    """What `parse` needs of a menu. `items` are the dishes as they were at this menu version."""

    def __init__(self, items: Iterable[MenuItem]) -> None:
        self.items: tuple[MenuItem, ...] = tuple(items)
        self.vocabulary = Vocabulary()
        self._namings: list[Naming] = []
        self._whole: dict[tuple[int, ...], list[int]] = defaultdict(list)  # all words of a name, sorted → namings
        self._holding: dict[int, set[int]] = defaultdict(set)  # word → namings
        self._used: dict[int, set[int]] = defaultdict(set)  # word → dishes that use it in any of their names
        self._by_dish: list[list[int]] = []  # dish → its namings
        self._heads: list[set[int]] = []  # dish → words that name it alone: the idli of Idli Sambar
        self._own: dict[int, set[int]] = defaultdict(set)  # dish → the words of its name on the menu
        self._joined: dict[str, tuple[int, int]] = {}  # two words of a name written as one
        self._words: dict[int, DishWords] = {}
        self._memory: dict[tuple[tuple[Hit, ...], ...], tuple[Pick, ...]] = {}
        for dish, item in enumerate(self.items):
            self._name(dish, item)

    def showing(self, items: Iterable[MenuItem]) -> "OrderIndex | None":
        """The same index over a newer version of the same dishes; None when a name, size or option changed."""
        newer = tuple(items)
        if len(newer) != len(self.items) or any(_named(a) != _named(b) for a, b in zip(newer, self.items, strict=True)):
            return None
        other = object.__new__(OrderIndex)
        other.__dict__.update(self.__dict__)
        other.items = newer
        other._words = {}
        return other

    def _name(self, dish: int, item: MenuItem) -> None:
        seen: set[tuple[int, ...]] = set()
        self._by_dish.append([])
        self._heads.append(set())
        for place, text in enumerate((item.name, _IN_BRACKETS.sub(" ", item.name), *item.aliases)):
            keys, bridged = _spelled(text)
            words = tuple(self.vocabulary.add(key) for key in keys)
            if not words or words in seen:
                continue
            seen.add(words)
            number = len(self._namings)
            self._namings.append(Naming(dish, words, place < 2, bridged))
            self._by_dish[dish].append(number)
            self._whole[tuple(sorted(words))].append(number)
            for word in words:
                self._holding[word].add(number)
                self._used[word].add(dish)
            if len(words) == 1:
                self._heads[dish].add(words[0])
            if place < 2:
                self._own[dish].update(words)
            for at in range(len(keys) - 1):
                self._joined.setdefault(folded(keys[at] + keys[at + 1]), (words[at], words[at + 1]))

    def words_of(self, dish: int) -> DishWords:
        """The sizes and options of a dish, ready to be heard."""
        known = self._words.get(dish)
        if known is None:
            known = self._words[dish] = DishWords.of(self.items[dish])
        return known

    def parted(self, key: str) -> tuple[int, int] | None:
        """The two words of a name that were written as one: garlicnaan."""
        return self._joined.get(folded(key)) if len(key) >= 6 else None

    def picks(self, said: Sequence[tuple[Hit, ...]]) -> tuple[Pick, ...]:
        """The dishes whose names hold all that was said, the likeliest first; one pick a dish.

        When some name was said whole, only those come back that were said whole.
        """
        asked = tuple(said)
        remembered = self._memory.get(asked)
        if remembered is None:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            remembered = self._memory[asked] = self._picks(asked)
        return remembered

    def _picks(self, said: tuple[tuple[Hit, ...], ...]) -> tuple[Pick, ...]:
        best: dict[int, Pick] = {}
        for naming, likeness in self._said_whole(said):
            self._keep(best, self._pick(naming, said, likeness))
        if not best and len(said) > 1:
            for pick in self._said_mixed(said):
                self._keep(best, pick)
        if not best:
            for number in self._holding_all(said):
                naming = self._namings[number]
                if (likeness := _likeness(naming, said)) > 0:
                    self._keep(best, self._pick(naming, said, likeness))
        return tuple(sorted(best.values(), key=lambda pick: (-pick.score, not pick.head, pick.dish)))

    @staticmethod
    def _keep(best: dict[int, Pick], pick: Pick) -> None:
        other = best.get(pick.dish)
        if other is None or (pick.score, pick.head) > (other.score, other.head):
            best[pick.dish] = pick

    def _pick(self, naming: Naming, said: tuple[tuple[Hit, ...], ...], likeness: float) -> Pick:
        heads = self._heads[naming.dish].intersection(naming.words) or {naming.words[-1]}
        places = [
            next((at for at, word in enumerate(naming.words) if any(word == hit for hit, _ in hits)), -1)
            for hits in said
        ]
        return Pick(
            dish=naming.dish,
            likeness=likeness,
            coverage=len(said) / len(naming.words),
            head=any(naming.words[place] in heads for place in places if place >= 0),
            own=naming.own or all(naming.words[place] in self._own[naming.dish] for place in places if place >= 0),
            ordered=places == sorted(places),
            bridged=naming.bridged,
        )

    def _said_whole(self, said: tuple[tuple[Hit, ...], ...]) -> Iterable[tuple[Naming, float]]:
        for hits in islice(product(*said), _COMBINATIONS):
            for number in self._whole.get(tuple(sorted(word for word, _ in hits)), ()):
                yield self._namings[number], sum(sure for _, sure in hits) / len(hits)

    def _said_mixed(self, said: tuple[tuple[Hit, ...], ...]) -> Iterable[Pick]:
        """Dishes one of whose names was said whole, with words of their other names: masala omlet, lachha paratha."""
        for dish in nsmallest(_CANDIDATES, _common(self._used, said)):
            own = {word for number in self._by_dish[dish] for word in self._namings[number].words}
            meant = [max(((sure, word) for word, sure in hits if word in own)) for hits in said]
            words = {word for _, word in meant}
            if len(words) == len(said) and any(
                words.issuperset(self._namings[number].words) for number in self._by_dish[dish]
            ):
                likeness = sum(sure for sure, _ in meant) / len(meant)
                yield Pick(dish, _MIXED * likeness, 1.0, head=True, own=True, ordered=False, bridged=False)

    def _holding_all(self, said: tuple[tuple[Hit, ...], ...]) -> list[int]:
        """Namings that hold every word said, the shortest and earliest on the menu first."""
        every = _common(self._holding, said)
        return nsmallest(_CANDIDATES, every, key=lambda number: (len(self._namings[number].words), number))


def _common(where: dict[int, set[int]], said: tuple[tuple[Hit, ...], ...]) -> set[int]:
    """What holds, for each thing said, one of the words it may stand for. Costs as much as the rarest is held."""
    sets = [[where[word] for word, _ in hits] for hits in said]
    rarest, *others = sorted(sets, key=lambda some: sum(map(len, some)))
    found = rarest[0] if len(rarest) == 1 else set().union(*rarest)
    for some in others:
        found = found & some[0] if len(some) == 1 else set().union(*(found & one for one in some))
    return found


def _likeness(naming: Naming, said: tuple[tuple[Hit, ...], ...]) -> float:
    """How like the words said are those of the name they stand for; 0 when two stand for the same one."""
    used: set[int] = set()
    total = 0.0
    for hits in said:
        fitting = [(sure, word) for word, sure in hits if word in naming.words and word not in used]
        if not fitting:
            return 0.0
        sure, word = max(fitting)
        used.add(word)
        total += sure
    return total / len(said)


def name_keys(name: str) -> tuple[str, ...]:
    return _spelled(name)[0]


def _spelled(text: str) -> tuple[tuple[str, ...], bool]:
    keys, bridged = [], False
    for token in tokens_of(readable(text)):
        role = ROLES.get(token.key)
        if role in _HELD_TOGETHER or token.key in ("&", "+"):
            bridged = True
        elif token.shape is not Shape.SIGN and role is not Role.GLUE:
            keys.append(token.key)
    return tuple(keys[:LONGEST]), bridged


def _named(item: MenuItem) -> tuple[object, ...]:
    return (
        item.id,
        item.name,
        item.aliases,
        tuple((variant.code, variant.name) for variant in item.variants),
        tuple(
            (group.code, group.min, group.max, group.default, tuple((c.code, c.name, c.aliases) for c in group.choices))
            for group in item.groups
        ),
    )


def build_index(items: Iterable[MenuItem]) -> OrderIndex:
    """The index `parse` reads. Takes about 40 ms for a thousand dishes: build it off the loop."""
    return OrderIndex(items)
