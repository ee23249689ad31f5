"""What happens to a group rather than in it. Each may be told more than once: whoever hears it acts once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.ids import ChatKey, Handle


@dataclass(frozen=True, slots=True)
class GroupMigrated:
    """The group became a supergroup and goes by another number; the old one is dead."""

    old: ChatKey
    new: ChatKey


@dataclass(frozen=True, slots=True)
class MembersJoined:
    """People (and bots) came into a group. Being there gives no right to anything."""

    chat: ChatKey
    by: Handle
    people: tuple[tuple[Handle, str], ...]  # with the names they give themselves


@dataclass(frozen=True, slots=True)
class BotAdded:
    chat: ChatKey
    title: str
    by: Handle
    name: str


@dataclass(frozen=True, slots=True)
class BotRemoved:
    """Thrown out, or the group is gone: what is meant for it reaches nobody from now on."""

    chat: ChatKey
    title: str
    by: Handle
    name: str


GroupEvent = GroupMigrated | MembersJoined | BotAdded | BotRemoved
OnGroupEvent = Callable[[GroupEvent], Awaitable[None]]
