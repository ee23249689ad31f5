"""The menu in numbers, dishes that come back, and prices that are asked about before they change."""

from datetime import timedelta

import pytest

from bot.conversation.incoming import Tap
from core.audit.models import Did
from core.ids import MenuItemId
from core.money import Money
from tests.bot.kitchen.builders import INDIRA, MG_ROAD


def price(office, item, variant="one"):
    outlet = item.split(".")[0]
    dish = office.services.menu.snapshot(outlet).get(MenuItemId(item))
    return dish.variant(variant).price


async def test_the_menu_in_numbers(office):
    await office.services.menu.sold_out(MenuItemId("mgroad.garlic-naan"), office.clock.ms() + 3_600_000, "telegram:1")
    page = await office.person("Anu").says("/menu")
    assert "Tiffin, MG Road\nDishes 4 · categories 2 · sold out 1" in page.text
    assert "Tiffin, Indiranagar\nDishes 2 · categories 2 · sold out 0" in page.text
    assert page.button("As guests see it").action == "menu"


async def test_a_dish_comes_back_with_a_tap(office):
    await office.services.menu.sold_out(MenuItemId("mgroad.garlic-naan"), office.clock.ms() + 3_600_000, "telegram:1")
    om = office.person("Om")
    page = await om.walks(await om.says("/menu"), "Tiffin, MG Road")
    assert "Sold out\nGarlic Naan · until 8:00 pm" in page.text
    after = await om.taps("Garlic Naan is back", page)
    assert "Nothing is sold out." in after.text
    assert office.told("Anu") == ["Om put Garlic Naan at Tiffin, MG Road on the menu again."]
    await om.taps("Garlic Naan is back", page)  # tapped once more: nothing to do, nothing to tell
    assert await office.done() == [Did.DISH_BACK]


async def test_a_price_changes_after_one_question(office):
    om = office.person("Om")
    asked = await om.says("/price garlic naan 95")
    assert asked.text == "Garlic Naan at Tiffin, MG Road: ₹90 → ₹95?"
    assert price(office, "mgroad.garlic-naan") == Money.rupees(90)
    said = await om.taps("Yes, ₹95", asked)
    assert said.text.startswith("Garlic Naan at Tiffin, MG Road costs ₹95 now, instead of ₹90.")
    assert price(office, "mgroad.garlic-naan") == Money.rupees(95)
    assert office.told("Anu") == ["Om changed Garlic Naan at Tiffin, MG Road from ₹90 to ₹95."]
    assert "costs ₹95 already" in (await om.taps("Yes, ₹95", asked)).text
    assert await office.done() == [Did.PRICE_SET]


@pytest.mark.parametrize("rupees", [136, 44, 900, 1])
async def test_a_change_by_more_than_half_is_asked_about_twice(office, rupees):
    om = office.person("Om")
    first = await om.says(f"/price garlic naan {rupees}")
    second = await om.taps("Yes", first)
    assert second.text.startswith("That changes the price by more than half: ₹90 →")
    assert price(office, "mgroad.garlic-naan") == Money.rupees(90)
    await om.taps("Yes", second)
    assert price(office, "mgroad.garlic-naan") == Money.rupees(rupees)


@pytest.mark.parametrize("rupees", [135, 45])
async def test_a_change_by_half_is_asked_about_once(office, rupees):
    om = office.person("Om")
    await om.taps("Yes", await om.says(f"/price garlic naan {rupees}"))
    assert price(office, "mgroad.garlic-naan") == Money.rupees(rupees)


async def test_a_price_that_moved_meanwhile_is_asked_about_anew(office):
    om, anu = office.person("Om"), office.person("Anu")
    asked = await om.says("/price garlic naan 95")
    await anu.taps("Yes", await anu.says("/price mgroad garlic naan 100"))
    again = await om.taps("Yes, ₹95", asked)
    assert again.text == "Garlic Naan at Tiffin, MG Road: ₹100 → ₹95?"
    assert price(office, "mgroad.garlic-naan") == Money.rupees(100)


