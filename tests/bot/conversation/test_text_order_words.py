"""The word lists themselves, and how words are made comparable."""

import tomllib
from pathlib import Path

import pytest

import bot.conversation.text_order as package
from bot.conversation.text_order.food_words import concept_of
from bot.conversation.text_order.lexicon import keys_of
from bot.conversation.text_order.vocabulary import Vocabulary
from bot.conversation.text_order.words import MAX_CHARS, key_of, readable, skeleton, stem, tokens_of

LEXICON = tomllib.loads((Path(package.__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))


def test_no_word_plays_two_parts():
    parts: dict[str, str] = {}
    for table in ("numbers", "sizes", "roles"):
        for part, words in LEXICON[table].items():
            for key in keys_of(words):
                assert parts.setdefault(key, part) == part, key


def test_no_phrase_plays_two_parts():
    parts: dict[tuple[str, ...], str] = {}
    for part, text in LEXICON["phrases"].items():
        for phrase in text.replace("\n", "|").split("|"):
            if phrase.strip():
                assert parts.setdefault(tuple(map(key_of, phrase.split())), part) == part, phrase


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("Naaaaan", "naan"),
        ("CAFÉ", "cafe"),
        ("don’t", "dont"),
        ("तीखा", "teekha"),
        ("नमकीन", "namkeen"),
        ("राइस", "rice"),
        ("फ़िल्टर", "filter"),
        ("फिल्टर", "filter"),
        ("बिरयानी", "biryani"),
        ("मखनी", "makhni"),
    ],
)
def test_words_are_compared_without_accents_stretches_and_scripts(word, key):
    assert key_of(word) == key


def test_plurals_and_regional_endings_share_a_stem():
    assert {stem(word) for word in ("dosa", "dosas", "dose", "dosai")} == {"dos"}
    assert stem("rotiyan") == stem("roti")
    assert skeleton("biryani") == skeleton("briyani") == skeleton("biriyani")


def test_words_of_the_same_food_mean_the_same():
    assert concept_of("chai") == concept_of("tea")
    assert concept_of("pyaaz") == concept_of("onion") == concept_of("pyaz")
    assert concept_of("tikka") != concept_of("tikha")


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("2x", ["2", "x"]),
        ("x2", ["x", "2"]),
        ("500ml", ["500", "ml"]),
        ("1,000 dosa", ["1000", "dosa"]),
        ("२ डोसा", ["2", "dosa"]),
        ("1.5 1/2 ½", ["1.5", "1/2", "½"]),
        ("dosa\n\nidli", ["dosa", "\n", "idli"]),
        ("w/o onion w/ cheese", ["without", "onion", "with", "cheese"]),
        ("2️⃣ 👍 dosa", ["2", "dosa"]),
    ],
)
def test_a_message_is_cut_into_its_words(said, keys):
    assert [token.key for token in tokens_of(readable(said))] == keys


def test_what_cannot_be_seen_is_not_read():
    assert readable("2\u202e do\u200bsa\x00\ufeff") == "2 dosa "


def test_a_long_message_is_cut_between_words():
    text = readable("masala dosa " * 1_000)
    assert len(text) <= MAX_CHARS
    assert text.endswith(("masala", "dosa"))


class TestMisspellings:
    @pytest.fixture
    def vocabulary(self):
        words = Vocabulary()
        for word in "paneer biryani manchurian samosa rice naan coffee".split():
            words.add(word)
        return words

    @pytest.mark.parametrize(
        "typed",
        "panner panir peneer biriyani bryani biryanni manchuriyan munchurian manchurain samsoa coffe kofee".split(),
    )
    def test_a_slip_of_the_thumb_is_forgiven(self, vocabulary, typed):
        assert vocabulary.recall(typed, guess=True)

    @pytest.mark.parametrize("typed", "pioneer pasta coughing xyz banner manicure berserk".split())
    def test_another_word_stays_another_word(self, vocabulary, typed):
        assert not vocabulary.recall(typed, guess=True)

    def test_the_same_word_comes_before_one_like_it(self, vocabulary):
        vocabulary.add("panner")
        assert vocabulary.recall("panner", guess=True)[0][1] == 1.0

    def test_it_forgets_rather_than_grow_without_end(self, vocabulary):
        for number in range(20_000):
            vocabulary.recall(f"word{number}", guess=True)
        assert vocabulary.recall("paneer", guess=True)[0][1] == 1.0
        assert len(vocabulary) == 7
