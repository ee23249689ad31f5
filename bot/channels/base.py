"""What every channel can do for the rest of Tiffin."""

from typing import ClassVar, Protocol, runtime_checkable

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


@runtime_checkable
class Pins(Protocol):
    """A channel that can keep one message of a group in everybody's sight."""

    async def pin(self, chat: ChatKey, message: str) -> None:
        """Pin what `send` named, quietly; what is pinned already stays so.

        Raises ProviderError, not retryable where we may not pin.
        """
        ...
