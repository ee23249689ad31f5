"""Texts keep meaning apart from what guests type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.text import Mark, Span, Text, bold, fill, join, lines, paragraphs


def test_marks_in_a_template_become_spans():
    text = fill("Order *{code}* is _ready_.", code="K 472")
    assert text.spans == (
        Span("Order "),
        Span("K 472", Mark.BOLD),
        Span(" is "),
        Span("ready", Mark.ITALIC),
        Span("."),
    )


def test_what_a_guest_typed_never_becomes_a_mark():
    assert fill("Note: {note}", note="*bold* _it_ {x} <b>").spans[1] == Span("*bold* _it_ {x} <b>")


@given(st.text(max_size=200))
def test_any_value_arrives_unchanged(value: str):
    assert fill("*{value}*!", value=value).plain == value + "!"


def test_a_text_keeps_its_own_marks_inside_another():
    assert fill("{list}, please", list=bold("dosa")).spans[0] == Span("dosa", Mark.BOLD)


def test_a_field_without_its_value_is_our_mistake():
    with pytest.raises(KeyError):
        fill("{missing}")


def test_empty_parts_leave_no_gaps():
    assert lines("a", None, "", "b").plain == "a\nb"
    assert paragraphs(Text(), "a", None, "b").plain == "a\n\nb"
    assert join((), ", ").plain == ""


@given(st.lists(st.tuples(st.text(), st.sampled_from([None, *Mark])), max_size=5))
def test_the_wire_form_comes_back_the_same(parts: list[tuple[str, Mark | None]]):
    text = Text(tuple(Span(words, mark) for words, mark in parts))
    assert Text.from_wire(text.to_wire()) == text
