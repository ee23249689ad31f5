"""The practice books in Razorpay's words (PLATFORMS.md C1, C3, C4)."""

from typing import Any, Final

from core.payments.practice.models import (
    LinkStatus,
    PaymentStatus,
    PracticeLink,
    PracticePayment,
    PracticeRefund,
    RefundStatus,
)

Json = dict[str, Any]
FEE_BP: Final = 236  # two per cent, and the tax on them
TAX_ON_FEE: Final = 18


def link_entity(link: PracticeLink, url: str, now_ms: int) -> Json:
    status = link.status_at(now_ms)
    captured = [payment for payment in link.payments if payment.captured]
    entity: Json = {
        "accept_partial": False,
        "amount": link.amount.paise,
        "amount_paid": link.amount_paid.paise,
        "callback_method": "get" if link.callback_url else "",
        "callback_url": link.callback_url,
        "cancelled_at": link.cancelled_ms // 1000,
        "created_at": link.created_ms // 1000,
        "currency": link.currency,
        "customer": {},
        "description": link.description,
        "expire_by": link.expire_by,
        "expired_at": link.expire_by if status is LinkStatus.EXPIRED else 0,
        "first_min_partial_amount": 0,
        "id": link.id,
        "notes": dict(link.notes) or None,
        "notify": {"email": False, "sms": False},
        "payments": [_paid_part(link, payment) for payment in captured] or None,
        "reference_id": link.reference,
        "reminder_enable": False,
        "reminders": [],
        "short_url": url,
        "status": status.value,
        "updated_at": now_ms // 1000,
        "upi_link": False,
        "user_id": "",
    }
    if link.payments:  # the order behind a link shows once somebody tried to pay
        entity["order_id"] = link.order_id
    return entity


def _paid_part(link: PracticeLink, payment: PracticePayment) -> Json:
    return {
        "amount": payment.amount.paise,
        "created_at": payment.at_ms // 1000,
        "method": payment.method,
        "payment_id": payment.id,
        "plink_id": link.id,
        "status": "captured",
        "updated_at": payment.at_ms // 1000,
    }


def order_entity(link: PracticeLink) -> Json:
    paid = link.amount_paid.paise >= link.amount.paise
    return {
        "amount": link.amount.paise,
        "amount_due": max(0, link.amount.paise - link.amount_paid.paise),
        "amount_paid": link.amount_paid.paise,
        "attempts": len(link.payments),
        "created_at": link.created_ms // 1000,
        "currency": link.currency,
        "entity": "order",
        "id": link.order_id,
        "notes": dict(link.notes) or [],
        "offer_id": None,
        "receipt": link.reference,
        "status": "paid" if paid else "attempted" if link.payments else "created",
    }


def payment_entity(link: PracticeLink, payment: PracticePayment, now_ms: int) -> Json:
    back = payment.refunded_at(now_ms)
    whole = bool(back) and back == payment.amount
    failed = payment.status is PaymentStatus.FAILED
    fee = payment.amount.share(FEE_BP).paise if payment.captured else None
    return {
        "acquirer_data": {"rrn": None},
        "amount": payment.amount.paise,
        "amount_refunded": back.paise,
        "amount_transferred": 0,
        "bank": None,
        "captured": payment.captured,
        "card_id": None,
        "contact": "+919876543210",
        "created_at": payment.at_ms // 1000,
        "currency": payment.currency,
        "description": f"#{link.id.removeprefix('plink_')}",
        "email": "void@razorpay.com",
        "entity": "payment",
        "error_code": "BAD_REQUEST_ERROR" if failed else None,
        "error_description": "Your payment could not be completed." if failed else None,
        "error_reason": payment.error if failed else None,
        "error_source": "customer" if failed else None,
        "error_step": "payment_authentication" if failed else None,
        "fee": fee,
        "id": payment.id,
        "international": False,
        "invoice_id": None,
        "method": payment.method,
        "notes": [],
        "order_id": link.order_id,
        "refund_status": "full" if whole else "partial" if back else None,
        "status": PaymentStatus.REFUNDED.value if whole else payment.status.value,
        "tax": None if fee is None else fee * TAX_ON_FEE // (100 + TAX_ON_FEE),
        "vpa": None,
        "wallet": None,
    }


def refund_entity(payment: PracticePayment, refund: PracticeRefund, now_ms: int) -> Json:
    status = refund.status_at(now_ms)
    return {
        "acquirer_data": {"arn": f"{refund.settles_ms:015d}" if status is RefundStatus.PROCESSED else None},
        "amount": refund.amount.paise,
        "batch_id": None,
        "created_at": refund.at_ms // 1000,
        "currency": payment.currency,
        "entity": "refund",
        "id": refund.id,
        "notes": dict(refund.notes) or [],
        "payment_id": payment.id,
        "receipt": refund.receipt,
        "speed_processed": "normal",
        "speed_requested": "normal",
        "status": status.value,
    }


def collection(items: list[Json]) -> Json:
    return {"entity": "collection", "count": len(items), "items": items}
