"""Talking on WhatsApp: numbers, lists with more, old lists, places, pictures, and words of goodbye."""

import json
import re
from datetime import timedelta

import aiohttp
import pytest

from core.ids import Handle
from tests.bot.channels.whatsapp.walks import at_the_menu, at_the_review, code_in, ordered


async def test_a_guest_is_known_by_the_signed_number_and_asked_for_none(house):
    asha = await house.guest()
    await asha.opens()
    await asha.taps("Order food")
    assert "mobile number" not in asha.screen
    assert asha.offers("MG Road")
    customer = await house.runtime.services.customers.by_phone(asha.address.removeprefix("whatsapp:"))
    assert customer is not None
    assert customer.phone_proof == "whatsapp_sender"
    assert house.phone.messages == []


async def test_a_sender_who_hides_the_number_is_asked_for_one_only_to_order(house):
    house.hidden = True
    asha = await house.guest()
    await asha.opens()
    await asha.taps("Order food")
    assert "mobile number" in asha.screen
    await asha.taps("Menu first")
    assert asha.offers("MG Road")


async def test_lists_have_ten_rows_at_most_and_more_shows_the_rest(house):
    asha = await at_the_menu(house)
    seen = set()
    for _ in range(6):
        rows = asha.answer[-1].rows
        assert 0 < len(rows) <= 10
        seen |= {row["title"] for row in rows}
        if not asha.offers("More ▸"):
            break
        await asha.taps("More ▸")
    assert {"Search", "Cart", "Thalis"} <= seen


@pytest.mark.parametrize("said", ["More ▸", "more", "10"])
async def test_more_may_be_written_as_well_as_tapped(house, said):
    asha = await at_the_menu(house)
    first = asha.answer[-1].labels
    assert first[9] == "More ▸"
    await asha.says(said)
    assert "More to choose from" in asha.screen
    assert set(asha.answer[-1].labels) - set(first)


@pytest.mark.parametrize("said", ["2", "2.", "second", "दूसरा"])
async def test_a_number_means_the_list_that_was_shown_last(house, said):
    asha = await at_the_menu(house)
    title = asha.answer[-1].rows[1]["title"]
    await asha.says(said)
    assert title.rstrip("…") in asha.screen


async def test_a_number_answers_a_question_that_wants_words_too(house):
    """“1” is the first button there: no landmark is called so, and nobody asks the kitchen for it."""
    asha = await at_the_menu(house, "Delivery")
    await asha.says("2 masala dosa")
    await asha.taps("Checkout")
    await asha.says("12 Church Street, Bengaluru, 560001")
    assert asha.answer[-1].labels[0] == "No landmark"
    await asha.says("1")
    assert "12 Church Street, Bengaluru 560001" in asha.screen
    assert asha.offers("Place order")
    await asha.says("2")
    await asha.says("address")
    saved = next(n for n, title in enumerate(asha.answer[-1].labels, start=1) if "Church" in title)
    await asha.says(str(saved))
    assert "12 Church Street, Bengaluru 560001" in asha.screen
    assert asha.offers("Place order")


async def test_where_a_number_is_asked_for_a_number_is_heard(house):
    asha = await at_the_menu(house, "Dine in")
    assert "T4" in asha.all_said
    await asha.says("paneer tikka")
    await asha.says("2")
    await asha.says("3")
    await asha.says("cart")
    assert "3 × Paneer Tikka (Full)" in asha.screen


async def test_back_from_a_line_of_the_cart_is_the_cart(house):
    asha = await at_the_menu(house)
    await asha.says("2 masala dosa")
    await asha.taps("Change")
    await asha.taps("Masala Dosa")
    await asha.says("back")
    assert asha.answer[-1].labels == ["Checkout", "Add more", "Change"]


async def test_a_number_that_answers_an_older_list_is_stale_rather_than_wrong(house):
    asha = await at_the_menu(house)
    menu = asha.answer[-1]
    await asha.says("2 masala dosa")
    await asha.says("2", reply_to=menu.sid)
    assert "older message" in asha.screen
    await asha.says("cart")
    assert "2 × Masala Dosa" in asha.screen


