import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat.events import MAX_TEXT, BadEvent, TextTooLong, read_event
from bot.channels.webchat.sessions import Session
from bot.conversation.incoming import Location, Start, Tap, Text
from core.clock import FrozenClock
from core.ids import ChatKey
from tests.conftest import LUNCH

SESSION = Session(ChatKey("webchat:5f1d0c9a77e2b3a4"))
CLOCK = FrozenClock(LUNCH)


def read(body: object, language: str = ""):
    return read_event(body, SESSION, CLOCK, language)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"type": "text", "text": "2 masala dosa"}, Text("2 masala dosa")),
        ({"type": "tap", "action": "qty|4f1d|-1"}, Tap("qty|4f1d|-1")),
        ({"type": "location", "latitude": 12.97, "longitude": 77}, Location(12.97, 77.0)),
        ({"type": "start"}, Start()),
        ({"type": "start", "payload": "table-7"}, Start("table-7")),
    ],
)
def test_what_a_guest_does_reaches_the_engine_as_it_was_done(body, content):
    incoming = read({"id": "e1", **body}, "hi-IN")
    assert incoming.content == content
    assert (incoming.channel, incoming.chat, incoming.handle) == ("webchat", SESSION.chat, SESSION.chat)
    assert (incoming.update_id, incoming.language_hint) == ("e1", "hi-IN")
    assert incoming.sent_at - LUNCH == timedelta()


def test_a_cooks_line_names_what_it_answers():
    assert read({"id": "e1", "type": "text", "text": "5 minutes", "reply_to": "thr-1"}).reply_to == "thr-1"


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("a\0b\x07c", "abc"),
        ("line\nline\ttab", "line\nline\ttab"),
        ("half \ud83d a face", "half  a face"),
        ("दो मसाला डोसा", "दो मसाला डोसा"),
        ("क्\u200dष 👩\u200d🍳", "क्\u200dष 👩\u200d🍳"),  # joiners make the letters and the cook
        ("", ""),
        ('{"$gt": ""}', '{"$gt": ""}'),
        ("<b>", "<b>"),
        ("x" * MAX_TEXT, "x" * MAX_TEXT),
    ],
)
def test_control_characters_go_and_everything_else_a_guest_writes_stays(typed, taken):
    assert read({"id": "e1", "type": "text", "text": typed}).content == Text(taken)


def test_a_text_beyond_a_message_is_refused_in_a_sentence_that_says_how_long_it_may_be():
    with pytest.raises(TextTooLong) as refused:
        read({"id": "e1", "type": "text", "text": "x" * 10_000})
    assert refused.value.problem == "That message is too long: 10,000 characters. Please send at most 4,096."


@pytest.mark.parametrize(
    ("body", "about"),
    [
        (None, "object"),
        ([], "object"),
        ("text", "object"),
        (7, "object"),
        ({}, "object"),
        ({"id": "e1"}, "object"),
        ({"id": "e1", "type": "steal"}, "object"),
        ({"id": "e1", "type": ["text"]}, "object"),
        ({"type": "text", "text": "hello"}, "id"),
        ({"id": "", "type": "text", "text": "hello"}, "id"),
        ({"id": "   ", "type": "text", "text": "hello"}, "id"),
        ({"id": "x" * 65, "type": "text", "text": "hello"}, "id"),
        ({"id": "a\nb", "type": "text", "text": "hello"}, "id"),
        ({"id": "a\ud800", "type": "text", "text": "hello"}, "id"),
        ({"id": 7, "type": "text", "text": "hello"}, "id"),
        ({"id": {"$gt": ""}, "type": "text", "text": "hello"}, "id"),
        ({"id": "e1", "type": "text"}, "text"),
        ({"id": "e1", "type": "text", "text": 5}, "text"),
        ({"id": "e1", "type": "text", "text": None}, "text"),
        ({"id": "e1", "type": "tap"}, "action"),
        ({"id": "e1", "type": "tap", "action": "x" * 257}, "action"),
        ({"id": "e1", "type": "location", "latitude": 91, "longitude": 0}, "latitude"),
        ({"id": "e1", "type": "location", "latitude": 0, "longitude": math.nan}, "longitude"),
        ({"id": "e1", "type": "location", "latitude": math.inf, "longitude": 0}, "latitude"),
        ({"id": "e1", "type": "location", "latitude": "12", "longitude": 0}, "latitude"),
        ({"id": "e1", "type": "location", "latitude": True, "longitude": 0}, "latitude"),
        ({"id": "e1", "type": "start", "payload": "x" * 129}, "payload"),
        ({"id": "e1", "type": "text", "text": "yes", "reply_to": "x" * 65}, "replied"),
    ],
)
def test_what_no_page_of_ours_sends_is_refused_in_a_sentence_that_names_it(body, about):
    with pytest.raises(BadEvent) as refused:
        read(body)
    assert about in refused.value.problem
    assert refused.value.problem.endswith(".")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": JSON | st.just("e1"),
            "type": JSON | st.sampled_from(["text", "tap", "location", "start"]),
            "text": JSON,
            "action": JSON,
            "latitude": JSON,
            "longitude": JSON,
            "payload": JSON,
        },
    )
    | JSON
)
def test_whatever_json_comes_it_is_an_event_or_refused(body):
    try:
        incoming = read(body)
    except BadEvent:
        return
    assert 1 <= len(incoming.update_id) <= 64
    incoming.update_id.encode()
    if isinstance(incoming.content, Text):
        incoming.content.text.encode()
        assert "\0" not in incoming.content.text
