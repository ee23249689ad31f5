"""How papers are numbered."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.clock import to_ms
from core.errors import StoreError
from core.ids import OutletId
from core.invoices.series import Series, financial_year, prefix_of
from core.invoices.states import STATES
from tests.core.orders.house import Directory

KOLKATA = "Asia/Kolkata"
GSTIN = "29AAKCT4821M1ZR"


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> int:
    return to_ms(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(KOLKATA)))


def outlet(**changes):
    return Directory().outlet.model_copy(update={"gstin": GSTIN, **changes})


def test_the_year_begins_on_the_first_of_april_by_the_outlets_own_clock():
    assert financial_year(at(2026, 3, 31, 23, 59), KOLKATA) == "2526"
    assert financial_year(at(2026, 4, 1, 0, 0), KOLKATA) == "2627"
    assert financial_year(to_ms(datetime(2026, 3, 31, 18, 30, tzinfo=UTC)), KOLKATA) == "2627"  # midnight in Kolkata
    assert financial_year(at(2099, 12, 1), KOLKATA) == "9900"


def test_a_number_says_outlet_year_and_place_in_at_most_sixteen_characters():
    series = Series.of(outlet(invoice_prefix="BLR1"), at(2026, 3, 2), credits=False)
    assert series.number(123) == "BLR1/2526/000123"
    note = Series.of(outlet(invoice_prefix="BLR1"), at(2026, 3, 2), credits=True)
    assert note.number(4) == "BLR1/2526C/00004"
    assert all(len(number) <= 16 for number in (series.number(999_999), note.number(99_999)))
    assert series.key != note.key
    for full, n in ((series, 1_000_000), (note, 100_000)):
        with pytest.raises(StoreError):
            full.number(n)


def test_an_outlet_without_a_prefix_takes_the_beginning_of_its_code():
    assert prefix_of(outlet(id=OutletId("mgroad"))) == "MGRO"
    assert prefix_of(outlet(id=OutletId("k9"))) == "K9"
    assert prefix_of(outlet(invoice_prefix="X")) == "X"


def test_outlets_share_a_series_only_with_gstin_and_prefix_in_common():
    now = at(2026, 3, 2)

    def key(**changes):
        return Series.of(outlet(**changes), now, credits=False).key

    assert key(id=OutletId("one"), invoice_prefix="A") == key(id=OutletId("two"), invoice_prefix="A")
    assert key(invoice_prefix="A") != key(invoice_prefix="B")
    assert key(invoice_prefix="A") != key(invoice_prefix="A", gstin="27AAKCT4821M1ZV")
    without = {key(id=OutletId(code), gstin="", invoice_prefix="A") for code in ("one", "two")}
    assert len(without) == 2  # no registration to be unique under: each outlet for itself


def test_every_gstin_has_a_state():
    assert STATES["29"] == "Karnataka"
    assert all(len(code) == 2 and code.isdigit() for code in STATES)
