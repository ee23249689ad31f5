"""What is typed, read apart."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.admin.commands import (
    Command,
    descriptions,
    read_command,
    read_digits,
    read_minutes,
    read_order_code,
    read_price,
    split_outlet,
)
from bot.admin.words import state_line, tomorrow_ms
from bot.conversation.texts import Texts
from core.clock import from_ms, to_ms
from core.money import Money
from tests.bot.kitchen.conftest import SEVEN
from tests.core.outlets.builders import an_outlet, open_from


def test_every_command_is_described_as_telegram_allows():
    for texts in map(Texts.of, ("en", "hi")):
        described = descriptions(texts)
        assert set(described) == set(Command)
        assert all(
            re.fullmatch(r"[a-z0-9_]{1,32}", command) and 0 < len(said) <= 256 for command, said in described.items()
        )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/outlets", (Command.OUTLETS, "")),
        ("/Price@TiffinBot  masala   dosa 120", (Command.PRICE, "masala dosa 120")),
        (" /find K 472 ", (Command.FIND, "K 472")),
        ("/orders", None),
        ("/funnel K 472", None),
        ("outlets", None),
        ("/", None),
        ("/menü", None),
        ("", None),
    ],
)
def test_only_commands_that_exist_are_read(text, read):
    assert read_command(text) == read


@pytest.mark.parametrize(
    ("text", "dish", "paise"),
    [
        ("masala dosa 120", "masala dosa", 12_000),
        ("chicken 65 240", "chicken 65", 24_000),
        ("filter coffee ₹45.5", "filter coffee", 4_550),
        ("filter coffee Rs.45.05", "filter coffee", 4_505),
        ("filter coffee rs 45", "filter coffee", 4_500),
    ],
)
def test_a_price_is_the_last_word(text, dish, paise):
    wish = read_price(text)
    assert wish is not None
    assert (wish.dish, wish.price) == (dish, Money(paise))


@given(st.text(max_size=60))
def test_no_words_break_the_reading(text):
    for read in (read_command, read_price, read_order_code, read_digits, read_minutes):
        read(text)
    split_outlet(text, set())
    wish = read_price(f"dosa {text}")
    assert wish is None or wish.price.paise >= 0


@pytest.mark.parametrize(
    ("word", "minutes"), [("30", 30), ("2h", 120), ("1 day", 1_440), ("90 min", 90), ("soon", None), ("-1", None)]
)
def test_minutes_are_spoken_in_many_ways(word, minutes):
    assert read_minutes(word) == minutes


@pytest.mark.parametrize(
    ("outlet", "said"),
    [
        (an_outlet(), "Open, last orders at 10:45 pm"),
        (an_outlet(hours=open_from("0:00", "24:00"), last_order_minutes=0), "Open day and night"),
        (an_outlet(hours=open_from("8:00", "11:00")), "Closed, opens Tue 3 Mar, 8:00 am"),
        (an_outlet(hours=()), "Closed for the next two weeks"),
        (an_outlet(paused_until_ms=to_ms(SEVEN) + 3_600_000), "Takes no orders until 8:00 pm"),
    ],
)
def test_how_an_outlet_stands_is_one_line(outlet, said):
    assert state_line(Texts.of("en"), outlet, to_ms(SEVEN)).plain == said


@given(st.integers(0, 48 * 60 * 60))
def test_tomorrow_is_the_next_four_in_the_morning(seconds):
    now = to_ms(SEVEN + timedelta(seconds=seconds))
    then = tomorrow_ms(an_outlet(), now, 4)
    assert 0 < then - now <= 24 * 3_600_000
    assert f"{from_ms(then) + timedelta(hours=5, minutes=30):%H:%M:%S}" == "04:00:00"
