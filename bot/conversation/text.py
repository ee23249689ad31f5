"""Text with meaning instead of markup: spans that are bold or not, which each channel renders in its own way.

Templates are ours and may mark words: `*bold*`, `_quiet_`, `~struck~`. Values put into a template are always plain
text, whatever characters a guest typed into them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any


class Mark(StrEnum):
    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    MONO = "mono"


_TOGGLES = {"*": Mark.BOLD, "_": Mark.ITALIC, "~": Mark.STRIKE, "`": Mark.MONO}
_TOKENS = re.compile(r"\{(\w+)\}|([*_~`])")


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Text:
    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, text: "str | Text") -> "Text":
        return text if isinstance(text, Text) else cls((Span(text),) if text else ())

    @property
    def plain(self) -> str:
        return "".join(span.text for span in self.spans)

    def __bool__(self) -> bool:
        return any(span.text for span in self.spans)

    def __add__(self, other: "Text | str") -> "Text":
        return Text(self.spans + Text.of(other).spans)

    def to_wire(self) -> list[list[str]]:
        return [[span.text, span.mark or ""] for span in self.spans]

    @classmethod
    def from_wire(cls, wire: list[list[str]]) -> "Text":
        return cls(tuple(Span(text, Mark(mark) if mark else None) for text, mark in wire))


def bold(text: str) -> Text:
    return Text((Span(text, Mark.BOLD),))


def struck(text: str) -> Text:
    return Text((Span(text, Mark.STRIKE),))


def join(parts: Iterable[Text | str], between: str) -> Text:
    """The non-empty `parts` with `between` in between."""
    spans: list[Span] = []
    for part in map(Text.of, parts):
        if part:
            if spans and between:
                spans.append(Span(between))
            spans.extend(part.spans)
    return Text(tuple(spans))


def lines(*parts: Text | str | None) -> Text:
    """One part a line; empty ones are left out."""
    return join((part for part in parts if part), "\n")


def paragraphs(*parts: Text | str | None) -> Text:
    return join((part for part in parts if part), "\n\n")


@lru_cache(maxsize=4096)
def _parse(template: str) -> tuple[tuple[str, str | None, Mark | None], ...]:
    """(literal, field, mark) pieces of a template."""
    pieces: list[tuple[str, str | None, Mark | None]] = []
    mark: Mark | None = None
    at = 0
    for token in _TOKENS.finditer(template):
        if token.start() > at:
            pieces.append((template[at : token.start()], None, mark))
        field, toggle = token.groups()
        if field:
            pieces.append(("", field, mark))
        else:
            mark = None if mark else _TOGGLES[toggle]
        at = token.end()
    if at < len(template):
        pieces.append((template[at:], None, mark))
    return tuple(pieces)


def fill(template: str, **values: Any) -> Text:
    """The template with its values. A Text value keeps its own marks; every other value is plain.

    Raises KeyError for a field without a value: a mistake of ours, met by the tests.
    """
    spans: list[Span] = []
    for literal, field, mark in _parse(template):
        if field is None:
            spans.append(Span(literal, mark))
            continue
        value = values[field]
        if isinstance(value, Text):
            spans.extend(value.spans if mark is None else (Span(span.text, mark) for span in value.spans))
        else:
            spans.append(Span(str(value), mark))
    return Text(tuple(spans))
