"""WhatsApp's addresses as Tiffin's names for chats and people."""

import re
from typing import Final

from bot.channels.base import Unreachable
from core.ids import ChatKey, Handle, Phone

CHANNEL: Final = "whatsapp"
PREFIX: Final = f"{CHANNEL}:"
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SENDER: Final = re.compile(r"\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9._-]{1,128}")


def chat_key(address: str) -> ChatKey | None:
    """The chat behind `whatsapp:+919876543210`, or behind an id without a number; None for anything else.

    An id (`whatsapp:IN.8f3c…`) stands for somebody who hides their number (UX.md §1).
    """
    sender = address.removeprefix(PREFIX)
    return ChatKey(address) if address.startswith(PREFIX) and _SENDER.fullmatch(sender) else None


def handle_of(chat: ChatKey) -> Handle:
    """A person is one sender in one chat of their own, so both have one name."""
    return Handle(chat)


def phone_of(chat: ChatKey) -> Phone | None:
    """The number, where there is one."""
    number = chat.removeprefix(PREFIX)
    return Phone(number) if _NUMBER.fullmatch(number) else None


def address_of(chat: ChatKey) -> str:
    """What Twilio calls the chat. Raises Unreachable for one that is not on WhatsApp."""
    if chat_key(chat) is None:
        raise Unreachable(CHANNEL, chat=chat)
    return str(chat)


def lane_of(chat: ChatKey) -> str:
    """Messages of one sender are handled one after the other."""
    return f"wa:{chat.removeprefix(PREFIX)}"
