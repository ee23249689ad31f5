"""After a guest's message WhatsApp lets us speak for a day; then there are templates, SMS, and the next time."""

import asyncio
import re
from datetime import timedelta

import pytest

from core.ids import Handle, OrderId
from core.sms.delivery import DeliveryStatus
from tests.bot.channels.whatsapp.house import open_whatsapp_house
from tests.bot.channels.whatsapp.walks import code_in, ordered

APPROVED = {
    "friendly_name": "order_accepted",
    "language": "en",
    "variables": {"1": "K 472", "2": "MG Road", "3": "accepted"},
    "types": {"twilio/text": {"body": "Order {{1}} at {{2}}: {{3}} Thank you."}},
}


async def news_of(house, order):
    return await house.account.messages.cost_of(order)


async def the_order(house):
    (document,) = await house.runtime.connections.mongo["orders"].find({}).to_list(length=2)
    return OrderId(document["_id"])


async def settled(house, *, beyond=0):
    """Reports have been made, and worked off."""
    inbox = house.runtime.connections.mongo["inbox"]
    async with asyncio.timeout(15):
        while True:
            await house.twilio.settled()
            house.clock.advance(timedelta(seconds=2))
            await house.runtime.jobs.run_all()
            waiting = await inbox.count_documents({"state": {"$in": ["new", "leased"]}, "source": "whatsapp-report"})
            if not waiting and not house.twilio._reporting:
                return
            await asyncio.sleep(0.02)


async def closed(house):
    """Make it so long ago that the guest wrote that WhatsApp has closed the chat, without anything else growing old."""
    before = house.clock.ms() - timedelta(hours=25) // timedelta(milliseconds=1)
    inbox = house.runtime.connections.mongo["inbox"]
    for item in await inbox.find({"source": "whatsapp"}).to_list(length=None):
        await inbox.update_one({"_id": item["_id"]}, {"$set": {"created_ms": before}})
    for address in house.twilio.last_heard:
        house.twilio.last_heard[address] -= timedelta(hours=25)


async def accepted(house):
    """A guest with an order, silent since, and a cook who accepts it only now."""
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    code = code_in(asha.screen)
    await cook.hears(code)
    await closed(house)
    said = len(asha.messages)
    await cook.taps_on(code, "+15")
    return asha, cook, code, said


async def test_inside_the_day_news_comes_as_it_is(house):
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    code = code_in(asha.screen)
    await cook.hears(code)
    await cook.taps_on(code, "+15")
    heard = await asha.hears("accepted")
    assert "ContentSid" in heard.fields  # with its buttons
    await house.twilio.settled()
    assert heard.status == "delivered"


async def test_after_a_day_an_approved_template_brings_the_news(twilio, settings, connections, clock):
    sid = twilio.add_content(APPROVED, approved=True)
    changes = {"whatsapp_templates": {"accepted.en": sid}}
    async with open_whatsapp_house(twilio, settings, connections, clock, **changes) as house:
        asha, _, code, _ = await accepted(house)
        heard = await asha.hears(f"Order {code} at")
        assert heard.fields["ContentSid"] == sid
        assert "\n" not in heard.fields["ContentVariables"]
        await twilio.settled()
        assert heard.status == "delivered"


async def test_without_a_template_what_matters_goes_by_sms(house):
    asha, _, code, said = await accepted(house)
    number = asha.address.removeprefix("whatsapp:")
    async with asyncio.timeout(10):
        while not house.phone.to(number):
            await asyncio.sleep(0.02)
    (text,) = house.phone.to(number)
    assert "accepted" in text
    assert code in text
    assert "\n" not in text
    assert len(asha.messages) == said


async def test_the_rest_is_told_at_the_next_contact_as_it_is_then(house):
    asha, cook, code, _ = await accepted(house)
    number = asha.address.removeprefix("whatsapp:")
    async with asyncio.timeout(10):
        while not house.phone.to(number):
            await asyncio.sleep(0.02)
    await cook.taps_on(code, "Ready")
    order = await the_order(house)
    async with asyncio.timeout(10):
        while await house.runtime.connections.redis.get(f"{{chat:{asha.address}}}:missed") != order:
            await asyncio.sleep(0.02)
    await cook.taps_on(code, "Collected")
    await asha.says("hello")
    assert "While you were away" in asha.screen
    assert f"Order {code}: Collected" in asha.screen
    await asha.says("hello")
    assert "While you were away" not in asha.screen


async def test_a_window_that_closed_unnoticed_shows_late_and_the_sms_follows(house):
    """Our clock thought the chat was open; Twilio says 63016 in its report."""
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    code = code_in(asha.screen)
    await cook.hears(code)
    house.twilio.last_heard[asha.address] -= timedelta(hours=25)
    await cook.taps_on(code, "+15")
    await settled(house)
    number = asha.address.removeprefix("whatsapp:")
    assert len(house.phone.to(number)) == 1
    await settled(house)
    assert len(house.phone.to(number)) == 1


