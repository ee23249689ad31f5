"""An owner or an admin at work, checked: who they are, and whose matters are theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.actions import StaleAction
from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing, Reply
from bot.conversation.text import Text
from bot.conversation.texts import Texts
from core.errors import NotFound
from core.ids import ChatKey, Handle, OutletId
from core.outlets.models import Outlet

ANSWER_WITHIN_S = 10 * 60  # how long a question may wait for its yes


@dataclass(frozen=True, slots=True)
class Actor:
    """`outlets`: those whose matters are theirs, all of them for an `admin`."""

    incoming: Incoming
    name: str
    admin: bool
    outlets: Mapping[OutletId, Outlet]
    texts: Texts
    now_ms: int

    @property
    def handle(self) -> Handle:
        return self.incoming.handle

    @property
    def chat(self) -> ChatKey:
        return self.incoming.chat

    @property
    def update(self) -> str:
        return self.incoming.update

    @property
    def now_s(self) -> int:
        return self.now_ms // 1000

    def outlet(self, outlet: OutletId) -> Outlet:
        """Raises NotFound, also for one that is somebody else's matter: nobody learns which exist."""
        found = self.outlets.get(outlet)
        if found is None:
            raise NotFound(what="outlet", outlet=outlet)
        return found

    def still_asked(self, asked: int) -> None:
        """Raises StaleAction for a yes that comes long after its question."""
        if not 0 <= self.now_s - asked <= ANSWER_WITHIN_S:
            raise StaleAction(asked=asked)

    def clock(self, ms: int, outlet: Outlet) -> str:
        return self.texts.moment(ms, outlet.timezone, self.now_ms)

    def says(self, reply: Reply | Text, n: int = 0) -> Outgoing:
        """A new message, the `n`-th answer to this one."""
        return Outgoing.of(reply if isinstance(reply, Reply) else Reply(reply), id=f"{self.incoming.stem}-{n}")

    def shows(self, reply: Reply) -> Outgoing:
        """A page: the tapped message as it reads now, or a new one for what was typed."""
        return Outgoing.of(reply, id=f"{self.incoming.stem}-p", replaces=self.incoming.message)
