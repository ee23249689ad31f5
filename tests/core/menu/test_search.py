"""However a guest spells it, the dish is found, and the same text always finds the same."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import OutletId
from core.menu.menu_file import read_menu
from core.menu.models import MenuItem
from core.menu.names import Named, NameIndex
from core.menu.snapshot import MenuSnapshot
from core.menu.spelling import fold, plain
from tests.core.menu.builders import an_item


def named(items: Iterable[MenuItem]) -> list[Named]:
    return [(item.id, item.name, item.aliases) for item in items]


FILE = read_menu(Path(__file__).parents[3] / "menus" / "tiffin.yaml")
DISHES = FILE.of_outlet(OutletId("mgroad"))
INDEX = NameIndex(named(DISHES))
NAMES = {item.id: item.name for item in DISHES}


def found(text: str) -> list[str]:
    return [NAMES[item] for item in INDEX.search(text)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("paneer tikka", "Paneer Tikka"),
        ("PANEER TIKKA", "Paneer Tikka"),
        ("panir tika", "Paneer Tikka"),
        ("panner tikka", "Paneer Tikka"),
        ("पनीर टिक्का", "Paneer Tikka"),
        ("paneertikka", "Paneer Tikka"),
        ("masala dose", "Masala Dosa"),
        ("मसाला डोसा", "Masala Dosa"),
        ("idly", "Idli Sambar"),
        ("wada", "Medu Vada"),
        ("puri", "Poori Saagu"),
        ("golgappa", "Pani Puri"),
        ("chole", "Chana Masala"),
        ("daal makhni", "Dal Makhani"),
        ("chiken biriyani", "Hyderabadi Chicken Biryani"),
        ("nan", "Naan"),
        ("garlicnan", "Garlic Naan"),
        ("gulab jamoon", "Gulab Jamun"),
        ("kheer", "Semiya Payasam"),
        ("kaapi", "Filter Coffee"),
        ("cofee", "Filter Coffee"),
        ("chai", "Masala Chai"),
        ("masala cai", "Masala Chai"),
        ("चाय", "Masala Chai"),
        ("lasi", "Punjabi Lassi"),
        ("chaas", "Masala Majjige"),
        ("coke", "Cola, 300 ml can"),
        ("something with paneer please", "Paneer Tikka"),
        ("veg thali", "Veg Thali"),
    ],
)
def test_the_dish_that_is_meant_comes_first(typed, first):
    assert found(typed)[0] == first


@pytest.mark.parametrize("typed", ["", "   ", "xyzzy", "🍕", "!!!", "\x00", "where do I park", "॥", "a" * 10_000])
def test_what_names_no_dish_finds_none(typed):
    assert found(typed) == []


def test_part_of_a_name_finds_every_dish_that_has_it_popular_ones_first():
    menu = MenuSnapshot.build(FILE.outlets[0], "m1", DISHES)
    names = [item.name for item in menu.search("chicken")]
    assert names == [
        *("Chicken 65", "Butter Chicken", "Hyderabadi Chicken Biryani"),  # popular, in the menu's order
        *("Chicken Tikka", "Tandoori Chicken", "Kadai Chicken", "Chicken Chettinad", "Non-Veg Thali"),
    ]


def test_a_name_is_a_certain_match_and_a_part_of_one_is_not():
    (whole,) = INDEX.match("masala dosa", limit=1)
    assert (NAMES[whole.item], whole.score) == ("Masala Dosa", 100)
    parts = INDEX.match("tikka")
    assert {NAMES[part.item] for part in parts} == {"Paneer Tikka", "Chicken Tikka"}
    assert all(part.score < 100 for part in parts)
    assert INDEX.match("two of those") == []


@given(st.text(max_size=120))
def test_any_text_at_all_finds_at_most_ten_dishes_and_always_the_same(text):
    once = INDEX.search(text)
    assert len(once) <= 10
    assert INDEX.search(text) == once


@given(st.sampled_from(DISHES), st.integers(0, 30))
def test_a_name_with_one_letter_missing_still_finds_its_dish(dish, position):
    name = dish.name
    at = position % len(name)
    slipped = name[:at] + name[at + 1 :]
    if len(name) > 6 and name[at].isalpha():
        assert name in found(slipped), slipped


def a_long_menu(count: int) -> list[MenuItem]:
    return [
        item.model_copy(update={"id": f"mgroad.{item.code}-{n}", "name": f"{item.name} {n}"})
        for n in range(1 + count // len(DISHES))
        for item in DISHES
    ][:count]


def test_a_long_menu_compares_no_more_dishes_than_a_short_one(monkeypatch):
    """Work is counted rather than timed: on ten thousand dishes a look-up scores at most a few dozen."""
    index = NameIndex(named(a_long_menu(10_000)))
    scored: list[int] = []
    score = index._score

    def counted(rank: int, wanted: Sequence[dict[str, float]]) -> float:
        scored.append(rank)
        return score(rank, wanted)

    monkeypatch.setattr(index, "_score", counted)
    for text in ("paneer tikka", "masala", "chikn biryni 77", "royal garden paneer", "dosa coffee naan lassi"):
        scored.clear()
        index.search(text)
        assert len(scored) <= 32, text


def test_equal_dishes_are_found_in_the_menus_order():
    index = NameIndex(named([an_item(f"roll-{n}", name="Kathi Roll") for n in (3, 1, 2)]))
    assert index.search("kathi roll") == ["mgroad.roll-3", "mgroad.roll-1", "mgroad.roll-2"]


@pytest.mark.parametrize(
    ("spelled", "same"),
    [
        ("Paneer", "panneer"), ("paneer", "पनीर"), ("Naan", "नान"), ("dosa", "डोसा"), ("chhole", "chole"),
        ("bhatura", "batura"), ("idlis", "idli"), ("lassi", "लस्सी"), ("wada", "vada"), ("roti", "roty"),
        ("seekh", "sheekh"), ("phulka", "fulka"), ("kadhai", "kadai"), ("Café", "cafe"), ("chai", "चाय"),
        ("samosa", "समोसा"), ("gulab jamun", "गुलाब जामुन"), ("aloo", "आलू"),
    ],
)  # fmt: skip
def test_kitchens_spell_in_many_ways_and_mean_one(spelled, same):
    assert fold(spelled) == fold(same)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text):
    assert plain(plain(text)) == plain(text)
    assert fold(text) == " ".join(fold(text).split())
