"""Logs: one line an event, listed fields, nothing secret, nothing that could forge a line."""

import ast
import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.contextvars import bound_contextvars

import core
from core import redaction
from core.logs import FIELDS, UNLISTED, configure_logging, get_logger, log_what_ends_the_program
from core.redaction import REDACTED, phone_mark, register_secrets

STREET = "12 Residency Road"
SECRET = "bot-token-1234567890"
HOUSE = Path(core.__file__).parent.parent
CALLS = {"debug", "info", "warning", "error", "exception", "critical"}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch):
    """What is logged, one decoded line each."""
    monkeypatch.setattr(redaction, "_secrets", set())
    monkeypatch.setattr(redaction, "_secret_pattern", None)
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


@pytest.mark.parametrize("logger", [get_logger("bot.ours"), logging.getLogger("core.somebodys")])
def test_extra_becomes_fields_whichever_logger_is_used(lines, logger):
    logger.warning("menu_reloaded", extra={"items": 60})

    assert lines()[0].items() >= {"event": "menu_reloaded", "items": 60, "level": "warning"}.items()
    assert "extra" not in lines()[0]


def test_another_handlers_rendering_does_not_come_along(lines, caplog):
    logging.getLogger("somebodys.package").warning("once")

    assert "message" not in lines()[0]


def test_a_guests_text_cannot_begin_a_line_of_its_own_or_colour_the_terminal(lines):
    get_logger("bot.x").info("said", why='hi\r\n{"event": "order_paid"}\x1b[31m\u202e', what=[{"k\n": "v\n"}])

    (line,) = lines()
    assert line["why"] == 'hi\\x0d\\x0a{"event": "order_paid"}\\x1b[31m\\x202e'
    assert line["what"] == [{"k\\x0a": "v\\x0a"}]


def test_a_field_nobody_listed_is_named_and_not_written(lines):
    get_logger("bot.x").info("said", text="12 MG Road", order_id="ord_1")
    logging.getLogger("somebodys.package").warning("odd", extra={"body": "12 MG Road"})

    ours, theirs = lines()
    assert (ours["text"], ours["order_id"]) == (UNLISTED, "ord_1")
    assert theirs["body"] == UNLISTED


def test_a_registered_secret_is_blacked_out_wherever_it_stands(lines):
    register_secrets([SECRET, "12345"])
    log = get_logger("bot.x")
    log.info(f"calling /bot{SECRET}/getMe", url=f"https://t.example/bot{SECRET}", what={"a": [SECRET]}, why="12345")
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed")
    logging.getLogger("lib").warning("Authorization: %s", SECRET)

    text = json.dumps(lines())
    assert SECRET not in text
    assert text.count(REDACTED) >= 4
    assert "12345" in text, "a secret this short would black out half of every line"
    assert "Traceback" in lines()[1]["exception"]


def test_each_of_several_secrets_in_one_setting_is_blacked_out_also_as_an_address_spells_it(lines):
    register_secrets(["first-secret,second/secret"])
    get_logger("bot.x").info("told", why="first-secret", what="mongodb://u:second%2Fsecret@h", note="second/secret")

    (line,) = lines()
    assert "first-secret" not in str(line)
    assert "second" not in str(line)


def test_the_longer_of_two_secrets_goes_whole(lines):
    register_secrets(["abcdef", "abcdefghij"])
    get_logger("bot.x").info("abcdefghij")

    assert lines()[0]["event"] == REDACTED


