"""A wish to give money back: from the first tap to the refund in the order."""

from enum import StrEnum

from core.ids import Handle, OrderId, OutletId
from core.models import Document
from core.money import ZERO, Money
from core.orders.ledger import Portion

NEVER_MS = 253_402_300_799_000


class Why(StrEnum):
    """The reasons there are buttons for; WORDS stands for the owner's own."""

    COLD = "owner_cold"
    LATE = "owner_late"
    MISSING = "owner_missing"
    WRONG = "owner_wrong"
    QUALITY = "owner_quality"
    GOODWILL = "owner_goodwill"
    WORDS = "owner_words"


class WishState(StrEnum):
    DRAFT = "draft"  # its maker is still choosing
    ASKED = "asked"  # a second person has to agree
    AGREED = "agreed"  # may be carried out
    DONE = "done"  # the order has it
    DECLINED = "declined"
    EXPIRED = "expired"  # nobody agreed within a day
    VOID = "void"  # there was no longer so much to give back
    DROPPED = "dropped"


class Wish(Document):
    """Changed by whole replacement under {_id, v} alone. `amount` is what goes back; of chosen dishes it follows from
    them. `due_ms` is when somebody has to look at it again.
    """

    id: str  # wsh_…
    v: int = 1
    state: WishState = WishState.DRAFT
    order: OrderId
    outlet: OutletId
    code: str
    currency: str
    cash: bool = False
    by: Handle
    by_name: str
    whole: bool = False  # all that is left, whatever that is in the end
    by_dish: bool = False
    lines: tuple[Portion, ...] = ()
    amount: Money = ZERO
    why: Why | None = None
    words: str = ""
    made_ms: int
    asked_ms: int = 0
    until_ms: int = 0
    decided_by: str = ""
    decided_name: str = ""
    decided_ms: int = 0
    told_ms: int = 0
    due_ms: int = NEVER_MS

    @property
    def ready(self) -> bool:
        """Whether it says enough to be confirmed."""
        return self.amount.paise > 0 and self.why is not None
