"""How a dish is spelled, by a printer or by a thumb: paneer, panir, पनीर.

`plain` makes words comparable; `fold` also irons out what Indian kitchens spell in many ways, so that most
"misspellings" are equal before any fuzzy matching is needed. Both are applied to the menu and to what guests write.
"""

import re
import unicodedata
from functools import lru_cache

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलळवशषसहऩऱ",
        "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l l v sh sh s h n r".split(),
        strict=True,
    )
)
_NUKTA = {"क": "q", "ख": "kh", "ग": "g", "ज": "z", "ड": "r", "ढ": "rh", "फ": "f", "य": "y"}
_VOWELS = dict(zip("अआइईउऊऋएऐऑओऔ", "a aa i ee u oo ri e ai o o au".split(), strict=True))
_SIGNS = dict(zip("ािीुूृेैॉोौ", "aa i ee u oo ri e ai o o au".split(), strict=True))
_MARKS = {"ं": "n", "ँ": "n", "ः": "h"}
_NUKTA_SIGN, _VIRAMA = "\u093c", "\u094d"


def _romanised(word: str) -> str:
    """A Devanagari word in Latin letters, the way menus print it: टिक्का → tikkaa, पनीर → paneer."""
    out: list[str] = []
    open_vowel = False  # the last consonant still carries its own a
    for character in unicodedata.normalize("NFD", word):
        if character in _CONSONANTS:
            out += ["a"] if open_vowel else []
            out.append(_CONSONANTS[character])
            open_vowel = True
        elif character == _NUKTA_SIGN and out:
            out[-1] = next((_NUKTA[c] for c, latin in _CONSONANTS.items() if latin == out[-1] and c in _NUKTA), out[-1])
        elif character in _SIGNS:
            out.append(_SIGNS[character])
            open_vowel = False
        elif character == _VIRAMA:
            open_vowel = False
        else:
            out += ["a"] if open_vowel and character in _MARKS else []
            out.append(_MARKS.get(character) or _VOWELS.get(character) or character)
            open_vowel = False
    latin = "".join(out)  # the a of a last consonant is not spoken
    return latin[:-1] + "i" if latin.endswith("aay") else latin


_DEVANAGARI = re.compile("[\u0900-\u097f]+")
_APART = re.compile(r"[^\w]+|_+")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Words in small letters without accents or signs, one space between: `Café-Latté (hot)` → `cafe latte hot`."""
    latin = _DEVANAGARI.sub(lambda found: _romanised(found.group()), unicodedata.normalize("NFKC", text))
    letters = (c for c in unicodedata.normalize("NFKD", latin.casefold()) if not unicodedata.combining(c))
    return " ".join(_APART.sub(" ", "".join(letters).replace("'", "").replace("’", "")).split())


_ALIKE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"ch+", "\0"),  # chicken, chhole: kept apart from the c of curry
        (r"ck|[cq]", "k"),
        ("ph", "f"),
        ("w", "v"),
        ("z", "j"),
        ("x", "ks"),
        (r"(?<=[bdfgjkprst\0])h", ""),  # bhatura, batura; sheekh, seek
        (r"ee|ea|ie", "i"),
        (r"oo|ou", "u"),
        (r"y\b", "i"),
        (r"(.)\1+", r"\1"),  # tikka, tika; naan, nan
        (r"(?<=\w\w\w)s\b", ""),  # dosas
        ("\0", "c"),
    )
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """`plain`, and spelled one way where kitchens spell many: paneer, panir, panneer are all `panir`."""
    folded = plain(text)
    for pattern, instead in _ALIKE:
        folded = pattern.sub(instead, folded)
    return folded
