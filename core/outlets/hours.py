"""When an outlet takes orders, and the times it can promise. Pure: an outlet and a moment in, times out.

Hours are wall-clock times of the outlet's own zone. A shift begins at the first moment the clock on its wall shows the
opening time (or has jumped past it) and ends at the first moment it shows the closing time, so that a night when clocks
change has neither a shift of negative length nor one that opens twice. A shift belongs to the day it opens on: closing
past midnight keeps it running into a holiday, and a holiday evening does not run on into the next day.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.clock import from_ms, to_ms
from core.outlets.models import MINUTES_A_DAY, Fulfilment, Hours, Opening, Outlet, Slot

LOOK_AHEAD_DAYS = 15  # a closing longer than two weeks has no next opening
_MINUTE_MS = 60_000
_NEVER_MS = 1 << 60  # the end of a shift that has none


def local(outlet: Outlet, ms: int) -> datetime:
    """The moment as the clock on the outlet's wall shows it (aware)."""
    return from_ms(ms).astimezone(ZoneInfo(outlet.timezone))


def opening(outlet: Outlet, now: datetime) -> Opening:
    """Whether an order for now is taken. Last orders end `last_order_minutes` before closing.

    `until_ms` is the last order, 0 for an outlet that never closes; `next_ms` is 0 if it stays closed for two weeks.
    """
    now_ms = to_ms(now)
    shifts = _orders_taken(outlet, now)
    if outlet.paused_until_ms > now_ms:
        after = outlet.paused_until_ms
        coming = (max(start, after) for start, end in shifts if end > after)
        return Opening(open=False, paused=True, next_ms=next(coming, 0))
    for start, end in shifts:
        if start <= now_ms < end:
            return Opening(open=True, until_ms=0 if end == _NEVER_MS else end)
        if start > now_ms:
            return Opening(open=False, next_ms=start)
    return Opening(open=False)


def slots(outlet: Outlet, fulfilment: Fulfilment, now: datetime, lead_minutes: int) -> tuple[Slot, ...]:
    """The times that can be promised to a guest who orders now, soonest first.

    `lead_minutes` is cooking plus the road. A slot is offered when an order placed that much before it would be taken
    (outlet open, not paused, before last orders) and when it is over by closing time. Slots stand on whole steps of the
    local clock. Food for a table is cooked at once, so there are none for dining in.
    """
    if fulfilment is Fulfilment.DINE_IN or fulfilment not in outlet.fulfilments:
        return ()
    lead_ms = lead_minutes * _MINUTE_MS
    earliest = max(to_ms(now), outlet.paused_until_ms) + lead_ms
    shifts = _shifts(outlet, now)
    offered: list[Slot] = []
    for slot in _grid(outlet, now):
        for opens, closes in shifts:
            last = _last_order(outlet, closes) + lead_ms
            if max(earliest, opens + lead_ms) <= slot.start_ms < last and slot.end_ms <= closes:
                offered.append(slot)
                break
    return tuple(offered)


def slot_open(outlet: Outlet, slot: Slot, now: datetime) -> bool:
    """Whether a slot chosen a while ago can still be cooked for. One that is not on the outlet's grid never can.

    The road is not known here, so a slot is given up only when the kitchen alone could not make it.
    """
    prep_ms = outlet.prep_minutes * _MINUTE_MS
    now_ms = to_ms(now)
    if slot not in _grid(outlet, now) or slot.start_ms < max(now_ms, outlet.paused_until_ms) + prep_ms:
        return False
    return any(
        opens + prep_ms <= slot.start_ms and slot.end_ms <= closes and now_ms < _last_order(outlet, closes)
        for opens, closes in _shifts(outlet, now)
    )


