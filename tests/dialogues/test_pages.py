"""A page of dishes is made once for all who see the same, and for nobody else."""

from datetime import timedelta

from core.ids import MenuItemId
from tests.dialogues.walks import OTHER_PHONE, at_the_menu
from tests.house import House

CHICKEN_TIKKA = MenuItemId("mgroad.chicken-tikka")


async def test_everybody_at_one_page_reads_it_in_their_language_and_without_what_they_do_not_eat(house: House):
    asha = await at_the_menu(house)
    ravi = await at_the_menu(house, phone=OTHER_PHONE)
    await asha.taps("Tandoor")
    await ravi.taps("Tandoor")
    assert ravi.buttons == asha.buttons
    assert asha.offers("Chicken Tikka")

    await ravi.says("profile")
    await ravi.taps("Food preferences")
    await ravi.taps("Vegetarian only")
    await ravi.says("menu")
    await ravi.taps("Tandoor")
    assert not ravi.offers("Chicken")

    await ravi.says("language")
    await ravi.taps("हिन्दी")
    await ravi.says("menu")
    await ravi.taps("Tandoor")
    assert "कार्ट" in ravi.buttons
    await asha.says("menu")
    await asha.taps("Tandoor")
    assert "Cart" in asha.buttons
    assert asha.offers("Chicken Tikka")


async def test_a_dish_that_ran_out_for_an_hour_is_back_on_the_page_after_it(house: House):
    menu, clock = house.runtime.services.menu, house.clock
    guest = await at_the_menu(house)
    await guest.taps("Tandoor")
    there = guest.buttons

    await menu.sold_out(CHICKEN_TIKKA, clock.ms() + 3_600_000, "telegram:7")
    await guest.says("menu")
    await guest.taps("Tandoor")
    assert guest.offers("Chicken Tikka · sold out")

    clock.advance(timedelta(hours=1, minutes=1))
    await guest.says("menu")
    await guest.taps("Tandoor")
    assert guest.buttons == there
