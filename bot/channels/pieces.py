"""Cutting a text with marks into pieces of the length a channel takes, its marks kept."""

from collections.abc import Iterator

from bot.conversation.text import Span, Text


def whole(text: str) -> str:
    """Without what no message can hold: NUL, and halves of characters, which a forged JSON text may carry."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def length(text: str) -> int:
    """As the chat apps count: in UTF-16 units, so that a smiley is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: Text, limit: int) -> list[Text]:
    """The text in pieces of at most `limit`, cut at line ends where there is one, else between words."""
    if length(text.plain) <= limit:
        return [text]
    found = []
    rest = text
    while (plain := rest.plain) and length(plain) > limit:
        cut = _cut(plain, limit)
        found.append(_part(rest, 0, cut))
        rest = _part(rest, cut + (plain[cut] in "\n "), len(plain))
    return [*found, rest] if rest else found


def _cut(plain: str, limit: int) -> int:
    """Where to end a piece: how many characters fit, counted back to the last line end or space."""
    fits = 0
    while fits < len(plain):
        limit -= 2 if plain[fits] > "\uffff" else 1
        if limit < 0:
            break
        fits += 1
    for gap in ("\n", " "):
        at = plain.rfind(gap, fits // 2, fits + 1)  # a piece is never cut to less than half
        if at > 0:
            return at
    return fits


def _part(text: Text, start: int, end: int) -> Text:
    return Text(tuple(_spans(text, start, end)))


def _spans(text: Text, start: int, end: int) -> Iterator[Span]:
    at = 0
    for span in text.spans:
        after = at + len(span.text)
        if after > start and at < end:
            yield Span(span.text[max(start - at, 0) : end - at], span.mark)
        at = after