@pytest.mark.parametrize(
    ("library", "said", "hidden"),
    [
        ("telegram", "POST https://api.telegram.org/bot123456789:AAF-canaryCanaryCanaryCanaryCanary12/x", "canary"),
        ("httpx", "HTTP error for https://api.telegram.org/bot1234567:AAFcanary_Canary-Canary_Canary-Can", "canary"),
        ("pymongo", "mongodb://tiffin:canary-pass@db.example:27017/?w=majority: timed out", "canary"),
        ("redis", "Error 111 connecting to rediss://:canary-pass@cache.example:6380/0", "canary"),
        ("twilio", "Headers: Authorization: Basic QUM1Y2E6Y2FuYXJ5 Accept: */*", "QUM1"),
        ("razorpay", "key rzp_live_canaryCANARY refused", "canary"),
        ("stripe", "sk_live_canary1234 is expired; whsec_canary5678 too", "canary"),
        ("urllib3", "GET /GatewayAPI/rest?userid=2000&password=canary-word&msg=hi", "canary"),
        ("aiohttp", "Cookie eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl", "eyJ"),
        ("aiohttp.server", "Error handling request /track/canary.signed.link?x=1", "canary"),
        ("twilio", "The number +919876543210 is unverified", "98765432"),
        ("msg91", "Invalid mobile number 919876543210.", "98765432"),
        ("gupshup", "send_to=09876543210", "98765432"),
        ("whatsapp", "63016 for whatsapp:+919876543210", "98765432"),
    ],
)
def test_a_librarys_error_gives_away_no_secret_nobody_told_us_of(lines, library, said, hidden):
    logging.getLogger(library).error(said)
    try:
        raise RuntimeError(said)
    except RuntimeError as error:
        logging.getLogger(library).error("failed: %s", error, exc_info=True)

    assert hidden not in json.dumps(lines())


def test_names_that_only_look_like_phones_stay_whole(lines):
    names = {
        "chat": "telegram:9876543210",
        "delivery": "ord_1:guest.placed:telegram:-1009876543210",
        "until_ms": 9876543210,
    }
    get_logger("bot.x").info("told", **names)

    assert lines()[0].items() >= names.items()


def test_an_object_is_written_as_its_text(lines):
    get_logger("bot.x").info("placed", what=object(), why={True}, note=None)

    assert lines()[0]["what"].startswith("<object object")
    assert lines()[0]["why"] == [True]
    assert lines()[0]["note"] is None


def test_an_error_is_told_by_where_it_happened_and_says_only_what_is_ours(lines):
    def deliver(address):
        try:
            return {}[address]
        except KeyError as missing:
            raise ValueError(f"no such place: {address}") from missing

    try:
        deliver(STREET)
    except ValueError:
        get_logger("bot.x").exception("failed")

    told = lines()[0]["exception"]
    assert told.splitlines()[0] == "Traceback (most recent call last):"
    assert "in deliver" in told
    assert "KeyError: [kept back]\nwhich led to:\nTraceback" in told
    assert told.endswith("ValueError: [kept back]")
    assert "Residency" not in told


@pytest.mark.parametrize("error", [OSError(111, "Refused", STREET), ConnectionResetError()])
def test_what_the_system_says_is_told_and_no_more(lines, error):
    get_logger("bot.x").error("failed", exc_info=error)

    assert "Residency" not in lines()[0]["exception"]
    assert lines()[0]["exception"].startswith(type(error).__qualname__)


def test_of_errors_in_a_group_each_is_told(lines):
    group = ExceptionGroup("canary", [ValueError("canary"), ExceptionGroup("canary", [KeyError("canary")])])
    get_logger("bot.x").error("failed", exc_info=group)

    told = lines()[0]["exception"]
    assert "canary" not in told
    assert "ValueError" in told
    assert "KeyError" in told


async def test_a_task_nobody_waited_for_is_told_without_what_it_said(lines):
    async def fails():
        raise ValueError(STREET)

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    context = {"message": "Task exception was never retrieved", "exception": task.exception(), "future": task}
    asyncio.get_running_loop().call_exception_handler(context)

    (line,) = lines()
    assert line["event"] == "Task exception was never retrieved"
    assert "ValueError" in line["exception"]
    assert "Residency" not in json.dumps(line)


