"""What is answered: text with marks, rows of buttons, perhaps a picture. Each channel renders it its own way."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from bot.conversation.actions import Action
from bot.conversation.text import Text
from core.ids import OrderId


class Style(StrEnum):
    PLAIN = ""
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A label with what it does: an action to tap, or an address to open."""

    label: str
    action: Action | None = None
    url: str = ""
    style: Style = Style.PLAIN
    hint: str = ""  # a line of detail where the channel has room for one (WhatsApp list rows)


@dataclass(frozen=True, slots=True)
class PackedButton:
    """A button as it travels and is stored: its action already packed."""

    label: str
    action: str = ""
    url: str = ""
    style: str = ""
    hint: str = ""


class PackedRows(tuple[tuple[PackedButton, ...], ...]):
    """Rows that many guests are shown: channels keep what they make of them, and find it again without looking at
    every button."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash


class Rows(tuple[tuple[Button, ...], ...]):
    """The same before they are packed, which is done once."""

    @cached_property
    def packed(self) -> PackedRows:
        return PackedRows(_packed(self))


def _packed(rows: tuple[tuple[Button, ...], ...]) -> tuple[tuple[PackedButton, ...], ...]:
    return tuple(
        tuple(PackedButton(b.label, b.action.pack() if b.action else "", b.url, b.style, b.hint) for b in row)
        for row in rows
        if row
    )


class Ask(StrEnum):
    """A request only some channels can show as a button of its own."""

    CONTACT = "contact"
    LOCATION = "location"


@dataclass(frozen=True, slots=True)
class Attachment:
    url: str  # below PUBLIC_URL, short-lived and signed when it is personal
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """`in_place` replies swap the screen the guest is looking at; the others stay in the history (money, law)."""

    text: Text
    buttons: tuple[tuple[Button, ...], ...] = ()
    image: str = ""  # a path below /media
    document: Attachment | None = None
    in_place: bool = False
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a message is about that nobody asked for just now: a channel that may not send it as it is says it in
    another way.
    """

    kind: str  # accepted, out, refunded, …: the kind of a delivery without whose it is
    order: OrderId
    code: str
    outlet: str
    language: str
    phone: str = ""  # of the guest, E.164; empty: none is known


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply ready to leave: numbered, packed, storable. `replaces` names the earlier one it swaps, if any."""

    id: str
    text: Text
    buttons: tuple[tuple[PackedButton, ...], ...] = ()
    image: str = ""
    document: Attachment | None = None
    replaces: str = ""
    ask: str = ""
    notice: Notice | None = None  # does not travel

    @classmethod
    def of(cls, reply: Reply, *, id: str, replaces: str = "", notice: Notice | None = None) -> "Outgoing":
        return cls(
            id=id,
            text=reply.text,
            buttons=reply.buttons.packed if isinstance(reply.buttons, Rows) else _packed(reply.buttons),
            image=reply.image,
            document=reply.document,
            replaces=replaces,
            ask=reply.ask or "",
            notice=notice,
        )

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"i": self.id, "t": self.text.to_wire()}
        if self.buttons:
            wire["b"] = [[[b.label, b.action, b.url, b.style, b.hint] for b in row] for row in self.buttons]
        if self.image:
            wire["p"] = self.image
        if self.document:
            wire["d"] = [self.document.url, self.document.name]
        if self.replaces:
            wire["r"] = self.replaces
        if self.ask:
            wire["a"] = self.ask
        return wire

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> "Outgoing":
        return cls(
            id=wire["i"],
            text=Text.from_wire(wire["t"]),
            buttons=tuple(tuple(PackedButton(*b) for b in row) for row in wire.get("b", ())),
            image=wire.get("p", ""),
            document=Attachment(*wire["d"]) if "d" in wire else None,
            replaces=wire.get("r", ""),
            ask=wire.get("a", ""),
        )
