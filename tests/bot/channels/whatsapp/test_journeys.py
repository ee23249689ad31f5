"""The stories of the web chat, told on WhatsApp: the same words, the same taps, the same ends."""

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.bot.channels.whatsapp.house import WhatsAppHouse, open_whatsapp_house
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
