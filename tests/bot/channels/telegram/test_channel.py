"""What guests and cooks see: answers in place, new messages, and what comes later."""

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.channels.base import Unreachable
from bot.channels.telegram.errors import ChatMoved, Refused, Unanswered
from bot.channels.telegram.events import GroupMigrated
from bot.channels.telegram.keys import chat_key
from bot.conversation.incoming import Contact, Start, Tap, Text
from bot.conversation.reply import Attachment, Outgoing, PackedButton
from bot.conversation.text import Text as Words
from bot.conversation.text import fill
from core.ids import ChatKey
from tests.bot.channels.telegram.conftest import ASHA, KITCHEN
from tests.bot.channels.telegram.line import PIXEL, says
from tests.bot.channels.telegram.payloads import PAYLOADS
from tests.fakes.telegram import TelegramCook, Trouble
from tests.fakes.telegram.chats import Chat
from tests.fakes.telegram.updates import Pending

CHAT = chat_key(ASHA)
GROUP = chat_key(KITCHEN)


@pytest.fixture
def guide(line):
    """A guest's walk: what each tap or word leads to, by name. The screen is swapped as the engine would have it."""
    pages = {
        "hello": lambda: says("s-hello", "Welcome", "Menu"),
        "menu": lambda: says("s-menu", "The menu", "Dosa", "Idli", "Cart"),
        "dosa": lambda: says("s-dosa", "Masala dosa", "Add", "Back", image="/media/dosa.png"),
        "idli": lambda: says("s-idli", "Idli", "Add", "Back", image="/media/idli.png"),
        "more": lambda: says("s-more", "Masala dosa, large", "Add", "Back", image="/media/dosa.png"),
        "back": lambda: says("s-menu2", "The menu", "Dosa", "Idli", "Cart"),
        "cart": lambda: says("s-cart", "Your cart", "Checkout", "Back"),
        "checkout": lambda: says("m-review", "Review: ₹240", "Place order", "Change"),
        "change": lambda: says("s-cart2", "Your cart again", "Checkout"),
    }
    screen = [""]

    async def answer(incoming):
        match incoming.content:
            case Start():
                page = "hello"
            case Text(text=page) | Tap(action=page):
                pass
        shown = pages[page]()
        id = f"{shown.id}-{incoming.update_id}"
        stands = shown.id.startswith("m-")
        swaps = screen[0] if isinstance(incoming.content, Tap) and not stands else ""
        screen[0] = "" if stands else id
        return (replace(shown, id=id, replaces=swaps),)

    line.answers = answer
    return pages


async def test_browsing_edits_one_message_and_answers_every_tap(guide, asha, telegram):
    await asha.opens()
    for tap in ("Menu", "Cart", "Back", "Cart"):
        await asha.taps(tap)
    assert [message.text for message in asha.chat.by_bot()] == ["Your cart"]
    assert asha.chat.by_bot()[0].edits == 4
    assert len(telegram.answered) == 4
    assert all(call.riding for call in telegram.made("answerCallbackQuery"))
    assert len(telegram.made("sendMessage")) == 1


async def test_a_tap_costs_two_calls_to_telegram_and_no_look_at_redis(guide, line, asha, telegram, redis):
    async def looks():
        stats = await redis.info("commandstats")
        return {name: stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "hmget", "get", "set")}

    await asha.opens()
    await asha.taps("Menu")
    async with asyncio.timeout(5):
        while not await redis.exists("{telegram}:presented"):
            await asyncio.sleep(0.02)
    before = await looks()
    telegram.calls.clear()
    await asha.taps("Cart")
    assert await looks() == before
    assert [call.method for call in telegram.calls] == ["editMessageText", "answerCallbackQuery"]


async def test_what_tells_of_money_is_a_message_of_its_own_and_stays(guide, asha):
    await asha.opens()
    await asha.says("cart")
    await asha.taps("Checkout")
    assert asha.screen == "Review: ₹240"
    await asha.says("menu")
    await asha.taps("Change")  # on the review, while the menu is the screen
    texts = [message.text for message in asha.chat.by_bot()]
    assert texts == ["Welcome", "Your cart", "Review: ₹240", "The menu", "Your cart again"]


