"""Whatever is typed or tapped on WhatsApp: a clear sentence, a next step, and nothing lost."""

from itertools import cycle

import pytest

from bot.screens.order import CancelOrderYes
from bot.screens.pay import Pay
from bot.screens.taps import CancelOrder, OpenItem, OrderAgain, PayAgain, ShowOrder
from core.ids import MenuItemId, OrderId
from core.outlets.models import PayMethod
from tests.bot.channels.whatsapp.walks import at_the_menu, at_the_review, code_in, ordered
from tests.dialogues.test_bad_input import NONSENSE, SORRY


async def taps_forged(guest, action):
    """A button nobody was shown, as its sender may still claim to have tapped."""
    return await guest.sends({"Body": "x", "ButtonPayload": action, "ButtonText": "x", "MessageType": "button"})


async def test_nonsense_is_answered_everywhere_and_the_cart_is_safe(house):
    asha = await at_the_menu(house)
    await asha.says("2 masala dosa")
    for text, where in zip(NONSENSE.values(), cycle(("menu", "search", "profile", "cart")), strict=False):
        await asha.says(where)
        await asha.says(text)
        assert asha.screen, (where, text)
        assert asha.buttons, (where, text)
        assert SORRY not in asha.screen, (where, text)
    await asha.says("cart")
    assert "2 × Masala Dosa" in asha.screen


async def test_a_quantity_that_cannot_be_cooked_is_refused_in_words(house):
    asha = await at_the_menu(house)
    for quantity in ("0", "-1", "21", "1e9", "1.5"):
        await asha.says("masala dosa")
        await asha.taps("Other number")
        assert "1 to 20" in asha.screen
        await asha.says(quantity)
        assert SORRY not in asha.screen, quantity
        await asha.says("cart")
        assert "Your cart is empty" in asha.screen, quantity


async def test_half_a_pin_code_is_asked_for_again_and_the_rest_is_kept(house):
    asha = await at_the_menu(house, "Delivery")
    await asha.says("2 masala dosa")
    await asha.taps("Checkout")
    await asha.says("12 Church Street")
    await asha.says("Bengaluru")
    for pin in ("56003", "056001", "5600011", "abcdef", "५६०"):
        await asha.says(pin)
        assert "six digits" in asha.screen, pin
        assert "12 Church Street" in asha.screen, pin


async def test_a_forged_button_does_nothing_and_says_what_is_true(house):
    asha = await at_the_menu(house)
    await asha.says("2 masala dosa")
    forged = ("x", "pay|upi", "pay|gold|1|1", "ord|", "qty|nosuchline|1", "item|mgroad.nothing", "a|" * 40)
    for action in (*forged, OpenItem(item=MenuItemId("indira.masala-dosa")).pack()):
        await taps_forged(asha, action)
        assert asha.screen, action
        assert SORRY not in asha.screen, action
    await asha.says("cart")
    assert "2 × Masala Dosa" in asha.screen


async def test_a_button_with_another_price_orders_nothing(house):
    asha = await at_the_review(house)
    await asha.taps("Place order")
    _, row = asha.find("Cash")
    version = int(row["id"].split("|")[2])
    await taps_forged(asha, Pay(method=PayMethod.CASH, version=version, total=100).pack())
    assert "Nothing was ordered" in asha.screen
    assert await house.runtime.connections.mongo["orders"].count_documents({}) == 0


async def test_another_guests_order_is_as_if_it_did_not_exist(house):
    owner = await ordered(house)
    code = code_in(owner.screen)
    (document,) = await house.runtime.connections.mongo["orders"].find({}).to_list(length=2)
    order = OrderId(document["_id"])
    thief = await at_the_menu(house)
    for action in (ShowOrder, CancelOrder, CancelOrderYes, PayAgain, OrderAgain):
        await taps_forged(thief, action(order=order).pack())
        assert code not in thief.screen, action
        assert SORRY not in thief.screen, action
    await owner.says("track")
    assert "Waiting for the restaurant" in owner.screen


@pytest.mark.parametrize("size", [4_001, 10_000])
async def test_a_very_long_message_is_refused_in_a_sentence_and_the_cart_is_safe(house, size):
    asha = await at_the_menu(house)
    await asha.says("2 masala dosa")
    await asha.says("x" * size)
    assert asha.screen
    assert SORRY not in asha.screen
    await asha.says("cart")
    assert "2 × Masala Dosa" in asha.screen
