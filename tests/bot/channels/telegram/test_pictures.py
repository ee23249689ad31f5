"""Dishes in pictures, and files: from our own door, uploaded once, never in the way of the words."""

from bot.conversation.reply import Attachment, Outgoing
from bot.conversation.text import Text as Words
from tests.bot.channels.telegram.conftest import CHAT
from tests.bot.channels.telegram.line import PIXEL, says


async def test_a_dish_with_a_picture_takes_the_place_of_the_menu_and_gives_it_back(guide, asha, telegram):
    await asha.opens()
    await asha.taps("Menu")
    await asha.taps("Dosa")
    assert [(m.text, m.has_media) for m in asha.chat.by_bot()] == [("Masala dosa", True)]
    assert telegram.made("sendPhoto")[0].files["photo"] == ("dosa.png", PIXEL)
    await asha.taps("Back")
    assert [(m.text, m.has_media) for m in asha.chat.by_bot()] == [("The menu", False)]
    await asha.taps("Dosa")
    assert telegram.made("sendPhoto")[1].files == {}  # Telegram knows the picture by now
    assert asha.image == "dosa.png"


async def test_from_picture_to_picture_the_message_stays(guide, asha, telegram):
    guide["add"] = guide["more"]
    await asha.opens()
    await asha.taps("Menu")
    await asha.taps("Dosa")
    message = asha.chat.by_bot()[0]
    await asha.taps("Add")
    assert (message.text, message.edits) == ("Masala dosa, large", 1)
    assert [c.method for c in telegram.made("editMessageCaption", "editMessageMedia")] == ["editMessageCaption"]
    guide["add"] = guide["idli"]
    await asha.taps("Add")
    assert (message.text, message.file_name) == ("Idli", "idli.png")
    assert telegram.made("editMessageMedia")[0].files
    assert [m.id for m in asha.chat.by_bot()] == [message.id]


async def test_a_picture_that_cannot_be_had_or_is_none_leaves_the_words(line, asha, telegram):
    telegram.pardons.add("IMAGE_PROCESS_FAILED")
    for path in ("/media/nothing.png", "/media/broken.png"):
        await line.channel.send(CHAT, says(f"m{path}", "Masala dosa", "Add", image=path))
    assert [(m.text, m.has_media) for m in asha.chat.by_bot()] == [("Masala dosa", False)] * 2
    assert [c.error.description for c in telegram.calls if c.error] == ["Bad Request: IMAGE_PROCESS_FAILED"]


async def test_words_too_long_for_a_caption_stand_below_the_picture(line, asha):
    await line.channel.send(CHAT, says("m1", "word " * 400, "Add", image="/media/dosa.png"))
    picture, words = asha.chat.by_bot()
    assert picture.has_media
    assert (picture.text, picture.rows) == ("", [])
    assert words.rows[0][0]["text"] == "Add"


async def test_words_too_long_for_a_caption_cost_the_picture_where_a_screen_is_swapped(guide, asha):
    guide["dosa"] = lambda: says("s-dosa", "word " * 400, "Back", image="/media/dosa.png")
    await asha.opens()
    await asha.taps("Menu")
    await asha.taps("Dosa")
    (message,) = asha.chat.by_bot()
    assert not message.has_media
    assert message.text.startswith("word word")


async def test_a_text_becomes_a_message_with_a_picture_and_the_old_one_goes(line, asha):
    ref = await line.channel.send(CHAT, says("m1", "Dosa", "Add"))
    new = await line.channel.send(CHAT, says("m2", "Dosa", "Add", image="/media/dosa.png", replaces=ref))
    assert [m.id for m in asha.chat.by_bot()] == [int(new.removesuffix("p"))] != [int(ref)]


async def test_where_the_old_message_may_not_be_deleted_it_loses_its_buttons(line, asha, telegram):
    telegram.pardons.add("message can't be deleted")
    ref = await line.channel.send(CHAT, says("m1", "Dosa", "Add"))
    asha.chat.messages[int(ref)].date -= 72 * 3600
    await line.channel.send(CHAT, says("m2", "Dosa", "Add", image="/media/dosa.png", replaces=ref))
    old, new = asha.chat.by_bot()
    assert (old.rows, bool(new.rows)) == ([], True)


async def test_a_dish_is_drawn_for_browsers_and_photographed_for_telegram(line, asha, telegram):
    await line.channel.send(CHAT, says("m1", "Medu vada", "Add", image="/media/vada.svg"))
    assert telegram.made("sendPhoto")[0].files["photo"] == ("vada.png", PIXEL + b"vada")


async def test_pictures_come_from_our_own_door_where_the_public_address_leads_nowhere_from_inside(line, asha, telegram):
    line.account.files.bases = ("http://127.0.0.1:9", line.address, "https://tiffin.invalid")
    await line.channel.send(CHAT, says("m1", "Dosa", image="/media/dosa.png"))
    await line.channel.send(CHAT, says("m2", "Idli", image="https://tiffin.invalid/media/idli.png"))
    assert [call.files["photo"][0] for call in telegram.made("sendPhoto")] == ["dosa.png", "idli.png"]


async def test_a_document_comes_with_its_text_and_without_the_file_with_its_address(line, asha, telegram):
    await line.channel.send(
        CHAT, Outgoing("d1", Words.of("Your bill"), document=Attachment("/media/dosa.png", "bill.pdf"))
    )
    await line.channel.send(
        CHAT, Outgoing("d2", Words.of("Your data"), document=Attachment("/media/none", "data.json"))
    )
    bill, data = asha.chat.by_bot()
    assert (bill.text, bill.content["document"]["file_name"]) == ("Your bill", "bill.pdf")
    assert data.text == f"Your data\ndata.json: {line.address}/media/none"
