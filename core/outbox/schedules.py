"""How often a delivery is tried (RELIABILITY 4.3)."""

from core.orders.outgoing import DeliveryKind

SECOND_MS = 1_000
MINUTE_MS = 60_000
GIVE_UP_MS = 24 * 60 * MINUTE_MS
LATE_MS = 2 * MINUTE_MS  # a card that is not with the kitchen by then is the owner's matter
VERY_LATE_MS = 5 * MINUTE_MS  # then its phone gets a text message

_OUTLET = tuple(s * SECOND_MS for s in (1, 2, 4, 8, 15, 30))
_OUTLET_OFTEN_MS = 15 * MINUTE_MS
_OUTLET_RARELY = 5 * MINUTE_MS
_GUEST = tuple(s * SECOND_MS for s in (2, 5, 15, 60, 300, 1_800))
_PROVIDER = tuple(s * SECOND_MS for s in (2, 5, 10, 30, 60, 300, 1_800))
_CREATE_LINK = _PROVIDER[:5]  # then every minute: a guest is looking at the screen
_REFUND = tuple(s * SECOND_MS for s in (10, 60, 300, 1_800, 7_200))


def gap_ms(kind: DeliveryKind, tries: int, age_ms: int) -> int | None:
    """How long to wait after the `tries`-th try failed; None: it is given up."""
    if age_ms >= GIVE_UP_MS:
        return None
    if kind is DeliveryKind.PROVIDER_REFUND:
        return _at(_REFUND, tries)
    if kind is DeliveryKind.PROVIDER_CREATE_LINK:
        return _at(_CREATE_LINK, tries)
    match kind.whose:
        case "outlet" | "admin":
            if tries > len(_OUTLET) and age_ms > _OUTLET_OFTEN_MS:
                return _OUTLET_RARELY
            return _at(_OUTLET, tries)
        case "guest":
            return _at(_GUEST, tries)
        case _:
            return _at(_PROVIDER, tries)


def _at(gaps: tuple[int, ...], tries: int) -> int:
    return gaps[min(tries, len(gaps)) - 1]
