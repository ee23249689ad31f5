"""The stories of the web chat, told on WhatsApp: the same words, the same taps, the same ends."""

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.bot.channels.whatsapp.house import WhatsAppHouse, open_whatsapp_house
from tests.bot.channels.whatsapp.walks import ordered
from tests.dialogues.test_journeys import *  # noqa: F403  every story of that file is a test of this one
from tests.fakes.twilio import FakeTwilioChat

PROVES = "test_the_cart_is_kept_while_the_phone_is_proved"  # only who shows no number has one to prove


@pytest.fixture
async def house(
    request: pytest.FixtureRequest,
    twilio: FakeTwilioChat,
    settings: Settings,
    connections: Connections,
    clock: FrozenClock,
) -> AsyncIterator[WhatsAppHouse]:
    async with open_whatsapp_house(twilio, settings, connections, clock) as house:
        house.hidden = request.node.name == PROVES
        yield house


# What was sent on WhatsApp stays as it was: there the link itself says that it is done with.
del test_a_payment_that_failed_and_then_went_through_leaves_no_button_to_pay_again  # noqa: F821
del test_another_way_to_pay_closes_the_first_link_before_the_second_opens  # noqa: F821


async def test_the_link_of_a_payment_that_failed_and_then_went_through_says_that_it_is_paid(house):
    guest = await ordered(house, pay="UPI")
    await guest.hears("to pay")
    link = guest.link("Pay ₹")
    await house.till.does(link, "fail")
    await guest.hears("did not go through")
    await house.till.does(link, "pay")
    await guest.hears("is placed")
    assert (await house.till.look(link))["status"] == "paid"


async def test_another_way_to_pay_closes_the_first_link(house):
    guest = await ordered(house, pay="UPI")
    await guest.hears("to pay")
    first = guest.link("Pay ₹")
    await guest.taps("Other way to pay")
    await guest.taps("Card")
    await guest.hears("The link is open until")
    second = guest.link("Pay ₹")
    assert second != first
    assert (await house.till.look(first))["status"] == "cancelled"
    await house.till.does(second, "pay", "card")
    await guest.hears("paid · Card")
