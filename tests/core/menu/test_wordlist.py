"""The words of a menu: what is meant by a slip of the thumb, a beginning, or words run into one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.menu.spelling import fold, plain
from core.menu.wordlist import WordList, as_set, highest, in_most

WORDS = WordList(
    ["panir", "tika", "masala", "dosa", "dal", "65", "650", "filter", "kofi"], ["panirtika", "filterkofi", "masaladosa"]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("panir", "panir"), ("panri", "panir"), ("pamir", "panir"), ("anir", "panir"), ("panirr", "panir"),
        ("mas", "masala"), ("mosala", "masala"), ("filtr", "filter"), ("dsoa", "dosa"),
        ("panirt", "panirtika"), ("panritika", "panirtika"), ("filtrkofi", "filterkofi"),
    ],
)  # fmt: skip
def test_the_word_that_is_meant_comes_first(typed, meant):
    assert next(iter(WORDS.similar(typed))) == meant


@pytest.mark.parametrize("typed", ["66", "6", "x", "xyz", "", "zzzzzzzz", "d" * 80])
def test_a_number_stands_for_itself_alone_and_what_is_far_from_all_for_none(typed):
    assert WORDS.similar(typed) == {}
    assert WORDS.similar("65") == {"65": 1.0}


def test_a_menu_without_words_knows_none():
    assert WordList([], []).similar("panir") == {}


@given(st.lists(st.sets(st.integers(0, 300))))
def test_those_in_the_most_sets_come_first_and_nobody_twice(sets):
    tallies = Counter(number for some in sets for number in some)
    found = [(tally, highest(numbers, 1_000)) for tally, numbers in in_most([as_set(some) for some in sets])]
    assert [tally for tally, _ in found] == sorted(set(tallies.values()), reverse=True)
    for tally, numbers in found:
        assert numbers == sorted((one for one in tallies if tallies[one] == tally), reverse=True)


@given(st.text(max_size=60))
def test_a_name_is_folded_word_by_word(text):
    assert fold(text).split() == [fold(word) for word in plain(text).split()]
