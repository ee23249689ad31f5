"""What an outlet's orders and a provider's list say of one day, side by side. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from core.daybook.models import DayBook, Difference, Why
from core.ids import OrderId, PaymentId
from core.money import ZERO, Money, total
from core.orders.facts import CashReturned
from core.orders.ledger import Payment, Refund, RefundStatus
from core.orders.models import Order
from core.orders.status import OrderStatus
from core.payments.models import PaymentRecord, PaymentState, RefundRecord, RefundState
from core.payments.statement import Statement

_THERE = (RefundStatus.PENDING, RefundStatus.PROCESSED)


def reckon(book: DayBook, orders: Sequence[Order], statement: Statement) -> DayBook:
    """`book` (with outlet, day and its limits) filled in. `orders` are the outlet's: all that the day may touch."""
    mine = {order.id: order for order in orders}
    payments = [one for one in statement.payments if one.order in mine]
    refunds = [one for one in statement.refunds if one.order in mine]
    day = _Day(book)
    for order in orders:
        listed = {one.record.payment.id: one.record for one in payments if one.order == order.id}
        day.payments(order, listed)
        day.refunds(order, [one.record for one in refunds if one.order == order.id])
        day.cash_of(order)
    return book.model_copy(
        update={
            "orders": sum(1 for order in orders if day.holds(order.placed_ms)),
            "captured": day.captured,
            "captured_there": day.captured_there,
            "refunded": day.refunded,
            "refunded_there": day.refunded_there,
            "fees": day.fees,
            "cash": day.cash,
            "cash_back": day.cash_back,
            "differences": tuple(day.differences),
        }
    )


class _Day:
    def __init__(self, book: DayBook) -> None:
        self._book = book
        self.captured = self.captured_there = self.refunded = self.refunded_there = ZERO
        self.fees = self.cash = self.cash_back = ZERO
        self.differences: list[Difference] = []

    def holds(self, at_ms: int) -> bool:
        return self._book.since_ms <= at_ms < self._book.until_ms

    def payments(self, order: Order, listed: Mapping[PaymentId, PaymentRecord]) -> None:
        known = {payment.id: payment for payment in order.payments}
        for name in dict.fromkeys([*known, *listed]):
            payment, record = known.get(name), listed.get(name)
            if not self.holds(record.at_ms if record is not None else payment.captured_ms if payment else 0):
                continue
            ours, theirs = _taken(payment), _taken_there(record)
            self.captured += ours
            self.captured_there += theirs
            self.fees += record.fee if record is not None else ZERO
            why = Why.NOT_THERE if not theirs else Why.NOT_HERE if not ours else Why.AMOUNT
            self._note(why, order, name, ours - theirs)

    def refunds(self, order: Order, listed: Iterable[RefundRecord]) -> None:
        rest = list(order.refunds)
        for record in listed:
            refund = next((one for one in rest if _is(one, record)), None)
            if refund is not None:
                rest.remove(refund)
            if self.holds(record.at_ms):
                self._refund(order, record.refund.id, _returned(refund), _returned_there(record))
        for refund in rest:
            if self.holds(refund.at_ms):
                self._refund(order, refund.provider_id or refund.key, _returned(refund), ZERO)

    def _refund(self, order: Order, name: str, ours: Money, theirs: Money) -> None:
        self.refunded += ours
        self.refunded_there += theirs
        why = Why.REFUND_NOT_THERE if not theirs else Why.REFUND_NOT_HERE if not ours else Why.REFUND_AMOUNT
        self._note(why, order, name, theirs - ours)

    def cash_of(self, order: Order) -> None:
        if self.holds(order.cash_ms):
            self.cash += order.total
        self.cash_back += total(
            fact.amount for fact in order.facts if isinstance(fact, CashReturned) and self.holds(fact.at_ms)
        )
        if order.status is OrderStatus.COMPLETED and not order.paid and self.holds(order.placed_ms):
            self._note(Why.CASH_MISSING, order, "", order.total)

    def _note(self, why: Why, order: Order, about: str, amount: Money) -> None:
        if amount:
            found = Difference(why=why, order=OrderId(order.id), code=order.code, about=about, amount=amount)
            self.differences.append(found)


def _taken(payment: Payment | None) -> Money:
    return payment.amount if payment is not None and payment.captured else ZERO


def _taken_there(record: PaymentRecord | None) -> Money:
    return record.payment.amount if record is not None and record.payment.state is PaymentState.CAPTURED else ZERO


def _returned(refund: Refund | None) -> Money:
    return refund.amount if refund is not None and refund.status in _THERE else ZERO


def _returned_there(record: RefundRecord) -> Money:
    return ZERO if record.refund.state is RefundState.FAILED else record.refund.amount


def _is(refund: Refund, record: RefundRecord) -> bool:
    view = record.refund
    return refund.provider_id == view.id or bool(view.key and refund.key == view.key)
