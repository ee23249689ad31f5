"""A screen: one message that taps swap, and what stands below it for good."""

import asyncio

import pytest

from bot.channels.telegram.keys import chat_key
from bot.conversation.reply import Outgoing, PackedButton
from bot.conversation.text import Text as Words
from bot.conversation.text import fill
from tests.bot.channels.telegram.conftest import CHAT
from tests.bot.channels.telegram.line import says
from tests.bot.channels.telegram.payloads import PAYLOADS
from tests.fakes.telegram.updates import Pending


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


async def test_an_address_no_button_may_open_is_written_out(line, asha):
    row = (PackedButton("Pay ₹240", url="http://localhost:8080/sandbox/1"), PackedButton("Later", "later"))
    await line.channel.send(CHAT, Outgoing("m1", Words.of("Pay now"), (row,)))
    (message,) = asha.chat.by_bot()
    assert message.text == "Pay now\nPay ₹240: http://localhost:8080/sandbox/1"
    assert [button["text"] for row in message.rows for button in row] == ["Later"]


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


async def test_a_hundred_chats_are_served_at_once_and_nothing_is_kept_of_them(line, telegram):
    for n in range(100):
        telegram.private(6_000_000_000 + n)
    await asyncio.gather(
        *(line.channel.send(chat_key(6_000_000_000 + n), says(f"m{n}", "Hello", "Menu")) for n in range(100))
    )
    assert all(len(telegram.chats[6_000_000_000 + n].by_bot()) == 1 for n in range(100))
