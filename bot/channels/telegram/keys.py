"""Telegram's numbers as Tiffin's names for chats and people."""

from bot.channels.base import Unreachable
from core.ids import ChatKey, Handle

CHANNEL = "telegram"
ANONYMOUS = Handle(f"{CHANNEL}:anon")  # an admin without a name, a channel: nobody who could be allowed anything


def chat_key(chat: int) -> ChatKey:
    return ChatKey(f"{CHANNEL}:{chat}")


def handle_of(user: int, *, bot: bool = False) -> Handle:
    """Other bots get a name no list of staff can hold."""
    return Handle(f"{CHANNEL}:bot-{user}" if bot else f"{CHANNEL}:{user}")


def chat_id(chat: ChatKey) -> int:
    """The number behind one of our names. Raises Unreachable for a name that has none."""
    channel, _, number = chat.partition(":")
    try:
        if channel == CHANNEL:
            return int(number)
    except ValueError:
        pass
    raise Unreachable(CHANNEL, chat=chat)


def is_group(chat: int) -> bool:
    """Groups and channels have negative numbers."""
    return chat < 0
