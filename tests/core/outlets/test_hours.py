"""When orders are taken. The table follows what people complain about most (opening hours, midnight, last orders)."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import from_ms, to_ms
from core.outlets.hours import local, meal_now, moment_ms, opening, slot_open, slots
from core.outlets.models import Fulfilment, Hours, Meal, Outlet, Slot
from tests.core.outlets.builders import an_outlet, open_from

KOLKATA = ZoneInfo("Asia/Kolkata")
# Zones whose clocks change at midnight, by half an hour, twice a year, never, and that skipped a whole day.
ZONES = (
    *("Asia/Kolkata", "America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "America/Havana"),
    *("Africa/Casablanca", "Asia/Beirut", "Pacific/Apia", "Asia/Kathmandu", "America/Santiago"),
)


def at(text: str, zone: str = "Asia/Kolkata") -> datetime:
    """`at("2026-03-02 12:30")`: that local time."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def shown(ms: int, outlet: Outlet) -> str:
    return local(outlet, ms).strftime("%a %H:%M")


WEEKDAY_LUNCH_AND_DINNER = (*open_from("11:00", "15:00", range(5)), *open_from("18:30", "23:00"))
LATE = open_from("18:00", "26:00")
ROUND_THE_CLOCK = open_from("00:00", "24:00")


@pytest.mark.parametrize(
    ("hours", "moment", "is_open", "then"),
    [
        # 2 March 2026 is a Monday.
        (WEEKDAY_LUNCH_AND_DINNER, "2026-03-02 10:59", False, "Mon 11:00"),
        (WEEKDAY_LUNCH_AND_DINNER, "2026-03-02 11:00", True, "Mon 14:45"),
        (WEEKDAY_LUNCH_AND_DINNER, "2026-03-02 14:44", True, "Mon 14:45"),
        (WEEKDAY_LUNCH_AND_DINNER, "2026-03-02 14:45", False, "Mon 18:30"),  # last orders, though the doors are open
        (WEEKDAY_LUNCH_AND_DINNER, "2026-03-02 16:00", False, "Mon 18:30"),  # between lunch and dinner
        (WEEKDAY_LUNCH_AND_DINNER, "2026-03-02 22:50", False, "Tue 11:00"),
        (WEEKDAY_LUNCH_AND_DINNER, "2026-03-07 12:00", False, "Sat 18:30"),  # no lunch on Saturday
        (LATE, "2026-03-03 00:00", True, "Tue 01:45"),  # midnight does not close Monday's evening
        (LATE, "2026-03-03 01:44", True, "Tue 01:45"),
        (LATE, "2026-03-03 01:45", False, "Tue 18:00"),
        (LATE, "2026-03-03 17:59", False, "Tue 18:00"),
        (ROUND_THE_CLOCK, "2026-03-02 23:50", True, "never"),  # last orders do not cut the night in two
        (ROUND_THE_CLOCK, "2026-03-03 00:00", True, "never"),
        ((), "2026-03-02 12:00", False, "never"),
    ],
)
def test_orders_are_taken_exactly_when_the_hours_say_so(hours, moment, is_open, then):
    outlet = an_outlet(hours=hours)
    seen = opening(outlet, at(moment))
    assert seen.open is is_open
    when = seen.until_ms if is_open else seen.next_ms
    assert (shown(when, outlet) if when else "never") == then


def test_a_holiday_closes_the_day_it_names_and_no_other():
    outlet = an_outlet(hours=LATE, holidays=("2026-03-03",))
    assert opening(outlet, at("2026-03-03 01:00")).open  # Monday's evening runs on into it
    closed = opening(outlet, at("2026-03-03 19:00"))
    assert not closed.open
    assert shown(closed.next_ms, outlet) == "Wed 18:00"
    assert not opening(outlet, at("2026-03-04 01:00")).open  # the holiday's own evening does not exist


def test_a_holiday_interrupts_an_outlet_that_never_closes():
    outlet = an_outlet(hours=ROUND_THE_CLOCK, holidays=("2026-03-05",))
    assert shown(opening(outlet, at("2026-03-02 12:00")).until_ms, outlet) == "Wed 23:45"
    assert shown(opening(outlet, at("2026-03-05 12:00")).next_ms, outlet) == "Fri 00:00"
    assert opening(outlet, at("2026-03-06 00:00")).until_ms == 0


def test_an_outlet_closed_for_a_week_of_holidays_says_when_it_opens_again():
    week = tuple((date(2026, 11, 7) + timedelta(days=n)).isoformat() for n in range(9))
    outlet = an_outlet(holidays=week)
    assert local(outlet, opening(outlet, at("2026-11-07 12:00")).next_ms).date() == date(2026, 11, 16)


