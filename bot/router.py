"""Whose message is it: a guest's, or one in an outlet's group."""

from datetime import timedelta
from typing import Protocol

from bot.channels.webchat.channel import WebchatChannel
from bot.conversation.actions import SEPARATOR
from bot.conversation.incoming import Incoming, Left, Tap
from bot.conversation.reply import Outgoing, Reply
from bot.conversation.texts import Texts
from bot.kitchen.actions import KITCHEN_TAGS
from core.ids import ChatKey, OutletId
from core.limits.pause import Pauses
from core.limits.store import Pause
from core.logs import get_logger, naming
from core.outlets.service import OutletService

log = get_logger(__name__)


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
        self,
        *,
        outlets: OutletService,
        guests: Answers,
        kitchen: Kitchen,
        admin: Claims | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._outlets = outlets
        self._guests = guests
        self._kitchen = kitchen
        self._admin = admin
        self._pauses = pauses

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """What to answer. Raises one of STORE_FAILURES when nothing was done and the message should come again.

        Whatever is logged meanwhile carries the turn's name, which its answers begin with.
        """
        with naming(turn=incoming.stem, channel=incoming.channel):
            pauses = self._pauses_for(incoming)
            pause = None if pauses is None else await pauses.look(incoming.chat)
            return await self._handle(incoming) if pause is None else _told(incoming, pause)

    async def flooded(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """A channel threw away what somebody had waiting, this message with it: they pause, and are told so once."""
        with naming(turn=incoming.stem, channel=incoming.channel):
            pauses = self._pauses_for(incoming)
            pause = None if pauses is None else await pauses.begin(incoming.chat)
            return () if pause is None else _told(incoming, pause)

    def _pauses_for(self, incoming: Incoming) -> Pauses | None:
        """Nothing of a message in a pause is done: not its tap, not its words. The browser is stopped at its own door,
        which tells the page how long to wait before it sends the same again.
        """
        exempt = incoming.channel == WebchatChannel.name or isinstance(incoming.content, Left)
        return None if exempt or self.outlet_of(incoming.chat) else self._pauses

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


def _told(incoming: Incoming, pause: Pause) -> tuple[Outgoing, ...]:
    if not pause.begins:
        return ()
    log.warning("chat_pauses", chat=incoming.chat)
    return (Outgoing.of(_pause_said(incoming, pause), id=f"{incoming.stem}-0"),)


def _pause_said(incoming: Incoming, pause: Pause) -> Reply:
    texts, seconds = Texts.of(incoming.language_hint[:2].lower()), max(1, -(-pause.left // timedelta(seconds=1)))
    return Reply(
        texts.say_n(
            "Give me {count} second, that was faster than I can read. Your cart is as it was.",
            "Give me {count} seconds, that was faster than I can read. Your cart is as it was.",
            seconds,
        )
    )


def _is_kitchens(incoming: Incoming) -> bool:
    content = incoming.content
    return isinstance(content, Tap) and content.action.partition(SEPARATOR)[0] in KITCHEN_TAGS
