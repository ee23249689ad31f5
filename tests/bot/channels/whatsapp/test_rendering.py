"""Marks, limits and lookalikes: what a text becomes on WhatsApp."""

import re

import pytest

from bot.channels.pieces import length
from bot.channels.whatsapp.rendering import BODY_LIMIT, INTERACTIVE_LIMIT, bodies, marked, plain
from bot.conversation.text import Mark, Span, Text, fill
from tests.bot.channels.telegram.payloads import PAYLOADS

LINK = "https://tiffin.example/track/ord_0r3k.m2x8vq.6Zk_a~b*c"


def test_marks_become_whatsapps_own():
    text = fill("*Your cart* · {outlet}\n_We keep it_ ~₹240~ `/bind`", outlet="MG Road")
    assert marked(text) == "*Your cart* · MG Road\n_We keep it_ ~₹240~ ```/bind```"


def test_a_mark_goes_around_words_and_not_around_blanks_or_line_ends():
    assert marked(Text((Span(" two words \n\nand more ", Mark.BOLD),))) == " *two words* \n\n*and more* "
    assert marked(Text((Span("  ", Mark.BOLD),))) == "  "


def test_neighbours_with_the_same_mark_share_it():
    text = fill("*{outlet} has accepted order {code}.*", outlet="Tiffin, MG Road", code="D 043")
    assert marked(text) == "*Tiffin, MG Road has accepted order D 043.*"


def test_a_mark_that_would_touch_a_letter_is_left_out():
    assert marked(Text((Span("Dosa", Mark.BOLD), Span("s, two")))) == "Dosas, two"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_anybody_types_becomes_markup(payload):
    bold, said = marked(fill("*{name}*", name=payload)), marked(fill("{words}", words=payload))
    inside = r"(?<=[^\W_])[*_~](?=[^\W_])"  # where WhatsApp itself takes it for a letter
    assert not set(re.sub(inside, "", re.sub(r"https?://\S+", "", said))) & set("*_~`")
    signs = [sign for sign in re.sub(inside, "", bold) if sign in "*_~`"]
    assert set(signs) <= {"*"}
    assert len(signs) % 2 == 0  # ours, around the name, a line at a time
    assert not re.search(r"^> ", f"{said}\n{bold}", re.MULTILINE)


def test_an_address_stays_as_it_is():
    assert LINK in plain(f"Follow it: {LINK}")
    assert LINK in marked(fill("*Pay*: {url}", url=LINK))


@pytest.mark.parametrize("limit", [BODY_LIMIT, INTERACTIVE_LIMIT])
def test_a_long_text_is_cut_at_line_ends_and_nothing_is_lost(limit):
    lines = [f"{n} × *Masala Dosa* with a long line of detail 🍛" for n in range(200)]
    text = fill("\n".join(lines))
    parts = bodies(text, limit)
    assert len(parts) > 1
    assert all(length(part) <= limit for part in parts)
    assert "\n".join(parts) == marked(text)


def test_a_text_that_is_all_marks_still_fits():
    text = Text(tuple(Span(f"w{n}", Mark.MONO if n % 2 else None) for n in range(2_000)))
    assert all(length(part) <= BODY_LIMIT for part in bodies(text))


def test_what_must_be_copied_letter_by_letter_stays_as_it_is():
    assert plain("pay_J1F4uqco3W0100 · order_9A_x · 2*3 · a~b") == "pay_J1F4uqco3W0100 · order_9A_x · 2*3 · a~b"
    assert plain("_pay_ *2*3* a_ _b") == "＿pay＿ ∗2*3∗ a＿ ＿b"
