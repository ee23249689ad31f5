"""Chats as people see them: what was sent, edited and answered, on a channel that gives messages names of its own."""

from collections import defaultdict
from dataclasses import dataclass, field

from bot.channels.base import Unreachable
from bot.conversation.reply import Outgoing, PackedButton
from bot.conversation.turn import Capabilities
from core.errors import ProviderError
from core.ids import ChatKey


@dataclass
class Shown:
    """A message as it stands in a chat now."""

    name: str
    outgoing: Outgoing
    edits: int = 0

    @property
    def text(self) -> str:
        return self.outgoing.text.plain

    @property
    def labels(self) -> list[str]:
        return [button.label for row in self.outgoing.buttons for button in row]

    def button(self, label: str) -> PackedButton:
        found = [button for row in self.outgoing.buttons for button in row if button.label.startswith(label)]
        assert found, f"no {label!r} among {self.labels} on {self.text!r}"
        return found[0]


@dataclass
class FakeChannel:
    """Names messages by numbers of its own, edits in place, and is away or closed when told to be."""

    name: str
    edits: bool = True
    away: bool = False
    closed: set[ChatKey] = field(default_factory=set)
    chats: dict[ChatKey, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(edits=self.edits)

    async def send(self, chat: ChatKey, outgoing: Outgoing) -> str:
        if self.away:
            raise ProviderError(self.name, retryable=True, chat=chat)
        if chat in self.closed:
            raise Unreachable(self.name, chat=chat)
        return self.show(chat, outgoing)

    def show(self, chat: ChatKey, outgoing: Outgoing) -> str:
        self.sent += 1
        if outgoing.replaces:
            old = next((shown for shown in self.chats[chat] if shown.name == outgoing.replaces), None)
            assert old is not None, f"{outgoing.replaces!r} is no message of {chat}"
            old.outgoing, old.edits = outgoing, old.edits + 1
            return old.name
        shown = Shown(str(100 + len(self.chats[chat])), outgoing)
        self.chats[chat].append(shown)
        return shown.name

    def texts(self, chat: str) -> list[str]:
        return [shown.text for shown in self.chats[ChatKey(chat)]]


@dataclass
class PinningChannel(FakeChannel):
    """One that keeps a message of a group in sight, as Telegram does where the bot may."""

    may_pin: bool = True
    pinned: list[tuple[ChatKey, str]] = field(default_factory=list)

    async def pin(self, chat: ChatKey, message: str) -> None:
        if not self.may_pin:
            raise ProviderError(self.name, retryable=False, chat=chat)
        assert message in [shown.name for shown in self.chats[chat]]
        self.pinned.append((chat, message))
