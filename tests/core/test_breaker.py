"""Five failures in half a minute, and the provider is left alone for a quarter of one."""

from datetime import timedelta

import pytest

from core.breaker import Attempt, Breaker
from core.clock import FrozenClock


@pytest.fixture
def breaker(clock: FrozenClock) -> Breaker:
    return Breaker(clock)


def let_through(breaker: Breaker) -> Attempt:
    attempt = breaker.admit()
    assert attempt is not None
    return attempt


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        let_through(breaker).end(well=False)


def test_four_failures_are_bad_luck_and_the_fifth_opens_it(breaker):
    fail(breaker, 4)
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open
    assert breaker.admit() is None


def test_failures_that_lie_far_apart_are_not_counted_together(breaker, clock):
    for _ in range(20):
        fail(breaker)
        clock.advance(timedelta(seconds=7.6))  # the first of five is then over thirty seconds old
    assert not breaker.is_open


def test_successes_in_between_do_not_hide_that_many_fail(breaker):
    for _ in range(5):
        let_through(breaker).end(well=True)
        fail(breaker)
    assert breaker.is_open


def test_after_a_rest_one_may_try_and_if_it_goes_well_all_may(breaker, clock):
    fail(breaker, 5)
    clock.advance(timedelta(seconds=14.9))
    assert breaker.admit() is None
    clock.advance(timedelta(seconds=0.1))
    trial = let_through(breaker)
    assert breaker.admit() is None, "one at a time"
    trial.end(well=True)
    assert not breaker.is_open
    fail(breaker, 4)
    assert not breaker.is_open, "old failures are forgotten"


def test_a_try_that_goes_wrong_begins_the_rest_anew(breaker, clock):
    fail(breaker, 5)
    clock.advance(timedelta(seconds=15))
    fail(breaker)
    assert breaker.admit() is None
    clock.advance(timedelta(seconds=15))
    let_through(breaker).end(well=True)
    assert not breaker.is_open


@pytest.mark.parametrize("well", [True, False])
def test_a_call_that_was_under_way_when_it_opened_says_nothing_about_now(breaker, clock, well):
    old = let_through(breaker)
    fail(breaker, 5)
    clock.advance(timedelta(seconds=15))
    trial = let_through(breaker)
    old.end(well=well)
    assert breaker.is_open
    trial.end(well=True)
    assert not breaker.is_open
