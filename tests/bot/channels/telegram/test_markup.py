import json

import pytest

from bot.channels.telegram import markup
from bot.channels.telegram.markup import (
    NO_KEYBOARD,
    asking_keyboard,
    inline_keyboard,
    links_to_write_out,
    mark_of,
    opens,
    unmarked,
)
from bot.conversation.reply import Ask, PackedButton
from tests.bot.channels.telegram.payloads import PAYLOADS
from tests.fakes.telegram.rules import check_markup


def _keyboard(*rows, id="abc-0", asks=False):
    made = inline_keyboard(tuple(tuple(row) for row in rows), id=id, asks=asks)
    return made and json.loads(made)["inline_keyboard"]


def test_a_button_carries_its_action_and_the_mark_of_its_message():
    ((button,),) = _keyboard([PackedButton("Add", "add|dosa", style="primary")])
    assert button == {"text": "Add", "callback_data": f"add|dosa~{mark_of('abc-0')}", "style": "primary"}
    assert unmarked(button["callback_data"]) == ("add|dosa", mark_of("abc-0"), False)


def test_a_mark_tells_when_a_keyboard_asks_below_the_message():
    ((button,),) = _keyboard([PackedButton("Menu first", "menu1st")], asks=True)
    assert unmarked(button["callback_data"]) == ("menu1st", mark_of("abc-0"), True)


def test_a_page_with_more_buttons_than_telegram_takes_keeps_its_ways_on(caplog):
    lines = [[PackedButton(f"{n}{sign}", f"qty|{n}{sign}") for sign in "-=+x"] for n in range(30)]
    ways_on = [[PackedButton("Checkout", "checkout")], [PackedButton("Add more", "menu"), PackedButton("Empty", "e")]]
    shown = _keyboard(*lines, *ways_on)
    check_markup({"inline_keyboard": shown}, private=True)
    assert [button["text"] for row in shown[-2:] for button in row] == ["Checkout", "Add more", "Empty"]
    assert len(shown) > 20
    assert "telegram_buttons_left_out" in caplog.text


@pytest.mark.parametrize("size", [59, 60, 61, 64])
def test_with_its_mark_or_without_an_action_keeps_within_64_bytes(size):
    action = "₹" + "x" * (size - 3)
    ((button,),) = _keyboard([PackedButton("Long", action)])
    assert len(button["callback_data"].encode()) <= 64
    assert unmarked(button["callback_data"])[0] == action


@pytest.mark.parametrize("data", ["", "menu", "qty|4f1d|-1", "a~b", "x~ab", "x~abcd", "~", "पनीर"])
def test_an_action_that_carries_no_mark_is_left_as_it_is(data):
    assert unmarked(data) == (data, "", False)


def test_the_same_page_is_made_once_whatever_message_it_stands_in(monkeypatch):
    made: list[PackedButton] = []
    real = markup._button

    def counting(button):
        made.append(button)
        return real(button)

    monkeypatch.setattr(markup, "_button", counting)
    markup._page.cache_clear()
    rows = [[PackedButton(f"Dish {n}", f"item|{n}"), PackedButton("+", f"add|{n}")] for n in range(9)]
    first, second = _keyboard(*rows, id="one-0"), _keyboard(*rows, id="two-0")
    assert len(made) == 18
    assert first != second
    assert [b["text"] for row in first for b in row] == [b["text"] for row in second for b in row]


def test_links_open_the_web_and_nothing_else():
    rows = [
        [PackedButton("Pay", url="https://rzp.example/i/abc?x=1&y=2")],
        [PackedButton("Code", url="javascript:alert(1)"), PackedButton("Desk", url="tg://user?id=1")],
        [PackedButton("Demo", url="http://localhost:8080/sandbox/1")],
    ]
    assert _keyboard(*rows) == [[{"text": "Pay", "url": "https://rzp.example/i/abc?x=1&y=2"}]]
    assert [button.label for button in links_to_write_out(tuple(map(tuple, rows)))] == ["Demo"]
    assert opens("http://127.0.0.1:8080/pay")


def test_a_page_without_buttons_has_no_keyboard():
    assert _keyboard() is None
    assert _keyboard([PackedButton("", "x"), PackedButton("Nothing")]) is None


def test_a_row_too_wide_is_broken():
    rows = _keyboard([PackedButton(str(n), f"n{n}") for n in range(11)])
    assert [len(row) for row in rows] == [8, 3]


def test_any_label_is_taken():
    for payload in PAYLOADS:
        made = inline_keyboard(((PackedButton(payload, "x"), PackedButton("ok", "y")),), id="a")
        assert made
        check_markup(json.loads(made), private=True)


def test_a_keyboard_asks_for_a_phone_or_a_place():
    ((contact,),) = json.loads(asking_keyboard(Ask.CONTACT, "Share"))["keyboard"]
    assert contact == {"text": "Share", "request_contact": True}
    ((place,),) = json.loads(asking_keyboard(Ask.LOCATION, "Here"))["keyboard"]
    assert place == {"text": "Here", "request_location": True}
    assert json.loads(NO_KEYBOARD) == {"remove_keyboard": True}
