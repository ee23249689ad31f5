"""A file an owner got wrong names every wrong line and the way out, and changes nothing."""

from pathlib import Path

import pytest

from core.menu.errors import MenuFileError
from core.menu.menu_file import parse_menu, read_menu
from tests.core.menu.broken_files import BROKEN, MARK
from tests.core.menu.builders import A_FILE


@pytest.mark.parametrize("case", BROKEN)
def test_every_wrong_line_is_named_and_the_way_out_told(case):
    text, advice = BROKEN[case]
    marked = {number for number, line in enumerate(text.splitlines(), 1) if MARK in line}
    assert marked
    with pytest.raises(MenuFileError) as refused:
        parse_menu(text)
    problems = refused.value.problems
    assert {line for line, _ in problems} == marked, problems
    assert any(advice in sentence for _, sentence in problems), problems
    assert problems == sorted(set(problems), key=problems.index)  # each once


def test_the_file_without_mistakes_is_read():
    assert len(parse_menu(A_FILE).items) == 5


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "just words", "null"])
def test_a_file_that_is_no_menu_says_what_a_menu_has(text):
    with pytest.raises(MenuFileError) as refused:
        parse_menu(text)
    assert refused.value.problems[0][0] == 1


def test_what_is_missing_at_an_outlet_is_named_with_an_example():
    with pytest.raises(MenuFileError) as refused:
        parse_menu(A_FILE.replace("    phone: +91 80 4123 4577\n", "").replace("    orders: takeaway\n", ""))
    assert refused.value.problems == [
        (21, "outlet `indira` has no `orders`; add a line such as `orders: dine-in, takeaway, delivery`"),
        (21, "outlet `indira` has no `phone`; add a line such as `phone: +91 80 4123 4567`"),
    ]


def test_a_file_that_is_not_there_or_not_text_is_told_apart(tmp_path: Path):
    with pytest.raises(MenuFileError) as missing:
        read_menu(tmp_path / "none.yaml")
    assert missing.value.problems[0][0] == 0
    (tmp_path / "latin1.yaml").write_bytes(b"outlets:\n  a:\n    name: Caf\xe9\n")
    with pytest.raises(MenuFileError) as foreign:
        read_menu(tmp_path / "latin1.yaml")
    assert foreign.value.problems == [(3, "this is not UTF-8; save the file as UTF-8 text")]


def test_a_character_no_text_holds_is_named_by_its_line():
    with pytest.raises(MenuFileError) as refused:
        parse_menu(A_FILE.replace("Masala Dosa", "Masala\x00 Dosa"))
    assert refused.value.problems[0][0] == 41


def test_a_file_too_long_to_be_a_menu_is_not_even_begun():
    with pytest.raises(MenuFileError):
        parse_menu("#" * 4_000_001)