async def test_an_old_screen_that_is_tapped_is_answered_below_and_not_torn_from_the_past(guide, asha):
    await asha.opens()
    await asha.says("menu")
    old = asha.chat.by_bot()[0]
    await asha.taps_button(old, old.rows[0][0]["callback_data"])
    assert [message.text for message in asha.chat.by_bot()] == ["Welcome", "The menu", "The menu"]


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


async def test_a_text_of_ten_thousand_characters_comes_in_pieces_with_the_buttons_below_the_last(line, asha):
    await line.channel.send(CHAT, says("m1", "\n".join(f"{n} × dosa" for n in range(1000)), "Pay"))
    messages = asha.chat.by_bot()
    assert len(messages) == 3
    assert [bool(message.rows) for message in messages] == [False, False, True]
    assert "\n".join(message.text for message in messages) == "\n".join(f"{n} × dosa" for n in range(1000))


async def test_an_order_of_markup_is_shown_as_it_was_typed(line, asha, telegram):
    for n, payload in enumerate(PAYLOADS):
        button = (PackedButton(payload, f"x{n}"), PackedButton("ok", "ok"))
        await line.channel.send(
            CHAT, Outgoing(f"p{n}", fill("*{name}* wants _{note}_", name=payload, note=payload), (button,))
        )
    assert telegram.refusals() == []
    assert len(asha.chat.by_bot()) == len(PAYLOADS)
    assert asha.chat.by_bot()[10].text.startswith(PAYLOADS[10].strip())


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


async def test_an_address_no_button_may_open_is_written_out(line, asha):
    row = (PackedButton("Pay ₹240", url="http://localhost:8080/sandbox/1"), PackedButton("Later", "later"))
    await line.channel.send(CHAT, Outgoing("m1", Words.of("Pay now"), (row,)))
    (message,) = asha.chat.by_bot()
    assert message.text == "Pay now\nPay ₹240: http://localhost:8080/sandbox/1"
    assert [button["text"] for row in message.rows for button in row] == ["Later"]


# ---- the same update twice


@pytest.mark.parametrize("walk", [["Menu", "Cart"], ["Menu", "Dosa"], ["Menu", "Dosa", "Back"]])
async def test_an_update_that_comes_twice_shows_nothing_twice(guide, line, asha, telegram, walk):
    """The engine answers a repeated update with the very same words; the screen must not change for them."""
    answers = line.answers
    kept = {}

    async def remembering(incoming):
        if incoming.update_id not in kept:
            kept[incoming.update_id] = await answers(incoming)
        return kept[incoming.update_id]

    line.answers = remembering
    bodies: list[Pending] = []
    put = telegram.updates.put

    def keeping(one):
        bodies.append(one)
        put(one)

    telegram.updates.put = keeping
    await asha.opens()
    for tap in walk:
        await asha.taps(tap)
    await asha.says("cart")
    shown = [(m.id, m.text, m.edits) for m in asha.chat.by_bot()]
    for one in (bodies[-1], bodies[-2]):
        await line.account.handle(one.body)
    assert [(m.id, m.text, m.edits) for m in asha.chat.by_bot()] == shown


async def test_a_card_that_is_sent_twice_is_there_once(line, telegram):
    chat = telegram.group(KITCHEN)
    first = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    assert await line.channel.send(GROUP, says("card-1", "K 472", "Accept")) == first
    assert await line.channel.send(GROUP, says("card-2", "K 473", "Accept")) != first
    assert [message.text for message in chat.by_bot()] == ["K 472", "K 473"]


# ---- what comes later


async def test_a_card_is_edited_by_our_name_for_it_or_by_telegrams(line, telegram):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    assert await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", "Ready", replaces="card-1")) == ref
    assert await line.channel.send(GROUP, says("card-1.c", "K 472 ready", replaces=ref)) == ref
    assert [(m.text, m.rows) for m in chat.by_bot()] == [("K 472 ready", [])]