def meal_now(outlet: Outlet, code: str, now: datetime) -> bool:
    """Whether a meal is being served at this moment. A meal the outlet does not know is never served."""
    meal = next((meal for meal in outlet.meals if meal.code == code), None)
    if meal is None:
        return False
    clock = now.astimezone(ZoneInfo(outlet.timezone))
    minute = clock.hour * 60 + clock.minute
    if meal.end <= meal.start:  # supper from 22:00 to 01:00
        return minute >= meal.start or minute < meal.end
    return meal.start <= minute < meal.end or minute + MINUTES_A_DAY < meal.end


def moment_ms(day: date, minutes: int, zone: ZoneInfo) -> int:
    """The first moment at which the clock on the wall shows, or has jumped past, `minutes` after midnight of `day`."""
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return to_ms(first)
    # Skipped by a clock put forward: find the jump, which lies between what the two offsets make of this time.
    before, after = to_ms(wall.replace(tzinfo=zone, fold=1).astimezone(UTC)), to_ms(first)
    while after - before > 1:
        middle = (before + after) // 2
        if from_ms(middle).astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after


def _orders_taken(outlet: Outlet, now: datetime) -> list[tuple[int, int]]:
    """The stretches in which orders for now are taken, in order."""
    taken = ((opens, _last_order(outlet, closes)) for opens, closes in _shifts(outlet, now))
    return [(start, end) for start, end in taken if start < end]


def _last_order(outlet: Outlet, closes: int) -> int:
    return closes if closes == _NEVER_MS else closes - outlet.last_order_minutes * _MINUTE_MS


def _shifts(outlet: Outlet, now: datetime) -> tuple[tuple[int, int], ...]:
    today = now.astimezone(ZoneInfo(outlet.timezone)).date()
    return _shifts_around(outlet.hours, outlet.holidays, outlet.timezone, today)


@lru_cache(maxsize=512)
def _shifts_around(
    hours: tuple[Hours, ...], holidays: tuple[str, ...], timezone: str, today: date
) -> tuple[tuple[int, int], ...]:
    """Shifts from the day before yesterday on, (opens, closes) in milliseconds; those that touch are one.

    Round-the-clock opening is therefore one shift, and last orders do not cut it at midnight.
    """
    zone = ZoneInfo(timezone)
    closed = frozenset(holidays)
    spans: list[tuple[int, int]] = []
    for offset in range(-2, LOOK_AHEAD_DAYS + 1):
        day = today + timedelta(days=offset)
        if day.isoformat() in closed:
            continue
        for entry in hours:
            if entry.weekday == day.weekday():
                spans.append((moment_ms(day, entry.opens, zone), moment_ms(day, entry.closes, zone)))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    horizon = moment_ms(today, (LOOK_AHEAD_DAYS + 1) * MINUTES_A_DAY, zone)
    if merged and merged[-1][1] >= horizon and merged[-1][0] <= moment_ms(today, 0, zone):
        merged[-1] = (merged[-1][0], _NEVER_MS)
    return tuple(merged)


def _grid(outlet: Outlet, now: datetime) -> tuple[Slot, ...]:
    """Every slot of today and the `slot_days` after it, however little of it is left."""
    today = now.astimezone(ZoneInfo(outlet.timezone)).date()
    return _grid_from(outlet.timezone, today, outlet.slot_days, outlet.slot_minutes)


@lru_cache(maxsize=128)
def _grid_from(timezone: str, today: date, days: int, step: int) -> tuple[Slot, ...]:
    zone = ZoneInfo(timezone)
    grid: dict[int, Slot] = {}
    for offset in range(days + 1):
        day = today + timedelta(days=offset)
        for minute in range(0, MINUTES_A_DAY, step):
            start = moment_ms(day, minute, zone)
            wall = from_ms(start).astimezone(zone)
            if wall.hour * 60 + wall.minute == minute:  # a time the clock skips is promised to nobody
                grid[start] = Slot(start_ms=start, end_ms=start + step * _MINUTE_MS)
    return tuple(slot for _, slot in sorted(grid.items()))
