"""What guests and cooks live through on Telegram, with the whole restaurant behind it."""

import re

import pytest

from bot.screens.adding import cart_line
from core.cart.models import MAX_LINES
from core.ids import Handle, OutletId, Phone
from core.settings import TelegramMode
from tests.bot.channels.telegram.conftest import KITCHEN
from tests.bot.channels.telegram.house import open_telegram_house
from tests.bot.channels.telegram.payloads import PAYLOADS
from tests.bot.kitchen.builders import dinner
from tests.fakes.telegram import Flood, TelegramPerson

MOBILE = "919876543210"


def code_in(text):
    found = re.search(r"\b[A-Z] \d{3}\b", text)
    assert found, text
    return found[0]


async def at_the_menu(guest, how="Takeaway"):
    await guest.opens()
    await guest.taps("Order food")
    await guest.shares_contact(MOBILE)
    await guest.taps("MG Road")
    await guest.taps(how)


@pytest.mark.parametrize("mode", TelegramMode)
async def test_a_guest_orders_a_cook_cooks_and_both_see_it_in_their_chats(
    telegram, settings, connections, clock, mode, asha
):
    async with open_telegram_house(telegram, settings, connections, clock, mode=mode) as house:
        cook = await house.cook()
        await at_the_menu(asha)
        assert asha.chat.keyboard is None
        await asha.says("2 masala dosa")
        await asha.taps("Checkout")
        await asha.taps("Place order")
        await asha.taps("Cash")
        code = code_in(asha.screen)
        await cook.hears(code)
        await cook.taps_on(code, "+15")
        await asha.hears("accepted")
        assert "Ravi" in cook.card(code).text
        await cook.taps_on(code, "Ready")
        await asha.hears("ready")
        await cook.taps_on(code, "Collected")
        await asha.says("/track")
        assert asha.offers("Order again")
        cards = [m for m in cook.chat.by_bot() if code in m.text and "board" not in m.text]
        assert len(cards) == 1
        (board,) = [m for m in cook.chat.by_bot() if "board" in m.text]
        assert cook.chat.pinned == [board.id]
        await cook.hears("Nothing to cook")
    if mode is TelegramMode.WEBHOOK:
        assert all(call.riding for call in telegram.made("answerCallbackQuery"))


async def test_browsing_and_the_cart_are_one_message_and_the_bill_is_another(
    telegram, settings, connections, clock, asha
):
    async with open_telegram_house(telegram, settings, connections, clock):
        await at_the_menu(asha)
        await asha.says("menu")
        here = asha.chat.by_bot()[-1]
        before = len(asha.chat.by_bot())
        for label in [button["text"] for button in here.rows[0]][:1]:
            await asha.taps(label)
        assert len(asha.chat.by_bot()) == before
        await asha.says("2 masala dosa")
        await asha.taps("Checkout")
        review = asha.chat.by_bot()[-1]
        text = review.text
        await asha.says("menu")
        await asha.taps("Place order")  # on the review, further up
        assert review.text == text
        assert asha.chat.by_bot()[-1].id > review.id


async def test_a_place_that_is_known_is_not_asked_for_again(telegram, settings, connections, clock, asha):
    async with open_telegram_house(telegram, settings, connections, clock):
        await at_the_menu(asha, "Delivery")
        await asha.says("2 masala dosa")
        await asha.taps("Checkout")
        assert asha.chat.keyboard is not None
        await asha.is_at(12.975, 77.605)
        assert "Got your place" in asha.screen
        assert asha.chat.keyboard is None
        await asha.says("12 Church Street, Bengaluru, 560001")
        await asha.taps("No landmark")
        assert asha.offers("Place order")


async def test_a_cart_of_thirty_long_lines_is_changed_and_ordered_and_cooked_in_single_messages(
    telegram, settings, connections, clock, asha
):
    """As many lines as a cart holds, each with a note: more buttons and words than Telegram takes in one message."""
    async with open_telegram_house(telegram, settings, connections, clock) as house:
        services = house.runtime.services
        cook = await house.cook()
        await at_the_menu(asha)
        guest = await services.customers.identify(Handle(f"telegram:{asha.chat.id}"), "telegram")
        water = next(
            item
            for item in services.menu.snapshot(OutletId("mgroad")).items.values()
            if item.name.startswith("Mineral Water")
        )
        lines = [
            cart_line(water, qty=1, note=f"{n} مرحبا 👨‍👩‍👧 " + "very very long words to the kitchen " * 3)
            for n in range(MAX_LINES)
        ]
        for n, line in enumerate(lines):
            await services.cart.add(guest.id, line, f"tap-{n}")
        await asha.says("cart")
        (cart,) = asha.answer
        assert cart.text.count("Mineral Water") == MAX_LINES
        await asha.taps("Change")
        assert len(asha.buttons) > MAX_LINES
        await asha.taps_button(cart.message, cart.message.rows[3][0]["callback_data"])
        await asha.taps("One more")
        assert "2 × Mineral Water" in asha.screen
        await asha.taps("Checkout")
        await asha.taps("Place order")
        await asha.taps("Cash")
        code = code_in(asha.all_said.rpartition("Waiting for the restaurant")[0][-60:])
        await cook.hears("above this card")
        (*dishes, card) = [m.id for m in cook.chat.by_bot() if "board" not in m.text]
        await cook.taps_on(code, "+15")
        await asha.hears("accepted")
        await cook.taps_on(code, "Ready")
        await asha.hears("ready")
        assert [m.id for m in cook.chat.by_bot() if "board" not in m.text] == [*dishes, card]
        assert "Ravi" in cook.card(code).text
        assert telegram.refusals() == []


