"""WhatsApp as one of Tiffin's channels.

`answer` ends a turn: the guest has just written, so everything may be said. `send` brings what comes later: freely
within 24 hours of the guest's last message, and another way after that.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Final

from bot.channels.base import Unreachable
from bot.channels.whatsapp.elsewhere import FOR_STAFF, Elsewhere, News
from bot.channels.whatsapp.errors import OUTSIDE_WINDOW, Refused
from bot.channels.whatsapp.keys import CHANNEL, address_of, lane_of
from bot.channels.whatsapp.posting import Posts
from bot.channels.whatsapp.shown import ShownLast
from bot.conversation.reply import Outgoing
from bot.conversation.turn import Capabilities
from core.clock import Clock
from core.errors import ProviderError
from core.ids import ChatKey
from core.inbox.service import InboxService
from core.logs import get_logger

log = get_logger(__name__)

WINDOW: Final = timedelta(hours=24)
MARGIN: Final = timedelta(minutes=5)  # what is sent now arrives a little later
_MS: Final = timedelta(milliseconds=1)


class OutsideWindow(ProviderError):
    """The chat is closed until its person writes again, and this was worth no other way."""

    def __init__(self, chat: ChatKey) -> None:
        super().__init__(CHANNEL, retryable=False, chat=chat)


class WhatsAppChannel:
    name: ClassVar[str] = CHANNEL
    capabilities = Capabilities(edits=False, columns=1, choices=10, location_button=True, links=False, terse=True)

    def __init__(self, posts: Posts, shown: ShownLast, elsewhere: Elsewhere, inbox: InboxService, clock: Clock) -> None:
        self._posts = posts
        self._shown = shown
        self._elsewhere = elsewhere
        self._inbox = inbox
        self._clock = clock

    async def send(self, chat: ChatKey, outgoing: Outgoing) -> str:
        """Send what comes later; the same id again is a repeat and is sent once.

        Returns Twilio's name for the message. Raises Unreachable, OutsideWindow for what was not worth another way, and
        other ProviderErrors, retryable or not.
        """
        address_of(chat)
        before = await self._shown.sent(chat, [outgoing.id])
        if outgoing.id in before:
            return before[outgoing.id]
        try:
            sid = await self._said(chat, outgoing)
        except Unreachable:
            await self._elsewhere.stop(chat)
            raise
        await self._shown.remember(chat, outgoing.id, sid)
        return sid

    async def answer(self, chat: ChatKey, answers: Sequence[Outgoing]) -> list[str]:
        """Show what a turn answers; those that went out before, because the turn is repeated, are not repeated.

        Raises ProviderError when one cannot be sent; those before it are.
        """
        before = await self._shown.sent(chat, [one.id for one in answers]) if answers else {}
        sids = []
        for one in answers:
            if one.id in before:
                continue
            try:
                sid = await self._posts.show(chat, one)
            except Refused as refused:  # our mistake; it must not take the ones behind it along
                log.error("whatsapp_refused", chat=chat, message=one.id, code=refused.code)
                continue
            await self._shown.remember(chat, one.id, sid)
            sids.append(sid)
        return sids

    async def is_open(self, chat: ChatKey) -> bool:
        """Whether the person wrote within the last 24 hours."""
        last_ms = await self._inbox.last_ms(lane_of(chat))
        return self._clock.ms() - last_ms < (WINDOW - MARGIN) // _MS

    async def _said(self, chat: ChatKey, outgoing: Outgoing) -> str:
        if await self.is_open(chat):
            try:
                return await self._posts.show(chat, outgoing)
            except Refused as refused:
                if refused.code != OUTSIDE_WINDOW:
                    raise
        if outgoing.notice is None:
            raise OutsideWindow(chat)
        return await self.otherwise(chat, News(outgoing.notice, outgoing.text.plain))

    async def otherwise(self, chat: ChatKey, news: News) -> str:
        """Say it although the chat is closed: an approved template, an SMS, or at the next contact."""
        fields = self._elsewhere.template(news)
        if fields is not None:
            try:
                return await self._posts.template(chat, fields, news)
            except Refused as refused:
                log.error("whatsapp_template_refused", kind=news.notice.kind, code=refused.code)
        if await self._elsewhere.by_sms(chat, news):
            return "sms"
        if news.notice.kind in FOR_STAFF:
            raise OutsideWindow(chat)
        await self._elsewhere.next_time(chat, news.notice.order)
        return "later"
