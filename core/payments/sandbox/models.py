"""The ledger of the practice provider: one document a link, with everything that was ever tried on it."""

from core.ids import LinkId, PaymentId, RefundKey
from core.models import Document, Model
from core.money import Money, total
from core.outlets.models import PayMethod
from core.payments.models import LinkStatus, PaymentLink, PaymentState, PaymentView, RefundState, RefundView


class SandboxRefund(Model):
    id: str
    key: RefundKey  # empty: made by hand
    amount: Money
    at_ms: int
    settles_ms: int

    def view(self, payment: PaymentId, now_ms: int) -> RefundView:
        settled = self.settles_ms <= now_ms
        return RefundView(
            id=self.id,
            payment=payment,
            amount=self.amount,
            state=RefundState.PROCESSED if settled else RefundState.PENDING,
            key=self.key,
            bank_ref=f"ARN{self.settles_ms}" if settled else "",
        )


class SandboxPayment(Model):
    id: PaymentId
    amount: Money
    currency: str
    state: PaymentState
    method: str
    reason: str = ""
    at_ms: int
    refunds: tuple[SandboxRefund, ...] = ()

    @property
    def left(self) -> Money:
        return self.amount - total(refund.amount for refund in self.refunds)

    def view(self) -> PaymentView:
        return PaymentView(
            id=self.id,
            amount=self.amount,
            currency=self.currency,
            state=self.state,
            method=self.method,
            reason=self.reason,
            refunded=total(refund.amount for refund in self.refunds),
        )


class SandboxLink(Document):
    id: LinkId
    v: int = 1
    reference: str
    url: str
    amount: Money
    currency: str
    method: PayMethod
    description: str
    status: LinkStatus = LinkStatus.OPEN
    expires_ms: int
    created_ms: int
    payments: tuple[SandboxPayment, ...] = ()

    def status_at(self, now_ms: int) -> LinkStatus:
        """An open link expires by itself."""
        over = self.status is LinkStatus.OPEN and self.expires_ms <= now_ms
        return LinkStatus.EXPIRED if over else self.status

    def view(self, now_ms: int) -> PaymentLink:
        return PaymentLink(
            id=self.id,
            reference=self.reference,
            url=self.url,
            amount=self.amount,
            currency=self.currency,
            status=self.status_at(now_ms),
            expires_ms=self.expires_ms,
        )

    def payment(self, payment_id: PaymentId) -> SandboxPayment | None:
        return next((payment for payment in self.payments if payment.id == payment_id), None)
