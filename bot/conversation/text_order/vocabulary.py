"""The words dishes are named with, and which of them a guest's word may stand for.

A look-up reads a handful of dictionaries, so it costs the same on a long menu as on a short one. Only the few words it
leads to are compared letter by letter.
"""

from collections import defaultdict

from rapidfuzz.distance import OSA

from bot.conversation.text_order.food_words import FOODS, concept_of
from bot.conversation.text_order.words import folded, skeleton, stem

Hit = tuple[int, float]  # a word's number, and how surely it is meant: 1 is the same word

SAME_SOUND, SAME_STEM, SAME_MEANING = 0.97, 0.95, 0.93
SURE = SAME_MEANING  # below this a word was only guessed from its letters
_MISSPELLED, _UNLIKELY = 0.92, 0.76
_MOST = 4
_MEMORY = 8_192


class Vocabulary:
    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self._by_fold: dict[str, list[int]] = defaultdict(list)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        self._by_concept: dict[str, list[int]] = defaultdict(list)
        self._by_skeleton: dict[str, list[int]] = defaultdict(list)
        self._by_loss: dict[str, list[int]] = defaultdict(list)
        self._memory: dict[tuple[str, bool], tuple[Hit, ...]] = {}

    def __len__(self) -> int:
        return len(self._words)

    def add(self, key: str) -> int:
        """The number of a word, a new one when it was not there yet."""
        known = self._numbers.get(key)
        if known is not None:
            return known
        number = self._numbers[key] = len(self._words)
        self._words.append(key)
        sound = folded(key)
        self._by_fold[sound].append(number)
        self._by_stem[stem(key)].append(number)
        self._by_concept[concept_of(key)].append(number)
        if len(sound) >= 4:
            self._by_skeleton[skeleton(key)].append(number)
            if len(sound) >= 5:
                for shorter in _with_one_lost(sound):
                    self._by_loss[shorter].append(number)
        return number

    def holds(self, sound: str) -> bool:
        return sound in self._by_fold

    def recall(self, key: str, *, guess: bool) -> tuple[Hit, ...]:
        """The words `key` may stand for, the surest first; misspellings only when asked to guess."""
        remembered = self._memory.get((key, guess))
        if remembered is None:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            remembered = self._memory[key, guess] = self._recall(key, guess)
        return remembered

    def _recall(self, key: str, guess: bool) -> tuple[Hit, ...]:
        found: dict[int, float] = {}
        if (same := self._numbers.get(key)) is not None:
            found[same] = 1.0
        for table, form, sure in (
            (self._by_fold, folded(key), SAME_SOUND),
            (self._by_stem, stem(key), SAME_STEM),
            (self._by_concept, concept_of(key), SAME_MEANING),
        ):
            if len(form) >= 2:
                for number in table.get(form, ()):
                    found.setdefault(number, sure)
        if guess and key not in FOODS:
            for number, likeness in self._misspelled(key).items():
                found.setdefault(number, likeness)
        return tuple(sorted(found.items(), key=lambda hit: (-hit[1], hit[0]))[:_MOST])

    def _misspelled(self, key: str) -> dict[int, float]:
        sound = folded(key)
        if not 4 <= len(sound) <= 30 or not sound.isalpha():
            return {}
        bones = skeleton(key)
        near = set(self._by_skeleton.get(bones, ()))
        for shorter in _with_one_lost(sound):
            near.update(self._by_loss.get(shorter, ()))
        found: dict[int, float] = {}
        for number in near:
            other = folded(self._words[number])
            if other[0] != sound[0] and len(sound) < 7:
                continue
            allowed = 1 if len(sound) < 8 else 2
            if skeleton(self._words[number]) == bones:
                allowed = max(1, min(len(bones) - 1, 3))
            distance = OSA.distance(sound, other, score_cutoff=allowed)
            likeness = _MISSPELLED - 0.5 * distance / max(len(sound), len(other))
            if distance <= allowed and likeness >= _UNLIKELY:
                found[number] = likeness
        return found


def _with_one_lost(sound: str) -> set[str]:
    """`sound`, and it with any one letter missing: two words one mistake apart share one of these."""
    return {sound, *(sound[:at] + sound[at + 1 :] for at in range(len(sound)))}
