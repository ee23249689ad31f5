"""Whatever a guest types or taps: a clear sentence, a next step, and nothing lost."""

import pytest

from bot.screens.order import CancelOrderYes
from bot.screens.pay import Pay
from bot.screens.taps import CancelOrder, OpenItem, OrderAgain, PayAgain, ShowOrder
from bot.simulation.browser import Refused
from core.ids import MenuItemId, OrderId
from core.outlets.models import PayMethod
from tests.dialogues.walks import OTHER_PHONE, at_the_menu, code_in, ordered
from tests.house import House

SORRY = "Something went wrong"

NONSENSE = {
    "nothing": " ",
    "four thousand characters": "x" * 4_000,
    "emoji": "🍛🔥" * 20,
    "right to left": "\u202e\u202dmenu drow a",
    "a NUL": "ma\x00sala",
    "an operator": '{"$gt": ""}',
    "markup": "<b>bold</b> *star* _line_ [link](http://x)",
    "a minus": "-1",
    "a huge number": "1000000000",
    "scientific": "1e9",
    "half a number": "1.5",
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE.keys())
@pytest.mark.parametrize("where", ["menu", "Search", "profile", "cart"])
async def test_nonsense_is_answered_and_the_cart_is_safe(house: House, text: str, where: str):
    guest = await at_the_menu(house)
    await guest.says("2 masala dosa")
    if where == "Search":
        await guest.says("menu")
        await guest.taps(where)
    else:
        await guest.says(where)
    await guest.says(text)
    assert guest.screen
    assert guest.buttons
    assert SORRY not in guest.screen
    await guest.says("cart")
    assert "2 × Masala Dosa" in guest.screen


@pytest.mark.parametrize("quantity", ["0", "-1", "21", "1e9", "1.5", "true"])
async def test_a_quantity_that_cannot_be_cooked_is_refused_in_words(house: House, quantity: str):
    guest = await at_the_menu(house)
    await guest.says("masala dosa")
    await guest.taps("Other number")
    assert "1 to 20" in guest.screen
    await guest.says(quantity)
    assert SORRY not in guest.screen
    await guest.says("cart")
    assert "Your cart is empty" in guest.screen


@pytest.mark.parametrize("phone", ["1234567890", "12345", "+1 415 555 0100", "99999", "080 4123 4567", "०००००"])
async def test_a_number_that_is_no_mobile_phone_is_refused_and_asked_for_again(house: House, phone: str):
    guest = await house.guest()
    await guest.opens()
    await guest.taps("Order food")
    await guest.says(phone)
    assert "number" in guest.screen
    assert guest.offers("Menu first")
    assert house.phone.messages == []


@pytest.mark.parametrize("pin", ["56003", "056001", "5600011", "abcdef", "५६०"])
async def test_half_a_pin_code_is_asked_for_again_and_the_rest_is_kept(house: House, pin: str):
    guest = await at_the_menu(house, "Delivery")
    await guest.says("2 masala dosa")
    await guest.taps("Checkout")
    await guest.says("12 Church Street")
    await guest.says("Bengaluru")
    await guest.says(pin)
    assert "six digits" in guest.screen
    assert "12 Church Street" in guest.screen


async def test_a_forged_button_does_nothing_and_says_what_is_true(house: House):
    guest = await at_the_menu(house)
    await guest.says("2 masala dosa")
    for action in ("", "x", "pay|upi", "pay|gold|1|1", "ord|", "qty|nosuchline|1", "item|mgroad.nothing", "a|" * 40):
        await guest.sends({"type": "tap", "action": action or "-"})
        assert guest.screen, action
        assert SORRY not in guest.screen, action
    await guest.says("cart")
    assert "2 × Masala Dosa" in guest.screen


async def test_a_button_with_another_price_orders_nothing(house: House):
    guest = await at_the_menu(house)
    await guest.says("2 masala dosa")
    await guest.taps("Checkout")
    await guest.taps("Place order")
    real = guest.browser.find("Cash").action
    assert real
    version = int(real.split("|")[2])
    cheap = Pay(method=PayMethod.CASH, version=version, total=100)
    await guest.sends({"type": "tap", "action": cheap.pack()})
    assert "Nothing was ordered" in guest.screen
    assert await house.runtime.connections.mongo["orders"].count_documents({}) == 0


async def test_another_guests_order_is_as_if_it_did_not_exist(house: House):
    owner = await ordered(house)
    code = code_in(owner.screen)
    (document,) = await house.runtime.connections.mongo["orders"].find({}).to_list(length=2)
    order = OrderId(document["_id"])
    thief = await at_the_menu(house, phone=OTHER_PHONE)
    for action in (ShowOrder, CancelOrder, CancelOrderYes, PayAgain, OrderAgain):
        await thief.sends({"type": "tap", "action": action(order=order).pack()})
        assert code not in thief.screen, action
        assert SORRY not in thief.screen, action
    await owner.says("track")
    assert "Waiting for the restaurant" in owner.screen


async def test_a_dish_of_another_branch_is_told_apart(house: House):
    guest = await at_the_menu(house)
    await guest.sends({"type": "tap", "action": OpenItem(item=MenuItemId("indira.masala-dosa")).pack()})
    assert SORRY not in guest.screen
    assert guest.buttons


async def test_ten_thousand_characters_are_refused_in_a_sentence_and_the_cart_is_safe(house: House):
    guest = await at_the_menu(house)
    await guest.says("2 masala dosa")
    with pytest.raises(Refused) as refused:
        await guest.says("x" * 10_000)
    assert 400 <= refused.value.status < 500
    assert refused.value.sentence
    await guest.says("cart")
    assert "2 × Masala Dosa" in guest.screen
