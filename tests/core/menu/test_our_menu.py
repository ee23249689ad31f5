"""The restaurant that comes with Tiffin: whole, varied, and with a picture for every dish that names one."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.ids import OutletId
from core.menu.menu_file import read_menu
from core.menu.models import Diet, MenuItem
from core.outlets.zones import zone_for_pin

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "webhooks" / "pages" / "media" / "dishes"
FILE = read_menu(ROOT / "menus" / "tiffin.yaml")
OUTLETS = FILE.outlets
MOST_BYTES_IN_A_BUTTON = 64


def dish(code: str, outlet: str = "mgroad") -> MenuItem:
    return next(item for item in FILE.items if item.id == f"{outlet}.{code}")


def test_there_are_two_outlets_with_sixty_dishes_each_and_small_differences():
    assert [outlet.id for outlet in OUTLETS] == ["mgroad", "indira"]
    codes = [{item.code for item in FILE.of_outlet(outlet.id)} for outlet in OUTLETS]
    assert all(len(some) >= 60 for some in codes)
    assert codes[0] - codes[1]
    assert codes[1] - codes[0]
    assert dish("masala-dosa").price_from != dish("masala-dosa", "indira").price_from


def test_the_menu_shows_what_a_menu_can_hold():
    items = FILE.of_outlet(OutletId("mgroad"))
    assert {item.diet for item in items} == set(Diet)
    assert any(item.jain for item in items)
    assert any(len(item.variants) > 1 for item in items)
    assert any(not item.simple for item in items)
    assert any(group.min == group.max == 2 for item in items for group in item.groups)
    assert any(item.meals == ("breakfast",) for item in items)
    assert any(item.sold_out(0) for item in items)
    assert any(item.stock > 0 for item in items)
    assert any(choice.price for item in items for group in item.groups for choice in group.choices)
    assert {item.tax_class for item in items} == {"food", "aerated"}
    assert all(item.calories for item in items if item.tax_class == "food" and item.code != "mineral-water-1-litre")


def test_a_sealed_drink_never_costs_more_than_its_printed_price():
    cola = dish("cola-300-ml-can")
    tax = OUTLETS[0].tax(cola.tax_class)
    price = cola.price_from
    assert (price + price.share(tax.cgst_bp) + price.share(tax.sgst_bp)).paise <= 4000
    water = dish("mineral-water-1-litre")
    food = OUTLETS[0].tax("food")
    assert (water.price_from + water.price_from.share(food.cgst_bp) * 2).paise <= 2000


def test_jain_dishes_ask_no_question_whose_answer_is_an_onion():
    words = ("onion", "garlic", "potato", "aloo")
    for item in FILE.items:
        if item.jain and item.code != "plain-dosa":
            offered = [choice.name for group in item.groups for choice in group.choices]
            assert not any(word in text.casefold() for text in (item.name, *offered) for word in words), item.name


def test_every_id_fits_into_a_button_with_room_for_what_is_to_be_done():
    assert max(len(item.id) for item in FILE.items) <= MOST_BYTES_IN_A_BUTTON - 23


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda outlet: outlet.id)
def test_the_street_of_each_outlet_is_one_it_delivers_to(outlet):
    assert zone_for_pin(outlet, {"mgroad": "560001", "indira": "560038"}[outlet.id]) is not None
    assert len(outlet.zones) == 3
    assert {coupon.code for coupon in outlet.coupons} >= {"WELCOME50", "LUNCH10"}


def test_every_picture_named_is_there_for_pages_and_for_chats_and_small():
    named = {item.image.rpartition("/")[2].removesuffix(".svg") for item in FILE.items if item.image}
    assert len(named) >= 20
    for name in named:
        assert (PICTURES / f"{name}.svg").stat().st_size < 40_000
        assert (PICTURES / f"{name}.png").stat().st_size < 25_000
    assert {path.stem for path in PICTURES.iterdir()} == named


def test_the_pictures_are_what_their_script_draws(tmp_path: Path):
    script = ROOT / "scripts" / "draw_dishes.py"
    subprocess.run([sys.executable, str(script), "--to", str(tmp_path)], check=True, timeout=60)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in PICTURES.glob("*.svg")}
    for drawn in tmp_path.iterdir():
        assert drawn.read_bytes() == (PICTURES / drawn.name).read_bytes(), drawn.name
