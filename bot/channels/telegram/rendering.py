"""A text with marks as Telegram's HTML, in pieces of the length Telegram takes.

This is the only place that makes markup. Every span is escaped, whatever is in it, so no name, note or dish can end a
tag or begin one.
"""

from html import escape

from telegram.constants import MessageLimit

from bot.channels.pieces import pieces as _pieces
from bot.channels.pieces import whole
from bot.conversation.text import Mark, Text

TEXT_LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)
CAPTION_LIMIT = int(MessageLimit.CAPTION_LENGTH)
ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
_TAGS = {Mark.BOLD: "b", Mark.ITALIC: "i", Mark.STRIKE: "s", Mark.MONO: "code"}


def html(text: Text) -> str:
    """The text as HTML. Marks beyond the hundred Telegram keeps are left out; their words are not."""
    parts: list[str] = []
    marked = 0
    for span in text.spans:
        if not span.text:
            continue
        escaped = escape(whole(span.text), quote=False)
        if span.mark is not None and span.text.strip() and marked < ENTITIES:
            tag = _TAGS[span.mark]
            escaped = f"<{tag}>{escaped}</{tag}>"
            marked += 1
        parts.append(escaped)
    return "".join(parts)


def pieces(text: Text, limit: int = TEXT_LIMIT) -> list[Text]:
    """The text in pieces of at most `limit`, cut at line ends where there is one, else between words."""
    return _pieces(text, limit)
