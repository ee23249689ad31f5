"""The walks of the dialogues, walked by somebody on WhatsApp."""

from typing import Any, cast

from tests.bot.channels.whatsapp.house import WhatsAppHouse
from tests.dialogues import walks
from tests.fakes.twilio import WhatsAppPerson

code_in = walks.code_in


async def at_the_menu(house: WhatsAppHouse, how: str = "Takeaway") -> WhatsAppPerson:
    return cast(WhatsAppPerson, await walks.at_the_menu(cast(Any, house), how))


async def at_the_review(house: WhatsAppHouse, how: str = "Takeaway") -> WhatsAppPerson:
    return cast(WhatsAppPerson, await walks.at_the_review(cast(Any, house), how))


async def ordered(
    house: WhatsAppHouse, how: str = "Takeaway", wish: str = "2 masala dosa", pay: str = "Cash"
) -> WhatsAppPerson:
    return cast(WhatsAppPerson, await walks.ordered(cast(Any, house), how, wish, pay))
