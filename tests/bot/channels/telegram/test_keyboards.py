"""Keyboards below the text field, which ask for a phone or a place and go away again."""

import pytest

from bot.conversation.incoming import Contact, Tap, Text
from tests.bot.channels.telegram.conftest import GROUP, KITCHEN
from tests.bot.channels.telegram.line import says


@pytest.fixture
def asking(line):
    """A phone is asked for; a card that proves one leads to the menu, anything else asks again."""
    n = iter(range(1000))

    async def answer(incoming):
        match incoming.content:
            case Contact(own=True, phone=phone):
                return (says(f"s{next(n)}", f"Thank you, {phone}", "Menu"),)
            case Tap(action="menu first"):
                return (says(f"s{next(n)}", "The menu", "Cart", replaces=screen[0]),)
            case Text(text="place"):
                return (says(f"s{next(n)}", "Where to?", "Back", ask="location"),)
            case Text(text="फ़ोन"):
                return (says(f"s{next(n)}", "अपना मोबाइल नंबर दें", "Back", ask="contact"),)
        screen[0] = f"s{next(n)}"
        return (says(screen[0], "Your number, please", "Menu first", ask="contact"),)

    screen = [""]
    line.answers = answer


async def test_ones_own_number_is_shared_with_a_tap_and_the_keyboard_goes_away(asking, line, asha):
    await asha.opens()
    assert asha.screen == "Your number, please\n\nThe button below sends it with one tap."
    await asha.shares_contact("919876543210")
    assert line.heard[-1].content == Contact("+919876543210", True)
    assert asha.chat.keyboard is None
    assert [m.text for m in asha.chat.by_bot()] == ["Your number, please", "Thank you, +919876543210"]


async def test_the_keyboard_is_put_up_once_while_the_same_is_asked_for(asking, asha, telegram):
    await asha.opens()
    await asha.says("what?")
    await asha.says("why?")
    assert len([c for c in telegram.made("sendMessage") if "keyboard" in (c.params.get("reply_markup") or {})]) == 1
    assert asha.chat.keyboard is not None


async def test_a_card_that_proves_nothing_brings_the_folded_keyboard_back(asking, asha, telegram):
    await asha.opens()
    await asha.sends_contact("919876543210", user_id=99)
    assert len([c for c in telegram.made("sendMessage") if "keyboard" in (c.params.get("reply_markup") or {})]) == 2
    assert [m.text for m in asha.chat.by_bot()].count("The button below sends it with one tap.") == 1


async def test_who_taps_menu_first_is_rid_of_the_keyboard_too(asking, asha):
    await asha.opens()
    await asha.taps("Menu first")
    assert asha.chat.keyboard is None
    assert [m.text for m in asha.chat.by_bot()] == ["The menu"]


async def test_a_place_is_asked_for_instead(asking, asha):
    await asha.opens()
    await asha.says("place")
    ((button,),) = asha.chat.keyboard["keyboard"]
    assert button["request_location"] is True


async def test_the_keyboard_speaks_the_guests_language(asking, asha):
    await asha.says("फ़ोन")
    assert asha.chat.keyboard is not None


async def test_no_keyboard_is_put_up_in_a_group(line, telegram):
    chat = telegram.group(KITCHEN)
    await line.channel.send(GROUP, says("a", "Your number, please", ask="contact"))
    assert chat.keyboard is None
    assert len(chat.by_bot()) == 1