def test_an_outlet_closed_for_longer_than_two_weeks_promises_no_day():
    year = tuple((date(2026, 3, 1) + timedelta(days=n)).isoformat() for n in range(365))
    assert opening(an_outlet(holidays=year), at("2026-03-02 12:00")).next_ms == 0


def test_a_paused_outlet_opens_when_the_pause_is_over_or_at_its_next_opening():
    until = at("2026-03-02 13:00")
    outlet = an_outlet(paused_until_ms=to_ms(until))
    seen = opening(outlet, at("2026-03-02 12:30"))
    assert (seen.open, seen.paused, seen.next_ms) == (False, True, to_ms(until))
    late = an_outlet(paused_until_ms=to_ms(at("2026-03-02 23:30")))
    assert shown(opening(late, at("2026-03-02 22:00")).next_ms, late) == "Tue 11:00"
    assert opening(outlet, until).open


def test_on_the_night_clocks_go_back_the_bar_closes_once():
    """New York, 1 November 2026: 02:00 becomes 01:00. Open until 01:30 means the first 01:30."""
    outlet = an_outlet(timezone="America/New_York", hours=open_from("18:00", "25:30"), last_order_minutes=0)
    first = at("2026-11-01 01:29", "America/New_York")
    assert opening(outlet, first).open
    assert not opening(outlet, first + timedelta(minutes=1)).open
    assert not opening(outlet, first + timedelta(hours=1)).open  # 01:29 again


def test_on_the_night_clocks_go_forward_a_skipped_opening_is_at_the_jump():
    """New York, 8 March 2026: 02:00 becomes 03:00."""
    outlet = an_outlet(timezone="America/New_York", hours=open_from("02:30", "06:00"), last_order_minutes=0)
    jump = at("2026-03-08 03:00", "America/New_York")
    assert opening(outlet, jump).open
    assert not opening(outlet, jump - timedelta(minutes=1)).open
    nothing_left = an_outlet(timezone="America/New_York", hours=open_from("02:10", "02:50"), last_order_minutes=0)
    assert not opening(nothing_left, jump).open


@cache
def days_of_change(zone: str) -> list[date]:
    """The days on which clocks change there."""
    days = [date(2010, 1, 1) + timedelta(days=n) for n in range(365 * 21)]
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, before, after in zip(days[1:], noons, noons[1:], strict=False) if before != after]


@st.composite
def zone_and_day(draw: st.DrawFn) -> tuple[str, date]:
    """A zone and a day there, more often than not one around which the clocks change."""
    zone = draw(st.sampled_from(ZONES))
    changes, often = days_of_change(zone), draw(st.integers(0, 3))
    if changes and often:
        near: date = draw(st.sampled_from(changes))
        return zone, near + timedelta(days=draw(st.integers(-1, 1)))
    return zone, draw(st.dates(date(2010, 1, 1), date(2030, 12, 31)))


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Hours, ...]:
    entries = draw(
        st.lists(
            st.tuples(st.integers(0, 6), st.integers(0, 200) | st.integers(0, 1439), st.integers(1, 1440)),
            min_size=0,
            max_size=6,
        )
    )
    return tuple(Hours(weekday=day, opens=opens, closes=opens + long) for day, opens, long in entries)


def walked(outlet: Outlet, start: datetime, span: timedelta) -> dict[int, bool]:
    """Open or not, minute by minute, found by nothing but looking at the clock on the wall."""
    zone = ZoneInfo(outlet.timezone)
    begin = start - timedelta(days=4)
    begun: set[tuple[date, int]] = set()
    ended: set[tuple[date, int]] = set()
    seen: dict[int, bool] = {}
    for minute in range(int((span + timedelta(days=4)) / timedelta(minutes=1))):
        now = begin + timedelta(minutes=minute)
        wall = now.astimezone(zone).replace(tzinfo=None)
        is_open = False
        for back in range(-3, 4):
            day = wall.date() + timedelta(days=back)
            if day.isoformat() in outlet.holidays:
                continue
            midnight = datetime.combine(day, datetime.min.time())
            for number, entry in enumerate(outlet.hours):
                if entry.weekday != day.weekday():
                    continue
                shift = (day, number)
                if wall >= midnight + timedelta(minutes=entry.opens):
                    begun.add(shift)
                if wall >= midnight + timedelta(minutes=entry.closes):
                    ended.add(shift)
                is_open |= shift in begun and shift not in ended
        if now >= start:
            seen[to_ms(now)] = is_open
    return seen


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    hours=weeks(),
    where=zone_and_day(),
    holiday=st.integers(-2, 3),
)
def test_any_hours_in_any_zone_agree_with_the_clock_on_the_wall(hours, where, holiday):
    zone, day = where
    start = datetime.combine(day, datetime.min.time(), UTC)
    off = ((day + timedelta(days=holiday)).isoformat(),)
    outlet = an_outlet(hours=hours, timezone=zone, holidays=off, last_order_minutes=0)
    for ms, is_open in walked(outlet, start, timedelta(days=2)).items():
        assert opening(outlet, from_ms(ms)).open is is_open, from_ms(ms)


