"""What Twilio's refusals mean (PLATFORMS.md B8)."""

from datetime import timedelta
from typing import Final

from bot.channels.whatsapp.keys import CHANNEL
from core.errors import ProviderError

OPTED_OUT: Final = 21610
OUTSIDE_WINDOW: Final = 63016
BAD_CALLBACK: Final = 21609
NOBODY_THERE: Final = frozenset({21211, 21614, 21610, 21408, 21268, 63015, 63024})  # this number, never
LATER: Final = frozenset({20429, 63018, 30003, 63038})  # too fast, or a phone that is off
CONTENT_GONE: Final = frozenset({21655, 63027, 20404})
CONTENT_UNFIT: Final = frozenset({21656, 21658, 63013, 63028, 92005, 63005})
NOT_CHOSEN: Final = 63049  # Meta chose not to deliver a template: neither an error nor worth another try


class Refused(ProviderError):
    """Twilio found a mistake in what we asked. Asking again would be answered the same."""

    def __init__(self, code: int, *, status: int = 400) -> None:
        super().__init__(CHANNEL, retryable=False, code=code, status=status)
        self.code = code


class Busy(ProviderError):
    """Too fast, or Twilio is not well. Nothing was sent."""

    def __init__(self, code: int, *, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(CHANNEL, retryable=True, code=code, status=status)
        self.code = code
        self.retry_after = retry_after


class Unanswered(ProviderError):
    """No answer came. `sent`: it may have been taken all the same (there is no key to find out by)."""

    def __init__(self, error: str, *, sent: bool) -> None:
        super().__init__(CHANNEL, retryable=True, error=error, sent=sent)
        self.sent = sent
