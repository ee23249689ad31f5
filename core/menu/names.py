"""Finding a dish by what somebody types. Built once a menu version; a long menu is searched nearly as fast as a short.

Words lead to candidates (exact word, beginning of a word, or a word sharing its trigrams, see `wordlist`), and only
those few are compared. Equal scores are in the menu's order, so the same text always finds the same dishes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from core.ids import MenuItemId
from core.menu.spelling import fold, plain
from core.menu.wordlist import WordList, as_set, highest, in_most

Named: TypeAlias = tuple[MenuItemId, str, tuple[str, ...]]  # a dish, its name, its aliases

MAX_TEXT = 80
MAX_WORDS = 8
SEARCH_CUTOFF = 30.0  # one word of three is enough to be shown …
SEARCH_SPREAD = 30.0  # … unless something fits far better
_CANDIDATES = 16
_ENOUGH = 8  # that hold all that was said; with fewer, words it may be a slip or the beginning of are met too
_FEW = 12  # dishes of a word that are not kept as a set
_NAMED = 70.0  # a phrase that holds most of what was said; less, and it may be a name in two pieces
_WHOLE_CUTOFF = 0.85  # two words run into one, or the other way round, leave less room for slips

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


class _Phrase(NamedTuple):
    words: tuple[str, ...]
    whole: str  # without spaces


class NameIndex:
    """Names and aliases of one outlet's dishes, ready to be searched."""

    def __init__(self, named: Iterable[Named]) -> None:
        """`named` in the order in which equally good finds are to be shown."""
        self.made_of: tuple[Named, ...] = tuple(named)
        self._ids: list[MenuItemId] = []
        self._phrases: list[tuple[_Phrase, ...]] = []  # an item's name and aliases
        self._named: dict[str, list[int]] = defaultdict(list)  # whole phrase → items
        self._holding: dict[str, list[int]] = defaultdict(list)  # word → items
        folded: dict[str, str] = {}  # a long menu is made of few words
        for rank, (item, name, aliases) in enumerate(self.made_of):
            split = dict.fromkeys(_folded(text, folded) for text in (name, *aliases))
            phrases = tuple(_Phrase(some, "".join(some)) for some in split if some)
            self._ids.append(item)
            self._phrases.append(phrases)
            for whole in {phrase.whole for phrase in phrases}:
                self._named[whole].append(rank)
            for word in {word for phrase in phrases for word in phrase.words}:
                self._holding[word].append(rank)
        self._last = len(self._ids) - 1
        self._common = {
            word: as_set(self._last - rank for rank in ranks)
            for word, ranks in self._holding.items()
            if len(ranks) > _FEW
        }
        lengths: dict[int, list[int]] = defaultdict(list)
        for rank, phrases in enumerate(self._phrases):
            lengths[len(phrases[0].words) if phrases else 0].append(self._last - rank)
        self._by_length = [as_set(items) for _, items in sorted(lengths.items())]
        self._words = WordList(self._holding, self._named)

    def search(self, text: str, limit: int = 10) -> list[MenuItemId]:
        """The dishes this text may mean, best first; none when nothing sounds like it."""
        said = fold(text[:MAX_TEXT]).split()
        found = self._find([word for word in said if word not in _AROUND] or said, limit, SEARCH_CUTOFF)
        return [self._ids[rank] for score, rank in found if score <= found[0][0] + SEARCH_SPREAD]

    def match(self, phrase: str, limit: int = 5, cutoff: float = 80.0) -> list[NameMatch]:
        """The dishes this phrase names, best first: for a parser that looks for dishes inside a sentence.

        A phrase that is part of longer names ("dosa") scores less than 100 and matches each of them.
        """
        found = self._find(fold(phrase[:MAX_TEXT]).split(), limit, cutoff)
        return [NameMatch(self._ids[rank], -score) for score, rank in found]

    def _find(self, said: list[str], limit: int, cutoff: float) -> list[tuple[float, int]]:
        """Scores, negative so that the best is the least, and ranks."""
        said = said[:MAX_WORDS]
        if not said:
            return []
        wanted = [self._words.similar(word) for word in said]
        items = self._candidates(wanted, limit)
        scored = {rank: self._score(rank, wanted) for rank in items}
        whole = "".join(said)
        if len(said) > 1 and max(scored.values(), default=0.0) < _NAMED:  # "dahi vada" for Dahivada
            for name, weight in self._words.similar(whole).items():
                if weight >= _WHOLE_CUTOFF and name in self._named:
                    for rank in self._named[name][:_CANDIDATES]:
                        scored[rank] = max(scored.get(rank, 0.0), 95.0 * weight)
        if whole in self._named:
            scored.update(dict.fromkeys(self._named[whole][: max(limit, _CANDIDATES)], 100.0))
        return sorted((-score, rank) for rank, score in scored.items() if score >= cutoff)[:limit]

    def _candidates(self, wanted: Sequence[dict[str, float]], limit: int) -> list[int]:
        """Items that hold every word, or when none does, those that hold the most."""
        found: list[int] = []
        if all(wanted):
            found = self._shortest(self._holding_every(map(_surest, wanted)), max(limit, _ENOUGH))
            if len(found) < limit:
                found += self._ranks(self._holding_every(wanted), _CANDIDATES)
            if found:
                return found
        for _, items in in_most([self._holding_any(similar) for similar in wanted]):
            found += self._ranks(items, _CANDIDATES - len(found))
            if len(found) == _CANDIDATES:
                break
        return found

    def _ranks(self, items: int, count: int) -> list[int]:
        """The first so many of a set of items."""
        return [self._last - number for number in highest(items, count)]

    def _shortest(self, items: int, count: int) -> list[int]:
        """Those with the shortest names first, for they are meant when little is said."""
        found: list[int] = []
        for some in self._by_length:
            if not items or len(found) == count:
                break
            if those := items & some:
                found += self._ranks(those, count - len(found))
                items ^= those
        return found

    def _holding_every(self, wanted: Iterable[Iterable[str]]) -> int:
        items = -1
        for words in wanted:
            items &= self._holding_any(words)
        return items

    def _holding_any(self, words: Iterable[str]) -> int:
        """A set of items, numbered from the last to the first (see `highest`)."""
        items = 0
        for word in words:
            if word in self._common:
                items |= self._common[word]
            else:
                for rank in self._holding.get(word) or self._named[word]:
                    items |= 1 << self._last - rank
        return items

    def _score(self, rank: int, wanted: Sequence[dict[str, float]]) -> float:
        """How much of what was said the item's best phrase holds, and a little for how much of the phrase was said."""
        best = 0.0
        for words, whole in self._phrases[rank]:
            found, used = 0.0, 0
            for similar in wanted:
                weight = 0.0
                for word in words:
                    if word in similar and similar[word] > weight:
                        weight = similar[word]
                if whole in similar and similar[whole] > weight:
                    weight = similar[whole]
                    used += len(words)
                elif weight:
                    used += 1
                found += weight
            if found:
                said = used / len(words) if used < len(words) else 1.0
                score = found / len(wanted) * (85.0 + 14.0 * said)
                if score > best:
                    best = score
        return best


def _folded(text: str, known: dict[str, str]) -> tuple[str, ...]:
    """`fold(text).split()`, the rules applied to each word once."""
    words = plain(text).split()
    for word in words:
        if word not in known:
            known[word] = fold(word)
    return tuple(known[word] for word in words)


def _surest(similar: dict[str, float]) -> list[str]:
    """The words most surely meant; `similar` begins with one of them."""
    best = next(iter(similar.values()))
    return [word for word, weight in similar.items() if weight == best]
