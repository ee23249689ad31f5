"""What a link that opens the chat says, and what it can be made to say."""

import secrets
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import CustomerId, OrderId, OutletId, new_id
from core.start_links import (
    MAX_PAYLOAD,
    TableHint,
    read_reorder_token,
    read_table_token,
    reorder_token,
    table_token,
)
from tests.conftest import make_settings

SETTINGS = make_settings()
OTHERS = make_settings(jwt_secret="another-secret-of-the-tests-51f0c2d9a7")
MG_ROAD = OutletId("mgroad")
MEERA, ANU = CustomerId("cus_meera"), CustomerId("cus_anu")
CHARSET = set(ascii_letters + digits + "_-")
tables = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ]{0,11}", fullmatch=True).map(lambda name: " ".join(name.split()))
outlets = st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True)


@given(outlets, tables)
def test_every_table_a_menu_can_name_fits_and_is_read_back(outlet, table):
    token = table_token(SETTINGS, OutletId(outlet), table)
    assert len(token) <= MAX_PAYLOAD
    assert set(token) <= CHARSET
    assert read_table_token(SETTINGS, token) == TableHint(OutletId(outlet), table, signed=True)


def test_a_table_typed_by_hand_is_a_hint_and_no_more():
    for payload, table in (("t_mgroad-T4", "T4"), ("t_mgroad-Patio_1", "Patio 1"), ("t_mgroad-Patio 1", "Patio 1")):
        assert read_table_token(SETTINGS, payload) == TableHint(MG_ROAD, table, signed=False)


def test_a_code_moved_to_another_table_or_made_by_another_house_is_a_hint():
    token = table_token(SETTINGS, MG_ROAD, "T4")
    mac = token[-16:]
    for settings, payload in ((SETTINGS, f"t_mgroad-T5-{mac}"), (SETTINGS, f"t_indira-T4-{mac}"), (OTHERS, token)):
        hint = read_table_token(settings, payload)
        assert hint is not None
        assert not hint.signed
    assert read_table_token(SETTINGS, token[:-1]) is None  # a cut one says nothing at all


@pytest.mark.parametrize(
    "payload", ["", "t_", "t_-", "t_mgroad", "t_mgroad-", "o_mgroad", "r_x", "T_mgroad-T4", "t_MGROAD-T4",
                "t_mgroad-T4\n", "t_mgroad-<b>", "t_" + "a" * 80, "t_mgroad-म", "s_AAAA"]
)  # fmt: skip
def test_what_speaks_of_no_table_is_none(payload):
    assert read_table_token(SETTINGS, payload) is None


@given(st.text(max_size=70))
def test_whatever_is_typed_is_read_without_trouble(text):
    for payload in (text, f"t_{text}", f"r_{text}"):
        hint = read_table_token(SETTINGS, payload)
        assert hint is None or not hint.signed
        assert read_reorder_token(SETTINGS, payload, MEERA) is None


def test_a_hundred_thousand_guesses_sign_nothing():
    name, accepted = "mgroad-T4", 0
    for _ in range(100_000):
        guess = secrets.token_urlsafe(12)
        hint = read_table_token(SETTINGS, f"t_{name}-{guess}")
        accepted += hint is not None and hint.signed
    assert accepted == 0


def test_a_table_with_a_name_no_menu_allows_makes_no_code():
    for table in ("", "-", "T-4", "T_4", "मेज", "x" * 40):
        with pytest.raises(ValueError, match="fit into a link"):
            table_token(SETTINGS, MG_ROAD, table)


def test_an_order_is_offered_again_to_its_guest_alone():
    order = OrderId(new_id("ord"))
    token = reorder_token(SETTINGS, order, MEERA)
    assert len(token) <= MAX_PAYLOAD
    assert set(token) <= CHARSET
    assert read_reorder_token(SETTINGS, token, MEERA) == order
    assert read_reorder_token(SETTINGS, token, ANU) is None
    assert read_reorder_token(OTHERS, token, MEERA) is None
    other = reorder_token(SETTINGS, OrderId(new_id("ord")), MEERA)
    assert read_reorder_token(SETTINGS, f"{token[:-16]}{other[-16:]}", MEERA) is None
    for forged in (token[:-17], token[:-1], f"{token}x", "r_", "r_x", f"t_{token[2:]}"):
        assert read_reorder_token(SETTINGS, forged, MEERA) is None


def test_a_signature_for_a_table_is_none_for_an_order():
    table = table_token(SETTINGS, MG_ROAD, "T4")
    assert read_reorder_token(SETTINGS, f"r_{table[2:]}", MEERA) is None
    with pytest.raises(ValueError, match="fit into a link"):
        reorder_token(SETTINGS, OrderId("ord_<script>"), MEERA)
