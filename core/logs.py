"""Logs: one line an event, a constant name and listed fields; never a secret, a code, an address or a whole phone.

    log = get_logger(__name__)
    log.info("order_placed", order_id=order.id)

The standard library's loggers, and so every library's, go the same way: `extra={...}` becomes fields. A field that does
not stand in FIELDS is named and its value is not written: whoever adds one thinks of what may be in it.
"""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.contextvars import bind_contextvars, reset_contextvars
from structlog.typing import Processor

from core.redaction import REDACTED, cleaned, traceback_of

UNLISTED: Final = "[unlisted]"

FIELDS: Final = frozenset(
    """
    about advice amount attempt breach buttons by call change channel chat chats code count customer delivery
    detail did doubt error event_id failure failures field fields found fresh handle host id item items job
    joined key kind lane like message messages method minutes mode ms new news note number old order_id otp_id
    ours outlet outlets pages paise path payment phone picture port problem proof provider reason refund refused
    remote request_id role route seconds seen server sid size sms_id source state status template thread total
    turn type until_ms update urgency url username variant waiting what why wish
    """.split()
)
_ONE_TIME: Final = re.compile(r"\d{6}")
_MADE_HERE: Final = frozenset({"event", "exception", "level", "logger", "stack", "timestamp"})
_HELD: Final = frozenset({"_record", "_from_structlog"})  # structlog's own, gone before anything is written
_HOUSE: Final = ("__main__", "bot", "core", "tests", "webhooks")
# At DEBUG these would log whole messages, some of them with codes and keys. What they warn of is welcome.
_CHATTY: Final = (
    "aiohttp.access", "aiohttp.client", "apscheduler", "asyncio", "boto3", "botocore", "httpcore", "httpx", "motor",
    "multipart", "pymongo", "razorpay", "redis", "requests", "stripe", "telegram", "twilio", "urllib3",
)  # fmt: skip

Event = MutableMapping[str, Any]


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
        _describe_error,
        _clean,
    ]
    structlog.configure(
        # What the level leaves out costs nothing more than the look: a request tells of itself at DEBUG.
        processors=[structlog.stdlib.filter_by_level, *steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream)
    handler.addFilter(_worth_telling)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_forget_rendered, *steps[:-1], _first_line, steps[-1]],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form, handler.stream)],
        )
    )
    root = logging.getLogger()
    for old in [held for held in root.handlers if isinstance(held, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def log_what_ends_the_program() -> None:
    """An error nobody caught is told like any other instead of being printed with whatever it quotes."""

    def told(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, where)
        else:
            get_logger(__name__).critical("crashed", exc_info=error)

    sys.excepthook = told


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to the stream given, or to whatever standard error is at that moment."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self._given = stream is not None

    def emit(self, record: logging.LogRecord) -> None:
        if not self._given:
            self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """The standard library would print the line that could not be written, with everything in it."""
        sys.stderr.write(f"a log line of {record.name} could not be written\n")


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


@contextmanager
def naming(**fields: str) -> Iterator[None]:
    """What this task logs meanwhile carries the fields. structlog's own way copies the whole context twice."""
    before = bind_contextvars(**fields)
    try:
        yield
    finally:
        reset_contextvars(**before)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Everything of our own; of libraries, those we have not heard of included, what they warn of."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in _HOUSE


def _renderer(form: str, stream: Any) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)


def _forget_rendered(_logger: object, _method: str, event: Event) -> Event:
    """Another handler that formatted the record first left its rendering in it."""
    record: logging.LogRecord = event["_record"]
    for name in ("message", "asctime"):
        record.__dict__.pop(name, None)
    return event


def _first_line(_logger: object, _method: str, event: Event) -> Event:
    """What a library says at length quotes what it was given: asyncio, the error of a task nobody waited for."""
    record: logging.LogRecord = event["_record"]
    if record.name.partition(".")[0] not in _HOUSE and isinstance(event["event"], str):
        event["event"] = event["event"].split("\n", 1)[0]
    return event


def _flatten_extra(_logger: object, _method: str, event: Event) -> Event:
    extra = event.pop("extra", None)
    if isinstance(extra, dict):
        for name, value in extra.items():
            event.setdefault(name, value)
    return event


def _describe_error(_logger: object, _method: str, event: Event) -> Event:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else None
    if given and error is None:
        error = given[1] if isinstance(given, tuple) else sys.exception()
    if error is not None:
        event["exception"] = traceback_of(error)
    return event


def _clean(_logger: object, _method: str, event: Event) -> Event:
    """Listed fields with nothing in them that must not be read; a traceback, cleaned already, keeps its lines."""
    for name, value in event.items():
        if name in _HELD or name == "exception":
            continue
        if name == "stack" and isinstance(value, str):
            event[name] = "\n".join(cleaned(line) for line in value.split("\n"))
        elif name == "code" and _ONE_TIME.fullmatch(str(value)):  # services' error codes are shorter, or words
            event[name] = REDACTED
        elif name in FIELDS or name in _MADE_HERE:
            event[name] = cleaned(value)
        else:
            event[name] = UNLISTED
    return event