async def test_without_redis_a_card_is_edited_by_telegrams_name_all_the_same(line, telegram, redis):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    await redis.flushdb()
    await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", replaces=ref))
    assert [m.text for m in chat.by_bot()] == ["K 472 accepted"]


async def test_a_card_that_was_deleted_is_sent_anew(line, telegram):
    telegram.pardons.add("message to edit not found")
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    chat.messages[int(ref)].deleted = True
    new = await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", "Ready", replaces=ref))
    assert new != ref
    assert [m.text for m in chat.by_bot()] == ["K 472 accepted"]


async def test_what_reads_the_same_already_is_well(line, telegram):
    telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    assert await line.channel.send(GROUP, says("card-1", "K 472", "Accept", replaces=ref)) == ref


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


async def test_the_board_is_pinned_without_a_sound(line, telegram):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("board", "Nothing to cook"))
    await line.channel.pin(GROUP, ref)
    assert chat.pinned == [int(ref)]
    assert telegram.made("pinChatMessage")[0].params["disable_notification"] == "true"


# ---- what can go wrong


async def test_a_guest_who_blocked_the_bot_is_out_of_reach_for_good(line, asha, telegram):
    asha.chat.shut = "bot was blocked by the user"
    with pytest.raises(Unreachable) as gone:
        await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert not gone.value.retryable
    assert len([call for call in telegram.calls if call.method == "sendMessage"]) == 1
    asha.chat.shut = ""
    with pytest.raises(Unreachable):
        await line.channel.send(ChatKey("telegram:anon"), says("m1", "x"))


async def test_a_chat_nobody_knows_is_out_of_reach(line, telegram):
    telegram.pardons.add("chat not found")
    with pytest.raises(Unreachable):
        await line.channel.send(chat_key(404), says("m1", "hello"))


async def test_a_mistake_of_ours_is_not_repeated(line, asha, telegram):
    telegram.pardons.add("message text is empty")
    with pytest.raises(Refused) as refused:
        await line.channel.send(CHAT, says("m1", "   "))
    assert not refused.value.retryable
    assert len([call for call in telegram.calls if call.method == "sendMessage"]) == 1


@pytest.mark.parametrize("trouble", [{"status": 502}, {"drop": True}, {"status": 500, "raw": b"<html>"}])
async def test_a_card_that_may_not_have_arrived_is_left_to_the_outbox_to_repeat(line, asha, telegram, trouble):
    telegram.fails("sendMessage", Trouble(**trouble))
    with pytest.raises(Unanswered) as failure:
        await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert failure.value.retryable
    await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert [m.text for m in asha.chat.by_bot()] == ["Your order is ready"]


async def test_an_edit_without_an_answer_is_made_again_at_once(line, telegram):
    chat = telegram.group(KITCHEN)
    ref = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    telegram.fails("editMessageText", Trouble(drop=True, after=True))
    assert await line.channel.send(GROUP, says("card-1.b", "K 472 accepted", replaces=ref)) == ref
    assert [(m.text, m.edits) for m in chat.by_bot()] == [("K 472 accepted", 1)]


async def test_an_answer_survives_a_bad_moment_of_telegrams(guide, asha, telegram):
    telegram.fails("sendMessage", Trouble(status=502))
    await asha.opens()
    assert asha.screen == "Welcome"
    telegram.fails("editMessageText", Trouble(drop=True))
    await asha.taps("Menu")
    assert asha.screen == "The menu"


async def test_an_answer_telegram_refuses_does_not_take_the_next_one_along(line, asha, telegram):
    telegram.pardons.add("message text is empty")

    async def two(incoming):
        return says("a", " "), says("b", "Here is the menu")

    line.answers = two
    await asha.says("menu")
    assert asha.screen == "Here is the menu"


async def test_a_group_that_moved_is_told_of_and_the_next_try_reaches_it(line, telegram):
    telegram.pardons.add("group chat was upgraded")
    telegram.group(KITCHEN)
    new = telegram.migrate(KITCHEN, -1_000_000_004_001)
    with pytest.raises(ChatMoved) as moved:
        await line.channel.send(GROUP, says("card-1", "K 472"))
    assert moved.value.retryable
    assert line.events == [GroupMigrated(GROUP, moved.value.new)]
    await line.channel.send(moved.value.new, says("card-1", "K 472"))
    assert [m.text for m in new.by_bot()] == ["K 472"]


