"""What this process saved last of the chats it served last, so that a tap can run ahead of its turn.

Nothing here is believed: what goes on from it is saved only if Redis still holds the very same.
"""

from collections import OrderedDict
from dataclasses import dataclass

from core.ids import ChatKey

KEPT = 4_096  # chats; under a kilobyte each
WORTH_IT = 0.5  # of the turns that ran ahead must have been saved, or it costs more round trips than it spares
TRY_AGAIN = 16  # turns after which another one runs ahead all the same, to see whether it has become worth it
UPDATES = 8  # of a chat: one of them that comes again must not be tried once more
WEIGHT = 0.1  # of the newest turn in that share


@dataclass(frozen=True, slots=True)
class Known:
    """What the turn of `token` saved."""

    token: str
    state: str
    updates: tuple[str, ...] = ()


class RecentChats:
    def __init__(self) -> None:
        self._known: OrderedDict[ChatKey, Known] = OrderedDict()
        self._share = 1.0
        self._held_back = 0

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, chat: ChatKey, update_id: str, token: str, state: str) -> None:
        before = self._known.get(chat)
        updates = () if before is None else before.updates
        self._known[chat] = Known(token, state, (*updates, update_id)[-UPDATES:])
        self._known.move_to_end(chat)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)

    def worth(self, chat: ChatKey, update_id: str) -> Known | None:
        """What to run ahead on, as long as that pays: replicas that share a chat overtake one another."""
        known = self._known.get(chat)
        if known is None or update_id in known.updates:
            return None
        if self._share < WORTH_IT and self._held_back < TRY_AGAIN:
            self._held_back += 1
            return None
        self._held_back = 0
        return known

    def ran_ahead(self, chat: ChatKey, *, saved: bool) -> None:
        """How it went; one that was overtaken is forgotten."""
        self._share += WEIGHT * (saved - self._share)
        if not saved:
            self._known.pop(chat, None)
