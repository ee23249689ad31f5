"""The words around the dishes, read once from `lexicon.toml`: what part each plays in an order.

Everything is compared by `key_of`, so one spelling stands for its accents, nukta and script.
"""

import tomllib
from enum import StrEnum
from importlib.resources import files
from typing import Any, TypeVar

from bot.conversation.text_order.words import folded, key_of


class Role(StrEnum):
    DISH = "dish"
    NUMBER = "number"
    TIMES = "times"
    UNIT = "unit"
    SIZE = "size"
    AND = "and"
    OR = "or"
    COMMA = "comma"
    BREAK = "break"
    WITH = "with"
    NO = "no"
    LESS = "less"
    MORE = "more"
    MANNER = "manner"  # how it is cooked or served: spicy, hot, on the side
    ALL = "all"
    ORDER = "order"  # I want, give me, chahiye
    REMOVE = "remove"
    INSTEAD = "instead"
    SWAP = "swap"
    SET = "set"  # make it three
    GLUE = "glue"  # of, ka, wala: holds words together
    FILLER = "filler"
    HINT = "hint"  # belongs to a table, a time, an address
    WORD = "word"


Phrase = tuple[str, ...]
T = TypeVar("T")


def _key(word: str) -> str:
    return key_of(word) if word[0].isalpha() else word


def keys_of(text: str) -> frozenset[str]:
    return frozenset(_key(word) for word in text.split())


def _phrases(text: str) -> frozenset[Phrase]:
    lines = text.replace("\n", "|").split("|")
    return frozenset(tuple(_key(word) for word in line.split()) for line in lines if line.strip())


def _by_first(phrases: dict[Phrase, T]) -> dict[str, tuple[tuple[Phrase, T], ...]]:
    """Phrases under their first word, the longest first."""
    found: dict[str, list[tuple[Phrase, T]]] = {}
    for entry in phrases.items():
        found.setdefault(entry[0][0], []).append(entry)
    return {first: tuple(sorted(some, key=lambda entry: (-len(entry[0]), entry[0]))) for first, some in found.items()}


_DATA: dict[str, Any] = tomllib.loads(files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8"))

NUMBERS: dict[str, int] = {key: int(value) for value, words in _DATA["numbers"].items() for key in keys_of(words)}
ARTICLES = keys_of(_DATA["number_kinds"]["articles"])
MEASURES = keys_of(_DATA["number_kinds"]["measures"])
DOZENS = keys_of(_DATA["number_kinds"]["dozens"])
PAIRS = keys_of(_DATA["number_kinds"]["pairs"])
FRACTIONS = keys_of(_DATA["number_kinds"]["fractions"])
SIZES: dict[str, str] = {key: size for size, words in _DATA["sizes"].items() for key in keys_of(words)}
WHOLE = frozenset({"full", "regular", "single"})  # the size of a dish that comes in one size
ANOTHER_DISH = keys_of(_DATA["another_dish"]["words"])
COLD = keys_of(_DATA["another_dish"]["cold"])
HOT_DRINKS = keys_of(_DATA["another_dish"]["hot_drinks"])
POSTPOSED = keys_of(_DATA["postposed"]["words"])

ROLES: dict[str, Role] = {
    **{key: Role(role) for role, words in _DATA["roles"].items() for key in keys_of(words)},
    **dict.fromkeys(SIZES, Role.SIZE),
    **dict.fromkeys(NUMBERS, Role.NUMBER),
}
SIGNS: dict[str, Role] = {
    ",": Role.COMMA,
    "&": Role.AND,
    "+": Role.AND,
    "*": Role.TIMES,
    "×": Role.TIMES,
    **dict.fromkeys(";.!?|•▪·\n", Role.BREAK),
}
PHRASES = _by_first({phrase: Role(role) for role, text in _DATA["phrases"].items() for phrase in _phrases(text)})

_INTENT, _HUMAN, _HINTS = _DATA["intent"], _DATA["human"], _DATA["hints"]
STORY = keys_of(_INTENT["story"])
STORY_PHRASES = _by_first(dict.fromkeys(_phrases(_INTENT["story_phrases"]), True))
QUESTION = keys_of(_INTENT["question"])
QUESTION_PHRASES = _by_first(dict.fromkeys(_phrases(_INTENT["question_phrases"]), True))
PERHAPS = keys_of(_INTENT["perhaps"])
AUXILIARY = keys_of(_INTENT["auxiliary"])
AUXILIARY_THEN = keys_of(_INTENT["auxiliary_then"])
COPULA = keys_of(_INTENT["copula"])

ALLERGY = keys_of(_HUMAN["allergy"])
ALLERGENS = keys_of(_HUMAN["allergens"])
ASKS_ALLERGEN = keys_of(_HUMAN["asks_allergen"])
ANGER = keys_of(_HUMAN["anger"])
ANGER_PHRASES = _by_first(dict.fromkeys(_phrases(_HUMAN["anger_phrases"]), True))

TABLE = keys_of(_HINTS["table"])
TABLE_NUMBER = keys_of(_HINTS["number"])
FULFILMENTS = _by_first(
    {phrase: name for name in ("dine_in", "takeaway", "delivery") for phrase in _phrases(_HINTS[name])}
)
ADDRESS = _by_first(dict.fromkeys(_phrases(_HINTS["address"]), True))
PEOPLE = keys_of(_HINTS["people"])
TIME = keys_of(_HINTS["time"])
SPANS = keys_of(_HINTS["spans"])
BEFORE_TIME = keys_of(_HINTS["before_time"])

ORDINARY: frozenset[str] = keys_of(_DATA["ordinary"]["words"]) | frozenset(ROLES) | STORY | QUESTION | PERHAPS

# For words of five letters and more that nobody recognised: "chahyie", "pleease".
ROLES_BY_FOLD: dict[str, Role] = {
    folded(key): role
    for key, role in ROLES.items()
    if len(folded(key)) >= 5 and role in (Role.FILLER, Role.ORDER, Role.NO, Role.MANNER, Role.REMOVE)
}


def starts_with(table: dict[str, tuple[tuple[Phrase, T], ...]], keys: list[str], at: int) -> tuple[int, T] | None:
    """How many of `keys` from `at` on are a phrase of `table`, and what that phrase stands for."""
    for phrase, value in table.get(keys[at], ()):
        if tuple(keys[at : at + len(phrase)]) == phrase:
            return len(phrase), value
    return None
