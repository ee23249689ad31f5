"""Sending so that what was sent can be edited and replied to later: cards, boards, guests' words in an outlet's group.

Every post has a key of ours, and the channel's own name for the message is remembered beside it: a key that is sent
again swaps the message that was sent before.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
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

        Returns the channel's name for it. Sent again before its name was stored it carries the same id, so that a page
        shows it once. Raises ProviderError (Unreachable for a group that is closed to us).
        """
        channel = channel_of(self._channels, chat)
        before = await self._threads.message_of(chat, key)
        outgoing = Outgoing.of(reply, id=key, replaces="" if anew else before)
        outgoing = replace(outgoing, id=f"{key}.{_mark(outgoing, before)}")
        message = await channel.send(chat, outgoing)
        if message != before:
            await self._threads.posted(chat, key, message, thread=thread)
        return message

    async def has(self, chat: ChatKey, key: str) -> bool:
        """Whether our post `key` was ever sent to this group."""
        return bool(await self._threads.message_of(chat, key))

    async def say(self, chat: ChatKey, key: str, reply: Reply) -> str:
        """Send something nobody edits; `key` only tells a repeat from news. Returns and raises as `post`."""
        return await channel_of(self._channels, chat).send(chat, Outgoing.of(reply, id=key))


def _mark(outgoing: Outgoing, before: str) -> str:
    """Differs for every edit of a post, and not for the same edit sent twice."""
    content = json.dumps([outgoing.to_wire(), before], ensure_ascii=False)
    return blake2b(content.encode(), digest_size=6).hexdigest()
