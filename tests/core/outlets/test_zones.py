"""Can we reach you?"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.outlets.models import Zone
from core.outlets.zones import distance_m, pin_code, zone_for_pin, zone_for_point
from tests.core.outlets.builders import an_outlet


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("560001", "560001"),
        ("560 001", "560001"),
        ("560-001", "560001"),
        (" 560\u00a0001 ", "560001"),
        ("५६०००१", "560001"),
        ("५६० ००१", "560001"),
        ("೫೬೦೦೩೮", "560038"),
        ("Indiranagar, Bengaluru 560038", "560038"),
        ("PIN: 560038.", "560038"),
        ("12, 3rd Cross, 560038", "560038"),
        ("560038 560038", "560038"),
        ("", None),
        ("56000", None),
        ("560", None),
        ("5600011", None),
        ("060001", None),
        ("56000²", None),
        ("⑤60001", None),
        ("98765 43210", None),
        ("+91 98765 43210", None),
        ("9876543210", None),
        ("560001 or 560038", None),
        ("the pin is five six zero", None),
        ("{'$gt': ''}", None),
        ("560001" * 1000, None),
        ("5\x0060001", None),
    ],
)
def test_a_pin_code_is_read_as_people_write_it(written, read):
    assert pin_code(written) == read


@given(st.text(max_size=400))
def test_whatever_is_typed_gives_six_digits_or_nothing(text):
    pin = pin_code(text)
    assert pin is None or (len(pin) == 6 and pin.isascii() and pin.isdigit() and pin[0] != "0")


def named(zone: Zone | None) -> str:
    return zone.code if zone else "none"


def test_a_pin_code_leads_to_its_zone_or_to_none():
    outlet = an_outlet()
    assert named(zone_for_pin(outlet, "560025")) == "near"
    assert named(zone_for_pin(outlet, "560038")) == "far"
    assert zone_for_pin(outlet, "110001") is None


def test_a_shared_location_lies_in_the_closest_ring_that_holds_it():
    outlet = an_outlet()
    assert named(zone_for_point(outlet, 12.9750, 77.6050)) == "near"
    assert named(zone_for_point(outlet, 12.9784, 77.6408)) == "far"  # Indiranagar, four kilometres off
    assert zone_for_point(outlet, 13.1986, 77.7066) is None  # the airport


@pytest.mark.parametrize(("lat", "lon"), [(math.nan, 77.6), (12.9, math.inf), (91.0, 77.6), (12.9, 181.0)])
def test_a_location_that_is_no_place_is_in_no_zone(lat, lon):
    assert zone_for_point(an_outlet(), lat, lon) is None


def test_an_outlet_without_a_map_pin_reaches_nobody_by_location():
    assert zone_for_point(an_outlet(latitude=0.0, longitude=0.0), 0.0, 0.0) is None


def test_distances_are_those_of_the_map():
    assert distance_m(12.9750, 77.6050, 12.9750, 77.6050) == 0
    assert distance_m(12.9716, 77.5946, 13.0827, 80.2707) == pytest.approx(290_200, rel=0.01)  # Bengaluru to Chennai
    assert distance_m(0.0, 0.0, 0.0, 180.0) == pytest.approx(math.pi * 6_371_008.8, rel=1e-9)
