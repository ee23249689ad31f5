"""One guest on WhatsApp and on Telegram: one cart, one history, one person for the kitchen."""

import pytest

from core.settings import TelegramMode
from tests.bot.channels.telegram.line import telegram_settings
from tests.bot.channels.whatsapp.house import open_whatsapp_house
from tests.bot.channels.whatsapp.walks import at_the_menu, code_in
from tests.fakes.telegram import TelegramPerson, running_telegram

ASHA = 5_000_000_001


@pytest.fixture
async def telegram():
    async with running_telegram() as fake:
        yield fake
        assert fake.refusals() == []


@pytest.fixture
async def house(twilio, telegram, settings, connections, clock):
    both = telegram_settings(settings, telegram, TelegramMode.POLLING)
    async with open_whatsapp_house(twilio, both, connections, clock) as house:
        yield house


async def on_telegram(telegram, number):
    """Asha on Telegram, who shares her number as soon as she is asked for it."""
    asha = TelegramPerson(telegram, ASHA)
    await asha.opens()
    await asha.taps("Order food")
    await asha.shares_contact(number)
    return asha


async def test_a_cart_begun_on_whatsapp_is_ordered_on_telegram(house, telegram):
    whatsapp = await at_the_menu(house)
    await whatsapp.says("2 masala dosa and a mango lassi")
    asha = await on_telegram(telegram, whatsapp.address.removeprefix("whatsapp:"))
    assert "Welcome back" in asha.all_said
    await asha.says("cart")
    assert "2 × Masala Dosa" in asha.screen
    assert "Mango Lassi" in asha.screen
    cook = await house.cook("mgroad")
    await asha.taps("Checkout")
    for _ in range(3):
        if asha.offers("Place order"):
            break
        await asha.taps("Takeaway")
    await asha.taps("Place order")
    await asha.taps("Cash")
    code = code_in(asha.screen)
    card = await cook.hears(code)
    assert "2 × Masala Dosa" in card.text
    await whatsapp.says("track")
    assert code in whatsapp.screen
    await whatsapp.says("cart")
    assert "empty" in whatsapp.screen


async def test_a_cart_begun_on_telegram_is_ordered_on_whatsapp(house, telegram):
    whatsapp = await house.guest()
    asha = await on_telegram(telegram, whatsapp.address.removeprefix("whatsapp:"))
    await asha.taps("MG Road")
    await asha.taps("Takeaway")
    await asha.says("3 masala dosa")
    await whatsapp.opens()
    assert "Welcome back" in whatsapp.screen
    await whatsapp.says("cart")
    assert "3 × Masala Dosa" in whatsapp.screen
    customers = house.runtime.connections.mongo["handles"]
    found = await customers.find({}).to_list(length=None)
    mine = {one["customer"] for one in found if one["_id"] in (whatsapp.address, f"telegram:{ASHA}")}
    assert len(mine) == 1


async def test_one_guest_with_two_orders_from_two_chats_is_one_guest_for_the_kitchen(house, telegram):
    whatsapp = await at_the_menu(house)
    await whatsapp.says("2 masala dosa")
    await whatsapp.taps("Checkout")
    await whatsapp.taps("Place order")
    await whatsapp.taps("Cash")
    asha = await on_telegram(telegram, whatsapp.address.removeprefix("whatsapp:"))
    await asha.says("track")
    assert code_in(whatsapp.screen) in asha.screen
    orders = await house.runtime.connections.mongo["orders"].find({}).to_list(length=None)
    phones = {order["phone"] for order in orders}
    assert phones == {whatsapp.address.removeprefix("whatsapp:")}
