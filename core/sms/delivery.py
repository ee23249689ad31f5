"""What becomes of a message after a service took it."""

from enum import StrEnum
from typing import Final

from core.models import Document, Model


class DeliveryStatus(StrEnum):
    """As Twilio calls them (PLATFORMS.md B7); other services' words are put into these."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def rank(self) -> int:
        """How far along it is; what went wrong ranks last, as nothing may follow it."""
        return _RANKS[self]

    @property
    def below(self) -> int:
        """It may replace a status that ranks lower than this. A delivered message does not fail afterwards."""
        return _RANKS[DeliveryStatus.DELIVERED] if self.went_wrong else self.rank

    @property
    def arrived(self) -> bool:
        return self in (DeliveryStatus.DELIVERED, DeliveryStatus.READ)

    @property
    def went_wrong(self) -> bool:
        return self in (DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELED)


_RANKS: Final = {
    DeliveryStatus.ACCEPTED: 1,
    DeliveryStatus.SCHEDULED: 1,
    DeliveryStatus.QUEUED: 2,
    DeliveryStatus.SENDING: 3,
    DeliveryStatus.SENT: 4,
    DeliveryStatus.PARTIALLY_DELIVERED: 5,
    DeliveryStatus.DELIVERED: 6,
    DeliveryStatus.READ: 7,
    DeliveryStatus.UNDELIVERED: 9,
    DeliveryStatus.FAILED: 9,
    DeliveryStatus.CANCELED: 9,
}


class SentMessage(Document):
    """A message a service took: neither the text nor the number, which the service knows. `settled_ms` is 0 as long as
    it may still arrive."""

    provider: str
    status: DeliveryStatus
    rank: int
    error: str = ""
    sent_ms: int
    changed_ms: int
    settled_ms: int = 0


class Score(Model):
    """How many of the last messages whose fate is known arrived."""

    delivered: int
    of: int

    @property
    def share(self) -> float:
        return self.delivered / self.of
