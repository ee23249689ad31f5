"""What an error of Stripe's library means: never, not now, or who knows. Imported with the library, not before."""

import logging
import re
from typing import Final

import stripe

from core.errors import ProviderError
from core.payments.calls import KeyUsed, NotNow
from core.payments.errors import PaymentRefused, Refusal

log = logging.getLogger(__name__)

CONFLICT: Final = 409
_CODES: Final = {
    "resource_missing": Refusal.NOT_FOUND,
    "charge_already_refunded": Refusal.TOO_MUCH,
    "balance_insufficient": Refusal.BALANCE,
    "insufficient_funds": Refusal.BALANCE,
}
_WORDS: Final = {
    Refusal.TOO_MUCH: r"greater than unrefunded amount|already been refunded",
    Refusal.BALANCE: r"insufficient (?:funds|balance)",
    Refusal.TOO_OLD: r"too old to be refunded|charge is older than",
}


def translated(provider: str, call: str, failure: Exception) -> ProviderError:
    match failure:
        case stripe.IdempotencyError():
            return KeyUsed(provider, "the key was used", call=call)
        case stripe.AuthenticationError() | stripe.PermissionError():
            log.error("payment_call_refused", extra={"provider": provider, "call": call, "reason": "our key"})
            return NotNow(provider, "our key is refused", call=call)
        case stripe.InvalidRequestError() | stripe.CardError():
            return _refused(provider, call, failure)
        case stripe.StripeError() if failure.http_status == CONFLICT:
            return NotNow(provider, "conflict", call=call)
        case stripe.StripeError():
            return ProviderError(
                provider, retryable=True, why=type(failure).__name__, call=call, status=failure.http_status or 0
            )
        case _:  # the library itself stumbled over what was answered
            return ProviderError(provider, retryable=True, why=type(failure).__name__, call=call)


def _refused(provider: str, call: str, failure: stripe.StripeError) -> ProviderError:
    code, words = failure.code or "", failure.user_message or ""
    if failure.http_status == 404 and code != "resource_missing":
        return ProviderError(provider, retryable=True, why="not at this address", call=call, status=404)
    by_words = (reason for reason, pattern in _WORDS.items() if re.search(pattern, words, re.IGNORECASE))
    reason = _CODES.get(code) or next(by_words, Refusal.REFUSED)  # the words themselves may quote a guest
    said = {"provider": provider, "call": call, "status": failure.http_status, "code": code, "reason": reason.value}
    log.warning("payment_call_refused", extra=said)
    return PaymentRefused(provider, reason, call=call, status=failure.http_status or 0)
