"""What time is promised."""

import pytest

from core.checkout.promise import MINUTE_MS, STEP_MS, cooking_minutes, lead_minutes, promised_ms
from core.outlets.models import Fulfilment, Slot
from tests.core.checkout.test_pricing import NEARBY, a_line, an_outlet

NOON = 1_772_433_000_000 // STEP_MS * STEP_MS


def test_the_slowest_dish_decides_and_the_outlet_stands_in_where_a_dish_says_nothing():
    outlet = an_outlet(prep_minutes=25)
    assert cooking_minutes([a_line(prep_minutes=10), a_line(prep_minutes=40)], outlet) == 40
    assert cooking_minutes([a_line(prep_minutes=10), a_line()], outlet) == 25
    assert cooking_minutes([], outlet) == 25


def test_a_delivery_takes_the_road_as_well():
    outlet = an_outlet(prep_minutes=25)
    assert lead_minutes([a_line()], outlet, NEARBY) == 25 + NEARBY.minutes
    assert promised_ms([a_line()], outlet, Fulfilment.DELIVERY, NEARBY, None, NOON) == NOON + 40 * MINUTE_MS
    assert promised_ms([a_line()], outlet, Fulfilment.TAKEAWAY, NEARBY, None, NOON) == NOON + 25 * MINUTE_MS


@pytest.mark.parametrize(("late_ms", "promised"), [(0, 25), (1, 30), (STEP_MS - 1, 30), (STEP_MS, 30)])
def test_a_promise_is_rounded_up_to_five_minutes(late_ms, promised):
    made = promised_ms([a_line()], an_outlet(prep_minutes=25), Fulfilment.DINE_IN, None, None, NOON + late_ms)
    assert made == NOON + promised * MINUTE_MS


def test_in_a_slot_takeaway_is_ready_at_its_beginning_and_a_delivery_there_by_its_end():
    slot = Slot(start_ms=NOON + 60 * MINUTE_MS, end_ms=NOON + 90 * MINUTE_MS)
    assert promised_ms([a_line()], an_outlet(), Fulfilment.TAKEAWAY, None, slot, NOON) == slot.start_ms
    assert promised_ms([a_line()], an_outlet(), Fulfilment.DELIVERY, NEARBY, slot, NOON) == slot.end_ms