async def test_every_size_and_every_outlet_that_may_be_meant_is_offered(office):
    anu = office.person("Anu")
    sizes = await anu.says("/price paneer tikka 200")
    assert sizes.labels == [
        "Paneer Tikka (Half) · Tiffin, MG Road · ₹180 → ₹200",
        "Paneer Tikka (Full) · Tiffin, MG Road · ₹320 → ₹200",
    ]
    asked = await anu.taps("Paneer Tikka (Half)", sizes)
    await anu.taps("Yes", asked)
    assert price(office, "mgroad.paneer-tikka", "half") == Money.rupees(200)
    assert price(office, "mgroad.paneer-tikka", "full") == Money.rupees(320)

    outlets = await anu.says("/price filter coffee 250")
    assert [label.split(" · ")[1] for label in outlets.labels] == ["Tiffin, MG Road", "Tiffin, Indiranagar"]
    assert (await anu.says("/price indira filter coffee 250")).text.startswith("Filter Coffee at Tiffin, Indiranagar:")


async def test_a_dish_is_found_however_it_is_spelled(office):
    assert (await office.person("Uma").says("/price masla dosa ₹115.50")).text == (
        "Masala Dosa at Tiffin, Indiranagar: ₹110 → ₹115.50?"
    )
    several = await office.person("Om").says("/price naan 100")
    assert {label.split(" · ")[0] for label in several.labels} == {"Garlic Naan", "Butter Naan"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "A dish and its new price"),
        ("garlic naan", "A dish and its new price"),
        ("120", "A dish and its new price"),
        ("garlic naan 0", "That is no price a dish can have"),
        ("garlic naan 100001", "That is no price a dish can have"),
        ("garlic naan -5", "A dish and its new price"),
        ("garlic naan 1e3", "A dish and its new price"),
        ("garlic naan 95.555", "A dish and its new price"),
        ("xyzzy 95", "No dish is called"),
        ("masala dosa 95", "No dish is called"),  # sold at Indiranagar alone
    ],
)
async def test_what_is_no_dish_or_no_price_changes_nothing(office, words, said):
    assert (await office.person("Om").says(f"/price {words}".strip())).text.startswith(said)
    assert await office.done() == []


async def test_no_button_changes_a_price_elsewhere_or_to_nonsense(office):
    from bot.admin.actions import SetPrice, fingerprint

    now = office.clock.ms() // 1000
    there = fingerprint("indira.masala-dosa", "one")
    here = fingerprint("mgroad.garlic-naan", "one")
    om = office.person("Om")
    for action in (
        SetPrice(dish=there, paise=100, was=11_000, sure=True, asked=now),
        SetPrice(dish=here, paise=0, was=9_000, sure=True, asked=now),
        SetPrice(dish=here, paise=-100, was=9_000, sure=True, asked=now),
        SetPrice(dish=here, paise=10_000_001, was=9_000, sure=True, asked=now),
        SetPrice(dish=here, paise=9_500, was=9_000, sure=True, asked=now - 601),
        SetPrice(dish=here, paise=9_500, was=9_000, sure=True, asked=now + 60),
    ):
        await om.reads(await om.does(Tap(action.pack())))
    assert price(office, "mgroad.garlic-naan") == Money.rupees(90)
    assert price(office, "indira.masala-dosa") == Money.rupees(110)
    assert await office.done() == []


async def test_a_yes_from_before_the_break_is_asked_again(office):
    om = office.person("Om")
    asked = await om.says("/price garlic naan 95")
    office.clock.advance(timedelta(minutes=11))
    assert "too old" in (await om.taps("Yes", asked)).text
    assert price(office, f"{MG_ROAD}.garlic-naan") == Money.rupees(90)
    assert office.outlet(INDIRA).id == INDIRA
