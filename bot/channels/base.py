"""What every channel can do for the rest of Tiffin."""

from typing import ClassVar, Protocol

from bot.conversation.reply import Outgoing
from bot.conversation.turn import Capabilities
from core.errors import ProviderError
from core.ids import ChatKey


class Unreachable(ProviderError):
    """The chat is closed to us for good: blocked, left, deleted. Never retried."""

    def __init__(self, channel: str, *, chat: ChatKey) -> None:
        super().__init__(channel, retryable=False, chat=chat)


class Channel(Protocol):
    name: ClassVar[str]
    capabilities: Capabilities

    async def send(self, chat: ChatKey, outgoing: Outgoing) -> str:
        """Send, or swap the message named by `outgoing.replaces`, and return the channel's name for the message.

        Raises ProviderError (retryable or not) and Unreachable.
        """
        ...
