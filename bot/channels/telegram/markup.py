"""Keyboards as the JSON text that travels, made once for each page.

Behind each packed action travels a mark: which message of ours the button stands on. A tap brings it back, so that the
tapped message is swapped only when it is the screen the answer is meant for, and an old message that tells of money
stays what it was. Nothing has to be remembered or looked up for that. A mark proves nothing and is not believed: a
wrong one only means a new message.
"""

import re
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import InlineKeyboardButtonLimit, InlineKeyboardMarkupLimit

from bot.channels.pieces import whole
from bot.conversation.reply import Ask, PackedButton, Style
from core.logs import get_logger

log = get_logger(__name__)

Rows = tuple[tuple[PackedButton, ...], ...]

PAGES = 1024
COLUMNS = int(InlineKeyboardMarkupLimit.BUTTONS_PER_ROW)
BUTTONS = int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER)
WAYS_ON = 3  # rows at the end that are kept when there are too many: a page without its ways on is a dead end
_MARK = re.compile(r"[~^][0-9A-Za-z_-]{3}\Z")
_PLAIN, _ASKING = (
    "~",
    "^",
)  # what stands before a mark; the other one: below the message the keyboard asks for something
_HOLE = "\ue000"  # where the mark goes in a page that is kept
_IN_JSON = "\\ue000"
_MARK_BYTES = 4


def mark_of(id: str) -> str:
    """Three characters that tell one of our messages from another."""
    return urlsafe_b64encode(blake2b(id.encode(), digest_size=3).digest())[:3].decode()


def unmarked(data: str) -> tuple[str, str, bool]:
    """The action, its mark ("" for none) and whether a keyboard asks for something below the message."""
    if _MARK.search(data) is None:
        return data, "", False
    return data[:-_MARK_BYTES], data[-3:], data[-_MARK_BYTES] == _ASKING


def inline_keyboard(rows: Rows, *, id: str, asks: bool = False) -> str | None:
    """The keyboard of our message `id` as JSON; None where there is no button to show."""
    page = _page(rows)
    return page and page.replace(_IN_JSON, (_ASKING if asks else _PLAIN) + mark_of(id))


@lru_cache(maxsize=PAGES)
def _page(rows: Rows) -> str | None:
    keyboard: list[list[InlineKeyboardButton]] = []
    for row in rows:
        buttons = [made for button in row if (made := _button(button))]
        keyboard.extend(buttons[start : start + COLUMNS] for start in range(0, len(buttons), COLUMNS))
    return InlineKeyboardMarkup(_as_many_as_fit(keyboard)).to_json() if keyboard else None


def _as_many_as_fit(rows: list[list[InlineKeyboardButton]]) -> list[list[InlineKeyboardButton]]:
    """Telegram refuses a message with more buttons than it allows; the rest of it is worth more than all of them."""
    if sum(map(len, rows)) <= BUTTONS:
        return rows
    log.warning("telegram_buttons_left_out", buttons=sum(map(len, rows)))
    last = rows[-WAYS_ON:]
    room = BUTTONS - sum(map(len, last))
    kept = []
    for row in rows[:-WAYS_ON]:
        if (room := room - len(row)) < 0:
            break
        kept.append(row)
    return [*kept, *last]


def _button(button: PackedButton) -> InlineKeyboardButton | None:
    label = whole(button.label).replace(_HOLE, "").strip()
    style = button.style or None if button.style in (Style.PRIMARY, Style.DANGER) else None
    if not label:
        return None
    if button.url:
        return InlineKeyboardButton(label, url=button.url, style=style) if opens(button.url) else None
    if not button.action:
        return None
    room = InlineKeyboardButtonLimit.MAX_CALLBACK_DATA - len(button.action.encode())
    data = button.action + (_HOLE if room >= _MARK_BYTES else "")
    return InlineKeyboardButton(label, callback_data=data, style=style)


def opens(url: str) -> bool:
    """Whether Telegram lets a button open this address: the web, on a host with a dot in its name."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "")


def links_to_write_out(rows: Rows) -> list[PackedButton]:
    """Web addresses no button may open (a machine without a public name); they are written into the text instead."""
    return [b for row in rows for b in row if b.url and not opens(b.url) and b.url.startswith(("http://", "https://"))]


@lru_cache
def asking_keyboard(ask: Ask, label: str) -> str:
    """The keyboard under the text field that shares a phone or a place. Telegram shows it in private chats alone."""
    if ask is Ask.CONTACT:
        button = KeyboardButton(label, request_contact=True)
    else:
        button = KeyboardButton(label, request_location=True)
    return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True).to_json()


NO_KEYBOARD = ReplyKeyboardRemove().to_json()
