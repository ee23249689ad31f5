"""Logs: one line an event, nothing secret, nothing that could forge a line."""

import io
import json
import logging

import pytest

from core import logs
from core.logs import configure_logging, get_logger, phone_mark, register_secrets

SECRET = "bot-token-1234567890"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch):
    """What is logged, one decoded line each."""
    monkeypatch.setattr(logs, "_secrets", set())
    monkeypatch.setattr(logs, "_secret_pattern", None)
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    configure_logging(level="DEBUG", form="console")


def test_an_event_is_one_line_of_json_with_its_fields(lines):
    get_logger("core.orders").info("order_placed", order_id="ord_1", total=12000)

    (line,) = lines()
    assert line.items() >= {"event": "order_placed", "order_id": "ord_1", "total": 12000, "level": "info"}.items()
    assert line["logger"] == "core.orders"
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("logger", [get_logger("ours"), logging.getLogger("somebodys.package")])
def test_extra_becomes_fields_whichever_logger_is_used(lines, logger):
    logger.warning("menu_reloaded", extra={"items": 60})

    assert lines()[0].items() >= {"event": "menu_reloaded", "items": 60, "level": "warning"}.items()
    assert "extra" not in lines()[0]


def test_another_handlers_rendering_does_not_come_along(lines, caplog):
    logging.getLogger("somebodys.package").warning("once")

    assert "message" not in lines()[0]


def test_a_guests_text_cannot_begin_a_line_of_its_own_or_colour_the_terminal(lines):
    get_logger("x").info("said", text='hi\r\n{"event": "order_paid"}\x1b[31m\u202e', nested=[{"k\n": "v\n"}])

    (line,) = lines()
    assert line["text"] == 'hi\\x0d\\x0a{"event": "order_paid"}\\x1b[31m\\x202e'
    assert line["nested"] == [{"k\\x0a": "v\\x0a"}]


def test_a_registered_secret_is_blacked_out_wherever_it_stands(lines):
    register_secrets([SECRET, "12345"])
    log = get_logger("x")
    log.info(f"calling /bot{SECRET}/getMe", url=f"https://t.example/bot{SECRET}", nested={"a": [SECRET]}, short="12345")
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed")
    logging.getLogger("lib").info("Authorization: %s", SECRET)

    text = json.dumps(lines())
    assert SECRET not in text
    assert text.count(logs.REDACTED) >= 5
    assert "12345" in text, "a secret this short would black out half of every line"
    assert "Traceback" in lines()[1]["exception"]


def test_a_field_that_is_named_like_a_secret_is_never_written(lines):
    get_logger("x").info("verified", otp="123456", token="t", nested={"address": "12 MG Road"})

    assert lines()[0].items() >= {"otp": "[secret]", "token": "[secret]", "nested": {"address": "[secret]"}}.items()


def test_the_longer_of_two_secrets_goes_whole(lines):
    register_secrets(["abcdef", "abcdefghij"])
    get_logger("x").info("abcdefghij")

    assert lines()[0]["event"] == logs.REDACTED


def test_an_object_is_written_as_its_text(lines):
    get_logger("x").info("placed", order=object(), flags={True}, none=None)

    assert lines()[0]["order"].startswith("<object object")
    assert lines()[0]["flags"] == [True]
    assert lines()[0]["none"] is None


def test_the_level_is_kept_and_chatty_libraries_are_hushed(lines):
    get_logger("x").debug("detail")
    logging.getLogger("httpx").info("GET https://…")

    assert lines() == []


def test_on_a_console_an_error_is_readable_and_still_safe():
    stream = io.StringIO()
    configure_logging(form="console", stream=stream)
    try:
        raise ValueError("bad \x1b[31m")
    except ValueError:
        get_logger("x").exception("failed", text="a\nb")
    finally:
        configure_logging(level="DEBUG", form="console")

    shown = stream.getvalue()
    assert "\x1b" not in shown
    assert "a\\x0ab" in shown or "a\\\\x0ab" in shown
    assert "Traceback" in shown


def test_a_phone_is_told_by_a_keyed_hash_and_its_last_two_digits(monkeypatch):
    monkeypatch.setattr(logs, "_phone_key", logs._phone_key)
    logs.mark_phones_with("one")
    mark = phone_mark("+919876543210")
    assert mark.endswith("…10")
    assert len(mark) == 11
    assert mark == phone_mark("+919876543210") != phone_mark("+919876543110")
    logs.mark_phones_with("another")
    assert mark != phone_mark("+919876543210")


@pytest.mark.parametrize("phone", ["", "123"])
def test_what_is_no_phone_has_no_mark(phone):
    assert phone_mark(phone) == "…"
