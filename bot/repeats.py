"""An update that comes again gets the answer it got, and does nothing more: for desks, as the engine does for guests.

It spares repeats; what desks do stays right without it, so a Redis that is away stops nobody.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.conversation.reply import Outgoing
from core.connections import STORE_FAILURES
from core.conversations.store import Begun, ConversationStore, Repeated
from core.ids import ChatKey
from core.logs import get_logger

log = get_logger(__name__)

PATIENCE = timedelta(seconds=20)
LOOK_AGAIN = timedelta(milliseconds=50)

Work = Callable[[], Awaitable[tuple[Outgoing, ...] | None]]


class Repeats:
    def __init__(self, conversations: ConversationStore) -> None:
        self._conversations = conversations

    async def once(self, who: ChatKey, update_id: str, work: Work) -> tuple[Outgoing, ...] | None:
        """What `work` answers, or answered when this update came before. `who`: whose work is done one after another.

        None, which nothing is remembered of: it was no matter of this desk. Whatever `work` raises is raised.
        """
        token = secrets.token_hex(8)
        begun = await self._begin(who, update_id, token)
        if isinstance(begun, Repeated):
            return tuple(Outgoing.from_wire(wire) for wire in json.loads(begun.answer)) if begun.answer else ()
        answered = None
        try:
            answered = await work()
        finally:
            if answered is None and begun is not None:  # nothing to remember: it failed, or was not ours
                await self._abandon(who, token)
        if answered is not None and begun is not None:
            await self._remember(who, update_id, token, begun.version, answered)
        return answered

    async def _begin(self, who: ChatKey, update_id: str, token: str) -> Begun | Repeated | None:
        deadline = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
        try:
            while asyncio.get_running_loop().time() < deadline:
                begun = await self._conversations.begin(who, update_id, token)
                if isinstance(begun, Begun | Repeated):
                    return begun
                await asyncio.sleep(LOOK_AGAIN.total_seconds())
        except STORE_FAILURES as failure:
            self._forgetful(who, failure)
        else:
            log.warning("desk_overtaken", chat=who)
        return None

    async def _abandon(self, who: ChatKey, token: str) -> None:
        try:
            await self._conversations.abandon(who, token)
        except STORE_FAILURES as failure:
            self._forgetful(who, failure)

    async def _remember(
        self, who: ChatKey, update_id: str, token: str, version: int, outgoing: tuple[Outgoing, ...]
    ) -> None:
        answer = json.dumps([one.to_wire() for one in outgoing], ensure_ascii=False, separators=(",", ":"))
        try:
            await self._conversations.end(who, update_id, token, version=version, state="", answer=answer)
        except STORE_FAILURES as failure:
            self._forgetful(who, failure)

    @staticmethod
    def _forgetful(who: ChatKey, failure: Exception) -> None:
        log.warning("desk_without_memory", chat=who, error=type(failure).__name__)
