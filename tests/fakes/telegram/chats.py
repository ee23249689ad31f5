"""Chats as everybody in them sees them, with all that was ever shown."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

BOT_ID = 7_000_000_001
BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Tiffin", "username": "tiffin_test_bot"}


@dataclass
class Message:
    """`content` is what an update would show of it: text or photo, entities, markup."""

    chat: "Chat"
    id: int
    sender: dict[str, Any]
    content: dict[str, Any]
    date: int = field(default_factory=lambda: int(time.time()))
    edits: int = 0
    deleted: bool = False
    file_name: str = ""

    @property
    def text(self) -> str:
        return str(self.content.get("text", self.content.get("caption", "")))

    @property
    def has_media(self) -> bool:
        return "photo" in self.content or "document" in self.content

    @property
    def rows(self) -> list[list[dict[str, Any]]]:
        return list(self.content.get("reply_markup", {}).get("inline_keyboard", []))

    def shown(self) -> dict[str, Any]:
        """As the Bot API shows it."""
        edited = {"edit_date": self.date} if self.edits else {}
        content = dict(self.content)
        if "inline_keyboard" not in content.get("reply_markup", {}):
            content.pop("reply_markup", None)
        return {
            "message_id": self.id,
            "from": self.sender,
            "chat": self.chat.shown(),
            "date": self.date,
            **edited,
            **content,
        }


@dataclass(frozen=True)
class Change:
    """Something the bot showed: a new message, or another face of one."""

    n: int
    message: Message
    text: str
    rows: tuple[tuple[tuple[str, str | None, str | None], ...], ...]  # label, action, url
    image: str | None
    edited: bool

    @property
    def labels(self) -> list[str]:
        return [label for row in self.rows for label, _, _ in row]


@dataclass
class Chat:
    id: int
    kind: str = "private"
    title: str = ""
    first_name: str = ""
    messages: dict[int, Message] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    keyboard: dict[str, Any] | None = None  # the reply keyboard that is up
    pinned: list[int] = field(default_factory=list)
    shut: str = ""  # why the bot may not speak here
    moved_to: int | None = None
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def shown(self) -> dict[str, Any]:
        named = {"first_name": self.first_name} if self.kind == "private" else {"title": self.title}
        return {"id": self.id, "type": self.kind, **named}

    def standing(self) -> list[Message]:
        """What can be read by scrolling up."""
        return [message for message in self.messages.values() if not message.deleted]

    def by_bot(self) -> list[Message]:
        return [message for message in self.standing() if message.sender["id"] == BOT_ID]

    def note(self, message: Message, *, edited: bool) -> None:
        rows = tuple(tuple((b["text"], b.get("callback_data"), b.get("url")) for b in row) for row in message.rows)
        image = message.file_name if "photo" in message.content else None
        self.changes.append(Change(len(self.changes), message, message.text, rows, image, edited))
