"""Finding a dish by what somebody types. Built once a menu version; a long menu is searched as fast as a short one.

Words lead to candidates (exact word, beginning of a word, or a word sharing its rarest trigrams), and only those few
are compared fuzzily. Equal scores are in the menu's order, so the same text always finds the same dishes.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest

from rapidfuzz import fuzz, process

from core.ids import MenuItemId
from core.menu.models import MenuItem
from core.menu.spelling import fold

MAX_TEXT = 80
MAX_WORDS = 8
_CANDIDATES = 64
_BEGINNINGS = 12
_SIMILAR_WORDS = 6
_TRIGRAM_READ = 120  # words read from one trigram
_RAREST_TRIGRAMS = 4
_WORD_CUTOFF = 72.0
_BEGINNING_WEIGHT = 0.9


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A dish and how well a phrase names it: 100 is its name or an alias, however spelled."""

    item: MenuItemId
    score: float


class NameIndex:
    """Names and aliases of one outlet's dishes, ready to be searched."""

    def __init__(self, items: Iterable[MenuItem]) -> None:
        """`items` in the order in which equally good finds are to be shown."""
        self._ids: list[MenuItemId] = []
        self._phrases: list[tuple[tuple[str, ...], ...]] = []  # an item's name and aliases, folded, in words
        self._named: dict[str, list[int]] = defaultdict(list)  # whole phrase without spaces → items
        self._holding: dict[str, set[int]] = defaultdict(set)  # word, or whole phrase without spaces → items
        words: set[str] = set()
        for item in items:
            rank = len(self._ids)
            self._ids.append(item.id)
            phrases = dict.fromkeys(tuple(fold(text).split()) for text in (item.name, *item.aliases))
            phrases.pop((), None)
            self._phrases.append(tuple(phrases))
            for phrase in phrases:
                words.update(phrase)
                self._named["".join(phrase)].append(rank)
                for word in (*phrase, "".join(phrase)):
                    self._holding[word].add(rank)
        self.words: frozenset[str] = frozenset(words)  # every word of every name, folded
        self.longest: int = max((len(phrase) for phrases in self._phrases for phrase in phrases), default=0)
        self._vocabulary = sorted(self._holding)
        self._trigrams: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._vocabulary):
            for trigram in _trigrams(word):
                self._trigrams[trigram].append(number)

    def search(self, text: str, limit: int = 10) -> list[MenuItemId]:
        """The dishes this text may mean, best first; none when nothing sounds like it."""
        return [match.item for match in self._find(text, limit, cutoff=45.0)]

    def match(self, phrase: str, limit: int = 5, cutoff: float = 80.0) -> list[NameMatch]:
        """The dishes this phrase names, best first: for a parser that looks for dishes inside a sentence.

        A phrase that is part of longer names ("dosa") scores less than 100 and matches each of them.
        """
        return self._find(phrase, limit, cutoff)

    def _find(self, text: str, limit: int, cutoff: float) -> list[NameMatch]:
        said = fold(text[:MAX_TEXT]).split()[:MAX_WORDS]
        if not said:
            return []
        exact = self._named.get("".join(said), ())
        wanted = [(word, self._similar(word)) for word in said]
        scored = {rank: self._score(rank, wanted) for rank in self._candidates(said, wanted)}
        if len(said) > 1:  # "dahi vada" for Dahivada
            for whole, weight in self._similar("".join(said)).items():
                for rank in self._named.get(whole, ())[:_CANDIDATES]:
                    scored[rank] = max(scored.get(rank, 0.0), 95.0 * weight)
        scored.update(dict.fromkeys(exact, 100.0))
        best = sorted(((-score, rank) for rank, score in scored.items() if score >= cutoff))[:limit]
        return [NameMatch(self._ids[rank], -score) for score, rank in best]

    def _candidates(self, said: list[str], wanted: list[tuple[str, dict[str, float]]]) -> set[int]:
        """Items that hold every word, or when none does, items that hold any."""
        holding = [set().union(*(self._holding[word] for word in similar)) for _, similar in wanted if similar]
        if not holding:
            return set()
        every = set.intersection(*holding) if len(holding) == len(said) else set()
        if every:
            return set(nsmallest(_CANDIDATES, every))
        share = max(1, _CANDIDATES // len(holding))
        return {rank for ranks in holding for rank in nsmallest(share, ranks)}

    def _score(self, rank: int, wanted: list[tuple[str, dict[str, float]]]) -> float:
        """How much of what was said the item's best phrase holds, and a little for how much of the phrase was said."""
        best = 0.0
        for phrase in self._phrases[rank]:
            joined = "".join(phrase)
            found, used = 0.0, 0
            for _, similar in wanted:
                weight = max((similar[word] for word in phrase if word in similar), default=0.0)
                if not weight and joined in similar:
                    weight, used = similar[joined], used + len(phrase) - 1
                if weight:
                    found, used = found + weight, used + 1
            said = 85.0 * found / len(wanted)
            best = max(best, said + 14.0 * (found / len(wanted)) * min(1.0, used / len(phrase)) if found else 0.0)
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


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}
