"""Sending so that what was sent can be edited and replied to later: cards, boards, guests' words in an outlet's group.

Every post has a key of ours, and the channel's own name for the message is remembered beside it: a key that is sent
again swaps the message that was sent before.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b

from bot.channels.base import Channel
from bot.conversation.reply import Outgoing, Reply
from core.errors import ProviderError
from core.ids import ChatKey
from core.threads.models import ThreadId
from core.threads.service import ThreadService


def channel_of(channels: Mapping[str, Channel], chat: ChatKey) -> Channel:
    """The channel a chat is on. Raises ProviderError for one that is not running here."""
    name = chat.partition(":")[0]
    channel = channels.get(name)
    if channel is None:
        raise ProviderError(name, retryable=True, chat=chat)
    return channel


class Groups:
    def __init__(self, channels: Mapping[str, Channel], threads: ThreadService) -> None:
        self._channels = channels
        self._threads = threads

    async def post(
        self, chat: ChatKey, key: str, reply: Reply, *, thread: ThreadId | None = None, anew: bool = False
    ) -> str:
        """Send `reply` as our post `key`, swapping it where it was sent before; `anew` leaves the old one standing.
        One that reads the same already is left alone.

        Returns the channel's name for it. Sent again before its name was stored it carries the same id, so that a page
        shows it once. Raises ProviderError (Unreachable for a group that is closed to us).
        """
        channel = channel_of(self._channels, chat)
        before = await self._threads.post(chat, key)
        reads = _reads(reply)
        if before is not None and before.reads == reads and not anew:
            return before.message
        name = before.message if before is not None else ""
        outgoing = Outgoing.of(reply, id=f"{key}.{_digest([name, reads])}", replaces="" if anew else name)
        message = await channel.send(chat, outgoing)
        await self._threads.posted(chat, key, message, reads=reads, thread=thread)
        return message

    async def redrawn(self, chat: ChatKey, key: str, tapped: str, answer: Outgoing, reply: Reply) -> None:
        """An answer showed `reply` in the tapped message. If that is our post `key`, it need not be sent again."""
        await self._threads.redrawn(chat, key, tapped, answer=answer.id, reads=_reads(reply))

    async def has(self, chat: ChatKey, key: str) -> bool:
        """Whether our post `key` was ever sent to this chat."""
        return await self._threads.post(chat, key) is not None

    async def say(self, chat: ChatKey, key: str, reply: Reply) -> str:
        """Send something nobody edits; `key` only tells a repeat from news. Returns and raises as `post`."""
        return await channel_of(self._channels, chat).send(chat, Outgoing.of(reply, id=key))


def _reads(reply: Reply) -> str:
    return _digest(Outgoing.of(reply, id="").to_wire())


def _digest(what: object) -> str:
    return blake2b(json.dumps(what, ensure_ascii=False).encode(), digest_size=6).hexdigest()
