"""A reply as JSON for the browser (DESIGN.md §8)."""

from typing import Any

from bot.conversation.reply import Outgoing, PackedButton
from bot.conversation.text import Text


def render(outgoing: Outgoing) -> dict[str, Any]:
    """`marks` are [start, end, mark], counted in code points of `text`."""
    return {
        "id": outgoing.id,
        "text": outgoing.text.plain,
        "marks": _marks(outgoing.text),
        "buttons": [[_button(button) for button in row] for row in outgoing.buttons],
        "image": outgoing.image or None,
        "document": {"url": outgoing.document.url, "name": outgoing.document.name} if outgoing.document else None,
        "replaces": outgoing.replaces or None,
        "ask": outgoing.ask or None,
    }


def _button(button: PackedButton) -> dict[str, str]:
    does = {"url": button.url} if button.url else {"action": button.action}
    return {"label": button.label, **does, "style": button.style}


def _marks(text: Text) -> list[list[int | str]]:
    marks: list[list[int | str]] = []
    at = 0
    for span in text.spans:
        end = at + len(span.text)
        if span.mark and end > at:
            if marks and marks[-1][1] == at and marks[-1][2] == span.mark:
                marks[-1][1] = end
            else:
                marks.append([at, end, span.mark.value])
        at = end
    return marks
