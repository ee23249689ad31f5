"""A text with marks as WhatsApp's own, in pieces of the length it takes.

This is the only place that makes markup. WhatsApp has no way to escape, so the four characters that mark are replaced
by their lookalikes wherever somebody's words hold them; web addresses stay as they are.
"""

import re
from typing import Final

from bot.channels.pieces import length, pieces, whole
from bot.conversation.text import Mark, Span, Text

BODY_LIMIT: Final = 1600  # 21617
INTERACTIVE_LIMIT: Final = 1024  # of a list or quick replies
CAPTION_LIMIT: Final = 1024  # below a picture; a document takes no words at all
_MARKS: Final = {Mark.BOLD: "*", Mark.ITALIC: "_", Mark.STRIKE: "~", Mark.MONO: "```"}
_LOOKALIKES: Final = {"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"}
_SIGN: Final = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
_ADDRESS: Final = re.compile(r"(https?://\S+)")
_QUOTE: Final = re.compile(r"^> ?", re.MULTILINE)
_EDGES: Final = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)
_MARGIN: Final = 0.85  # of a limit, for the marks that are added to a piece


def plain(text: str) -> str:
    """Somebody's words, unable to become markup."""
    parts = _ADDRESS.split(whole(text))
    parts[::2] = [_unmarking(part) for part in parts[::2]]
    return "".join(parts)


def _unmarking(words: str) -> str:
    """Between two letters or digits nothing marks: a payment's id (`pay_J1F4`) stays what a bank can be told."""
    return _SIGN.sub(lambda sign: _LOOKALIKES[sign[0]], _QUOTE.sub("› ", words))


def marked(text: Text) -> str:
    """The text with WhatsApp's marks. Marks that would touch a letter are left out: they would be shown as they are."""
    spans = _joined(text)
    out: list[str] = []
    for n, span in enumerate(spans):
        if span.mark is None:
            out.append(plain(span.text))
            continue
        words = _unmarking(whole(span.text))  # an address would take the mark behind it along
        before = spans[n - 1].text[-1] if n else " "
        after = spans[n + 1].text[0] if n + 1 < len(spans) else " "
        if (before.isalnum() and not words[0].isspace()) or (after.isalnum() and not words[-1].isspace()):
            out.append(words)
        else:
            sign = _MARKS[span.mark]
            out.append("\n".join(_between(line, sign) for line in words.split("\n")))
    return "".join(out)


def _joined(text: Text) -> list[Span]:
    """Neighbours with one mark as one: between their marks would stand nothing or a blank."""
    found: list[Span] = []
    for span in text.spans:
        if found and found[-1].mark == span.mark:
            found[-1] = Span(found[-1].text + span.text, span.mark)
        elif span.text:
            found.append(span)
    return found


def bodies(text: Text, limit: int = BODY_LIMIT) -> list[str]:
    """The text in pieces of at most `limit` as they are sent, cut at line ends where there is one."""
    room = limit
    while True:
        found = [marked(piece) for piece in pieces(text, room)]
        if all(length(body) <= limit for body in found):
            return [body for body in (body.strip() for body in found) if body]
        room = int(room * _MARGIN)


def _between(line: str, sign: str) -> str:
    lead, words, tail = _EDGES.match(line).groups()  # type: ignore[union-attr]  # it fits every line
    return f"{lead}{sign}{words}{sign}{tail}" if words else line
