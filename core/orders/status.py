"""Where an order stands, and what may follow."""

from enum import StrEnum


class OrderStatus(StrEnum):
    AWAITING_PAYMENT = "awaiting_payment"
    PLACED = "placed"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    READY = "ready"
    OUT_FOR_DELIVERY = "out_for_delivery"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def live(self) -> bool:
        """Something is still going to happen: to be paid, answered, cooked or handed over."""
        return not self.ended

    @property
    def ended(self) -> bool:
        return self in (
            OrderStatus.COMPLETED,
            OrderStatus.REJECTED,
            OrderStatus.CANCELLED,
            OrderStatus.EXPIRED,
        )

    @property
    def cooking(self) -> bool:
        """The kitchen took it and it has not been handed over."""
        return self in COOKING


COOKING = (OrderStatus.ACCEPTED, OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.OUT_FOR_DELIVERY)
LIVE = tuple(status for status in OrderStatus if status.live)
AT_OUTLET = (OrderStatus.PLACED, *COOKING)


class Column(StrEnum):
    """The six columns of the event table."""

    AP = "AP"
    PL = "PL"
    AC = "AC"
    CO = "CO"
    CX = "CX"
    EX = "EX"


_COLUMNS = {
    OrderStatus.AWAITING_PAYMENT: Column.AP,
    OrderStatus.PLACED: Column.PL,
    **dict.fromkeys(COOKING, Column.AC),
    OrderStatus.COMPLETED: Column.CO,
    OrderStatus.REJECTED: Column.CX,
    OrderStatus.CANCELLED: Column.CX,
    OrderStatus.EXPIRED: Column.EX,
}


def column_of(status: OrderStatus) -> Column:
    return _COLUMNS[status]
