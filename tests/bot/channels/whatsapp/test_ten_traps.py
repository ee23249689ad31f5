"""Ten mistakes seen in other people's ordering bots (UX.md §4), each tried on WhatsApp."""

from decimal import Decimal

import pytest

from core.errors import SettingsError
from core.settings import load_settings
from tests.bot.channels.whatsapp.house import open_whatsapp_house
from tests.bot.channels.whatsapp.walks import at_the_menu, at_the_review, code_in, ordered


async def test_1_no_list_has_more_than_ten_rows(house):
    asha = await at_the_menu(house)
    for words in ("menu", "profile", "help", "orders", "dosa", "2 masala dosa", "checkout", "hello"):
        await asha.says(words)
    assert all(len(one.rows) <= 10 for one in asha.messages)
    assert max(len(one.rows) for one in asha.messages) >= 6


async def test_2_no_two_rows_of_a_list_read_alike(house):
    asha = await at_the_menu(house)
    for row in list(asha.answer[-1].rows):
        await asha.says("menu")
        await asha.taps_row(asha.answer[-1], row)
    for one in asha.messages:
        titles = [row["title"].casefold() for row in one.rows]
        assert len(set(titles)) == len(titles), titles


async def test_3_what_a_row_does_does_not_depend_on_the_letters_of_its_name(house):
    """Ids made of a name's Latin letters are empty, and equal, for names in other scripts."""
    asha = await house.guest(language="hi-IN")
    await asha.opens()
    rows = asha.answer[-1].rows
    assert any(not title.isascii() for title in (row["title"] for row in rows))
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["id"] for row in rows)


async def test_4_a_code_is_checked_and_not_just_counted(house):
    house.hidden = True
    asha = await house.guest()
    await asha.opens()
    await asha.taps("Order food")
    await asha.says("98765 43210")
    right = await house.phone.code_for("98765 43210")
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    await asha.says(wrong)
    assert "confirmed" not in asha.screen
    await asha.says(right)
    assert "confirmed" in asha.screen


@pytest.mark.parametrize("claim", ["paid", "done, paid", "payment done", "I have paid", "भुगतान हो गया"])
async def test_5_saying_paid_pays_nothing(house, claim):
    cook = await house.cook("mgroad")
    asha = await ordered(house, pay="UPI")
    await asha.hears("to pay")
    await asha.says(claim)
    await asha.sends({"NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": "https://api.twilio.com/shot"})
    (order,) = await house.runtime.connections.mongo["orders"].find({}).to_list(length=2)
    assert order["status"] == "awaiting_payment"
    await cook.hears_nothing_of(order["code"], within=0.3)


async def test_6_the_kitchen_hears_nothing_and_the_order_waits_until_the_money_is_in(house):
    cook = await house.cook("mgroad")
    asha = await ordered(house, pay="UPI")
    await asha.hears("to pay")
    code = code_in(asha.all_said)
    await cook.hears_nothing_of(code, within=0.3)
    await house.till.does(asha.link("Pay ₹"), "pay")
    assert "PAID" in (await cook.hears(code)).text


async def test_7_a_place_nobody_delivers_to_is_never_delivered_to_for_nothing(house):
    asha = await at_the_menu(house, "Delivery")
    await asha.says("2 masala dosa")
    await asha.taps("Checkout")
    await asha.says("4 Beach Road, Chennai, 600001")
    assert "does not deliver" in asha.screen
    assert not asha.offers("Place order")
    asha = await at_the_review(house, "Delivery")
    assert "Delivery ₹" in asha.screen or "delivery" in asha.screen.casefold()


async def test_8_money_is_whole_paise_from_the_menu_to_the_bill(house):
    await ordered(house, "Takeaway", "3 masala dosa and 2 mango lassi")
    (order,) = await house.runtime.connections.mongo["orders"].find({}).to_list(length=2)

    def amounts(value, name=""):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from amounts(inner, key)
        elif isinstance(value, list):
            for inner in value:
                yield from amounts(inner, name)
        elif isinstance(value, float | Decimal) and name not in ("latitude", "longitude"):
            yield name, value

    assert list(amounts(order)) == []


async def test_9_the_cart_outlives_the_process(twilio, settings, connections, clock):
    async with open_whatsapp_house(twilio, settings, connections, clock) as house:
        asha = await at_the_menu(house)
        await asha.says("2 masala dosa")
        address = asha.address
    async with open_whatsapp_house(twilio, settings, connections, clock) as house:
        asha = await house.guest(address=address)
        await asha.says("cart")
        assert "2 × Masala Dosa" in asha.screen


async def test_10_nothing_unsigned_comes_in_and_no_secret_is_blank(house, tmp_path):
    url = house.twilio.webhook.partition("#")[0]
    assert house.runtime.settings.twilio_auth_token
    assert await house.twilio.post(url, {"MessageSid": "SM" + "0" * 32, "From": "x", "To": "y"}, token="-") == 403
    env = tmp_path / ".env"
    env.write_text("TWILIO_WHATSAPP_NUMBER=+14155550100\nTWILIO_AUTH_TOKEN=\nTWILIO_ACCOUNT_SID=AC1\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(env, demo=True)
    assert "TWILIO_AUTH_TOKEN" in " ".join(refused.value.problems)
