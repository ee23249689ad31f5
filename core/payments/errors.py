"""What a payment provider says no to, and events that belong to nobody."""

from enum import StrEnum

from core.errors import InvalidInput, NotFound, ProviderError


class Refusal(StrEnum):
    REFERENCE_USED = "reference_used"  # a link of this reference exists already
    NOT_FOUND = "not_found"
    TOO_MUCH = "too_much"  # more than is left of the payment, or all of it was returned before
    TOO_OLD = "too_old"  # older than the provider returns (six months)
    BALANCE = "balance"  # the merchant's account does not hold it
    REFUSED = "refused"  # anything else that trying again will not change


HOPELESS_REFUNDS = frozenset({Refusal.TOO_OLD, Refusal.BALANCE, Refusal.NOT_FOUND})


class PaymentRefused(ProviderError):
    """The provider understood and said no."""

    def __init__(self, provider: str, reason: Refusal, **facts: object) -> None:
        super().__init__(provider, retryable=False, reason=reason, **facts)
        self.reason = reason


class OrphanEvent(NotFound):
    """News of a payment without an order: a matter for a person, never refunded by itself."""


class UnreadableEvent(InvalidInput):
    """A verified event we do not understand."""

    field = "event"
