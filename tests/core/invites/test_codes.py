"""The code itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import OutletId
from core.invites.codes import BITS, LENGTH, fingerprint, new_code, read_code
from core.invites.models import BindGroup, JoinStaff, read_purpose
from core.staff.models import Role


def test_codes_hold_128_bits_fit_a_link_and_never_repeat():
    codes = {new_code() for _ in range(20_000)}
    assert len(codes) == 20_000
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", code) for code in codes)
    assert BITS == 128
    assert len(f"s_{max(codes)}") <= 64
    for place in range(1, LENGTH):  # every place but the first, which holds the three highest bits, takes any character
        assert len({code[place] for code in codes}) == 32
    assert {code[0] for code in codes} == set("01234567")


@given(st.integers(0, 2**BITS - 1))
def test_a_code_is_read_back_however_it_is_written(number):
    code = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(number >> shift) & 31] for shift in range(125, -1, -5))
    assert len(code) == LENGTH
    for written in (code, code.lower(), f" {code[:9]}-{code[9:]} ", code.replace("1", "l").replace("0", "O")):
        assert read_code(written) == code


@pytest.mark.parametrize(
    "text", ["", "A" * 25, "A" * 27, "U" * 26, "é" * 26, "A" * 26 + "\n", "$" * 26, "-" * 26, "A" * 5_000]
)
def test_everything_else_is_no_code(text):
    assert read_code(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text):
    code = read_code(text)
    assert code is None or len(code) == LENGTH


def test_what_is_stored_gives_no_code_away():
    code = new_code()
    assert code not in fingerprint(code)
    assert fingerprint(code).startswith("inv_")
    assert fingerprint(code) != fingerprint(new_code())


def test_purposes_are_written_and_read_back():
    for purpose in (BindGroup(OutletId("mgroad")), *(JoinStaff(OutletId("indira"), role) for role in Role)):
        assert read_purpose(str(purpose)) == purpose
    assert str(BindGroup(OutletId("mgroad"))) == "bind_group:mgroad"
    assert str(JoinStaff(OutletId("indira"), Role.KITCHEN)) == "staff:indira:kitchen"
    for other in ("", "bind_group", "staff:mgroad", "staff:mgroad:king", "party:mgroad"):
        with pytest.raises(ValueError, match=r"purpose|king"):
            read_purpose(other)
