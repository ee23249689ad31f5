"""What never reached the door is found in Twilio's list: each once, in order, with a place to go on."""

import asyncio
from datetime import timedelta

from tests.bot.channels.whatsapp.walks import at_the_menu, code_in


async def inbox_count(house):
    return int(await house.runtime.connections.mongo["inbox"].count_documents({"source": "whatsapp"}))


async def test_a_minute_of_being_down_loses_nothing_and_repeats_nothing(house):
    twilio, clock = house.twilio, house.clock
    guests = [await house.guest() for _ in range(10)]
    reached = await twilio.deliver(guests[0].address, {"Body": "Hi"})
    await house.worked_off(reached)
    sids = []
    for second in range(60):  # every guest writes six times, and our door is shut
        guest = guests[second % 10]
        said = ["Hi", "menu", "cart", "help", "Hi", "menu"][second // 10]
        sids.append(await twilio.deliver(guest.address, {"Body": said}, post=False))
        clock.advance(timedelta(seconds=1))
    before = await inbox_count(house)
    clock.advance(timedelta(seconds=30))
    found = await asyncio.gather(house.account.sweep.run(), house.account.sweep.run())
    assert sum(found) == 60
    assert await inbox_count(house) == before + 60
    for sid in sids:
        await house.worked_off(sid)
    answers = {guest.address: len(guest.messages) for guest in guests}
    clock.advance(timedelta(minutes=2))
    assert await house.account.sweep.run() == 0
    assert await house.account.sweep.run() == 0
    assert {guest.address: len(guest.messages) for guest in guests} == answers
    assert all(count >= 6 for count in answers.values())


async def test_a_tap_that_was_swept_is_known_by_its_title(house):
    asha = await at_the_menu(house)
    await asha.says("2 masala dosa")
    sid = await house.twilio.deliver(asha.address, {"Body": "Checkout", "ButtonPayload": "pay?"}, post=False)
    house.clock.advance(timedelta(seconds=40))
    assert await house.account.sweep.run() == 1
    await house.worked_off(sid)
    assert "Total" in asha.all_said


async def test_what_came_through_the_door_is_not_swept_again(house):
    asha = await house.guest()
    await asha.opens()
    house.clock.advance(timedelta(minutes=2))
    assert await house.account.sweep.run() == 0
    await house.runtime.connections.redis.flushdb()
    assert await house.account.sweep.run() == 0
    assert len(asha.messages) == 1


async def test_after_a_long_night_the_sweep_looks_further_back(house):
    await house.account.sweep.run()
    asha = await house.guest()
    house.clock.advance(timedelta(minutes=5))
    sid = await house.twilio.deliver(asha.address, {"Body": "Hi"}, post=False)
    house.clock.advance(timedelta(hours=6))
    assert await house.account.sweep.run() == 1
    await house.worked_off(sid)
    assert "Tiffin" in asha.all_said


async def test_more_messages_than_one_page_holds_are_all_found(house):
    asha = await house.guest()
    for _ in range(120):
        await house.twilio.deliver(asha.address, {"Body": "menu"}, post=False)
    house.clock.advance(timedelta(seconds=40))
    assert await house.account.sweep.run() == 120


async def test_a_list_longer_than_we_read_is_named_in_the_log(house, monkeypatch, caplog):
    monkeypatch.setattr("bot.channels.whatsapp.api.PAGE", 2)
    monkeypatch.setattr("bot.channels.whatsapp.api.MOST_PAGES", 2)
    asha = await house.guest()
    for _ in range(5):
        await house.twilio.deliver(asha.address, {"Body": "menu"}, post=False)
    house.clock.advance(timedelta(seconds=40))
    assert await house.account.sweep.run() == 4
    assert "whatsapp_list_cut" in caplog.text


async def test_a_twilio_that_does_not_answer_is_asked_again_next_time(house):
    asha = await house.guest()
    await house.twilio.deliver(asha.address, {"Body": "Hi"}, post=False)
    house.clock.advance(timedelta(seconds=40))
    token, house.twilio.auth_token = house.twilio.auth_token, "changed-at-twilio"
    assert await house.account.sweep.run() == 0
    house.twilio.auth_token = token
    assert await house.account.sweep.run() == 1


async def test_an_order_can_be_placed_through_the_sweep_alone(house):
    asha = await house.guest()
    for said in ("Hi", "Order food", "MG Road", "Takeaway", "2 masala dosa", "Checkout", "Place order", "Cash"):
        titles = [row["title"] for one in asha.messages[-1:] for row in one.rows]
        said = next((title for title in titles if said in title), said)
        sid = await house.twilio.deliver(asha.address, {"Body": said}, post=False)
        house.clock.advance(timedelta(seconds=40))
        assert await house.account.sweep.run() == 1
        await house.worked_off(sid)
    assert code_in(asha.all_said)
