"""The SMS service of a machine without one: messages stay in memory, where the demo's phone pane reads them."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from core.clock import Clock
from core.ids import Phone, new_id
from core.models import Model
from core.redaction import phone_mark
from core.sms.provider import SmsReceipt

log = logging.getLogger(__name__)

KEPT = 50


class SmsMessage(Model):
    id: str
    phone: Phone
    text: str
    at_ms: int


class ConsoleSms:
    """Keeps the last fifty messages and tells whoever subscribed. The log says that one was sent, never what."""

    name = "console"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: deque[SmsMessage] = deque(maxlen=KEPT)
        self._readers: set[asyncio.Queue[SmsMessage]] = set()

    async def send(self, phone: Phone, text: str, *, template_id: str | None = None) -> SmsReceipt:
        message = SmsMessage(id=new_id("sms"), phone=phone, text=text, at_ms=self._clock.ms())
        self._messages.append(message)
        for reader in self._readers:
            if reader.full():  # one that stopped reading loses the oldest, as the memory does
                reader.get_nowait()
            reader.put_nowait(message)
        log.info("sms_sent", extra={"provider": self.name, "sms_id": message.id, "phone": phone_mark(phone)})
        return SmsReceipt(id=message.id, provider=self.name)

    def messages(self) -> tuple[SmsMessage, ...]:
        """The last messages, oldest first."""
        return tuple(self._messages)

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[SmsMessage]]:
        """A queue that gets every message from now on: `with sms.subscribe() as arriving: await arriving.get()`."""
        reader: asyncio.Queue[SmsMessage] = asyncio.Queue(maxsize=KEPT)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
