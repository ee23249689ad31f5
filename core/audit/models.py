"""An act that somebody may have to answer for."""

from enum import StrEnum

from pydantic import Field

from core.models import Document

Facts = dict[str, str | int]


class Did(StrEnum):
    """What was done. Words for it are made where it is read."""

    INVITE_MADE = "invite_made"
    INVITE_USED = "invite_used"
    INVITE_REFUSED = "invite_refused"
    GROUP_BOUND = "group_bound"
    GROUP_UNBOUND = "group_unbound"
    GROUP_MOVED = "group_moved"
    GROUP_LOST = "group_lost"
    GROUP_JOINED = "group_joined"
    STAFF_ADDED = "staff_added"
    STAFF_ROLE = "staff_role"
    STAFF_REMOVED = "staff_removed"
    OUTLET_PAUSED = "outlet_paused"
    OUTLET_RESUMED = "outlet_resumed"
    PRICE_SET = "price_set"
    DISH_BACK = "dish_back"
    REFUND_MADE = "refund_made"
    REFUND_WISHED = "refund_wished"
    REFUND_AGREED = "refund_agreed"
    REFUND_DECLINED = "refund_declined"
    REFUND_EXPIRED = "refund_expired"
    ORPHAN_CLOSED = "orphan_closed"
    REFUSED = "refused"  # somebody tried in a kitchen what they may not


class Act(Document):
    """Written once and never changed."""

    id: str  # aud_…
    did: Did
    at_ms: int
    by: str  # a handle; "telegram" for what the platform reported
    name: str = ""  # as the person was called then
    outlet: str = ""  # empty: it concerns no single outlet
    about: str = ""  # what was acted upon: a chat, a person, a dish
    facts: Facts = Field(default_factory=dict)