@settings(max_examples=200, deadline=None)
@given(hours=weeks(), where=zone_and_day(), minute=st.integers(0, 1439))
def test_what_is_said_about_the_next_change_comes_true(hours, where, minute):
    zone, day = where
    outlet = an_outlet(hours=hours, timezone=zone, last_order_minutes=0)
    now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=minute)
    seen = opening(outlet, now)
    if seen.open and seen.until_ms:
        assert opening(outlet, from_ms(seen.until_ms - 1)).open
        assert not opening(outlet, from_ms(seen.until_ms)).open
    elif not seen.open and seen.next_ms:
        assert not opening(outlet, from_ms(seen.next_ms - 1)).open
        assert opening(outlet, from_ms(seen.next_ms)).open
    elif not seen.open:
        assert not hours or zone == "Pacific/Apia"


@settings(max_examples=200, deadline=None)
@given(
    where=zone_and_day(),
    minutes=st.lists(st.integers(0, 2879), min_size=2, max_size=2),
)
def test_a_later_time_on_the_wall_is_never_an_earlier_moment(where, minutes):
    zone, day = where
    early, late = sorted(minutes)
    assert moment_ms(day, early, ZoneInfo(zone)) <= moment_ms(day, late, ZoneInfo(zone))


# Slots


def starts(outlet: Outlet, found: tuple[Slot, ...]) -> list[str]:
    return [shown(slot.start_ms, outlet) for slot in found]


def test_slots_begin_when_the_food_can_be_there_and_end_by_closing():
    outlet = an_outlet(slot_days=0)
    found = starts(outlet, slots(outlet, Fulfilment.DELIVERY, at("2026-03-02 12:10"), 40))
    assert found[0] == "Mon 13:00"  # 12:50 is the soonest, slots stand on half hours
    assert found[-1] == "Mon 22:30"


def test_before_opening_the_kitchen_needs_its_time_after_opening():
    outlet = an_outlet()
    assert starts(outlet, slots(outlet, Fulfilment.TAKEAWAY, at("2026-03-02 08:00"), 25))[0] == "Mon 11:30"


def test_after_closing_time_the_slots_are_tomorrows_and_say_so():
    outlet = an_outlet()
    found = slots(outlet, Fulfilment.TAKEAWAY, at("2026-03-02 23:30"), 25)
    assert starts(outlet, found)[0] == "Tue 11:30"
    assert {local(outlet, slot.start_ms).date() for slot in found} == {date(2026, 3, 3)}
    assert slots(an_outlet(slot_days=0), Fulfilment.TAKEAWAY, at("2026-03-02 23:30"), 25) == ()


def test_no_slot_is_offered_on_a_holiday_or_between_lunch_and_dinner():
    outlet = an_outlet(hours=WEEKDAY_LUNCH_AND_DINNER, holidays=("2026-03-03",))
    found = starts(outlet, slots(outlet, Fulfilment.TAKEAWAY, at("2026-03-02 09:00"), 30))
    assert found == [
        *(f"Mon {time}" for time in ("11:30", "12:00", "12:30", "13:00", "13:30", "14:00", "14:30")),
        *(f"Mon {time}" for time in ("19:00", "19:30", "20:00", "20:30", "21:00", "21:30", "22:00", "22:30")),
    ]


def test_a_slot_after_midnight_belongs_to_the_evening_that_is_still_running():
    outlet = an_outlet(hours=LATE)
    found = starts(outlet, slots(outlet, Fulfilment.DELIVERY, at("2026-03-02 23:20"), 40))
    assert found[:4] == ["Tue 00:00", "Tue 00:30", "Tue 01:00", "Tue 01:30"]
    assert found[4] == "Tue 19:00"


def test_a_pause_takes_the_slots_it_covers():
    outlet = an_outlet(paused_until_ms=to_ms(at("2026-03-02 14:00")))
    assert starts(outlet, slots(outlet, Fulfilment.TAKEAWAY, at("2026-03-02 12:00"), 30))[0] == "Mon 14:30"


