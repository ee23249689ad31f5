import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.pieces import length, whole
from bot.channels.telegram.rendering import CAPTION_LIMIT, TEXT_LIMIT, html, pieces
from bot.conversation.text import Mark, Span, Text, fill
from tests.bot.channels.telegram.payloads import PAYLOADS
from tests.fakes.telegram.rules import parse_html, units

MARKS = st.sampled_from([None, *Mark])
TEXTS = st.lists(st.tuples(st.text(max_size=60), MARKS), max_size=12).map(
    lambda spans: Text(tuple(Span(text, mark) for text, mark in spans))
)


def test_marks_become_tags_and_everything_else_stays_words():
    text = fill("*{dish}* _mild_ ~{was}~ `{code}`", dish="Dosa <& co>", was="₹240", code="K 472")
    assert html(text) == "<b>Dosa &lt;&amp; co&gt;</b> <i>mild</i> <s>₹240</s> <code>K 472</code>"


@pytest.mark.parametrize("mark", [None, *Mark])
def test_whatever_is_typed_is_shown_as_it_was_typed(mark):
    assert len(set(PAYLOADS)) >= 300
    for payload in PAYLOADS:
        shown = parse_html(html(Text((Span("Note: "), Span(payload, mark), Span(" · thanks", Mark.BOLD)))))
        assert shown.text == f"Note: {whole(payload)} · thanks"


@given(TEXTS)
def test_any_text_survives_telegrams_reading_of_it(text):
    assert parse_html(html(text)).text == whole(text.plain)


def test_marks_beyond_those_telegram_keeps_are_left_out_and_their_words_are_not():
    text = Text(tuple(Span(f"{n} ", Mark.BOLD) for n in range(150)))
    assert html(text).count("<b>") == 100
    assert parse_html(html(text)).text == text.plain


def test_length_counts_a_smiley_as_telegram_does():
    assert [length(text) for text in ("abc", "₹é", "🍛", "")] == [3, 2, 2, 0]
    assert length("🍛 तीखा") == units("🍛 तीखा")


def test_a_text_that_fits_stays_whole():
    text = Text.of("x" * TEXT_LIMIT)
    assert pieces(text) == [text]


def test_a_long_text_is_cut_at_line_ends_and_keeps_its_marks():
    lines = [Span(f"{n} × Masala Dosa, without onion\n", Mark.BOLD if n % 2 else None) for n in range(400)]
    parts = pieces(Text(tuple(lines)))
    assert len(parts) > 2
    for part in parts:
        assert units(parse_html(html(part)).text) <= TEXT_LIMIT
        assert part.plain.startswith(tuple("0123456789"))
    assert [line for part in parts for line in part.plain.splitlines()] == [
        f"{n} × Masala Dosa, without onion" for n in range(400)
    ]
    assert parts[1].spans[0].mark is (Mark.BOLD if int(parts[1].plain.split()[0]) % 2 else None)


@pytest.mark.parametrize("text", ["x" * 10_000, "🍛" * 5_000, "word " * 3_000, "\n" * 9_000 + "end"])
def test_a_text_without_lines_is_cut_all_the_same_and_no_character_in_two(text):
    parts = pieces(Text.of(text))
    assert all(length(part.plain) <= TEXT_LIMIT for part in parts)
    assert "".join(part.plain for part in parts).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace(
        "\n", ""
    )


@given(TEXTS, st.integers(10, 80))
@example(Text.of("eleven long "), 11)
def test_pieces_are_never_too_long_and_lose_nothing_but_the_gap_they_were_cut_at(text, limit):
    parts = pieces(text, limit)
    assert all(length(part.plain) <= limit for part in parts)
    kept = "".join(part.plain for part in parts)
    cuts = len(parts) - (text.plain[-1:] not in ("\n", " "))  # the gap that ends a text may be cut at as well
    assert len(text.plain) - len(kept) <= cuts
    assert [c for c in kept if c not in " \n"] == [c for c in text.plain if c not in " \n"]


def test_captions_are_shorter():
    assert (TEXT_LIMIT, CAPTION_LIMIT) == (4096, 1024)
