"""Hundreds of sentences guests write, and what each must be heard as."""

from pathlib import Path

import pytest
import yaml

from bot.conversation.text_order import parse
from core.cart.models import MAX_QTY
from tests.bot.conversation.hearing import heard, menu

HERE = Path(__file__).parent
ORDERS: dict[str, dict[str, str]] = yaml.safe_load((HERE / "orders.yaml").read_text(encoding="utf-8"))
OTHERS: dict[str, list[str]] = yaml.safe_load((HERE / "not_orders.yaml").read_text(encoding="utf-8"))
ALL_ORDERS = [(said, expected) for table in ORDERS.values() for said, expected in table.items()]
# Those in whose answer the guest's own writing is not echoed.
SILENT = [
    (said, expected) for said, expected in ALL_ORDERS if not set(expected) & set("“?") and "unknown" not in expected
]
SILENT = [(said, expected) for said, expected in SILENT if "; to " not in expected and "; at " not in expected]
NOTHING = OTHERS["nothing ordered"]


def test_the_tables_are_as_long_as_they_promise():
    assert len(ALL_ORDERS) >= 400
    assert len(NOTHING) >= 200
    assert len({said for said, _ in ALL_ORDERS}) == len(ALL_ORDERS)


@pytest.mark.parametrize(("said", "expected"), ALL_ORDERS, ids=[said for said, _ in ALL_ORDERS])
def test_an_order_is_heard_as_it_was_meant(said, expected):
    assert heard(said) == expected


@pytest.mark.parametrize(("said", "expected"), SILENT, ids=[said for said, _ in SILENT])
def test_capitals_blanks_and_a_full_stop_change_nothing(said, expected):
    assert heard(f"  {said.upper()} . ") == expected


@pytest.mark.parametrize("said", NOTHING)
def test_what_is_no_order_orders_nothing(said):
    order = parse(said, menu())
    assert (order.lines, order.ambiguous, order.problems, order.human) == ((), (), (), None)


@pytest.mark.parametrize("said", NOTHING)
def test_what_is_no_order_is_none_for_a_guest_in_hindi_either(said):
    assert parse(said, menu(), "hi").lines == ()


@pytest.mark.parametrize("reason", ["allergy", "anger"])
def test_allergies_and_anger_are_for_a_person_and_order_nothing(reason):
    for said in OTHERS[reason]:
        order = parse(said, menu())
        assert order.human == reason, said
        assert order.wants_human
        assert not order.found


@pytest.mark.parametrize(("said", "_"), ALL_ORDERS, ids=[said for said, _ in ALL_ORDERS])
def test_no_order_needs_a_person_and_every_line_fits_a_cart(said, _):
    order = parse(said, menu())
    assert not order.wants_human
    for line in order.lines:
        assert (0 if line.kind == "remove" else 1) <= line.qty <= MAX_QTY
        if line.complete:
            assert line.cart_line().item == line.item.id
