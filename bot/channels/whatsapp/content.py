"""Content templates: one for each shape of choices, made once and kept by its sid (PLATFORMS.md B5).

What is said and what can be chosen are variables, a line of the text each, so that a template serves every screen of
its shape. They are found again after a restart, by their sids in Redis or by their names at Twilio, and made anew when
somebody deleted them.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, Final

from bot.channels.whatsapp.api import TwilioApi
from bot.channels.whatsapp.errors import Refused
from bot.channels.whatsapp.options import QUICK_TITLE, ROW_TITLE, Option, detail, titles
from core.clock import Clock
from core.connections import STORE_FAILURES, Connections
from core.errors import ProviderError
from core.logs import get_logger

log = get_logger(__name__)

KEY: Final = "{whatsapp}:content"
RELEASE: Final = 1  # of the shapes; another one makes templates of its own
MOST_LINES: Final = 40  # with ten rows of three variables each still well below Twilio's hundred
_ODD_SPACE: Final = re.compile("[\t\r\v\f\x1c-\x1f\x85\u2028\u2029]")
_WIDE: Final = re.compile(" {5,}")
_BRACE: Final = re.compile(r"\{(?=\{)")
LANGUAGE: Final = "en"  # what varies is filled in, in the guest's language
REST: Final = timedelta(minutes=2)  # after a template could not be made
_MS: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Shape:
    """`lines` tells which lines of the text hold words, `described` which rows of a list have a second line: a variable
    may neither be empty nor hold a line end (21656).
    """

    lines: tuple[bool, ...]
    rows: int
    described: tuple[bool, ...] = ()

    @property
    def is_list(self) -> bool:
        return bool(self.described)

    @property
    def name(self) -> str:
        said = f"{len(self.lines)}x{int(_bits(self.lines), 2):x}"
        if not self.is_list:
            return f"tiffin_quick_{self.rows}_{said}_v{RELEASE}"
        return f"tiffin_list_{self.rows}_{_bits(self.described)}_{said}_v{RELEASE}"

    def body(self) -> dict[str, Any]:
        """What is made at Twilio."""
        numbers = count(1)

        def hole() -> str:
            return f"{{{{{next(numbers)}}}}}"

        said = "\n".join(hole() if words else "" for words in self.lines)
        if self.is_list:
            button, items = hole(), []
            for described in self.described:
                item = {"item": hole(), "id": hole()}
                items.append(item | ({"description": hole()} if described else {}))
            kind: dict[str, Any] = {"twilio/list-picker": {"body": said, "button": button, "items": items}}
        else:
            actions = [{"type": "QUICK_REPLY", "title": hole(), "id": hole()} for _ in range(self.rows)]
            kind = {"twilio/quick-reply": {"body": said, "actions": actions}}
        samples = {str(n): f"sample {n}" for n in range(1, next(numbers))}
        return {"friendly_name": self.name, "language": LANGUAGE, "variables": samples, "types": kind}


@dataclass(frozen=True, slots=True)
class Filled:
    """A shape with everything that goes into it."""

    shape: Shape
    variables: dict[str, str]
    titles: tuple[str, ...]

    @property
    def as_json(self) -> str:
        return json.dumps(self.variables, ensure_ascii=False, separators=(",", ":"))


def fits(body: str) -> bool:
    """Whether a text has few enough lines to stand above choices: Twilio takes a hundred variables."""
    return body.count("\n") < MOST_LINES


def quick_replies(body: str, options: Sequence[Option]) -> Filled:
    named = titles([option.label for option in options], QUICK_TITLE)
    values = [part for option, title in zip(options, named, strict=True) for part in (title, option.action)]
    return _filled(Shape(_lines(body), len(options)), body, values, named)


def list_picker(body: str, button: str, options: Sequence[Option]) -> Filled:
    named = titles([option.label for option in options], ROW_TITLE)
    values = [button]
    described = []
    for option, title in zip(options, named, strict=True):
        more = detail(option, title)
        described.append(bool(more))
        values += [title, option.action, *([more] if more else [])]
    return _filled(Shape(_lines(body), len(options), tuple(described)), body, values, named)


def _lines(body: str) -> tuple[bool, ...]:
    return tuple(bool(line.strip()) for line in body.split("\n"))


def _filled(shape: Shape, body: str, values: Sequence[str], named: Sequence[str]) -> Filled:
    said = [line for line in body.split("\n") if line.strip()]
    return Filled(shape, {str(n): _value(each) for n, each in enumerate([*said, *values], start=1)}, tuple(named))


def _value(words: str) -> str:
    """Nothing that Twilio refuses inside a variable, or takes for one."""
    return _BRACE.sub("{ ", _WIDE.sub("    ", _ODD_SPACE.sub(" ", words)))


def _bits(flags: Sequence[bool]) -> str:
    return "".join("01"[flag] for flag in flags)


class Templates:
    def __init__(self, api: TwilioApi, connections: Connections, clock: Clock) -> None:
        self._api = api
        self._redis = connections.redis
        self._clock = clock
        self._sids: dict[str, str] = {}
        self._making: dict[str, asyncio.Lock] = {}
        self._listed = False
        self._resting_ms = 0

    async def sid_of(self, shape: Shape) -> str | None:
        """The template's sid; None while there is none and none can be made."""
        if known := self._sids.get(shape.name):
            return known
        if self._clock.ms() < self._resting_ms:
            return None
        async with self._making.setdefault(shape.name, asyncio.Lock()):
            if known := self._sids.get(shape.name) or await self._kept(shape.name):
                self._sids[shape.name] = known
                return known
            try:
                sid = await self._found(shape.name) or await self._made(shape)
            except (ProviderError, KeyError) as failure:
                log.warning("whatsapp_template_not_made", template=shape.name, error=str(failure))
                self._resting_ms = self._clock.ms() + REST // _MS
                return None
            self._sids[shape.name] = sid
            await self._keep(shape.name, sid)
            return sid

    async def gone(self, shape: Shape, sid: str) -> None:
        """Twilio does not know this sid any more: look again, and make it anew."""
        log.warning("whatsapp_template_gone", template=shape.name)
        if self._sids.get(shape.name) == sid:
            del self._sids[shape.name]
        self._listed = True  # what the list says may still hold it
        try:
            if await self._redis.hget(KEY, shape.name) == sid:
                await self._redis.hdel(KEY, shape.name)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_templates_unknown", error=type(failure).__name__)

    async def _kept(self, name: str) -> str | None:
        try:
            kept = await self._redis.hget(KEY, name)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_templates_unknown", error=type(failure).__name__)
            return None
        return str(kept) if kept else None

    async def _keep(self, name: str, sid: str) -> None:
        try:
            await self._redis.hset(KEY, name, sid)
        except STORE_FAILURES as failure:
            log.warning("whatsapp_template_not_kept", error=type(failure).__name__)

    async def _found(self, name: str) -> str | None:
        """Among those made before; asked once, since whatever is made later is known."""
        if self._listed:
            return None
        try:
            async for content in self._api.contents():
                known = str(content.get("friendly_name", ""))
                if known.startswith("tiffin_") and content.get("sid"):
                    self._sids.setdefault(known, str(content["sid"]))
        except Refused as refused:  # a key that may make and not list: a template twice does no harm
            log.warning("whatsapp_templates_not_listed", code=refused.code)
        self._listed = True
        return self._sids.get(name)

    async def _made(self, shape: Shape) -> str:
        sid = await self._api.make_content(shape.body())
        log.info("whatsapp_template_made", template=shape.name)
        return sid
