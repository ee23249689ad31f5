"""What guests type when they look for a dish: its name, slips, beginnings, a word or two of it. Seeded."""

import random
from collections.abc import Callable, Sequence

_LETTERS = "abdeghiklmnoprstuvy"


def slip(some: random.Random, word: str) -> str:
    """One letter missing, wrong, too many, or two in each other's place."""
    if len(word) < 4 or word.isdigit():
        return word
    at = some.randrange(len(word) - 1)
    before, here, there, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    letter = some.choice(_LETTERS)
    return before + some.choice((there, letter + there, letter + here + there, there + here)) + after


def _slips(some: random.Random, words: list[str]) -> list[str]:
    return [slip(some, word) for word in words]


def _one_slip(some: random.Random, words: list[str]) -> list[str]:
    at = some.randrange(len(words))
    return [*words[:at], slip(some, words[at]), *words[at + 1 :]]


def _beginning(some: random.Random, words: list[str]) -> list[str]:
    return [*words[:-1], words[-1][: max(2, len(words[-1]) // 2)]]


def _of_a_word(some: random.Random, words: list[str]) -> list[str]:
    word = max(some.sample(words, 2), key=len)
    return [word[: max(3, len(word) // 2)]]


_WAYS: tuple[Callable[[random.Random, list[str]], list[str]], ...] = (
    lambda some, words: words,
    _one_slip,
    _slips,
    _beginning,
    lambda some, words: some.sample(words, 2),
    lambda some, words: _slips(some, some.sample(words, 2)),
    lambda some, words: [some.choice(words)],
    lambda some, words: _slips(some, [some.choice(words)]),
    _of_a_word,
    lambda some, words: _slips(some, ["".join(words)]),
)


def typed(names: Sequence[str], count: int, seed: int) -> list[str]:
    """So many texts, each way as often as every other. Equal arguments make equal texts."""
    some = random.Random(seed)
    return [" ".join(_WAYS[at % len(_WAYS)](some, some.choice(names).lower().split())) for at in range(count)]
