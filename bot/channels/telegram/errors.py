"""What can go wrong between us and Telegram, beside what `base.py` and `limits.py` name."""

from bot.channels.telegram.keys import CHANNEL
from core.errors import ProviderError
from core.ids import ChatKey


class Refused(ProviderError):
    """Telegram found a mistake in what we asked (400). Asking again would be answered the same; `reason` is its own."""

    def __init__(self, reason: str, *, chat: ChatKey) -> None:
        super().__init__(CHANNEL, retryable=False, reason=reason, chat=chat)
        self.reason = reason.casefold()


class ChatMoved(ProviderError):
    """The group goes by the number `new` now; whoever heard of it has been told. Sent there, the message arrives."""

    def __init__(self, *, chat: ChatKey, new: ChatKey) -> None:
        super().__init__(CHANNEL, retryable=True, chat=chat, new=new)
        self.new = new


class Unanswered(ProviderError):
    """No answer, or Telegram is not well: it may have arrived all the same."""

    def __init__(self, error: str, *, chat: ChatKey) -> None:
        super().__init__(CHANNEL, retryable=True, error=error, chat=chat)
