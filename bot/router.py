"""Whose message is it: a guest's, or one in an outlet's group."""

from typing import Protocol

from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing
from core.ids import ChatKey, OutletId
from core.outlets.service import OutletService


class Answers(Protocol):
    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]: ...


class Claims(Protocol):
    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...] | None:
        """What to answer; None when the message is somebody else's."""
        ...


class Router:
    def __init__(
        self, *, outlets: OutletService, guests: Answers, kitchen: Answers, admin: Claims | None = None
    ) -> None:
        self._outlets = outlets
        self._guests = guests
        self._kitchen = kitchen
        self._admin = admin

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """What to answer. Raises one of STORE_FAILURES when nothing was done and the message should come again."""
        if self._admin is not None and (answer := await self._admin.handle(incoming)) is not None:
            return answer
        answers = self._guests if self.outlet_of(incoming.chat) is None else self._kitchen
        return await answers.handle(incoming)

    def outlet_of(self, chat: ChatKey) -> OutletId | None:
        """The outlet whose group the chat is. Read from the directory in memory; there are few outlets."""
        return next((outlet.id for outlet in self._outlets.all() if chat in outlet.groups), None)
