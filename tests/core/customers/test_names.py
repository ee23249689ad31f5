"""What guests write is kept as it reads, without what only machines see."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.names import clean_text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  less   oil ", "less oil"),
        ("less\r\n\toil\0", "less oil"),
        ("\u202eevil\u202c", "evil"),
        ("a\u200bb\ufeffc", "abc"),
        ("प्याज़ नहीं", unicodedata.normalize("NFC", "प्याज़ नहीं")),
        ("cafe\u0301", "café"),
        ("🌶️ hot", "🌶️ hot"),
        ("\x1b[31mred", "[31mred"),
        ("\ud800x", "x"),
        ("", ""),
    ],
)
def test_text_is_cleaned(written, kept):
    assert clean_text(written, 60) == kept


@given(st.text(), st.integers(1, 300))
def test_whatever_is_written_fits_and_cleaning_again_changes_nothing(text, limit):
    clean = clean_text(text, limit)
    assert len(clean) <= limit
    assert clean == clean.strip()
    assert "  " not in clean
    assert all(unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in clean)
    assert clean_text(clean, limit) == clean
    clean.encode()


def test_a_novel_is_cut_without_being_read_to_the_end():
    assert clean_text("x" * 10_000_000, 140) == "x" * 140
    assert clean_text(" " * 10_000_000, 140) == ""
