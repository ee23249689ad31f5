"""What a guest typed, cut into words that can be compared with a menu.

A token keeps where it stood, so that what is echoed to the guest is the guest's own writing.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from bot.conversation.text_order.food_words import LOANWORDS
from core.menu.spelling import fold, plain

MAX_CHARS = 4_096  # the longest message a channel brings
MAX_TOKENS = 400  # thirty lines of a cart with their wishes need fewer


class Shape(Enum):
    WORD = auto()
    NUMBER = auto()
    SIGN = auto()


@dataclass(frozen=True, slots=True)
class Token:
    raw: str
    start: int
    end: int
    shape: Shape
    key: str  # comparable: small Latin letters, or the number's digits, or the sign itself
    glued: bool  # no blank between it and the token before


_SPACED = frozenset({"Cc", "Zs", "Zl", "Zp"})
_DROPPED = frozenset({"Cf", "Cs", "Co", "Cn"})
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_STRETCHED = re.compile(r"(.)\1{2,}")
# The a inside नमकीन that is written and not spoken: between two syllables that have vowels of their own.
_UNSPOKEN = re.compile(
    r"(?<=[aeiou][bdfgjklmnprstvyz])a(?=(?:[kgcjtdpbs]h+|[bdfgjklmnprstvyz])[aeiou])"
    r"|(?<=[aeiou][kgcjtdpbs]h)a(?=(?:[kgcjtdpbs]h+|[bdfgjklmnprstvyz])[aeiou])"
)
_LAST_VOWEL = re.compile(r"(?<=\w\w)(?:aa|ee|oo)$")  # teekhaa is typed teekha, meethee meethi
_TOKEN = re.compile(
    r"""
    (?P<slash>w/o?(?![^\W\d_])|w\\o)
  | (?P<number>\d{1,3}(?:,\d{3})+(?![\d]) | \d+e\d{1,9}\b | \d+/\d+ | \d+\.\d+ | \d+ | [¼½¾])
  | (?P<word>[^\W\d_](?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0300-\u036f]|['’](?=[^\W\d_]))*)
  | (?P<sign>[^\s\w]|_)
    """,
    re.VERBOSE,
)
_HEARD_SIGNS = frozenset(",;.!?&+\n|*×-−–—()/:@#₹•▪·")


def readable(text: str) -> str:
    """`text` in NFC, without control, bidi and zero-width characters, at most MAX_CHARS long, cut between words."""
    cut = text[:MAX_CHARS]
    if len(text) > MAX_CHARS and (blank := max(cut.rfind(" "), cut.rfind("\n"))) > MAX_CHARS // 2:
        cut = cut[:blank]
    kept = []
    for character in cut:
        if character == "\n" or "!" <= character <= "~":
            kept.append(character)
            continue
        category = unicodedata.category(character)
        if category in _SPACED:
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _shorter(vowel: re.Match[str]) -> str:
    return {"aa": "a", "ee": "i", "oo": "u"}[vowel.group()]


@lru_cache(maxsize=4096)
def key_of(word: str) -> str:
    """A word as it is compared: Devanagari spelled in Latin letters, English words written in it in English."""
    if _DEVANAGARI.search(word):
        bare = unicodedata.normalize("NFD", word).replace("\u093c", "").replace("\u0901", "\u0902")
        if bare in LOANWORDS:
            return LOANWORDS[bare]
        return _LAST_VOWEL.sub(_shorter, _UNSPOKEN.sub("", plain(word).replace(" ", "")))
    key = plain(word).replace(" ", "")
    return _STRETCHED.sub(r"\1\1", key)


def _in_ascii(number: str) -> str:
    return "".join(str(unicodedata.decimal(character, character)) for character in number)


def tokens_of(text: str) -> list[Token]:
    """The tokens of a `readable` text. Digits and letters written together are two tokens: 2x, x2, 500ml."""
    found: list[Token] = []
    last = -1
    for match in _TOKEN.finditer(text):
        raw, start = match.group(), match.start()
        kind = match.lastgroup
        if kind == "number":
            shape, key = Shape.NUMBER, _in_ascii(raw.replace(",", ""))
        elif kind == "sign":
            if raw not in _HEARD_SIGNS:
                continue
            shape, key = Shape.SIGN, raw
        else:
            shape, key = Shape.WORD, "without" if "o" in raw and kind == "slash" else key_of(raw)
            if kind == "slash" and "o" not in raw:
                key = "with"
            if not key:
                continue
        between = text[last:start] if last >= 0 else ""
        if "\n" in between:
            found.append(Token("\n", last, start, Shape.SIGN, "\n", False))
        found.append(Token(raw, start, match.end(), shape, key, last == start))
        last = match.end()
        if len(found) >= MAX_TOKENS:
            break
    return found


_PLURAL = re.compile(r"(?:iyan|iyon|iyen)$")
_FINAL_VOWELS = re.compile(r"[aeiou]+$")
_VOWELS = re.compile(r"[aeiouyh]")


@lru_cache(maxsize=8192)
def folded(key: str) -> str:
    return fold(key).replace(" ", "")


@lru_cache(maxsize=8192)
def stem(key: str) -> str:
    """What dosa, dosai, dose and dosas have in common."""
    root = _PLURAL.sub("i", folded(key))
    bare = _FINAL_VOWELS.sub("", root)
    return bare if len(bare) >= 3 else root


@lru_cache(maxsize=8192)
def skeleton(key: str) -> str:
    """The consonants, in which most misspellings and transliterations agree: biryani, briyani, birayaanee."""
    return _VOWELS.sub("", folded(key))
