"""What becomes of a message after Twilio took it, and what that asks of us (PLATFORMS.md B7, B8).

Reports come late, twice and out of order. What a failed message said is kept with it until the failure was answered, so
a report that is worked off again does not answer it twice.
"""

import json
from typing import Final

from bot.channels.base import Unreachable
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.elsewhere import Elsewhere, News
from bot.channels.whatsapp.errors import CONTENT_UNFIT, LATER, NOBODY_THERE, NOT_CHOSEN, OPTED_OUT, OUTSIDE_WINDOW
from bot.channels.whatsapp.incoming import Form
from bot.channels.whatsapp.keys import CHANNEL
from bot.channels.whatsapp.posting import Posts
from core.connections import STORE_FAILURES
from core.customers.service import CustomerService
from core.errors import ProviderError, StoreError
from core.ids import ChatKey, Handle
from core.inbox.models import InboxItem
from core.inbox.service import InboxService
from core.logs import get_logger
from core.sms.delivery import DeliveryStatus
from core.sms.refusals import code_of
from core.whatsapp.models import ChatMessage
from core.whatsapp.service import ChatMessages

log = get_logger(__name__)

REPORT: Final = "whatsapp-report"
AGAIN: Final = "whatsapp-again"
ATTEMPTS: Final = 3
AFTER_MS: Final = 30_000  # four times as long before the third
CONTENT: Final = "ContentSid"
LOOKS: Final = 4  # a report may be quicker than our own note of the message


class Reports:
    def __init__(
        self,
        *,
        messages: ChatMessages,
        channel: WhatsAppChannel,
        posts: Posts,
        elsewhere: Elsewhere,
        inbox: InboxService,
        customers: CustomerService,
    ) -> None:
        self._messages = messages
        self._channel = channel
        self._posts = posts
        self._elsewhere = elsewhere
        self._inbox = inbox
        self._customers = customers

    async def put(self, form: Form) -> None:
        """Store a report; what is worked off afterwards. Raises one of STORE_FAILURES."""
        sid, word = code_of(form.get("MessageSid", "")), form.get("MessageStatus", "")[:32]
        if sid and word in set(DeliveryStatus):
            kept = {name: form.get(name, "")[:64] for name in ("MessageSid", "MessageStatus", "ErrorCode")}
            await self._inbox.put(REPORT, f"{sid}:{word}", f"wa-report:{sid}", json.dumps(kept))
        else:
            log.info("twilio_report_unknown", message=sid, status=code_of(word))

    async def take_in(self, item: InboxItem) -> None:
        try:
            form: Form = json.loads(item.raw)
            await self._reported(form["MessageSid"], form["MessageStatus"], form.get("ErrorCode", ""), item.tries)
        except STORE_FAILURES as failure:
            raise StoreError("not now", item=item.id) from failure

    async def _reported(self, sid: str, word: str, error: str, tries: int) -> None:
        message = await self._messages.get(sid)
        if message is None:
            if tries < LOOKS:
                raise ProviderError(CHANNEL, retryable=True, sid=sid, why="not noted yet")
            log.info("whatsapp_report_of_nothing", sid=sid)
            return
        await self.progressed(message, DeliveryStatus(word), error)

    async def progressed(self, message: ChatMessage, status: DeliveryStatus, error: str) -> None:
        """Move a message on, and answer a failure once. Raises one of STORE_FAILURES and ProviderError."""
        await self._messages.progressed(message.id, status, error=error)
        now = await self._messages.get(message.id)
        if now is not None and now.status.went_wrong and now.fields:
            await self._failed(now, int(now.error) if now.error.isdecimal() else 0)
            await self._messages.dealt_with(now.id)

    async def again(self, item: InboxItem) -> None:
        """Send once more what came too fast, or met a phone that was off."""
        kept = json.loads(item.raw)
        chat = ChatKey(kept["chat"])
        news = News.from_json(kept["about"]) if kept["about"] else None
        try:
            if news is None or await self._channel.is_open(chat):
                await self._posts.again(chat, json.loads(kept["fields"]), news, int(kept["attempt"]))
            else:
                await self._channel.otherwise(chat, news)
        except Unreachable:
            await self._closed(chat)
        except STORE_FAILURES as failure:
            raise StoreError("not now", item=item.id) from failure

    async def _failed(self, message: ChatMessage, code: int) -> None:
        log.warning("whatsapp_not_delivered", chat=message.chat, sid=message.id, code=code, order_id=message.order)
        news = News.from_json(message.about) if message.about else None
        if code in NOBODY_THERE:
            await self._closed(message.chat)
            if news is not None and code != OPTED_OUT:
                await self._elsewhere.by_sms(message.chat, news)
        elif code in LATER and message.attempt < ATTEMPTS:
            await self._later(message)
        elif (
            code in CONTENT_UNFIT
            and CONTENT in message.fields
            and await self._posts.by_number(message.chat, message.id, news)
        ):
            log.info("whatsapp_said_with_numbers", chat=message.chat, sid=message.id)
        elif code == OUTSIDE_WINDOW and news is not None:
            await self._channel.otherwise(message.chat, news)
        elif code != NOT_CHOSEN and news is not None and not await self._elsewhere.by_sms(message.chat, news):
            await self._elsewhere.next_time(message.chat, news.notice.order)

    async def _closed(self, chat: ChatKey) -> None:
        await self._customers.set_reachable(Handle(chat), False)
        await self._elsewhere.stop(chat)

    async def _later(self, message: ChatMessage) -> None:
        raw = json.dumps({"chat": message.chat, "fields": message.fields, "about": message.about,
                          "attempt": message.attempt + 1})  # fmt: skip
        after_ms = AFTER_MS * 4 ** (message.attempt - 1)
        await self._inbox.put(AGAIN, message.id, f"wa-again:{message.id}", raw, after_ms=after_ms)
