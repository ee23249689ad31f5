"""Whose message is it: a guest's, or one in an outlet's group."""

from hashlib import blake2b
from typing import Protocol

from structlog.contextvars import bound_contextvars

from bot.conversation.actions import SEPARATOR
from bot.conversation.incoming import Incoming, Tap
from bot.conversation.reply import Outgoing
from bot.kitchen.actions import KITCHEN_TAGS
from core.ids import ChatKey, OutletId
from core.outlets.service import OutletService


class Answers(Protocol):
    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]: ...


class Kitchen(Answers, Protocol):
    async def turn_away(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """A tap on a kitchen's button outside an outlet's group."""
        ...


class Claims(Protocol):
    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...] | None:
        """What to answer; None when the message is somebody else's."""
        ...


class Router:
    def __init__(
        self, *, outlets: OutletService, guests: Answers, kitchen: Kitchen, admin: Claims | None = None
    ) -> None:
        self._outlets = outlets
        self._guests = guests
        self._kitchen = kitchen
        self._admin = admin

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """What to answer. Raises one of STORE_FAILURES when nothing was done and the message should come again.

        Whatever is logged meanwhile carries the turn's name, which its answers begin with.
        """
        name = blake2b(f"{incoming.chat}#{incoming.update_id}".encode(), digest_size=6).hexdigest()
        with bound_contextvars(turn=name, channel=incoming.channel):
            return await self._handle(incoming)

    async def _handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        here = self.outlet_of(incoming.chat)
        if here is None and _is_kitchens(incoming):
            return await self._kitchen.turn_away(incoming)
        if self._admin is not None and (answer := await self._admin.handle(incoming)) is not None:
            return answer
        answers = self._guests if here is None else self._kitchen
        return await answers.handle(incoming)

    def outlet_of(self, chat: ChatKey) -> OutletId | None:
        """The outlet whose group the chat is. Read from the directory in memory; there are few outlets."""
        return next((outlet.id for outlet in self._outlets.all() if chat in outlet.groups), None)


def _is_kitchens(incoming: Incoming) -> bool:
    content = incoming.content
    return isinstance(content, Tap) and content.action.partition(SEPARATOR)[0] in KITCHEN_TAGS
