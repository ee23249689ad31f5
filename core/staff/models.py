"""Who works at an outlet, and what each of them may do."""

from enum import StrEnum

from core.ids import Handle, OutletId
from core.models import Document


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    KITCHEN = "kitchen"
    RIDER = "rider"


class Verb(StrEnum):
    """What staff do to orders and to the outlet."""

    BOARD = "board"
    ACCEPT = "accept"
    REJECT = "reject"
    PROGRESS = "progress"  # preparing, ready
    DELIVER = "deliver"  # out, delivered
    CANCEL = "cancel"  # after it was accepted
    SOLDOUT = "soldout"
    PAUSE = "pause"
    HOURS = "hours"
    REFUND = "refund"
    PRICE = "price"
    STAFF = "staff"


_RIDER = frozenset({Verb.BOARD, Verb.DELIVER})
_KITCHEN = _RIDER | {Verb.ACCEPT, Verb.REJECT, Verb.PROGRESS, Verb.SOLDOUT, Verb.PAUSE}
_MANAGER = _KITCHEN | {Verb.CANCEL, Verb.HOURS, Verb.REFUND, Verb.PRICE}
_OWNER = _MANAGER | {Verb.STAFF}

PERMISSIONS: dict[Role, frozenset[Verb]] = {
    Role.RIDER: _RIDER,
    Role.KITCHEN: _KITCHEN,
    Role.MANAGER: _MANAGER,
    Role.OWNER: _OWNER,
}


def may(role: Role | None, verb: Verb | str) -> bool:
    """Whether this role may do that. Nobody may do what the table does not know."""
    return role is not None and verb in PERMISSIONS[role]


class StaffMember(Document):
    """One person at one outlet. Whoever works at two has two documents."""

    id: str  # <outlet>:<handle>
    outlet: OutletId
    handle: Handle
    role: Role
    name: str = ""
    added_by: str = ""
    added_ms: int = 0


def member_id(outlet: OutletId, handle: Handle) -> str:
    return f"{outlet}:{handle}"
