"""What a service's answer means for the message: not taken, never to be taken, or who knows.

Errors made here carry a status and a short code. The service's own words stay out: they repeat the guest's number, and
some repeat a key.
"""

import re

from core.errors import ProviderError
from core.sms.provider import NumberRejected, SendUnclear

TOO_MANY_REQUESTS = 429
GATEWAY_TIMEOUT = 504  # a gateway that gave up waiting for the server behind it, which may have taken the message
PASSING = frozenset({408, 425, TOO_MANY_REQUESTS})

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}|[0-9]{1,6}")
_WRONG = r"(?:in-?valid|incorrect|not (?:a )?valid)"
_IT = r"(?:phone|mobile|recipient|destination)(?: ?(?:no|numbers?))?"
_NUMBER_IS_WRONG = re.compile(
    rf"\b{_WRONG}\b.{{0,40}}\b{_IT}\b|\b{_IT}\b.{{0,60}}\b{_WRONG}\b"
    r"|\bopted?[ -]?out\b|\bunsubscribed\b|\bland ?line\b|\bdo not disturb\b|\bDND\b",
    re.IGNORECASE | re.DOTALL,
)


def code_of(value: object) -> str:
    """A service's error code, if that is what it looks like; a phone number or a key does not."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _CODE.fullmatch(text) else ""


def speaks_of_the_number(words: str) -> bool:
    """Whether a refusal in words is about the number itself rather than about us, the text or the account."""
    return _NUMBER_IS_WRONG.search(words) is not None


def refusal(
    provider: str, *, status: int, code: str = "", number: bool = False, passing: bool | None = None
) -> ProviderError:
    """The error for a refusal with this HTTP status. `number`: it is the number's fault; `passing`: it may go by."""
    if number:
        return NumberRejected(provider, status=status, code=code)
    if status == GATEWAY_TIMEOUT:
        return SendUnclear(provider, status=status, code=code)
    if passing is None:
        passing = status >= 500 or status in PASSING
    return ProviderError(provider, retryable=passing, status=status, code=code)


def unreachable(provider: str, failure: BaseException) -> ProviderError:
    """No connection came about, so nothing was sent."""
    return ProviderError(provider, retryable=True, failure=type(failure).__name__)


def unclear(provider: str, failure: BaseException | None = None, *, status: int = 0) -> SendUnclear:
    """The request went out; what became of it is not known."""
    return SendUnclear(provider, failure=type(failure).__name__ if failure else "answer", status=status)
