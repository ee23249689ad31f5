"""What an owner or an admin can tap. Tags begin with `@`, which no guest's and no kitchen's button does.

Dishes, people and groups travel as short fingerprints, since their names need not fit a button. `asked` is when a
question was put, in seconds: an answer to an old one is asked again. Nothing in an action is believed.
"""

from enum import StrEnum
from hashlib import blake2b

from bot.conversation.actions import Action
from core.ids import OrderId, OutletId
from core.refunds.models import Why
from core.staff.models import Role

MARK = "@"


class Span(StrEnum):
    """For how long an outlet takes no orders."""

    HALF_HOUR = "m30"
    HOURS_2 = "h2"
    TOMORROW = "tm"
    WEEK = "wk"


class OrphanWas(StrEnum):
    """What money without an order turned out to be."""

    OTHER_SHOP = "shop"
    GIVEN_BACK = "back"
    SERVED = "served"
    TEST = "test"


def fingerprint(*parts: str) -> str:
    """Twelve characters that stand for a dish, a person or a group in a button."""
    return blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


class OpenOutlets(Action, tag="@ls"):
    pass


class OpenOutlet(Action, tag="@o"):
    outlet: OutletId


class OpenSwitch(Action, tag="@sw"):
    pass


class AskPause(Action, tag="@p?"):
    outlet: OutletId


class PauseOutlet(Action, tag="@p"):
    outlet: OutletId
    span: Span
    asked: int


class ResumeOutlet(Action, tag="@r"):
    outlet: OutletId


class MakeBindCode(Action, tag="@b"):
    outlet: OutletId


class AskUnbind(Action, tag="@u?"):
    outlet: OutletId
    group: str


class Unbind(Action, tag="@u"):
    outlet: OutletId
    group: str
    asked: int


class OpenStaff(Action, tag="@s"):
    outlet: OutletId


class OpenPerson(Action, tag="@m"):
    outlet: OutletId
    person: str


class AskRole(Action, tag="@mr?"):
    outlet: OutletId
    person: str
    role: Role


class SetRole(Action, tag="@mr"):
    outlet: OutletId
    person: str
    role: Role
    asked: int


class AskRemove(Action, tag="@mx?"):
    outlet: OutletId
    person: str


class RemovePerson(Action, tag="@mx"):
    outlet: OutletId
    person: str
    asked: int


class AskInvite(Action, tag="@i?"):
    outlet: OutletId


class MakeInvite(Action, tag="@i"):
    outlet: OutletId
    role: Role


class AskHire(Action, tag="@h?"):
    """Let somebody whose Telegram number is known work at an outlet: as what?"""

    outlet: OutletId
    person: int


class Hire(Action, tag="@h"):
    outlet: OutletId
    person: int
    role: Role
    asked: int


class OpenDishes(Action, tag="@d"):
    outlet: OutletId


class DishBack(Action, tag="@db"):
    outlet: OutletId
    dish: str


class AskPrice(Action, tag="@c?"):
    dish: str
    paise: int


class SetPrice(Action, tag="@c"):
    """`was` is the price the question named; `sure` says that a large change was confirmed a second time."""

    dish: str
    paise: int
    was: int
    sure: bool
    asked: int


class OpenOrder(Action, tag="@f"):
    order: OrderId


class OpenInvoice(Action, tag="@fi"):
    order: OrderId


class OpenAudit(Action, tag="@a"):
    pass


class StartRefund(Action, tag="@g?"):
    """Give money of an order back: all that is left, or some dishes?"""

    order: OrderId


class DraftRefund(Action, tag="@gn"):
    order: OrderId
    by_dish: bool


class OpenWish(Action, tag="@gw"):
    wish: str


class PickPortion(Action, tag="@gp"):
    wish: str
    line: int


class RefundBecause(Action, tag="@gy"):
    wish: str
    why: Why


class GiveBack(Action, tag="@g"):
    """`v` is the version of the wish whose amount was shown."""

    wish: str
    v: int


class DropWish(Action, tag="@gx"):
    wish: str


class AgreeRefund(Action, tag="@ga"):
    wish: str


class DeclineRefund(Action, tag="@gd"):
    wish: str


class OpenReport(Action, tag="@rp"):
    """An outlet's day in money; `day` as 2026-11-22."""

    outlet: OutletId
    day: str


class OpenOrphans(Action, tag="@w"):
    """Payments nobody ordered with."""


class OpenOrphan(Action, tag="@w?"):
    payment: str


class CloseOrphan(Action, tag="@wx"):
    payment: str
    what: OrphanWas
