"""What can go wrong between us and Telegram, beside what `base.py` and `limits.py` name.

Telegram's own words quote what it finds fault with: a guest's note, an address, a link. So a log and an error carry of
them only what we know.
"""

import re
from typing import Final

from telegram.error import TelegramError

from bot.channels.telegram.keys import CHANNEL
from core.errors import ProviderError
from core.ids import ChatKey

OTHER_WORDS: Final = "other words"
_KNOWN: Final = re.compile(
    # a message, a keyboard, a file
    r"message (?:is not modified|is too long|text is empty|caption is too long|identifier)"
    r"|message to (?:edit|delete) not found|message can't be (?:edited|deleted)"
    r"|there is no (?:text|caption) in the message|can't parse entities|can't find end|unsupported start tag"
    r"|reply markup is too long|text buttons are unallowed|query is too old|file is too big|wrong file identifier"
    r"|failed to get http url content|wrong type of the web page content|the picture is missing"
    # a chat
    r"|(?:chat|user) not found|user is deactivated|bot was (?:blocked|kicked)|bot is not a member"
    r"|bot can't initiate|no rights to send|not enough rights|group chat was upgraded"
    # the bot, and how updates reach it
    r"|terminated by \w+ ?\w* request|webhook is active|wrong response from the webhook: \d{3}"
    r"|read timeout expired|failed to resolve host|connection (?:refused|reset by peer|timed out)|ssl error|certificate"
    # Telegram itself
    r"|too many requests|flood control exceeded|unauthorized|bad gateway|gateway timeout|internal server error"
    r"|invalid server response|timed out"
    # constants such as BUTTON_DATA_INVALID
    r"|\b(?-i:[A-Z]{2,}(?:_[A-Z]{2,}){1,5})\b",
    re.IGNORECASE,
)
_KIND: Final = re.compile(r"[A-Z][A-Za-z]{2,40}")  # an error's name, which our way out gives instead of words


def words_of(said: str) -> str:
    """Of what Telegram says the phrases and constants we know."""
    if _KIND.fullmatch(said):
        return said
    return ", ".join(found[0] for found in _KNOWN.finditer(said)) or OTHER_WORDS


def named(failure: TelegramError) -> str:
    """An error of the library, fit for a log: BadRequest: can't parse entities."""
    kind, said = type(failure).__name__, words_of(str(failure))
    return kind if said in (kind, OTHER_WORDS) else f"{kind}: {said}"


class Refused(ProviderError):
    """Telegram found a mistake in what we asked (400). Asking again would be answered the same. `reason` is all that
    Telegram said, to be looked at and not to be told; `told` is fit for a log.
    """

    def __init__(self, reason: str, *, chat: ChatKey) -> None:
        self.told = words_of(reason)
        super().__init__(CHANNEL, retryable=False, reason=self.told, chat=chat)
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
