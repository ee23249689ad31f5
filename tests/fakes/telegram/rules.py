"""What Telegram takes and what it refuses, in its own words (tdlib/telegram-bot-api, Client.cpp; PLATFORMS.md A)."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

TEXT, CAPTION, ENTITIES = 4096, 1024, 100
BUTTONS, CALLBACK_BYTES = 100, 64
TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "tg-spoiler": "spoiler", "blockquote": "blockquote",
}  # fmt: skip
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_TAG = re.compile(r"<(/?)([a-zA-Z-]+)((?:\s[^<>]*)?)>")


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code, self.description, self.parameters = code, description, parameters


def bad(what: str) -> Refusal:
    return Refusal(400, f"Bad Request: {what}")


@dataclass
class Parsed:
    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> Parsed:
    """Plain text and entities. Every `<` begins a tag, and every tag must be known, closed, and closed in order."""
    plain: list[str] = []
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, int]] = []
    at = 0

    def written() -> int:
        return units("".join(plain))

    while at < len(source):
        character = source[at]
        offset = len(source[:at].encode())
        if character == "<":
            tag = _TAG.match(source, at)
            if tag is None:
                raise bad(f"can't parse entities: Unclosed start tag at byte offset {offset}")
            closing, name, _ = tag.groups()
            name = name.lower()
            if closing:
                if not open_tags:
                    raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
                begun, start = open_tags.pop()
                if begun != name:
                    raise bad(
                        f"can't parse entities: Unmatched end tag at byte offset {offset}, "
                        f'expected "</{begun}>", found "</{name}>"'
                    )
                if written() > start:
                    entities.append({"type": TAGS[name], "offset": start, "length": written() - start})
            elif name not in TAGS:
                raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
            else:
                open_tags.append((name, written()))
            at = tag.end()
            continue
        if entity := _ENTITY.match(source, at):
            plain.append(unescape(entity[0]))
            at = entity.end()
            continue
        plain.append(character)
        at += 1
    if open_tags:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\"")
    return Parsed("".join(plain), sorted(entities, key=lambda e: (e["offset"], -e["length"]))[:ENTITIES])


def parse(source: str, mode: str | None) -> Parsed:
    if "\0" in source:
        raise bad("strings must be encoded in UTF-8")
    if not mode:
        return Parsed(source)
    if mode.lower() != "html":
        raise bad(f"unsupported parse_mode {mode}")
    return parse_html(source)


def text_of(source: str, mode: str | None) -> Parsed:
    parsed = parse(source, mode)
    if not parsed.text.strip():
        raise bad("message text is empty")
    if units(parsed.text) > TEXT:
        raise bad("message is too long")
    return parsed


def caption_of(source: str, mode: str | None) -> Parsed:
    parsed = parse(source, mode)
    if units(parsed.text) > CAPTION:
        raise bad("message caption is too long")
    return parsed


def check_markup(markup: Any, *, private: bool) -> None:
    """An inline keyboard, a reply keyboard, or the wish to have it removed."""
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = markup["inline_keyboard"]
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise bad("can't parse inline keyboard: an Array of Arrays is expected")
        buttons = [button for row in rows for button in row]
        if len(buttons) > BUTTONS:
            raise bad("reply markup is too long")
        for button in buttons:
            _check_button(button)
    elif "keyboard" in markup:
        for button in (button for row in markup["keyboard"] for button in row):
            if not private and isinstance(button, dict):
                if button.get("request_contact"):
                    raise bad("phone number can be requested in private chats only")
                if button.get("request_location"):
                    raise bad("location can be requested in private chats only")


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if button.get("style") not in (None, "primary", "success", "danger"):
        raise bad("can't parse inline keyboard button: invalid button style specified")
    if "callback_data" in button:
        if not 1 <= len(button["callback_data"].encode()) <= CALLBACK_BYTES:
            raise bad("BUTTON_DATA_INVALID")
    elif "url" in button:
        parts = urlsplit(button["url"])
        if parts.scheme not in ("http", "https", "tg", "tel") or (
            parts.scheme.startswith("http") and "." not in (parts.hostname or "")
        ):
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    else:
        raise bad("Text buttons are unallowed in the inline keyboard")


def check_commands(commands: Any) -> None:
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad("expected an Array of BotCommand")
    for one in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", one.get("command", "")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(one.get("description", "")) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")


def is_image(data: bytes) -> bool:
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")) or data[8:12] == b"WEBP"
