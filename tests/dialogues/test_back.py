"""The word that leads to the screen before, and never to one that is not there any more."""

import pytest

from tests.dialogues.walks import at_the_menu
from tests.house import House


async def test_back_from_the_cart_to_a_category_is_the_menu(house: House):
    guest = await at_the_menu(house)
    await guest.taps("Thalis")
    await guest.says("cart")
    await guest.says("back")
    assert "not there any more" not in guest.screen
    assert guest.offers("Thalis")


@pytest.mark.parametrize("dish", ["paneer tikka", "masala dosa"])
async def test_back_from_the_cart_to_a_dish_is_the_menu(house: House, dish: str):
    guest = await at_the_menu(house)
    await guest.says(dish)
    await guest.says("cart")
    await guest.says("back")
    assert "not there any more" not in guest.screen
    assert guest.offers("Thalis")


async def test_back_again_and_again_ends_at_the_beginning(house: House):
    guest = await at_the_menu(house)
    await guest.taps("Thalis")
    await guest.says("cart")
    for _ in range(9):
        await guest.says("back")
        assert "not there any more" not in guest.screen
        assert "went wrong" not in guest.screen
    assert "Welcome to Tiffin" in guest.screen, guest.screen


async def test_back_from_a_question_in_the_cart_is_the_cart(house: House):
    guest = await at_the_menu(house)
    await guest.says("2 masala dosa")
    await guest.taps("Empty cart")
    await guest.says("back")
    assert "2 × Masala Dosa" in guest.screen
    assert guest.offers("Checkout")
