"""Money on its way back. Of each payment never more than was captured, and of one that goes back never less."""

from core.ids import RefundKey
from core.money import Money
from core.orders.decision import Decision
from core.orders.ledger import Payment, Refund, RefundStatus
from core.orders.outgoing import Data, DeliveryKind

MAX_TRIES = 3  # refunds the provider confirmed as failed, before a person is asked
WITHDRAWABLE = (RefundStatus.DUE, RefundStatus.MANUAL)


def left_of(d: Decision, payment: Payment) -> Money:
    """What of a captured payment has neither gone back nor been withheld; below nothing when too much is under way."""
    return payment.amount - payment.withheld - d.order.covered(payment.id)


def give_back(d: Decision, payment: Payment, reason: str, withheld: Money | None = None) -> None:
    """Let a payment go back, now or when its capture becomes known. The first reason stands."""
    d.put_payment(
        payment.model_copy(
            update={
                "returns": payment.returns or reason,
                "withheld": payment.withheld if withheld is None else withheld,
            }
        )
    )


def ask_refund(d: Decision, payment: Payment, amount: Money, reason: str, *, by_hand: bool = False) -> Refund:
    """One more refund under the next number, and the command to make it; after too many failures a person's job."""
    ours = [refund for refund in d.order.refunds if refund.payment == payment.id and refund.ours]
    n = len(ours) + 1
    failed = [refund for refund in ours if refund.status is RefundStatus.FAILED]
    by_hand = by_hand or len(failed) >= MAX_TRIES
    key = RefundKey(f"rf_{d.order.id}_{payment.id}_{n}")
    status = RefundStatus.MANUAL if by_hand else RefundStatus.DUE
    asked = Refund(key=key, payment=payment.id, amount=amount, status=status, n=n, reason=reason, at_ms=d.now_ms)
    d.put_refund(asked)
    if by_hand:
        d.flag("refund_manual")
        d.alert("refund_manual", key, key=key, amount=amount.paise)
    else:
        d.tell(DeliveryKind.PROVIDER_REFUND, key, key=key)
    return asked


def settle_refunds(d: Decision) -> None:
    """Bring what is under way in line with what has to go back, and tell the guest once of what is new."""
    for payment in d.order.payments:
        if not payment.captured:
            continue
        _withdraw(d, payment)
        left = left_of(d, payment)
        if payment.returns and left.paise > 0:
            ask_refund(d, payment, left, payment.returns)
    _tell(d, [refund for refund in d.order.refunds if refund.ours and refund.key not in d.refunds_before])


def _withdraw(d: Decision, payment: Payment) -> None:
    """A refund by hand made ours too large: take back what was not sent; what is still missing is asked for anew."""
    for refund in reversed(d.order.refunds):
        if left_of(d, payment).paise >= 0:
            return
        if refund.payment == payment.id and refund.status in WITHDRAWABLE:
            d.put_refund(refund.model_copy(update={"status": RefundStatus.WITHDRAWN, "done_ms": d.now_ms}))


def _tell(d: Decision, new: list[Refund]) -> None:
    if not new:
        return
    told = d.told(DeliveryKind.GUEST_CANCELLED, DeliveryKind.GUEST_REJECTED)
    if told is not None:  # one message says that it is cancelled and what goes back
        d.add_data(told, refund=sum(refund.amount.paise for refund in new))
        return
    for refund in new:
        if refund.n == 1 or refund.reason != _reason_before(d, refund):
            tell_refund(d, refund)


def tell_refund(d: Decision, refund: Refund) -> None:
    about: Data = {"key": refund.key, "amount": refund.amount.paise, "reason": refund.reason}
    d.tell(DeliveryKind.GUEST_REFUND_REQUESTED, refund.key, **about)


def _reason_before(d: Decision, refund: Refund) -> str:
    """A second try for the same reason is not news for the guest."""
    ours = [x for x in d.order.refunds if x.payment == refund.payment and x.ours]
    return ours[refund.n - 2].reason
