"""Choosing by number: "2", "2.", "second", "दूसरा", or several at once, "1 3"."""

import re
import unicodedata
from typing import Final

from bot.conversation.incoming import Choice

MOST: Final = 99
_WORDS: Final = (
    "first 1st पहला पहली पहले pehla pehli pahla pahli",
    "second 2nd दूसरा दूसरी दूसरे doosra dusra doosri dusri",
    "third 3rd तीसरा तीसरी तीसरे teesra tisra teesri tisri",
    "fourth 4th चौथा चौथी चौथे chautha chauthi",
    "fifth 5th पाँचवाँ पांचवां पाँचवीं पांचवीं paanchva panchva",
    "sixth 6th छठा छठी chhatha chhathi",
    "seventh 7th सातवाँ सातवां सातवीं saatva satva",
    "eighth 8th आठवाँ आठवां आठवीं aathva athva",
    "ninth 9th नौवाँ नौवां नौवीं nauva",
    "tenth 10th दसवाँ दसवां दसवीं dasva",
)
_ORDINALS: Final = {word: n for n, words in enumerate(_WORDS, start=1) for word in words.split()}
_AROUND: Final = frozenset(
    ["option", "number", "no", "the", "choice", "नंबर", "नम्बर", "विकल्प", "वाला", "वाली", "wala", "wali"]
)
_BETWEEN: Final = frozenset(["and", "aur", "और", "&", "+"])
_PARTS: Final = re.compile(r"[\s,;]+")
_BEFORE: Final = "(#"  # no minus: "-1" is no choice
_BEHIND: Final = ".):-"


def numbers(text: str) -> tuple[int, ...]:
    """The numbers a whole message is made of, in its order; empty when it says anything else."""
    found: list[int] = []
    for part in _PARTS.split(text.casefold().strip()):
        word = part.lstrip(_BEFORE)
        word = word.rstrip(_BEHIND) or word
        if word in _AROUND or word in _BETWEEN or not word:
            continue
        number = _number(word)
        if not number:
            return ()
        found.append(number)
    return tuple(dict.fromkeys(found))


def chosen(text: str, choices: tuple[Choice, ...]) -> tuple[str, ...]:
    """The packed actions somebody names by number or by name among `choices`; empty when it is none of them."""
    wanted = numbers(text)
    if wanted:
        return tuple(choices[n - 1].action for n in wanted) if max(wanted) <= len(choices) else ()
    said = folded(text)
    fitting = list(dict.fromkeys(choice.action for choice in choices if said in map(folded, choice.names)))
    return (fitting[0],) if len(fitting) == 1 else ()


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _number(word: str) -> int:
    """0 when it is none; digits of any script count."""
    if word.isdecimal() and len(word) <= 2:
        return int("".join(str(unicodedata.decimal(digit)) for digit in word))
    return _ORDINALS.get(word, 0)
