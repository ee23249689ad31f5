"""What a cook, a manager or a rider can tap. Tags begin with `k`; an order's id is 26 characters, the limit is 64.

Nothing in an action is believed: the desk looks up who tapped, in which chat, and how the order stands now.
"""

from enum import StrEnum

from bot.conversation.actions import Action
from core.ids import OrderId
from core.threads.models import ThreadId

ACCEPT_MINUTES = (15, 25, 35)


class RejectReason(StrEnum):
    """Why an order is not taken; short codes travel in buttons, words are made where they are shown."""

    BUSY = "busy"
    SOLD_OUT = "sold"
    CLOSING = "clos"
    NO_RIDER = "ride"
    ADDRESS = "addr"


class CancelReason(StrEnum):
    """Why an order that was accepted cannot be finished."""

    SOLD_OUT = "sold"
    KITCHEN = "kitc"
    NO_RIDER = "ride"
    GUEST_ASKED = "gues"
    GUEST_ABSENT = "abse"
    GUEST_REFUSED = "refu"


class Until(StrEnum):
    """How long a dish stays off the menu."""

    HOUR = "h1"
    CLOSING = "cl"
    TOMORROW = "tm"
    FURTHER_NOTICE = "fn"


class ShowCard(Action, tag="ksh"):
    """Post the card anew, from a list or the board."""

    order: OrderId


class CardAgain(Action, tag="kag"):
    """Draw the tapped card as it reads now."""

    order: OrderId


class Accept(Action, tag="kac"):
    order: OrderId
    minutes: int


class RejectMenu(Action, tag="krm"):
    order: OrderId


class Reject(Action, tag="krj"):
    order: OrderId
    reason: RejectReason


class Ready(Action, tag="krd"):
    order: OrderId


class Out(Action, tag="kou"):
    order: OrderId


class Delivered(Action, tag="kdl"):
    """Delivered, served or picked up: the order ended as it should, and was paid before."""

    order: OrderId


class CollectedAndDelivered(Action, tag="kcd"):
    order: OrderId
    paise: int  # what the button said was collected


class PayAtDoor(Action, tag="kup"):
    """The guest would rather pay by UPI than in cash: a code to be scanned, or the one there is."""

    order: OrderId


class Undo(Action, tag="kun"):
    """Take back the step the card showed, and no other."""

    order: OrderId
    moves: int  # how often the order had changed its status then


class CancelMenu(Action, tag="kcm"):
    order: OrderId


class Cancel(Action, tag="kca"):
    order: OrderId
    reason: CancelReason


class AnswerCancel(Action, tag="kan"):
    """The guest asked to cancel an accepted order: yes or no."""

    order: OrderId
    yes: bool


class ShowBoard(Action, tag="kbo"):
    pass


class SoldOutMenu(Action, tag="ksm"):
    """Ask how long the dish stays off."""

    item: str  # the code alone; the outlet is the chat's


class SoldOut(Action, tag="kso"):
    item: str
    until: Until


class BackOnMenu(Action, tag="kbk"):
    item: str


class Pause(Action, tag="kpa"):
    minutes: int


class Resume(Action, tag="kre"):
    pass


class TakeThread(Action, tag="kth"):
    thread: ThreadId
    line: int


class EndThread(Action, tag="ktd"):
    thread: ThreadId
    line: int


KITCHEN_TAGS = Action.tags_in(__name__)
