"""Typed buttons. An action is a small frozen class; on the wire it is its tag and fields, at most 64 bytes.

    class ChangeQuantity(Action, tag="qty"):        # packs to "qty|4f1d0c9a77e2|-1"
        line: LineId
        by: int

Telegram allows 64 bytes of callback data, so that is the limit everywhere. What comes back may be old, cut or forged:
`unpack` raises StaleAction for everything it does not recognise, and whoever handles the action checks it again.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, dataclass_transform, get_type_hints

from core.errors import DomainError

MAX_BYTES = 64
SEPARATOR = "|"


class StaleAction(DomainError):
    """A button this release does not know, or one that no longer makes sense."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Action:
    tag: ClassVar[str]
    runs_ahead: ClassVar[bool] = False
    _registry: ClassVar[dict[str, type["Action"]]] = {}
    _types: ClassVar[tuple[type, ...] | None] = None

    def __init_subclass__(cls, *, tag: str, runs_ahead: bool = False) -> None:
        """`runs_ahead`: what it does depends on nothing but itself and whose cart it is, and is done once however
        often it is tapped. Its turn may begin before it is known that no other one came between (see Engine).
        """
        if tag in Action._registry and Action._registry[tag].__qualname__ != cls.__qualname__:
            raise TypeError(f"two actions with the tag {tag!r}")
        dataclass(frozen=True, kw_only=True)(cls)
        cls.tag, cls.runs_ahead = tag, runs_ahead
        cls._types = None
        Action._registry[tag] = cls

    @classmethod
    def tags_in(cls, module: str) -> frozenset[str]:
        """The tags of the buttons a module has defined so far."""
        return frozenset(tag for tag, kind in cls._registry.items() if kind.__module__ == module)

    @classmethod
    def _field_types(cls) -> tuple[type, ...]:
        if cls._types is None:
            hints = get_type_hints(cls)
            resolved = (hints[field.name] for field in fields(cls))  # type: ignore[arg-type]
            cls._types = tuple(getattr(t, "__supertype__", t) for t in resolved)
        return cls._types

    def pack(self) -> str:
        """The action as text. Raises ValueError when it does not fit or a field holds the separator."""
        parts = [self.tag]
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            part = ("1" if value else "0") if isinstance(value, bool) else str(value)
            if SEPARATOR in part:
                raise ValueError(f"{self.tag}.{field.name} holds a separator")
            parts.append(part)
        packed = SEPARATOR.join(parts)
        if len(packed.encode()) > MAX_BYTES:
            raise ValueError(f"action of {len(packed.encode())} bytes: {packed}")
        return packed


def _parse(kind: type, part: str) -> Any:
    if kind is bool:
        return {"1": True, "0": False}[part]
    if kind is int:
        if len(part) > 15 or not part.lstrip("-").isascii() or not part.lstrip("-").isdigit():
            raise ValueError(part)
        return int(part)
    if issubclass(kind, StrEnum):
        return kind(part)
    return part


def unpack(packed: str) -> Action:
    """The action behind a button. Raises StaleAction, never anything else, whatever the text."""
    tag, *parts = packed.split(SEPARATOR)
    kind = Action._registry.get(tag)
    if kind is None or len(packed) > MAX_BYTES:
        raise StaleAction(packed=packed[:MAX_BYTES])
    types = kind._field_types()
    if len(parts) != len(types):
        raise StaleAction(packed=packed)
    try:
        values = [_parse(t, part) for t, part in zip(types, parts, strict=True)]
    except (ValueError, KeyError) as error:
        raise StaleAction(packed=packed) from error
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**dict(zip(names, values, strict=True)))


def runs_ahead(packed: str) -> bool:
    """Whether the tap's turn may run ahead; nothing unknown does."""
    kind = Action._registry.get(packed.partition(SEPARATOR)[0])
    return kind is not None and kind.runs_ahead