async def test_a_row_of_an_old_list_still_does_what_it_says_or_says_why_not(house):
    asha = await at_the_menu(house)
    menu = asha.answer[-1]
    thalis = next(row for row in menu.rows if row["title"] == "Thalis")
    await asha.says("2 masala dosa")
    await asha.taps_row(menu, thalis)
    assert "Thali" in asha.screen


async def test_more_below_an_old_list_shows_what_is_true_now(house):
    asha = await at_the_menu(house)
    old = asha.answer[-1]
    more = next((row for row in old.rows if row["title"] == "More ▸"), None)
    if more is None:
        pytest.skip("the demo's categories fit one list")
    await asha.says("cart")
    await asha.taps_row(old, more)
    assert asha.screen


async def test_without_content_templates_numbers_do_the_same(house):
    house.twilio.content_refuses = True
    asha = await house.guest()
    await asha.opens()
    assert asha.answer[-1].rows == []
    assert "1. Order food" in asha.screen
    assert "Answer with a number." in asha.screen
    await asha.says("1")
    assert "MG Road" in asha.screen
    await asha.says("first")
    assert "Takeaway" in asha.screen
    await asha.says("takeaway")
    await asha.says("thalis")
    assert re.search(r"^\d\. .+ · .*₹\d+", asha.screen, re.MULTILINE), "what a dish costs stands beside its number"
    await asha.says("2 masala dosa")
    assert "2 × Masala Dosa" in asha.screen
    await asha.says("checkout")
    await asha.says("place order")
    number = re.search(r"(\d+)\. Cash", asha.screen)
    assert number
    await asha.says(number[1])
    assert code_in(asha.screen)


@pytest.mark.parametrize("code", [21656, 21658, 63013])
async def test_choices_that_twilio_does_not_take_go_out_with_numbers(house, code):
    asha = await at_the_menu(house)
    house.twilio.refuses = [(400, code)]
    await asha.says("menu")
    assert asha.answer[-1].rows == []
    assert "1. Breakfast" in asha.screen
    await asha.says("thalis")
    assert asha.answer[-1].rows


async def test_several_numbers_tick_several_things(house):
    asha = await at_the_menu(house)
    await asha.says("profile")
    await asha.taps("Food")
    shown = [row["title"] for row in asha.answer[-1].rows]
    ticks = [n for n, title in enumerate(shown, start=1) if title.startswith(("Veg", "Jain", "○", "Only"))][:2]
    if len(ticks) < 2:
        ticks = [1, 2]
    await asha.says(" ".join(map(str, ticks)))
    assert "did not get that" not in asha.screen
    marked = [row["title"] for row in asha.answer[-1].rows if "✓" in row["title"]]
    assert len(marked) == 2, asha.answer[-1].rows


async def test_templates_are_made_once_found_again_and_made_anew(house):
    asha, twilio = await at_the_menu(house), house.twilio
    made = len(twilio.contents)
    names = [content["friendly_name"] for content in twilio.contents.values()]
    assert len(set(names)) == len(names)
    house.account.templates._sids.clear()
    house.account.templates._listed = False
    await asha.says("menu")
    assert len(twilio.contents) == made, "Redis kept their names"
    house.account.templates._sids.clear()
    await house.runtime.connections.redis.delete("{whatsapp}:content")
    await asha.says("menu")
    assert len(twilio.contents) == made, "Twilio's list knows them"
    twilio.contents.clear()
    await asha.says("menu")
    assert asha.answer[-1].rows
    assert len(twilio.contents) == 1


async def test_a_place_on_the_map_is_a_delivery_address(house):
    asha = await at_the_menu(house, "Delivery")
    await asha.says("2 masala dosa")
    await asha.taps("Checkout")
    assert "Location" in asha.screen
    await asha.is_at(12.9757, 77.6068)
    assert "went wrong" not in asha.screen
    assert asha.buttons or "address" in asha.screen.casefold()


