"""Finding a dish by what somebody types. Built once a menu version; a long menu is searched nearly as fast as a short.

Words lead to candidates (exact word, beginning of a word, or a word sharing its rarest trigrams), and only those few
are compared. Equal scores are in the menu's order, so the same text always finds the same dishes.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import TypeAlias

from rapidfuzz import fuzz, process

from core.ids import MenuItemId
from core.menu.spelling import fold

Named: TypeAlias = tuple[MenuItemId, str, tuple[str, ...]]  # a dish, its name, its aliases

MAX_TEXT = 80
MAX_WORDS = 8
SEARCH_CUTOFF = 30.0  # one word of three is enough to be shown …
SEARCH_SPREAD = 30.0  # … unless something fits far better
_CANDIDATES = 16
_HEAD = 200  # how far into a word's dishes is looked before whole sets are met
_BEGINNINGS = 12
_SIMILAR_WORDS = 6
_TRIGRAM_READ = 120  # words read from one trigram
_RAREST_TRIGRAMS = 4
_WORD_CUTOFF = 72.0
_WHOLE_CUTOFF = 0.85  # two words run into one, or the other way round, leave less room for slips
_BEGINNING_WEIGHT = 0.9

# What people say around a dish when they look for one.
_AROUND = frozenset(
    fold(
        """a an and any anything are can do for get give have i is like me need of on one or order please show some
        something the there to want what with without you ek hai kuch ka ke ki ko mujhe chahiye dena aur wala wali"""
    ).split()
)


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A dish and how well a phrase names it: 100 is its name or an alias, however spelled."""

    item: MenuItemId
    score: float


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    whole: str  # without spaces


class _Holders:
    """The dishes whose names hold a word, in the menu's order and as a set."""

    __slots__ = ("among", "ranks")

    def __init__(self) -> None:
        self.ranks: list[int] = []
        self.among: set[int] = set()

    def add(self, rank: int) -> None:
        if rank not in self.among:
            self.ranks.append(rank)
            self.among.add(rank)


