"""Choosing by number, however people write one."""

import pytest

from bot.conversation.choosing import chosen, numbers
from bot.conversation.incoming import Choice

SAID = {
    "2": (2,),
    "2.": (2,),
    " 2) ": (2,),
    "#2": (2,),
    "option 2": (2,),
    "No. 2": (2,),
    "second": (2,),
    "the second": (2,),
    "2nd": (2,),
    "दूसरा": (2,),
    "doosra": (2,),
    "दूसरा वाला": (2,),
    "२": (2,),
    "1 3": (1, 3),
    "1, 3 and 4": (1, 3, 4),
    "1,3,1": (1, 3),
    "पहला और तीसरा": (1, 3),
    "10": (10,),
}
SOMETHING_ELSE = [
    "",
    "no",
    "the",
    "2 masala dosa",
    "T4",
    "560001",
    "1.5",
    "-",
    "-1",
    "- 1",
    "1 - 3",
    "2nd floor",
    "100",
    "one naan",
    "½",
    "²",
]
CHOICES = (
    Choice("a", ("Paneer Tikka Masala Half · ₹220", "Paneer Tikka Masala Half", "Paneer Tikka Masala Hal…")),
    Choice("b", ("Paneer Tikka Masala Full · ₹380", "Paneer Tikka Masala Full", "Paneer Tikka…sala Full")),
    Choice("c", ("Cart",)),
)


@pytest.mark.parametrize(("text", "expected"), SAID.items())
def test_a_number_is_heard_however_it_is_written(text, expected):
    assert numbers(text) == expected


@pytest.mark.parametrize("text", SOMETHING_ELSE)
def test_what_says_more_than_a_number_is_left_to_others(text):
    assert numbers(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", ("b",)),
        ("third", ("c",)),
        ("1 3", ("a", "c")),
        ("4", ()),
        ("1 4", ()),
        ("0", ()),
        ("paneer tikka masala full", ("b",)),
        ("PANEER  TIKKA…SALA FULL", ("b",)),
        ("cart", ("c",)),
        ("paneer", ()),
    ],
)
def test_a_choice_is_named_by_number_label_or_title(text, expected):
    assert chosen(text, CHOICES) == expected