async def test_a_voice_note_is_answered_in_words(house):
    asha = await at_the_menu(house)
    await asha.sends({"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "audio/ogg"})
    assert asha.screen
    assert "went wrong" not in asha.screen


async def test_a_dish_shows_its_picture(house):
    asha = await at_the_menu(house)
    await asha.says("paneer tikka")
    if not asha.image:
        await asha.taps("Paneer Tikka")
    link = asha.image
    assert link is not None
    assert "/pictures/" in link
    async with aiohttp.ClientSession() as http:
        async with http.get(link) as answer:
            assert (answer.status, answer.content_type) == (200, "image/png")
        async with http.get(link[:-2] + "xx") as answer:
            assert answer.status == 403
        house.clock.advance(timedelta(minutes=31))
        async with http.get(link) as answer:
            assert answer.status == 403, "it was good for half an hour"


async def test_what_a_guest_types_is_shown_as_typed_and_marks_nothing(house):
    asha = await at_the_menu(house)
    await asha.says("profile")
    await asha.taps("Name")
    await asha.says("*Asha* _Rao_ ~x~ `y`")
    assert "*Asha*" not in asha.answer[-1].text
    assert "Asha" in asha.screen


@pytest.mark.parametrize("word", ["STOP", "stop.", "unsubscribe", "बंद करो", "band karo", "स्टॉप"])
async def test_stop_is_honoured_at_once_in_every_language(house, word):
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    await asha.says(word)
    assert len(asha.answer) == 1
    customers = house.runtime.services.customers
    assert not await customers.is_reachable(Handle(asha.address))
    code = code_in(asha.all_said)
    await cook.hears(code)
    await cook.taps_on(code, "+15")
    await asha.hears_nothing_of("accepted", within=0.5)
    await asha.says("track")
    assert code in asha.screen
    assert await customers.is_reachable(Handle(asha.address))
    await cook.taps_on(code, "Ready")
    await asha.hears("ready")


async def test_after_twilios_own_stop_nothing_is_answered(house):
    asha = await at_the_menu(house)
    await asha.sends({"Body": "STOP", "OptOutType": "STOP"})
    assert asha.answer == []
    assert not await house.runtime.services.customers.is_reachable(Handle(asha.address))


async def test_a_tap_that_waited_too_long_is_not_acted_on(house):
    asha = await at_the_review(house)
    review = asha.answer[-1]
    place = next(row for row in review.rows if "Place" in row["title"])
    sid = await house.twilio.deliver(
        asha.address,
        {"Body": place["title"], "ButtonPayload": place["id"], "OriginalRepliedMessageSid": review.sid},
        post=False,
    )
    item = {"MessageSid": sid, "From": asha.address, "ButtonPayload": place["id"], "Body": place["title"]}
    old = house.clock.ms() - 11 * 60_000
    raw = json.dumps({**item, "tiffin_sent_ms": str(old)})
    await house.runtime.services.inbox.put("whatsapp", sid, f"wa:{asha.address.removeprefix('whatsapp:')}", raw)
    await house.worked_off(sid)
    assert "nothing was done" in asha.all_said
    assert "Masala Dosa" in asha.messages[-1].text
    assert await house.runtime.connections.mongo["orders"].count_documents({}) == 0


async def test_a_line_of_the_cart_is_changed_in_three_taps(house):
    asha = await at_the_menu(house)
    await asha.says("2 masala dosa and a mango lassi")
    assert [row["title"] for row in asha.answer[-1].rows] == ["Checkout", "Add more", "Change"]
    await asha.taps("Change")
    await asha.taps("Masala Dosa")
    await asha.taps("One more")
    assert "3 × Masala Dosa" in asha.screen
    await asha.taps("Change")
    await asha.taps("Mango Lassi")
    await asha.taps("Remove")
    assert "Mango Lassi" not in asha.screen
