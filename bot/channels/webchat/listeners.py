"""The pages this process has open: who waits for which chat's messages."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager

from core.ending import end
from core.errors import TooManyAttempts
from core.ids import ChatKey
from core.mailbox.store import AGAIN, MailboxStore

MAX_A_CHAT = 16


class TooManyPages(TooManyAttempts):
    """One chat is open in more windows than a person has."""


class Listeners:
    """Open streams by chat. One task wakes them all, however many replicas post; a silent chat costs nothing."""

    def __init__(self, mailbox: MailboxStore) -> None:
        self._mailbox = mailbox
        self._open: dict[ChatKey, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def listening(self, chat: ChatKey) -> Iterator[asyncio.Event]:
        """An event that is set whenever the chat may have something new; the reader clears it."""
        pages = self._open.setdefault(chat, set())
        if len(pages) >= MAX_A_CHAT:
            raise TooManyPages(retry_after=AGAIN * 15, chat=chat)
        wake = asyncio.Event()
        pages.add(wake)
        try:
            yield wake
        finally:
            pages.discard(wake)
            if not pages:
                self._open.pop(chat, None)

    @property
    def count(self) -> int:
        return sum(map(len, self._open.values()))

    def wake_all(self) -> None:
        for pages in self._open.values():
            for wake in pages:
                wake.set()

    @property
    def alive(self) -> bool:
        return self._task is not None and not self._task.done()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._task = asyncio.create_task(self._listen(), name="webchat-listeners")
        try:
            yield
        finally:
            await end([self._task])

    async def _listen(self) -> None:
        async with aclosing(self._mailbox.wakes()) as wakes:
            async for chat in wakes:
                if chat is None:
                    self.wake_all()
                else:
                    for wake in self._open.get(chat, ()):
                        wake.set()
