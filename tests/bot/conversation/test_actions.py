"""Buttons as they travel: small, typed, and never believed."""

import contextlib
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.screens.all  # noqa: F401  (registers every action)
from bot.conversation.actions import MAX_BYTES, Action, StaleAction, unpack
from core.ids import LineId, new_id


class Size(StrEnum):
    HALF = "half"
    FULL = "full"


class Sample(Action, tag="sample"):
    line: LineId
    by: int
    size: Size
    sure: bool


def test_an_action_comes_back_as_it_left():
    action = Sample(line=LineId("4f1d0c9a77e2"), by=-1, size=Size.FULL, sure=True)
    assert action.pack() == "sample|4f1d0c9a77e2|-1|full|1"
    assert unpack(action.pack()) == action


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "nonsense",
        "sample",
        "sample|a|1|full",
        "sample|a|1|full|1|more",
        "sample|a|one|full|1",
        "sample|a|1|quarter|1",
        "sample|a|1|full|yes",
        "sample|a|٣|full|1",
        "sample|a|1e9|full|1",
        "sample|" + "a" * 80 + "|1|full|1",
        "back|extra",
        '{"$gt": ""}',
    ],
)
def test_what_is_cut_forged_or_old_is_stale_and_nothing_else(packed: str):
    with pytest.raises(StaleAction):
        unpack(packed)


@given(st.text(max_size=80))
def test_any_text_is_an_action_or_stale(packed: str):
    with contextlib.suppress(StaleAction):
        assert isinstance(unpack(packed), Action)


def test_a_separator_inside_a_field_is_refused_when_packing():
    with pytest.raises(ValueError, match="separator"):
        Sample(line=LineId("a|b"), by=1, size=Size.HALF, sure=False).pack()


def test_an_action_that_would_not_fit_telegram_is_refused_when_packing():
    with pytest.raises(ValueError, match="bytes"):
        Sample(line=LineId("x" * 60), by=1, size=Size.HALF, sure=False).pack()


def test_every_action_with_the_longest_ids_fits():
    """Order ids, and the longest outlet and item codes the menu file allows."""
    longest = {"item": "o" * 8 + "." + "i" * 32, "order": new_id("ord"), "address": new_id("adr"), "line": "f" * 12}
    for kind in Action._registry.values():
        if kind is Sample:
            continue
        fields = {
            name: longest.get(
                name,
                999_999 if t is int else True if t is bool else next(iter(t)) if issubclass(t, StrEnum) else "x" * 16,
            )
            for name, t in zip(kind.__dataclass_fields__, kind._field_types(), strict=True)  # type: ignore[attr-defined]
        }
        assert len(kind(**fields).pack().encode()) <= MAX_BYTES, kind.__name__
