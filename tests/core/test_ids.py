"""Ids are safe to store, hard to guess and never the same twice."""

import re

from core.ids import is_id, new_id


def test_an_id_begins_with_its_prefix_and_has_no_letters_one_could_misread():
    assert re.fullmatch(r"ord_[0-9a-hjkmnp-tv-z]{22}", new_id("ord"))


def test_a_hundred_thousand_ids_are_all_different():
    assert len({new_id("cus") for _ in range(100_000)}) == 100_000


def test_ids_made_later_sort_later_by_their_first_part(monkeypatch):
    moments = iter([1_000_000_000_000_000_000, 2_000_000_000_000_000_000])
    monkeypatch.setattr("time.time_ns", lambda: next(moments))
    assert new_id("ord") < new_id("ord")


def test_what_a_forged_button_calls_an_id_is_told_from_one_of_ours():
    assert is_id("ord", new_id("ord"))
    for forged in ("", "ord", "ord_", "cus_0r3k", "ORD_0r3k", "1", "ord_../x", "ord_" + "0" * 41, '{"$gt": ""}'):
        assert not is_id("ord", forged)
