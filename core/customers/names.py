"""What guests write about themselves, made fit to be stored, printed and read aloud."""

import unicodedata

# Cf: bidi overrides, zero-width characters, byte order marks. Cs: lone surrogates, which cannot be stored as UTF-8.
_DROPPED = frozenset({"Cf", "Cs", "Co"})
_AS_SPACE = frozenset({"Cc", "Zs", "Zl", "Zp"})


def clean_text(text: str, limit: int) -> str:
    """One line of at most `limit` characters in NFC, without control, bidi-override and zero-width characters.

    What carries no meaning is dropped rather than refused; any run of blanks is one space.
    """
    seen = []
    for character in text[: limit * 8]:  # a text that is all blanks and marks needs no more reading than this
        category = unicodedata.category(character)
        if category in _AS_SPACE:
            seen.append(" ")
        elif category not in _DROPPED:
            seen.append(character)
    return " ".join(unicodedata.normalize("NFC", "".join(seen)).split())[:limit].rstrip()
