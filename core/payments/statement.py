"""A provider's own list of a time, line by line with the order each line is for."""

from dataclasses import dataclass

from core.ids import OrderId
from core.payments.models import PaymentRecord, RefundRecord


@dataclass(frozen=True, slots=True)
class PaidLine:
    record: PaymentRecord
    order: OrderId | None


@dataclass(frozen=True, slots=True)
class RefundedLine:
    record: RefundRecord
    order: OrderId | None


@dataclass(frozen=True, slots=True)
class Statement:
    payments: tuple[PaidLine, ...] = ()
    refunds: tuple[RefundedLine, ...] = ()