def test_what_ends_the_program_is_told_like_any_other(lines, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    log_what_ends_the_program()
    error = ValueError(STREET)
    sys.excepthook(ValueError, error, None)

    (line,) = lines()
    assert line.items() >= {"event": "crashed", "exception": "ValueError: [kept back]"}.items()


def test_a_line_that_cannot_be_written_is_not_printed_instead(lines, capsys):
    class Odd:
        def __str__(self):
            raise ValueError(STREET)

    handler = next(each for each in logging.getLogger().handlers if type(each).__module__ == "core.logs")
    handler.handle(logging.LogRecord("bot.x", logging.INFO, "x.py", 1, "%s", (Odd(),), None))

    assert capsys.readouterr().err == "a log line of bot.x could not be written\n"


def test_the_level_is_kept_and_chatty_libraries_are_hushed(lines):
    get_logger("bot.x").debug("detail")
    logging.getLogger("httpx").info("GET https://…")
    logging.getLogger("a.package.we.never.heard.of").info("body: …")

    assert lines() == []


def test_not_even_at_debug_do_libraries_tell_what_they_send(lines):
    stream = io.StringIO()
    configure_logging(level="DEBUG", stream=stream)
    for library in ("botocore.endpoint", "stripe", "twilio.http_client", "urllib3.connectionpool", "unheard.of"):
        logging.getLogger(library).debug("body: canary")
    get_logger("bot.x").debug("ours")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["ours"]


def test_lines_of_one_request_can_be_told(lines):
    with bound_contextvars(request_id="r1", turn="t1"):
        get_logger("bot.x").info("told")
        logging.getLogger("library").warning("odd")

    assert [(line["request_id"], line["turn"]) for line in lines()] == [("r1", "t1")] * 2


def test_on_a_console_an_error_is_readable_and_still_safe():
    stream = io.StringIO()
    configure_logging(form="console", stream=stream)
    try:
        raise ValueError("bad \x1b[31m")
    except ValueError:
        get_logger("bot.x").exception("failed", why="a\nb")
    finally:
        configure_logging(level="DEBUG", form="console")

    shown = stream.getvalue()
    assert "\x1b" not in shown
    assert "a\\x0ab" in shown or "a\\\\x0ab" in shown
    assert "Traceback" in shown


def test_a_phone_is_told_by_a_keyed_hash_and_its_last_two_digits(monkeypatch):
    monkeypatch.setattr(redaction, "_phone_key", redaction._phone_key)
    redaction.mark_phones_with("one")
    mark = phone_mark("+919876543210")
    assert mark.endswith("…10")
    assert len(mark) == 11
    assert mark == phone_mark("+919876543210") != phone_mark("+919876543110")
    assert redaction.cleaned("call 9876543210 or +919876543210") == f"call {mark} or {mark}"
    redaction.mark_phones_with("another")
    assert mark != phone_mark("+919876543210")


@pytest.mark.parametrize("phone", ["", "123"])
def test_what_is_no_phone_has_no_mark(phone):
    assert phone_mark(phone) == "…"


def test_a_one_time_code_is_not_written_where_services_have_their_error_codes(lines):
    for code in ("424817", 424817, "21211", "OptedOut"):
        get_logger("bot.x").info("refused", code=code)

    assert [line["code"] for line in lines()] == [REDACTED, REDACTED, "21211", "OptedOut"]


def calls() -> Iterator[tuple[str, ast.Call, dict[str, ast.expr]]]:
    """Every line of Tiffin that logs: where it stands, and the dicts that are named in its file."""
    for folder in ("bot", "core", "webhooks"):
        for file in (HOUSE / folder).rglob("*.py"):
            tree = ast.parse(file.read_text())
            dicts = {
                target.id: node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(tree):
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=attr)) if attr in CALLS:
                        yield f"{file.relative_to(HOUSE)}:{node.lineno}", node, dicts


def fields_of(keyword: ast.keyword, dicts: dict[str, ast.expr]) -> list[str | None]:
    if keyword.arg != "extra":
        return [keyword.arg]
    held = dicts.get(keyword.value.id) if isinstance(keyword.value, ast.Name) else keyword.value
    assert isinstance(held, ast.Dict), "fields are written out"
    return [str(key.value) if isinstance(key, ast.Constant) else None for key in held.keys]


def test_every_event_has_a_constant_name_and_every_field_stands_on_the_list():
    found, unlisted = 0, set()
    for place, call, dicts in calls():
        found += 1
        named = call.args[0]
        if isinstance(named, ast.Name):
            named = dicts[named.id]
        for name in (named.body, named.orelse) if isinstance(named, ast.IfExp) else (named,):
            assert isinstance(name, ast.Constant), f"{place}: an event is a constant"
            assert isinstance(name.value, str), place
            assert re.fullmatch(r"[a-z0-9_]+", name.value), f"{place}: {name.value}"
        for keyword in call.keywords:
            unlisted |= {(place, name) for name in fields_of(keyword, dicts) if name not in {"exc_info", *FIELDS}}
    assert not unlisted, "not on the list of core.logs"
    assert found > 100