async def test_a_cook_who_wrote_before_the_group_moved_is_answered_in_the_new_one(line, telegram):
    telegram.pardons.add("group chat was upgraded")
    cook = TelegramCook(telegram, 77, KITCHEN)

    async def answer(incoming):
        new.append(telegram.migrate(KITCHEN, -1_000_000_004_001))
        return (says("a", "Paused"),)

    new: list[Chat] = []
    line.answers = answer
    await cook.says("/pause")
    assert [m.text for m in new[0].by_bot()] == ["Paused"]


async def test_a_token_that_was_taken_back_is_told_of_and_the_card_waits(line, asha, telegram, caplog):
    telegram.token = "1:another"
    with pytest.raises(Unanswered):
        await line.channel.send(CHAT, says("m1", "Your order is ready"))
    assert "telegram_token_refused" in caplog.text


async def test_without_redis_answers_are_shown_all_the_same(guide, asha, line, monkeypatch):
    nowhere = Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=0.2, decode_responses=True)
    for part in (line.channel._sent, line.account._allowance):
        monkeypatch.setattr(part, "_redis", nowhere)
    await asha.opens()
    await asha.taps("Menu")
    await asha.says("cart")
    assert [m.text for m in asha.chat.by_bot()] == ["The menu", "Your cart"]
    await nowhere.aclose()


# ---- cooks in a group


async def test_a_tapped_card_is_redrawn_where_it_stands_and_another_one_where_it_is(line, telegram):
    cook = TelegramCook(telegram, 77, KITCHEN)
    first = await line.channel.send(GROUP, says("card-1", "K 472", "Accept"))
    await line.channel.send(GROUP, says("card-2", "K 473", "Accept"))

    async def answer(incoming):
        return (
            says("x-c", "K 473 accepted", "Ready", replaces=incoming.message),
            says("y", "K 472 gone", replaces=first),
        )

    line.answers = answer
    await cook.taps_on("K 473", "Accept")
    assert [m.text for m in cook.chat.by_bot()] == ["K 472 gone", "K 473 accepted"]


async def test_an_answer_in_a_topic_stays_in_it(line, telegram):
    cook = TelegramCook(telegram, 77, -1_000_000_004_001)

    async def answer(incoming):
        return (says("a", "Paused"),)

    line.answers = answer
    await cook.sends({"text": "/pause", "is_topic_message": True, "message_thread_id": 12})
    assert telegram.made("sendMessage")[0].params["message_thread_id"] == 12


# ---- keyboards that ask


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


async def test_a_hundred_chats_are_served_at_once_and_nothing_is_kept_of_them(line, telegram):
    for n in range(100):
        telegram.private(6_000_000_000 + n)
    await asyncio.gather(
        *(line.channel.send(chat_key(6_000_000_000 + n), says(f"m{n}", "Hello", "Menu")) for n in range(100))
    )
    assert all(len(telegram.chats[6_000_000_000 + n].by_bot()) == 1 for n in range(100))


async def test_a_dish_is_drawn_for_browsers_and_photographed_for_telegram(line, asha, telegram):
    await line.channel.send(CHAT, says("m1", "Medu vada", "Add", image="/media/vada.svg"))
    assert telegram.made("sendPhoto")[0].files["photo"] == ("vada.png", PIXEL + b"vada")


async def test_pictures_come_from_our_own_door_where_the_public_address_leads_nowhere_from_inside(line, asha, telegram):
    line.account.files.bases = ("http://127.0.0.1:9", line.address, "https://tiffin.invalid")
    await line.channel.send(CHAT, says("m1", "Dosa", image="/media/dosa.png"))
    await line.channel.send(CHAT, says("m2", "Idli", image="https://tiffin.invalid/media/idli.png"))
    assert [call.files["photo"][0] for call in telegram.made("sendPhoto")] == ["dosa.png", "idli.png"]
