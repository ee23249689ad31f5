"""A restaurant on WhatsApp: the whole of it as the program opens it, guests on their phones, cooks in the web chat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from pydantic import SecretStr

from bot.bootstrap import Runtime
from bot.channels.whatsapp.account import WhatsAppAccount, webhook_url
from bot.conversation.reply import Outgoing
from core.clock import FrozenClock
from core.connections import Connections
from core.ids import ChatKey
from core.settings import Settings
from tests.dialogues.guest import Phone, Till, WebCook
from tests.fakes.twilio import FakeTwilioChat, WhatsAppPerson
from tests.house import House, open_test_house

SID, TOKEN, NUMBER = "AC" + "0" * 32, "canary-twilio-token-of-tests", "+14155550100"
PATIENCE = 15.0


@dataclass
class WhatsAppHouse:
    """As `tests.house.House`, with the same people on WhatsApp. `hidden`: new guests show no number."""

    house: House
    twilio: FakeTwilioChat
    hidden: bool = False
    answered: set[str] = field(default_factory=set)
    _numbers: "count[int]" = field(default_factory=lambda: count(9_876_500_001))

    @property
    def runtime(self) -> Runtime:
        return self.house.runtime

    @property
    def account(self) -> WhatsAppAccount:
        assert self.runtime.whatsapp is not None
        return self.runtime.whatsapp

    @property
    def clock(self) -> FrozenClock:
        return self.house.clock

    @property
    def phone(self) -> Phone:
        return self.house.phone

    @property
    def till(self) -> Till:
        return self.house.till

    async def guest(self, *, language: str = "en-IN", address: str = "") -> WhatsAppPerson:
        """Somebody new, with nothing said yet."""
        number = next(self._numbers)
        return WhatsAppPerson(
            self.twilio,
            address or (f"whatsapp:IN.8f{number}c0ffee" if self.hidden else f"whatsapp:+91{number}"),
            worked_off=self.worked_off,
            answered=self.answered,
            language=language,
        )

    async def cook(self, outlet: str = "") -> WebCook:
        return await self.house.cook(outlet)

    async def worked_off(self, sid: str) -> None:
        """The house is done with a message."""
        inbox = self.runtime.connections.mongo["inbox"]
        async with asyncio.timeout(PATIENCE):
            while True:
                item = await inbox.find_one({"_id": f"whatsapp:{sid}"})
                if item is not None and item["state"] in ("done", "dead"):
                    assert item["state"] == "done", item["note"]
                    return
                await asyncio.sleep(0.01)


def whatsapp_settings(settings: Settings, twilio: FakeTwilioChat, **changes: object) -> Settings:
    return settings.model_copy(
        update={
            "twilio_account_sid": SID,
            "twilio_auth_token": SecretStr(TOKEN),
            "twilio_whatsapp_number": NUMBER,
            "twilio_api_url": twilio.base,
            **changes,
        }
    )


@asynccontextmanager
async def open_whatsapp_house(
    twilio: FakeTwilioChat, settings: Settings, connections: Connections, clock: FrozenClock, **changes: object
) -> AsyncIterator[WhatsAppHouse]:
    async with open_test_house(whatsapp_settings(settings, twilio, **changes), connections, clock) as house:
        found = WhatsAppHouse(house, twilio)
        twilio.webhook = webhook_url(house.runtime.settings)
        _note_answers(found)
        yield found
        await twilio.settled()


def _note_answers(house: WhatsAppHouse) -> None:
    """Which messages answer somebody; the channel itself has no reason to keep that."""
    posts = house.account._posts
    show, choices = posts.show, posts.choices

    async def noted(chat: ChatKey, outgoing: Outgoing) -> str:
        seen = len(house.twilio.sent)
        try:
            return await show(chat, outgoing)
        finally:
            if outgoing.notice is None:
                house.answered.update(one.sid for one in house.twilio.sent[seen:] if one.to == chat)

    async def paged(chat: ChatKey, *args: object, **more: object) -> str:
        sid = await choices(chat, *args, **more)  # type: ignore[arg-type]
        if more.get("news") is None:
            house.answered.add(sid)
        return sid

    posts.show, posts.choices = noted, paged  # type: ignore[method-assign]
