"""Cut off anywhere between a message and its answer: it is handled once, and answered."""

import asyncio
import json
import re
from datetime import timedelta

import pytest

from core.errors import StoreError
from tests.bot.channels.whatsapp.house import whatsapp_settings
from tests.bot.channels.whatsapp.walks import at_the_menu
from tests.processes import Mortal, free_port

ASHA = "whatsapp:+919876543210"


def lassis(text):
    found = re.search(r"(\d+) × \*?Mango Lassi", text)
    return int(found[1]) if found else 0


async def worked_off_later(house, sid):
    """After a failure it is tried again, as the clock goes on."""
    inbox = house.runtime.connections.mongo["inbox"]
    async with asyncio.timeout(15):
        while (await inbox.find_one({"_id": f"whatsapp:{sid}"}))["state"] != "done":
            house.clock.advance(timedelta(seconds=1))
            await house.runtime.jobs.run_all()
            await asyncio.sleep(0.01)


def failing_once(monkeypatch, where, name, *, after):
    """The store goes away once at this point, before or after the work is done; a kill leaves the same behind."""
    whole = getattr(where, name)
    failed: list[int] = []

    async def cut(*args, **more):
        first = not failed
        failed.append(1)
        if first and not after:
            raise StoreError("cut off")
        outcome = await whole(*args, **more)
        if first:
            raise StoreError("cut off")
        return outcome

    monkeypatch.setattr(where, name, cut)
    return failed


@pytest.mark.parametrize(
    ("point", "after", "answers"),
    [
        ("before the answer is sent", False, 1),
        ("after it was sent and before that was noted", True, 2),  # the one repeat nobody can avoid (C13)
    ],
)
async def test_a_turn_cut_off_at_its_answer_is_answered_and_counts_once(house, monkeypatch, point, after, answers):
    asha = await at_the_menu(house)
    await asha.says("1 mango lassi")
    failed = failing_once(monkeypatch, house.account.api, "send", after=after)
    said = len(asha.messages)
    sid = await house.twilio.deliver(asha.address, {"Body": "1 mango lassi"})
    await worked_off_later(house, sid)
    assert failed
    assert len(asha.messages) - said == answers, point
    await asha.says("cart")
    assert lassis(asha.screen) == 2


@pytest.mark.parametrize("remembers", [True, False])
async def test_an_answer_that_was_noted_is_not_sent_again(house, monkeypatch, remembers):
    """The twin without the memory of what was sent shows what it is for; the cart needs none."""
    if not remembers:

        async def nothing(*_):
            return {}

        monkeypatch.setattr(house.account._shown, "sent", nothing)
    asha = await at_the_menu(house)
    await asha.says("1 mango lassi")
    inbox = house.runtime.connections.mongo["inbox"]
    sid = await house.twilio.deliver(asha.address, {"Body": "1 mango lassi"})
    await house.worked_off(sid)
    said = len(asha.messages)
    item = await inbox.find_one({"_id": f"whatsapp:{sid}"})  # the process died before it marked the work as done
    assert item["raw"] == "", "what a guest wrote is not kept once it was answered"
    raw = json.dumps({"MessageSid": sid, "From": asha.address, "Body": "1 mango lassi"})
    undone = {"state": "new", "next_ms": house.clock.ms(), "raw": raw}
    await inbox.update_one({"_id": item["_id"]}, {"$set": undone})
    await worked_off_later(house, sid)
    assert len(asha.messages) - said == (0 if remembers else 1)
    await asha.says("cart")
    assert lassis(asha.screen) == 2


@pytest.fixture
async def mortal(twilio, settings, redis, mongo):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    twilio.webhook = f"{base}/webhooks/twilio/messages#rc=5&rp=all"
    mortal = Mortal("tests.bot.channels.whatsapp.mortal", whatsapp_settings(settings, twilio, public_url=base), port)
    await mortal.born()
    yield mortal
    await mortal.killed()


@pytest.mark.crash
@pytest.mark.deep
async def test_every_message_counts_once_when_the_house_is_killed_over_them(mortal, twilio, mongo):
    async def done(sids):
        async with asyncio.timeout(100):
            while True:
                items = [await mongo["inbox"].find_one({"_id": f"whatsapp:{sid}"}) for sid in sids]
                if all(item is not None and item["state"] == "done" for item in items):
                    return
                await asyncio.sleep(0.05)

    sids = []
    for said in ("Hi", "Order food", "Tiffin, MG Road", "Takeaway"):
        sids.append(await twilio.deliver(ASHA, {"Body": said}))
        await done(sids)
    for n in range(9):
        sids.append(await twilio.deliver(ASHA, {"Body": "1 mango lassi"}))
        if n == 4:
            await asyncio.sleep(0.03)  # acknowledged, and at work
            await mortal.killed()
            await mortal.born()
    await done(sids)  # the lane's lease lasts thirty seconds
    last = await twilio.deliver(ASHA, {"Body": "cart"})
    await done([last])
    assert lassis(twilio.to(ASHA)[-1].text) == 9
