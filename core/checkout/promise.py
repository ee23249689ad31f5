"""When the food will be ready, or at the door. Pure."""

from collections.abc import Iterable

from core.cart.models import PricedLine
from core.outlets.models import Fulfilment, Outlet, Slot, Zone

MINUTE_MS = 60_000
STEP_MS = 5 * MINUTE_MS  # nobody promises 19:43


def cooking_minutes(lines: Iterable[PricedLine], outlet: Outlet) -> int:
    """As long as the slowest dish; dishes cook side by side."""
    return max((line.prep_minutes or outlet.prep_minutes for line in lines), default=outlet.prep_minutes)


def lead_minutes(lines: Iterable[PricedLine], outlet: Outlet, zone: Zone | None) -> int:
    """Cooking, and the road for a delivery: how long before a slot its order must be placed."""
    return cooking_minutes(lines, outlet) + (0 if zone is None else zone.minutes)


def soonest_ms(
    lines: Iterable[PricedLine], outlet: Outlet, fulfilment: Fulfilment, zone: Zone | None, now_ms: int
) -> int:
    """When it can be ready, or at the door, if cooking begins now."""
    return now_ms + lead_minutes(lines, outlet, zone if fulfilment is Fulfilment.DELIVERY else None) * MINUTE_MS


def promised_ms(
    lines: Iterable[PricedLine],
    outlet: Outlet,
    fulfilment: Fulfilment,
    zone: Zone | None,
    slot: Slot | None,
    now_ms: int,
) -> int:
    """The moment that is promised.

    As soon as possible is rounded up to five minutes. In a slot, food to be fetched is ready when the slot begins and a
    delivery is at the door when it ends; a dish that takes longer is promised for when it is done.
    """
    soonest = soonest_ms(lines, outlet, fulfilment, zone, now_ms)
    soonest = -(-soonest // STEP_MS) * STEP_MS
    if slot is None:
        return soonest
    return max(soonest, slot.end_ms if fulfilment is Fulfilment.DELIVERY else slot.start_ms)
