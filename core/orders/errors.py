"""Why an order did not do what was tapped."""

from core.errors import Conflict, InvalidInput, NotFound
from core.ids import OrderId
from core.money import Money
from core.orders.status import OrderStatus


class OrderNotFound(NotFound):
    """No such order, or not this guest's, or not this outlet's: nobody learns which."""

    order_id: OrderId


class UnpaidOrderOpen(Conflict):
    """The guest has an order that waits for its payment; one at a time."""

    order_id: OrderId
    code: str


class TooManyOpenCashOrders(Conflict):
    """So many orders to be paid in cash are under way already."""

    limit: int


class OrderConflict(Conflict):
    """The order moved on before the tap arrived."""

    order_id: OrderId
    status: OrderStatus


class AlreadyAccepted(OrderConflict):
    by: str
    at_ms: int


class NotPaidYet(OrderConflict):
    pass


class AlreadyPaid(OrderConflict):
    pass


class NotAcceptedYet(OrderConflict):
    """Accept it first."""


class UseCancel(OrderConflict):
    """Accepted orders are cancelled with a reason, no longer rejected."""


class TooLateToCancel(OrderConflict):
    """The kitchen has accepted: the guest can only ask."""


class OrderClosed(OrderConflict):
    """It has ended: `status` says how."""


class NextStepOnly(OrderConflict):
    allowed: tuple[OrderStatus, ...]


class CashNotCollected(OrderConflict):
    amount: Money


class NoCashDue(OrderConflict):
    """Paid already, or never meant to be paid in cash."""


class WrongCashAmount(InvalidInput):
    field = "amount"
    expected: Money


class NothingToUndo(OrderConflict):
    """The minute is over, or the last step was one that cannot be taken back."""


class NoCancelRequest(OrderConflict):
    pass


class NothingToRefund(OrderConflict):
    pass


class TooMuchToRefund(OrderConflict):
    """More than is left of what was paid."""

    left: Money


class NeedsSecondPerson(OrderConflict):
    """One person alone gives back no more than `limit` of an order, and `given` of it went back so already."""

    limit: Money
    given: Money


class StillNeeded(Conflict):
    """The guest asked to be forgotten while an order of theirs is open."""

    order_id: OrderId
    code: str
