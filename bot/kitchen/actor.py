"""A person at work in an outlet's group, checked: who they are there, and what they may do."""

from dataclasses import dataclass

from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing, Reply
from bot.conversation.text import Text
from bot.conversation.texts import Texts
from bot.kitchen.cards import Kitchen
from core.ids import ChatKey, Handle
from core.outlets.models import Outlet
from core.staff.models import Role, Verb, may


@dataclass(frozen=True, slots=True)
class Actor:
    """`role` None: this person does not work here, whatever groups they are in."""

    incoming: Incoming
    kitchen: Kitchen
    role: Role | None
    name: str

    @property
    def handle(self) -> Handle:
        return self.incoming.handle

    @property
    def chat(self) -> ChatKey:
        return self.incoming.chat

    @property
    def outlet(self) -> Outlet:
        return self.kitchen.outlet

    @property
    def texts(self) -> Texts:
        return self.kitchen.texts

    @property
    def update(self) -> str:
        return self.incoming.update

    def may(self, verb: Verb) -> bool:
        return may(self.role, verb)

    def says(self, reply: Reply | Text, n: int = 0) -> Outgoing:
        """A new message in the group, the `n`-th answer to this update."""
        return Outgoing.of(reply if isinstance(reply, Reply) else Reply(reply), id=f"{self.incoming.stem}-{n}")

    def redraws(self, reply: Reply) -> Outgoing:
        """The tapped message as it reads now; a new one where the channel did not say which was tapped."""
        return Outgoing.of(reply, id=f"{self.incoming.stem}-c", replaces=self.incoming.message)
