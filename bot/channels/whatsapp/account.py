"""Tiffin's sender on WhatsApp: everything of this channel put together, opened and closed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from bot.channels.whatsapp.api import TwilioApi
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.content import Templates
from bot.channels.whatsapp.elsewhere import Elsewhere
from bot.channels.whatsapp.hearing import Hearing
from bot.channels.whatsapp.keys import PREFIX
from bot.channels.whatsapp.posting import Posts, Sender
from bot.channels.whatsapp.reports import AGAIN, REPORT, Reports
from bot.channels.whatsapp.shown import ShownLast
from bot.channels.whatsapp.sweep import MESSAGE, Sweep
from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing
from core.connections import STORE_FAILURES, Connections
from core.ending import end
from core.errors import SettingsError
from core.ids import ChatKey
from core.logs import get_logger
from core.services import Services
from core.settings import Settings
from core.sms.factory import twilio_status_url
from core.whatsapp.service import ChatMessages
from core.whatsapp.store import ChatMessageStore

log = get_logger(__name__)

PATH: Final = "/webhooks/twilio/messages"
# Twilio tries five times whatever went wrong; all its tries end within its 15 seconds (PLATFORMS.md B2).
OVERRIDES: Final = "rc=5&rp=all&ct=2000&rt=5000"


class WhatsAppAccount:
    """Raises SettingsError where WhatsApp is asked for without an account."""

    def __init__(self, settings: Settings, services: Services, connections: Connections) -> None:
        number, token, sid = settings.twilio_whatsapp_number, settings.twilio_auth_token, settings.twilio_account_sid
        if not number or token is None or not sid:
            raise SettingsError(["TWILIO_WHATSAPP_NUMBER is missing: WhatsApp is asked for."])
        self._services = services
        clock, inbox = services.clock, services.inbox
        address = address_of_number(number)
        self.api = TwilioApi(account_sid=sid, auth_token=token, api_url=settings.twilio_api_url, clock=clock)
        self.messages = ChatMessages(store=ChatMessageStore(connections.mongo, clock), clock=clock)
        self.templates = Templates(self.api, connections, clock)
        self._shown = ShownLast(connections)
        self._elsewhere = Elsewhere(settings.whatsapp_templates, services.sms.sender, connections)
        status_url = twilio_status_url(settings)
        sender = Sender(address, status_url, settings.public_url if status_url is not None else None, services.links)
        self._posts = Posts(self.api, self.templates, self._shown, self.messages, sender)
        self.channel = WhatsAppChannel(self._posts, self._shown, self._elsewhere, inbox, clock)
        self.reports = Reports(
            messages=self.messages,
            channel=self.channel,
            posts=self._posts,
            elsewhere=self._elsewhere,
            inbox=inbox,
            customers=services.customers,
        )
        self.sweep = Sweep(
            self.api,
            address=address,
            inbox=inbox,
            messages=self.messages,
            reports=self.reports,
            alerts=services.alerts,
            connections=connections,
            clock=clock,
        )

    def serve(
        self,
        handle: Callable[[Incoming], Awaitable[tuple[Outgoing, ...]]],
        in_kitchen: Callable[[ChatKey], bool],
    ) -> None:
        """Have what guests write worked off: by `handle`, which the chats that `in_kitchen` names share with guests."""
        hearing = Hearing(
            self._services,
            channel=self.channel,
            posts=self._posts,
            shown=self._shown,
            elsewhere=self._elsewhere,
            handle=handle,
            in_kitchen=in_kitchen,
        )
        inbox = self._services.inbox
        inbox.handle(MESSAGE, hearing.take_in, forgets=True)
        inbox.handle(REPORT, self.reports.take_in)
        inbox.handle(AGAIN, self.reports.again, forgets=True)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """The door is open from now on; what was written while it was shut is looked for at once, beside it."""
        task = asyncio.create_task(self._made_up(), name="whatsapp-sweep-at-start")
        try:
            yield
        finally:
            await end([task])

    async def _made_up(self) -> None:
        try:
            await self.sweep.run()
        except STORE_FAILURES as failure:  # the job comes round in two minutes
            log.warning("whatsapp_sweep_failed", error=type(failure).__name__)

    async def close(self) -> None:
        await self.api.close()


def address_of_number(number: str) -> str:
    return number if number.startswith(PREFIX) else f"{PREFIX}{number}"


def webhook_url(settings: Settings) -> str:
    """What to paste at Twilio as the sender's webhook."""
    return f"{settings.public_url}{PATH}#{OVERRIDES}"


def reachable(settings: Settings) -> bool:
    """Whether Twilio can call us at all."""
    return twilio_status_url(settings) is not None
