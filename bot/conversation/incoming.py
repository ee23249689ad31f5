"""What a person did, whichever channel they did it in."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from core.ids import ChatKey, Handle


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Tap:
    """A button's packed action. It may be months old, or forged: nothing in it is believed."""

    action: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared contact card. `own` only when the channel vouches that the number is the sender's."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Location:
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Start:
    """The chat was opened, perhaps through a link. The payload is a hint anyone can type."""

    payload: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, voice note or file; Tiffin does not fetch it."""

    kind: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """The person blocked the bot or left."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the choices a guest was shown last: its packed action, and the names it goes by."""

    action: str
    names: tuple[str, ...]  # its whole label, and the title it was cut to


Content = Text | Tap | Contact | Location | Start | Media | Left


ADDRESS = "address"  # in `extra`: where a chat that costs nothing to open comes from, if that is known


@dataclass(frozen=True, slots=True)
class Incoming:
    channel: str  # telegram, whatsapp, webchat
    handle: Handle  # who: telegram:42
    chat: ChatKey  # where: telegram:42, or the outlet group telegram:-100…
    update_id: str  # unique within the chat; the same one twice is one event
    content: Content
    sent_at: datetime
    language_hint: str = ""
    name: str = ""  # as the channel gives it; untrusted
    phone: str = ""  # E.164, only when the channel has proved it (WhatsApp's signed sender)
    reply_to: str = ""  # the message this one answers, as the channel names it
    message: str = ""  # the message whose button was tapped, as the channel names it
    choices: tuple[Choice, ...] = ()  # shown last, in this order, where the channel knows better than the screen
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def update(self) -> str:
        """Names this event, also when it comes again: what it causes carries the name and happens once."""
        return f"{self.chat}#{self.update_id}"

    @property
    def stem(self) -> str:
        """The same in twelve characters: what the ids of its answers and its lines in the log begin with."""
        return blake2b(self.update.encode(), digest_size=6).hexdigest()