class NameIndex:
    """Names and aliases of one outlet's dishes, ready to be searched."""

    def __init__(self, named: Iterable[Named]) -> None:
        """`named` in the order in which equally good finds are to be shown."""
        self.made_of: tuple[Named, ...] = tuple(named)
        self._ids: list[MenuItemId] = []
        self._phrases: list[list[_Phrase]] = []  # an item's name and aliases
        self._named: dict[str, _Holders] = defaultdict(_Holders)  # whole phrase → items
        self._holding: dict[str, _Holders] = defaultdict(_Holders)  # word, or whole phrase → items
        words: set[str] = set()
        for rank, (item, name, aliases) in enumerate(self.made_of):
            self._ids.append(item)
            split = dict.fromkeys(tuple(fold(text).split()) for text in (name, *aliases))
            phrases = [_Phrase(some, "".join(some)) for some in split if some]
            self._phrases.append(phrases)
            for phrase in phrases:
                words.update(phrase.words)
                self._named[phrase.whole].add(rank)
                for word in (*phrase.words, phrase.whole):
                    self._holding[word].add(rank)
        self.words: frozenset[str] = frozenset(words)  # every word of every name, folded
        self.longest: int = max((len(phrase.words) for some in self._phrases for phrase in some), default=0)
        self._vocabulary = sorted(self._holding)
        self._trigrams: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._vocabulary):
            for trigram in _trigrams(word):
                self._trigrams[trigram].append(number)

    def search(self, text: str, limit: int = 10) -> list[MenuItemId]:
        """The dishes this text may mean, best first; none when nothing sounds like it."""
        said = fold(text[:MAX_TEXT]).split()
        found = self._find([word for word in said if word not in _AROUND] or said, limit, SEARCH_CUTOFF)
        return [match.item for match in found if match.score >= found[0].score - SEARCH_SPREAD]

    def match(self, phrase: str, limit: int = 5, cutoff: float = 80.0) -> list[NameMatch]:
        """The dishes this phrase names, best first: for a parser that looks for dishes inside a sentence.

        A phrase that is part of longer names ("dosa") scores less than 100 and matches each of them.
        """
        return self._find(fold(phrase[:MAX_TEXT]).split(), limit, cutoff)

    def _find(self, said: list[str], limit: int, cutoff: float) -> list[NameMatch]:
        said = said[:MAX_WORDS]
        if not said:
            return []
        wanted = [self._similar(word) for word in said]
        scored = {rank: self._score(rank, wanted) for rank in self._candidates(wanted)}
        whole = "".join(said)
        if len(said) > 1:  # "dahi vada" for Dahivada
            for name, weight in self._similar(whole).items():
                if weight >= _WHOLE_CUTOFF and name in self._named:
                    for rank in self._named[name].ranks[:_CANDIDATES]:
                        scored[rank] = max(scored.get(rank, 0.0), 95.0 * weight)
        if whole in self._named:
            scored.update(dict.fromkeys(self._named[whole].ranks[: max(limit, _CANDIDATES)], 100.0))
        best = sorted((-score, rank) for rank, score in scored.items() if score >= cutoff)[:limit]
        return [NameMatch(self._ids[rank], -score) for score, rank in best]

    def _candidates(self, wanted: Sequence[dict[str, float]]) -> list[int]:
        """Items that hold every word, or when none does, items that hold any."""
        groups = [[self._holding[word] for word in similar] for similar in wanted if similar]
        if not groups:
            return []
        if len(groups) == len(wanted):
            fewest = min(groups, key=lambda group: sum(len(holders.ranks) for holders in group))
            others = [group for group in groups if group is not fewest]
            head = _head(fewest, _HEAD)
            every = [rank for rank in head if all(any(rank in h.among for h in group) for group in others)]
            if len(every) < _CANDIDATES and len(head) == _HEAD and others:
                sets = (set().union(*(holders.among for holders in group)) for group in groups)
                every = nsmallest(_CANDIDATES, set.intersection(*sets))
            if every:
                return every[:_CANDIDATES]
        share = max(1, _CANDIDATES // len(groups))
        return [rank for group in groups for rank in _head(group, share)]

    def _score(self, rank: int, wanted: Sequence[dict[str, float]]) -> float:
        """How much of what was said the item's best phrase holds, and a little for how much of the phrase was said."""
        best = 0.0
        for phrase in self._phrases[rank]:
            found, used = 0.0, 0
            for similar in wanted:
                weight = 0.0
                for word in phrase.words:
                    if word in similar and similar[word] > weight:
                        weight = similar[word]
                if weight:
                    used += 1
                elif phrase.whole in similar:
                    weight = similar[phrase.whole]
                    used += len(phrase.words)
                found += weight
            if found:
                share = found / len(wanted)
                best = max(best, share * (85.0 + 14.0 * min(1.0, used / len(phrase.words))))
        return best

    def _similar(self, word: str) -> dict[str, float]:
        """Words of the menu that this one may stand for, with how surely (1: the same)."""
        similar: dict[str, float] = {}
        if word in self._holding:
            similar[word] = 1.0
        if len(word) >= 2:
            at = bisect_left(self._vocabulary, word)
            for other in self._vocabulary[at : at + _BEGINNINGS]:
                if other.startswith(word):
                    similar.setdefault(other, _BEGINNING_WEIGHT)
        if not similar and len(word) >= 3:
            numbers = sorted((self._trigrams[t] for t in _trigrams(word) if t in self._trigrams), key=len)
            read = {number for some in numbers[:_RAREST_TRIGRAMS] for number in some[:_TRIGRAM_READ]}
            words = [self._vocabulary[number] for number in sorted(read)]
            for other, score, _ in process.extract(
                word, words, scorer=fuzz.ratio, score_cutoff=_WORD_CUTOFF, limit=_SIMILAR_WORDS
            ):
                similar[other] = score / 100.0
        return similar


def _head(group: Sequence[_Holders], count: int) -> list[int]:
    """The first `count` dishes that hold any of a few words."""
    if len(group) == 1:
        return group[0].ranks[:count]
    return sorted({rank for holders in group for rank in holders.ranks[:count]})[:count]


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}
