"""Who a browser is: a session it keeps to itself and we need not store.

A guest's session is 128 random bits with our signature. The chat's key is a hash of them, so the key may stand in logs
and documents without opening the chat to whoever reads it. A kitchen's session names its outlet instead.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from core.errors import NotFound
from core.ids import ChatKey, Handle, OutletId
from core.links import derived_keys, mac, signed_by
from core.settings import Settings

CHANNEL = "webchat"
MAX_LENGTH = 128
_KITCHEN = "kitchen-"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was checked. A browser is one sender in one chat of its own, so both have one name."""

    chat: ChatKey
    kitchen: bool = False

    @property
    def handle(self) -> Handle:
        return Handle(self.chat)


def kitchen_chat(outlet: OutletId) -> ChatKey:
    """The chat in which the demo plays an outlet's group."""
    return ChatKey(f"{CHANNEL}:{_KITCHEN}{outlet}")


class Sessions:
    def __init__(self, settings: Settings) -> None:
        self._keys = derived_keys(settings, "web chat sessions")
        self._kitchens = settings.demo

    def new(self) -> str:
        nonce = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        return f"{nonce}.{mac(self._keys[0], 'guest', nonce)}"

    def kitchen(self, outlet: OutletId) -> str:
        """The session of an outlet's group in the demo: the same one for everybody who looks at the demo page."""
        return f"{_KITCHEN}{outlet}.{mac(self._keys[0], 'kitchen', outlet)}"

    def check(self, session: str) -> Session:
        """Raises NotFound for a session that is not ours, and for a kitchen's outside the demo."""
        name, _, given = session.rpartition(".")
        if not name or len(session) > MAX_LENGTH or not session.isascii():
            raise NotFound(what="session")
        if signed_by(self._keys, given, "guest", name):
            return Session(ChatKey(f"{CHANNEL}:{sha256(name.encode()).hexdigest()[:16]}"))
        outlet = OutletId(name.removeprefix(_KITCHEN))
        if self._kitchens and name != outlet and signed_by(self._keys, given, "kitchen", outlet):
            return Session(kitchen_chat(outlet), kitchen=True)
        raise NotFound(what="session")
