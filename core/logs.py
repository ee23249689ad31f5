"""Logs: one line an event, a constant name and fields, never a secret, a code, an address or a whole phone number.

    log = get_logger(__name__)
    log.info("order_placed", order_id=order.id)

The standard library's loggers, and so every library's, go the same way: `extra={...}` becomes fields.
"""

import logging
import re
import sys
import threading
from collections.abc import Iterable, MutableMapping
from hashlib import blake2b, sha256
from secrets import token_bytes
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import Processor

REDACTED = "[secret]"
MIN_REDACTED_LENGTH = 6  # anything shorter would black out half of every line

_NEVER = frozenset({"address", "authorization", "cookie", "jwt", "otp", "password", "secret", "token"})
_QUIET = ("aiohttp.access", "apscheduler", "asyncio", "httpcore", "httpx", "motor", "pymongo", "telegram", "urllib3")
# C0 and C1 control characters, and the marks that turn the reading direction: what could forge a line or hide text.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_secrets: set[str] = set()
_secret_pattern: re.Pattern[str] | None = None
_guard = threading.Lock()
_phone_key = token_bytes(32)  # of this process alone, until it is given one


def configure_logging(
    *, level: str = "INFO", form: Literal["json", "console"] = "json", stream: TextIO | None = None
) -> None:
    """Send everything to `stream` (standard error if None). May be called again, for instance by each test."""
    steps: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        _flatten_extra,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _clean,
    ]
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_forget_rendered, *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form, handler.stream)],
        )
    )
    root = logging.getLogger()
    for old in [held for held in root.handlers if isinstance(held, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to the stream given, or to whatever standard error is at that moment."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self._given = stream is not None

    def emit(self, record: logging.LogRecord) -> None:
        if not self._given:
            self.stream = sys.stderr
        super().emit(record)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def register_secrets(values: Iterable[str]) -> None:
    """From now on each of these reads `[secret]` wherever it would appear in a log line."""
    global _secret_pattern
    with _guard:
        _secrets.update(value for value in values if len(value) >= MIN_REDACTED_LENGTH)
        longest_first = sorted(_secrets, key=len, reverse=True)
        _secret_pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def mark_phones_with(key: str) -> None:
    """From now on the same phone has the same mark in every process that was given this key."""
    global _phone_key
    _phone_key = sha256(f"phones in logs {key}".encode()).digest()


def phone_mark(phone: str) -> str:
    """What a log may say of a phone: `5f0c1a7e…10`, a keyed hash and the last two digits, so that lines about one phone
    can be told from lines about another. Without the key nobody finds the number by trying all there are.
    """
    return (
        f"{blake2b(phone.encode(), key=_phone_key, digest_size=4).hexdigest()}…{phone[-2:]}" if len(phone) > 4 else "…"
    )


def _renderer(form: str, stream: Any) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)


Event = MutableMapping[str, Any]


def _forget_rendered(_logger: object, _method: str, event: Event) -> Event:
    """Another handler that formatted the record first left its rendering in it."""
    record: logging.LogRecord = event["_record"]
    for name in ("message", "asctime"):
        record.__dict__.pop(name, None)
    return event


def _flatten_extra(_logger: object, _method: str, event: Event) -> Event:
    extra = event.pop("extra", None)
    if isinstance(extra, dict):
        for name, value in extra.items():
            event.setdefault(name, value)
    return event


def _clean(_logger: object, _method: str, event: Event) -> Event:
    """Secrets blacked out, control characters shown instead of obeyed; a traceback keeps its lines."""
    for name, value in event.items():
        if name in {"_record", "_from_structlog"}:
            continue
        if name in _NEVER:
            event[name] = REDACTED
        elif name in {"exception", "stack"} and isinstance(value, str):
            event[name] = "\n".join(_cleaned(line) for line in value.split("\n"))
        else:
            event[name] = _cleaned(value)
    return event


def _cleaned(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            shown = value if _secret_pattern is None else _secret_pattern.sub(REDACTED, value)
            return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", shown)
        case dict():
            return {_cleaned(str(name)): REDACTED if name in _NEVER else _cleaned(held) for name, held in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned(held) for held in value]
        case _:
            return _cleaned(str(value))
