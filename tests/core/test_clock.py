"""There is one now, and it is aware."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from core.clock import FrozenClock, SystemClock, from_ms, to_ms


def test_a_frozen_clock_moves_only_when_told():
    clock = FrozenClock(datetime(2026, 3, 2, 12, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))))
    assert clock.now() == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    clock.advance(timedelta(minutes=15))
    assert clock.ms() == to_ms(datetime(2026, 3, 2, 7, 15, tzinfo=UTC))
    clock.set(datetime(2026, 3, 3, tzinfo=UTC))
    assert clock.now() == datetime(2026, 3, 3, tzinfo=UTC)


def test_the_system_clock_is_aware_and_agrees_with_itself():
    before, between, after = SystemClock().ms(), SystemClock().now(), SystemClock().ms()
    assert between.tzinfo is UTC
    assert before <= to_ms(between) <= after


@given(st.integers(-(10**12), 10**13))
def test_milliseconds_survive_the_way_there_and_back(ms):
    assert to_ms(from_ms(ms)) == ms


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_loses_less_than_a_millisecond(moment):
    assert timedelta(0) <= moment - from_ms(to_ms(moment)) < timedelta(milliseconds=1)
