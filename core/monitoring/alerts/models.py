"""Something about the whole house that a person must hear of."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from core.lanes.models import WorkItem

Facts = dict[str, str | int]

LANE: Final = "alerts"


class Level(StrEnum):
    """PAGE wakes somebody, TICKET waits for working hours (RELIABILITY.md §8.6)."""

    TICKET = "ticket"
    PAGE = "page"


class AlertKind(StrEnum):
    """What is wrong. Words for it are made where it is read."""

    SMS_BUDGET = "sms_budget"
    SMS_STOPPED = "sms_stopped"
    WRONG_CODES = "wrong_codes"
    MANY_PHONES = "many_phones"
    DOOR_SHUT = "door_shut"  # messages that never reached us were found in a chat service's own list
    ORPHAN = "orphan"  # money at a payment provider that no order knows of


class Alert(WorkItem):
    """`id` is made of kind, subject and period, so that raising it again changes nothing. `facts` hold no whole phone,
    no code and no secret: they are read in a chat.
    """

    kind: AlertKind
    level: Level
    about: str
    period: str
    facts: Facts = Field(default_factory=dict)
