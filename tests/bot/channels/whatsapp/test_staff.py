"""A small restaurant without groups: its cooks take orders one to one on WhatsApp, by the same rights."""

import asyncio
from datetime import timedelta

import pytest

from core.audit.service import AuditService
from core.audit.store import AuditStore
from core.ids import Handle, OutletId
from core.invites.models import SHELL, JoinStaff
from core.invites.service import InviteService
from core.invites.store import InviteStore
from core.staff.models import Role
from tests.bot.channels.whatsapp.test_window import closed, settled
from tests.bot.channels.whatsapp.walks import code_in, ordered

MGROAD = OutletId("mgroad")


async def an_invitation(house, role=Role.KITCHEN):
    """As `tiffin outlet invite mgroad kitchen` makes it."""
    runtime = house.runtime
    audit = AuditService(store=AuditStore(runtime.connections.mongo), clock=house.clock)
    invites = InviteService(store=InviteStore(runtime.connections.mongo), audit=audit, clock=house.clock)
    return (await invites.make(JoinStaff(MGROAD, role), SHELL)).code


@pytest.fixture
async def ravi(house):
    """A cook whose chat takes the orders of MG Road, the only one to do so."""
    await house.runtime.services.outlets.alter(MGROAD, lambda it: it.model_copy(update={"groups": ()}))
    ravi = await house.guest()
    ravi.name = "Ravi"
    await ravi.says(f"/join {await an_invitation(house)}")
    assert "Welcome to" in ravi.screen
    return ravi


async def test_a_cook_takes_orders_in_a_chat_of_their_own(house, ravi):
    asha = await ordered(house)
    code = code_in(asha.screen)
    card = await ravi.hears(code)
    assert 0 < len(card.rows) <= 10
    await ravi.taps("+15")
    await asha.hears("accepted")
    await ravi.taps("Ready")
    await asha.hears("ready")
    await ravi.taps("Collected")
    await asha.says("track")
    assert "Collected" in asha.screen


async def test_a_card_is_answered_with_the_number_of_its_button(house, ravi):
    asha = await ordered(house)
    card = await ravi.hears(code_in(asha.screen))
    number = next(n for n, row in enumerate(card.rows, start=1) if "+15" in row["title"])
    await ravi.says(str(number))
    await asha.hears("accepted")


@pytest.mark.parametrize("by_number", [False, True])
async def test_each_step_shows_the_card_once(house, ravi, by_number):
    asha = await ordered(house)
    code = code_in(asha.screen)
    await ravi.hears(code)
    for step in ("+15", "Ready", "Collected"):
        said = len(ravi.messages)
        if by_number:
            card = next(one for one in reversed(ravi.messages) if one.rows)
            number = next(n for n, row in enumerate(card.rows, start=1) if step in row["title"])
            await ravi.says(str(number))
        else:
            await ravi.taps(step)
        await settled(house)
        assert [one.text for one in ravi.messages[said + 1 :]] == [], step
        assert code in ravi.messages[said].text


async def test_an_order_that_rang_louder_is_accepted_there_and_shown_once(house, ravi):
    asha = await ordered(house)
    await ravi.hears(code_in(asha.screen))
    house.clock.advance(timedelta(minutes=2, seconds=1))
    await house.runtime.jobs.run_all()
    await ravi.hears("HAS WAITED")
    await settled(house)
    said = len(ravi.messages)
    await ravi.taps("+25")
    await settled(house)
    assert len(ravi.messages) - said == 1
    assert "COOKING" in ravi.messages[-1].text


async def test_the_cook_is_named_on_the_card_and_may_do_what_the_role_may(house, ravi):
    asha = await ordered(house)
    await ravi.hears(code_in(asha.screen))
    await ravi.taps("Reject")
    await ravi.taps("busy")
    assert "Ravi" in ravi.all_said
    assert "sorry" in (await asha.hears(code_in(asha.all_said))).text.casefold()
    role = await house.runtime.services.staff.role(Handle(ravi.address), MGROAD)
    assert role is Role.KITCHEN


async def test_a_stranger_with_a_used_or_made_up_code_takes_no_orders(house, ravi):
    thief = await house.guest()
    code = await an_invitation(house)
    second = await house.guest()
    await second.says(f"/join {code}")
    for written in (code, "ABCD-EFGH", ""):
        await thief.says(f"/join {written}")
    asha = await ordered(house)
    order = code_in(asha.screen)
    await ravi.hears(order)
    await second.hears(order)
    await asyncio.sleep(0.2)
    assert order not in thief.all_said
    (document,) = await house.runtime.connections.mongo["orders"].find({}).to_list(length=2)
    await thief.sends({"Body": "+15", "ButtonPayload": f"ok|{document['_id']}|15"})
    assert order not in thief.all_said
    await asha.hears_nothing_of("accepted", within=0.3)


async def test_words_in_such_a_chat_are_answered_and_leave_ends_it(house, ravi):
    await ravi.says("2 masala dosa")
    assert "/leave" in ravi.screen
    await ravi.says("/orders")
    assert ravi.screen
    await ravi.says("/leave")
    assert "no longer come" in ravi.screen
    assert house.runtime.services.outlets.require(MGROAD).groups == ()
    await ravi.says("Hi")
    assert "Tiffin" in ravi.screen


async def test_a_rider_joins_and_gets_no_cards(house, ravi):
    rider = await house.guest()
    await rider.says(f"/join {await an_invitation(house, Role.RIDER)}")
    assert "Welcome to" in rider.screen
    assert rider.address not in house.runtime.services.outlets.require(MGROAD).groups


async def test_a_cook_who_was_silent_for_a_day_is_rung_by_sms(house, ravi):
    asha = await ordered(house, pay="UPI")
    await asha.hears("to pay")
    await closed(house)
    await house.till.does(asha.link("Pay ₹"), "pay")
    await settled(house)
    told = house.phone.to(ravi.address.removeprefix("whatsapp:"))
    assert len(told) == 1
    assert code_in(asha.all_said) in told[0]


async def test_no_board_is_sent_every_minute(house, ravi):
    asha = await ordered(house)
    await ravi.hears(code_in(asha.screen))
    await ravi.says("/board")
    said = len(ravi.messages)
    for _ in range(3):
        house.clock.advance(timedelta(minutes=1))
        await house.runtime.jobs.run_all()
    boards = [one for one in ravi.messages[said:] if "board" in one.text]
    assert boards == []
