"""A delivery: something on its way out because of an order, and what came of it."""

from dataclasses import dataclass
from datetime import timedelta

from core.ids import DeliveryId, OrderId
from core.lanes.models import WorkItem
from core.orders.outgoing import Data, DeliveryKind


class Delivery(WorkItem):
    """`id` is `<order>:<kind>:<target>:<step>`, so that copying it twice stores it once."""

    id: DeliveryId
    order: OrderId
    kind: DeliveryKind
    target: str  # a chat key, provider:<name>, admin, stock, books, or outlet:<id> when the outlet has no group
    step: str
    data: Data


@dataclass(frozen=True, slots=True)
class Sent:
    """It is out. `ref`: what the channel calls it (a message id), for those who will edit it."""

    ref: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The world moved on; sending it would only confuse."""

    why: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. `after` is what the other side asked for; None: by the schedule of its kind."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Never: the bot was blocked, the group is gone."""

    reason: str


DeliveryResult = Sent | Skipped | Retry | Failed