async def test_somebody_elses_card_proves_nothing(telegram, settings, connections, clock, asha):
    async with open_telegram_house(telegram, settings, connections, clock) as house:
        await asha.opens()
        await asha.taps("Order food")
        await asha.sends_contact(MOBILE, user_id=asha.user["id"], forwarded=True)
        assert "6-digit code" in asha.screen
        customer = await house.runtime.services.customers.by_phone(Phone(f"+{MOBILE}"))
        assert customer is None


async def test_an_old_button_and_a_forged_one_are_answered_with_what_is_true(
    telegram, settings, connections, clock, asha
):
    async with open_telegram_house(telegram, settings, connections, clock):
        await asha.opens()
        for data in ("kac|ord_0|15", "nonsense", "qty|x|-1~abc", "💥", "add|" + "x" * 60):
            await asha.taps_button(None, data)
            assert asha.screen
        assert all(query[2] for query in telegram.queries.values())


async def test_a_stranger_in_the_kitchen_changes_nothing(telegram, settings, connections, clock, asha):
    async with open_telegram_house(telegram, settings, connections, clock) as house:
        await at_the_menu(asha)
        await asha.says("1 mango lassi")
        await asha.taps("Checkout")
        await asha.taps("Place order")
        await asha.taps("Cash")
        code = code_in(asha.screen)
        await (await house.cook()).hears(code)
        stranger = TelegramPerson(telegram, 66, name="Eve")
        stranger.chat = telegram.chats[KITCHEN]
        await stranger.taps("Accept +15")
        assert "NEW" in (await house.cook()).card(code).text
        anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
        _, body = telegram.say(stranger.chat, anonymous, {"text": "/pause", "sender_chat": stranger.chat.shown()})
        await telegram.queue_message(body).done.wait()
        assert house.runtime.services.outlets.all()[0].paused_until_ms == 0


async def test_names_and_notes_of_markup_reach_the_kitchen_as_they_were_typed(telegram, settings, connections, clock):
    """A tenth of the payloads here, through the whole house; all of them in the channel's own tests."""
    async with open_telegram_house(telegram, settings, connections, clock):
        for n, payload in enumerate(PAYLOADS[::10]):
            guest = TelegramPerson(telegram, 6_000_000_000 + n, name=payload[:60] or "x")
            await guest.opens()
            await guest.says(payload)
            await guest.says("human")
            await guest.says(payload)
    assert telegram.refusals() == []


async def test_a_quick_guest_and_a_busy_cook_stay_within_telegrams_limits(telegram, settings, connections, clock, asha):
    telegram.flood = Flood()
    async with open_telegram_house(telegram, settings, connections, clock, paces=None) as house:
        cook = await house.cook()
        await at_the_menu(asha)
        await asha.says("2 masala dosa")
        for _ in range(6):
            await asha.says("menu") if asha.taps_made % 3 == 0 else None
            await asha.taps("Cart")
        await asha.taps("Checkout")
        await asha.taps("Place order")
        await asha.taps("Cash")
        code = code_in(asha.screen)
        await cook.hears(code)
        await cook.taps_on(code, "+15")
        await asha.hears("accepted")
    assert telegram.flood.refused == 0


async def test_a_rush_is_one_list_within_telegrams_own_limits(telegram, settings, connections, clock):
    """Fifteen orders within a second; a group takes five messages at once, and one each four seconds after that."""
    async with open_telegram_house(telegram, settings, connections, clock, paces=None) as house:
        cook = await house.cook()
        drafts = [dinner(f"chk_rush_{n}", now_ms=clock.ms(), customer=f"cus_{n}") for n in range(15)]
        codes = [(await house.runtime.services.orders.create(draft))[0].code for draft in drafts]
        listed = (await cook.hears("NEW ORDERS")).message
        named = [code for code in codes if code in listed.text]
        assert len(named) > 10
        await cook.taps_button(listed, listed.rows[0][0]["callback_data"])
        await cook.taps_on(named[0], "+15")
        assert "Ravi" in cook.card(named[0]).text
        assert telegram.refusals() == []


async def test_the_rider_holds_up_a_code_that_is_gone_once_paid_and_the_invoice_comes_as_a_file(
    telegram, settings, connections, clock, asha
):
    async with open_telegram_house(telegram, settings, connections, clock) as house:
        cook = await house.cook()
        await at_the_menu(asha)
        await asha.says("2 masala dosa")
        await asha.taps("Checkout")
        await asha.taps("Place order")
        await asha.taps("Cash")
        code = code_in(asha.screen)
        await cook.hears(code)
        for step in ("+15", "Ready", "Pay by UPI"):
            await cook.taps_on(code, step)
        await cook.hears("The guest scans this")
        (picture,) = [message for message in cook.chat.by_bot() if message.has_media]
        link = next(button["url"] for row in picture.rows for button in row if "url" in button)
        await house.till.does(link, "pay")
        await cook.hears("Take no cash")
        await asha.hears("no cash is needed")
        await cook.taps("Picked up")
        await asha.hears("is yours")
        assert not [message for message in cook.chat.by_bot() if message.has_media]
        await asha.taps("Invoice")
        files = [m.content["document"]["file_name"] for m in asha.chat.by_bot() if "document" in m.content]
        assert files == ["BLR1-2526-000001.pdf"]
        assert telegram.made("sendDocument")[0].files["document"][1].startswith(b"%PDF")
