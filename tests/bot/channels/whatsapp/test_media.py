"""Pictures and papers on WhatsApp: fetched by Twilio itself, and no words lost beside them."""

import pytest

from bot.conversation.reply import Attachment, Button, Outgoing, Reply
from bot.conversation.text import lines
from bot.screens.taps import OpenMenu
from core.ids import ChatKey
from tests.bot.channels.whatsapp.walks import at_the_menu, code_in, ordered

PICTURE = "/media/dishes/masala-dosa.svg"


async def shown(house, reply):
    """What the guest gets of a message."""
    asha = await at_the_menu(house)
    said = len(asha.messages)
    await house.account.channel.answer(ChatKey(asha.address), [Outgoing.of(reply, id="m1")])
    await house.twilio.settled()
    return asha.messages[said:]


async def test_the_invoice_comes_as_a_file_and_what_it_says_as_a_message(house):
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    code = code_in(asha.screen)
    await cook.hears(code)
    for step in ("+15", "Ready", "Collected"):
        await cook.taps_on(code, step)
    await house.runtime.jobs.run_all()
    await asha.says("track")
    await asha.taps("Invoice")
    file, words = asha.answer
    assert "/invoices/" in str(file.image)
    assert set(file.fields) == {"From", "To", "MediaUrl", "StatusCallback"}, "a document takes no words of its own"
    assert "BLR1/2526/000001" in words.text
    assert words.labels == ["Back to the order"]
    await house.twilio.settled()  # it could be fetched, and is a PDF (the house's fixture looks for mistakes)


async def test_the_questions_about_a_dish_show_its_picture_once(house):
    asha = await at_the_menu(house)
    await asha.says("paneer tikka")
    assert asha.image
    await asha.taps("Full")
    await asha.taps("How spicy?")
    assert not any(one.image for one in asha.answer)
    await asha.says("cart")
    await asha.says("paneer tikka")
    assert asha.image, "somebody who comes back to it sees it again"


async def test_short_words_stand_below_their_picture(house):
    (one,) = await shown(house, Reply(lines("Masala Dosa"), image=PICTURE))
    assert one.text == "Masala Dosa"
    assert "/pictures/" in str(one.image)


@pytest.mark.parametrize("size", [1_100, 3_000])
async def test_words_too_long_for_a_picture_follow_it(house, size):
    first, *rest = await shown(house, Reply(lines("dosa " * (size // 5)), image=PICTURE))
    assert first.image
    assert first.text == ""
    assert "".join(one.text for one in rest).count("dosa") == size // 5


async def test_an_address_is_not_lost_beside_a_picture(house):
    link = ((Button("Where we are", url="https://tiffin.example/map"),),)
    (one,) = await shown(house, Reply(lines("MG Road"), link, image=PICTURE))
    assert "Where we are: https://tiffin.example/map" in one.text


async def test_words_beside_a_file_without_buttons_follow_it(house):
    file = Attachment(url=PICTURE.replace(".svg", ".png"), name="menu.png")
    first, words = await shown(house, Reply(lines("Our menu"), document=file))
    assert first.image
    assert words.text == "Our menu"


async def test_a_text_of_very_many_lines_stands_above_its_choices_as_a_message_of_its_own(house):
    text = lines("\n".join("x" for _ in range(60)))
    words, choices = await shown(house, Reply(text, ((Button("Menu", OpenMenu()),),)))
    assert words.text.count("x") == 60
    assert choices.text == "Please choose:"
    assert choices.labels == ["Menu"]