@pytest.mark.parametrize("code", [63024, 21610, 21211])
async def test_a_number_that_takes_nothing_is_not_written_to_again(house, code):
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    order = code_in(asha.screen)
    await cook.hears(order)
    house.twilio.late[asha.address] = code
    await cook.taps_on(order, "+15")
    await asha.hears("accepted")
    await settled(house)
    assert not await house.runtime.services.customers.is_reachable(Handle(asha.address))
    said = len(asha.messages)
    await cook.taps_on(order, "Ready")
    await settled(house)
    assert len(asha.messages) == said
    number = asha.address.removeprefix("whatsapp:")
    assert len(house.phone.to(number)) == (0 if code == 21610 else 1)


async def test_who_opted_out_at_twilio_is_refused_at_once_and_left_in_peace(house):
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    order = code_in(asha.screen)
    await cook.hears(order)
    house.twilio.opted_out.add(asha.address)
    await cook.taps_on(order, "+15")
    await settled(house)
    assert not await house.runtime.services.customers.is_reachable(Handle(asha.address))


@pytest.mark.parametrize("refusal", [(429, 20429), (503, 20500), (429, 63018)])
async def test_too_fast_is_tried_again_within_the_turn(house, refusal):
    asha = await house.guest()
    house.twilio.refuses = [refusal]
    await asha.opens()
    assert "Tiffin" in asha.screen
    assert len(asha.messages) == 1


async def test_a_rate_limit_that_shows_late_is_made_up_for(house):
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    order = code_in(asha.screen)
    await cook.hears(order)
    house.twilio.late[asha.address] = 63018
    await cook.taps_on(order, "+15")
    first = await asha.hears("accepted")
    await settled(house)
    del house.twilio.late[asha.address]
    house.clock.advance(timedelta(seconds=31))
    await settled(house)
    again = [one for one in asha.messages if "accepted" in one.text and one.n > first.n]
    assert len(again) == 1
    assert again[0].fields["ContentVariables"] == first.fields["ContentVariables"]


async def test_choices_a_phone_could_not_show_follow_with_numbers(house):
    asha = await house.guest()
    await asha.opens()
    house.twilio.late[asha.address] = 63013
    house.twilio.reports = False
    await asha.says("help")
    del house.twilio.late[asha.address]
    said = len(asha.messages)
    await house.twilio.report(asha.answer[-1], "undelivered", error=63013)
    await settled(house)
    (again,) = asha.messages[said:]
    assert "1. Menu" in again.text
    assert "How this works" in again.text
    await settled(house)
    assert len(asha.messages) == said + 1
    await asha.says("5")
    assert "Your data" in asha.screen


async def test_choices_that_failed_while_the_guest_went_on_are_let_be(house):
    asha = await house.guest()
    await asha.opens()
    house.twilio.late[asha.address] = 63013
    house.twilio.reports = False
    await asha.says("help")
    failed = asha.answer[-1]
    del house.twilio.late[asha.address]
    await asha.says("privacy")
    said = len(asha.messages)
    await house.twilio.report(failed, "undelivered", error=63013)
    await settled(house)
    assert len(asha.messages) == said


async def test_a_template_meta_chose_not_to_deliver_is_let_be(house):
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    order = code_in(asha.screen)
    await cook.hears(order)
    house.twilio.late[asha.address] = 63049
    await cook.taps_on(order, "+15")
    await asha.hears("accepted")
    said = len(asha.messages)
    await settled(house)
    assert len(asha.messages) == said
    assert house.phone.messages == []


async def test_delivered_before_sent_only_moves_forward(house):
    house.twilio.shuffles = True
    cook = await house.cook("mgroad")
    asha = await ordered(house)
    order = code_in(asha.screen)
    await cook.hears(order)
    await cook.taps_on(order, "+15")
    heard = await asha.hears("accepted")
    await settled(house)
    kept = await house.account.messages.get(heard.sid)
    assert kept is not None
    assert kept.status is DeliveryStatus.DELIVERED
    assert kept.fields == kept.about == "", "what arrived is not kept"
    await house.twilio.report(heard, "undelivered", error=63016)
    await settled(house)
    kept = await house.account.messages.get(heard.sid)
    assert kept is not None
    assert kept.status is DeliveryStatus.DELIVERED


async def test_an_order_that_goes_well_costs_four_messages_and_their_price_is_known(house):
    cook = await house.cook("mgroad")
    asha = await ordered(house, "Delivery", "2 masala dosa", "UPI")
    await asha.hears("to pay")
    code = code_in(asha.all_said)
    await house.till.does(asha.link("Pay ₹"), "pay")
    await asha.hears("is placed")
    await cook.hears(code)
    for step, heard in (("+25", "accepted"), ("Ready", ""), ("Out", "on the way"), ("Delivered", "")):
        async with asyncio.timeout(10):
            while not cook.card(code).find(step):  # cards are redrawn by and by
                await asyncio.sleep(0.02)
        await cook.taps_on(code, step)
        if heard:
            await asha.hears(heard)
    await settled(house)
    told = [one for one in asha.news if re.search(r"\b[A-Z] \d{3}\b", one.text)]
    assert len(told) == 4, [one.text for one in told]
    house.clock.advance(timedelta(minutes=2))
    await house.account.sweep.run()
    cost = await news_of(house, await the_order(house))
    assert (cost.messages, cost.unknown, cost.currency) == (len(told), 0, "USD")
    assert cost.micros == 5_000 * len(told)
