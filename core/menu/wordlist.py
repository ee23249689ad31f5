"""The words of a menu, and which of them somebody may have meant by what was typed.

Sets of words are whole numbers, a bit a word: what a dozen sets of ten thousand have most in common is a dozen
additions, so a long menu's words are searched nearly as fast as a short one's.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz, process

_BEGINNINGS = 12
_BEGINNING_WEIGHT = 0.9
_CUTOFF = 72.0
_SIMILAR = 6
_COMPARED = 16  # words compared letter by letter
_RAREST = 12  # trigrams looked up


class WordList:
    """`words` are those names are made of, `joined` whole names written as one."""

    def __init__(self, words: Iterable[str], joined: Iterable[str]) -> None:
        single = set(words)
        self._words = in_order(single)
        self._joined = in_order(word for word in joined if word not in single)
        self._all = single.union(self._joined)
        # Shortest first, so that the words of some lengths are neighbours and most sets stay small numbers.
        worth_guessing = (word for word in (*self._words, *self._joined) if len(word) > 2 and not word.isdigit())
        self._numbered = sorted(worth_guessing, key=len)
        lengths = [len(word) for word in self._numbered]
        self._shorter = [bisect_left(lengths, length) for length in range((lengths[-1] if lengths else 0) + 2)]
        holders: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._numbered):
            for trigram in _trigrams(word):
                holders[trigram].append(number)
        self._trigrams = {trigram: (len(numbers), as_set(numbers)) for trigram, numbers in holders.items()}

    def similar(self, word: str) -> dict[str, float]:
        """Words this one may stand for, with how surely (1: the same)."""
        similar: dict[str, float] = {}
        if word in self._all:
            similar[word] = 1.0
        if word.isdigit():
            return similar  # 65 is no slip of 66, and no beginning of 650
        if len(word) >= 2:
            for other in _beginning(self._words, word):
                similar.setdefault(other, _BEGINNING_WEIGHT)
            if not similar:
                similar.update(dict.fromkeys(_beginning(self._joined, word), _BEGINNING_WEIGHT))
        if not similar and len(word) >= 3:
            for other, score, _ in process.extract(
                word, self._lookalikes(word), scorer=fuzz.ratio, score_cutoff=_CUTOFF, limit=_SIMILAR
            ):
                similar[other] = score / 100.0
        return similar

    def _lookalikes(self, word: str) -> list[str]:
        """The words with the most trigrams in common with this one, those of about its length before others."""
        length = len(word)
        longest_slip = max(2, length // 3)
        window = self._of_lengths(length - longest_slip, length + longest_slip)
        if not window:
            return []
        same = self._of_lengths(length, length)
        near = self._of_lengths(length - 1, length + 1) ^ same
        known = [self._trigrams[trigram] for trigram in _trigrams(word) if trigram in self._trigrams]
        if len(known) > _RAREST:
            known = sorted(known)[:_RAREST]
        found: list[str] = []
        best = 0
        for tally, numbers in in_most([numbers & window for _, numbers in known]):
            best = best or tally
            if 2 * tally < best:
                break
            for some in (numbers & same, numbers & near, numbers & ~(same | near)):
                found += [self._numbered[number] for number in highest(some, _COMPARED - len(found))]
            if len(found) == _COMPARED:
                break
        return found

    def _of_lengths(self, least: int, most: int) -> int:
        """The set of all words of these lengths."""
        last = len(self._shorter) - 1
        return (1 << self._shorter[min(most + 1, last)]) - (1 << self._shorter[min(max(least, 0), last)])


def in_order(words: Iterable[str]) -> list[str]:
    """Sorted, a few at a time: one long sort would hold up every other thread."""
    alike: dict[str, set[str]] = defaultdict(set)
    for word in words:
        alike[word[:2]].add(word)
    return [word for beginning in sorted(alike) for word in sorted(alike[beginning])]


def as_set(numbers: Iterable[int]) -> int:
    """Whole numbers, few or many, as a set of bits."""
    ordered = list(numbers)
    if not ordered:
        return 0
    bits = bytearray(max(ordered) // 8 + 1)
    for number in ordered:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def highest(numbers: int, count: int) -> list[int]:
    """The greatest numbers of a set, in order. (Looking from below costs five times as much.)"""
    found: list[int] = []
    while numbers and len(found) < count:
        found.append(number := numbers.bit_length() - 1)
        numbers ^= 1 << number
    return found


def in_most(sets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Those numbers that are in the most of the sets, then those that are in fewer: (in how many, which)."""
    digits: list[int] = []  # of each number's tally, in binary: digits[0] are the numbers whose tally is odd
    for carry in sets:
        for at, digit in enumerate(digits):
            if not carry:
                break
            digits[at], carry = digit ^ carry, digit & carry
        else:
            if carry:
                digits.append(carry)
    left = 0
    for digit in digits:
        left |= digit
    while left:
        most, tally = left, 0
        for at in range(len(digits) - 1, -1, -1):
            if having := most & digits[at]:
                most, tally = having, tally + (1 << at)
        yield tally, most
        left ^= most


def _beginning(words: Sequence[str], beginning: str) -> Iterator[str]:
    at = bisect_left(words, beginning)
    for word in words[at : at + _BEGINNINGS]:
        if not word.startswith(beginning):
            return
        yield word


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}
