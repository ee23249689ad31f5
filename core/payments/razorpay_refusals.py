"""What an error of Razorpay's means: never, not now, or who knows."""

import logging
import re
from typing import Final

from core.errors import ProviderError
from core.payments.calls import NotNow
from core.payments.errors import PaymentRefused, Refusal
from core.payments.line import NoAnswer
from core.payments.razorpay_wire import SaidNo

log = logging.getLogger(__name__)

CREDENTIALS: Final = frozenset({401, 403})
CONFLICT: Final = 409  # the same refund is being made at this moment, or was asked for in another way
PASSING: Final = frozenset({408, 425, 429})
THEIR_FAULT: Final = frozenset({"GATEWAY_ERROR", "SERVER_ERROR"})

# Its errors share one code; only the words differ (PLATFORMS.md C1, C4).
_WORDS: Final = {
    Refusal.REFERENCE_USED: r"reference.?id.*(already|exist|unique|duplicate)",
    Refusal.TOO_OLD: r"(6|six) months",
    Refusal.BALANCE: r"(enough|insufficient|low|sufficient).{0,20}balance|balance.{0,40}insufficient",
    Refusal.TOO_MUCH: r"refunded already|already.{0,20}refunded|refund.{0,40}(greater|exceed|more) ",
    Refusal.NOT_FOUND: r"id provided does not exist|is not a valid id",
}
_NO_SUCH_ADDRESS: Final = re.compile(r"requested URL was not found", re.IGNORECASE)


def said_no(provider: str, call: str, error: SaidNo) -> ProviderError:
    if error.status >= 500 or error.status in PASSING or error.code.upper() in THEIR_FAULT:
        return ProviderError(provider, retryable=True, call=call, status=error.status)
    if error.status < 400 or _NO_SUCH_ADDRESS.search(error.description):
        return ProviderError(provider, retryable=True, why="not at this address", call=call, status=error.status)
    reason = _reason(error.description)  # the words themselves may quote a guest
    told = "our key" if error.status in CREDENTIALS else reason.value
    said = {"provider": provider, "call": call, "status": error.status, "reason": told}
    log.warning("payment_call_refused", extra=said)
    if error.status in CREDENTIALS:
        return NotNow(provider, "our key is refused", call=call, status=error.status)
    if error.status == CONFLICT:
        return NotNow(provider, "conflict", call=call)
    return PaymentRefused(provider, reason, call=call, status=error.status)


def no_answer(provider: str, call: str, lost: NoAnswer) -> ProviderError:
    return ProviderError(provider, retryable=True, why=lost.why, call=call, status=lost.status)


def _reason(description: str) -> Refusal:
    found = (reason for reason, words in _WORDS.items() if re.search(words, description, re.IGNORECASE))
    return next(found, Refusal.REFUSED)
