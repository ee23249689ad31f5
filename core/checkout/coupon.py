"""What a coupon takes off, and every reason why it may not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.checkout.errors import CouponRefused
from core.money import ZERO, Money
from core.outlets.models import Coupon, CouponKind, Fulfilment

MAX_CODE = 24


class CouponRefusal(StrEnum):
    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    ENDED = "ended"
    FULFILMENT = "fulfilment"  # not for this order type
    MINIMUM = "minimum"  # `missing` more is needed
    FIRST_ORDER = "first_order"  # the guest ordered before
    USED = "used"  # once a guest
    NOTHING_TO_PAY = "nothing_to_pay"  # it would leave less to pay than can be paid


@dataclass(frozen=True, slots=True)
class PastOrders:
    """What a coupon may ask about the guest."""

    any: bool = False  # an order that stands
    coupons: frozenset[str] = frozenset()  # used in orders that stand


def find_coupon(coupons: Iterable[Coupon], said: str) -> Coupon:
    """The coupon a guest means, however they write it. Raises CouponRefused (unknown)."""
    code = "".join(said.split()).upper()[:MAX_CODE]
    for coupon in coupons:
        if coupon.code == code:
            return coupon
    raise CouponRefused(code=code, reason=CouponRefusal.UNKNOWN, missing=ZERO)


def asks_about_past(coupon: Coupon) -> bool:
    return coupon.first_order or coupon.once


def check_coupon(coupon: Coupon, *, subtotal: Money, fulfilment: Fulfilment, now_ms: int, past: PastOrders) -> None:
    """Raises CouponRefused with the reason the guest can do least about first."""

    def refuse(reason: CouponRefusal, missing: Money = ZERO) -> CouponRefused:
        return CouponRefused(code=coupon.code, reason=reason, missing=missing)

    if now_ms < coupon.starts_ms:
        raise refuse(CouponRefusal.NOT_YET)
    if coupon.ends_ms and now_ms >= coupon.ends_ms:
        raise refuse(CouponRefusal.ENDED)
    if coupon.first_order and past.any:
        raise refuse(CouponRefusal.FIRST_ORDER)
    if coupon.once and coupon.code in past.coupons:
        raise refuse(CouponRefusal.USED)
    if coupon.fulfilments and fulfilment not in coupon.fulfilments:
        raise refuse(CouponRefusal.FULFILMENT)
    if subtotal < coupon.minimum:
        raise refuse(CouponRefusal.MINIMUM, coupon.minimum - subtotal)


def discount_of(coupon: Coupon, subtotal: Money) -> Money:
    """What it takes off: never more than its cap, and never more than there is."""
    off = subtotal.share(coupon.percent * 100) if coupon.kind is CouponKind.PERCENT else coupon.amount
    if coupon.cap is not None:
        off = min(off, coupon.cap)
    return max(ZERO, min(off, subtotal))