def test_tables_and_ways_the_outlet_does_not_offer_have_no_slots():
    outlet = an_outlet(fulfilments=(Fulfilment.DINE_IN, Fulfilment.TAKEAWAY))
    now = at("2026-03-02 12:00")
    assert slots(outlet, Fulfilment.DINE_IN, now, 20) == ()
    assert slots(outlet, Fulfilment.DELIVERY, now, 40) == ()


def test_a_slot_stays_open_until_the_kitchen_could_not_make_it():
    outlet = an_outlet()
    slot = next(
        s
        for s in slots(outlet, Fulfilment.DELIVERY, at("2026-03-02 12:00"), 40)
        if "13:00" in shown(s.start_ms, outlet)
    )
    assert slot_open(outlet, slot, at("2026-03-02 12:35"))  # the road was in the forty minutes, the kitchen needs 25
    assert not slot_open(outlet, slot, at("2026-03-02 12:36"))
    paused = an_outlet(paused_until_ms=to_ms(at("2026-03-02 12:40")))
    assert not slot_open(paused, slot, at("2026-03-02 12:10"))


def test_a_slot_nobody_offered_is_not_open():
    outlet = an_outlet()
    odd = to_ms(at("2026-03-02 13:07"))
    assert not slot_open(outlet, Slot(start_ms=odd, end_ms=odd + 1_800_000), at("2026-03-02 12:00"))
    on_grid = to_ms(at("2026-03-02 13:00"))
    assert not slot_open(outlet, Slot(start_ms=on_grid, end_ms=on_grid + 1), at("2026-03-02 12:00"))
    night = to_ms(at("2026-03-03 03:00"))
    assert not slot_open(outlet, Slot(start_ms=night, end_ms=night + 1_800_000), at("2026-03-02 12:00"))


def test_the_last_slot_stays_open_when_last_orders_come_early():
    outlet = an_outlet(last_order_minutes=60)
    found = slots(outlet, Fulfilment.DELIVERY, at("2026-03-02 21:40"), 50)
    assert starts(outlet, found)[0] == "Mon 22:30"
    assert slot_open(outlet, found[0], at("2026-03-02 21:45"))


@settings(max_examples=150, deadline=None)
@given(
    hours=weeks(),
    where=zone_and_day(),
    minute=st.integers(0, 1439),
    lead=st.integers(0, 90),
    last=st.integers(0, 90),
    step=st.sampled_from([15, 20, 30, 45, 60]),
)
def test_every_slot_offered_can_be_cooked_for(hours, where, minute, lead, last, step):
    zone, day = where
    outlet = an_outlet(hours=hours, timezone=zone, last_order_minutes=last, slot_minutes=step, prep_minutes=lead)
    now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=minute)
    found = slots(outlet, Fulfilment.TAKEAWAY, now, lead)
    assert list(found) == sorted(found, key=lambda slot: slot.start_ms)
    for slot in found:
        started = from_ms(slot.start_ms) - timedelta(minutes=lead)
        assert started >= now
        assert opening(outlet, started).open
        doors = an_outlet(hours=hours, timezone=zone, last_order_minutes=0)
        assert opening(doors, from_ms(slot.start_ms)).open
        assert opening(doors, from_ms(slot.end_ms - 1)).open
        assert slot_open(outlet, slot, now)


# Meals


@pytest.mark.parametrize(
    ("start", "end", "time", "served"),
    [
        ("07:00", "11:30", "06:59", False),
        ("07:00", "11:30", "07:00", True),
        ("07:00", "11:30", "11:29", True),
        ("07:00", "11:30", "11:30", False),
        ("22:00", "25:00", "00:59", True),
        ("22:00", "25:00", "01:00", False),
        ("22:00", "01:00", "23:00", True),
        ("22:00", "01:00", "00:59", True),
        ("22:00", "01:00", "12:00", False),
    ],
)
def test_a_meal_is_served_at_its_time_of_day(start, end, time, served):
    hour, minute = (int(part) for part in start.split(":"))
    end_hour, end_minute = (int(part) for part in end.split(":"))
    meal = Meal(code="m", name="M", start=hour * 60 + minute, end=end_hour * 60 + end_minute)
    assert meal_now(an_outlet(meals=(meal,)), "m", at(f"2026-03-02 {time}")) is served


def test_a_meal_the_outlet_does_not_know_is_never_served():
    assert not meal_now(an_outlet(), "brunch", at("2026-03-02 12:00"))
