"""Whatever is typed, the parser answers: the same each time, in time, and with quantities a cart can hold."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.text_order import ParsedOrder, parse
from core.cart.models import MAX_NOTE, MAX_QTY
from tests.bot.conversation.hearing import menu

WORDS = st.sampled_from(
    [
        "\n",
        *"""2 two do ek half full large 0 -1 21 1e9 1.5 1/2 ½ x x2 2x a an and aur और + , . ; & ( ) - no without bina
        nahi नहीं less kam extra more with ke saath masala dosa paneer tikka naan butter garlic chicken 65 biryani
        idli sambar coffee chai chini onion pyaaz cheese thali veg plate glass pieces kg ml table 7 no. for people
        at 8 pm in minutes deliver to address remove cancel hata do replace instead of ki jagah make it or ya each
        both all dono one please bhaiya de bhej chahiye where is my order how much ? ₹ rs 110 दो मसाला डोसा कॉफ़ी
        चाय चीनी हटा pizza momos xyz 👍 not mat dalna i want""".split(),
    ]
)
SENTENCES = st.lists(WORDS, max_size=25).map(" ".join)


def check(order: ParsedOrder) -> None:
    for line in order.lines:
        assert (0 if line.kind == "remove" else 1) <= line.qty <= MAX_QTY
        assert len(line.note) <= MAX_NOTE
        assert line.heard
        assert 0 < line.score <= 1
        assert set(line.selections) >= set(line.options)
    for question in order.ambiguous:
        assert question.heard
        assert question.candidates
    for problem in order.problems:
        assert problem.said
    assert all(order.unknown)
    if order.wants_human:
        assert not order.found


@settings(max_examples=1_500, deadline=None)
@given(SENTENCES, st.sampled_from(["en", "hi"]))
def test_any_words_in_any_order_are_read_soundly_and_alike_each_time(said, language):
    order = parse(said, menu(), language)
    check(order)
    assert parse(said, menu(), language) == order


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=300))
def test_any_text_at_all_is_read(said):
    check(parse(said, menu()))


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "\x00",
        "\u202e2 dosa",
        '{"$gt": ""}',
        "<b>2 dosa</b>",
        "9" * 4_096,
        "-" * 4_096,
        "1e999999999 dosa",
        "०" * 50 + " dosa",
        "\ud800 dosa",
        "a\u0300" * 2_000,
        "👩‍👩‍👧‍👦" * 200,
        "٢ masala dosa",
        "Ⅷ masala dosa",
        "²³ masala dosa",
        "2 masala\u200bdosa",
        "(" * 500 + "dosa" + ")" * 500,
    ],
)
def test_strange_texts_raise_nothing(said):
    check(parse(said, menu()))


PIECES = [
    *(word + " " for word in "paneer masala aaaaaaaaaaaaaaa do with remove for each 2-".split()),
    *(
        "no onion and ",
        "2 masala dosa ",
        "1 without ",
        "chicken 65 ",
        "dosa or ",
        "दो डोसा ",
        "deliver to ",
        "x",
        ", ",
        "\n",
    ),
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_longest_message_is_read_in_a_moment(piece):
    text = (piece * 4_096)[:4_096]
    began = time.process_time()
    parse(text, menu())
    assert time.process_time() - began < 1.0
