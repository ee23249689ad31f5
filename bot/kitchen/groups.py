"""Sending so that what was sent can be edited and replied to later: cards, boards, guests' words in an outlet's group.

Every post has a key of ours, and the channel's own name for the message is remembered beside it: a key that is sent
again swaps the message that was sent before.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b

from bot.channels.base import Channel, Pins
from bot.conversation.reply import Notice, Outgoing, Reply
from core.errors import ProviderError
from core.ids import ChatKey
from core.logs import get_logger
from core.threads.models import ThreadId
from core.threads.service import ThreadService

log = get_logger(__name__)


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
        self,
        chat: ChatKey,
        key: str,
        reply: Reply,
        *,
        thread: ThreadId | None = None,
        anew: bool = False,
        pinned: bool = False,
        notice: Notice | None = None,
        steady: Callable[[], Reply] | None = None,
    ) -> str:
        """Send `reply` as our post `key`, swapping it where it was sent before; `anew` leaves the old one standing.
        One that reads the same already is left alone; where nothing can be swapped, so is one whose `steady` does: the
        same without what passes by itself, ages and minutes left. `pinned`: kept in sight where the channel can and
        lets us.

        Returns the channel's name for it. Sent again before its name was stored it carries the same id, so that a page
        shows it once. Raises ProviderError (Unreachable for a group that is closed to us).
        """
        channel = channel_of(self._channels, chat)
        before = await self._threads.post(chat, key)
        reads = self._reads(chat, reply, steady)
        if before is not None and before.reads == reads and not anew:
            return before.message
        name = before.message if before is not None else ""
        id, replaces = f"{key}.{_digest([name, reads])}", "" if anew else name
        outgoing = Outgoing.of(reply, id=id, replaces=replaces, notice=notice)
        message = await channel.send(chat, outgoing)
        if pinned and message != name:  # before its name is stored: after a crash in between it is pinned again
            await self._pin(channel, chat, message)
        await self._threads.posted(chat, key, message, reads=reads, thread=thread)
        return message

    def edits(self, chat: ChatKey) -> bool:
        """Whether a post can be swapped there; where it cannot, each change is a message more."""
        channel = self._channels.get(chat.partition(":")[0])
        return channel is None or channel.capabilities.edits

    def keeps_in_sight(self, chat: ChatKey) -> bool:
        """Whether a post can be pinned there; False too for a channel that does not run here."""
        return isinstance(self._channels.get(chat.partition(":")[0]), Pins)

    async def _pin(self, channel: Channel, chat: ChatKey, message: str) -> None:
        if not isinstance(channel, Pins):
            return
        try:
            await channel.pin(chat, message)
        except ProviderError as error:  # the message is there all the same; /help says what it needs
            log.warning("not_pinned", chat=chat, error=type(error).__name__)

    async def redrawn(
        self,
        chat: ChatKey,
        key: str,
        tapped: str,
        answer: Outgoing,
        reply: Reply,
        steady: Callable[[], Reply] | None = None,
    ) -> None:
        """An answer showed `reply` in the tapped message. If that is our post `key`, it need not be sent again. Where
        nothing can be swapped the answer is a message of its own, whatever was tapped, and says all the post would.
        """
        if not self.edits(chat):
            tapped = await self.name_of(chat, key) or ""
        await self._threads.redrawn(chat, key, tapped, answer=answer.id, reads=self._reads(chat, reply, steady))

    def _reads(self, chat: ChatKey, reply: Reply, steady: Callable[[], Reply] | None) -> str:
        return _reads(reply if steady is None or self.edits(chat) else steady())

    async def has(self, chat: ChatKey, key: str) -> bool:
        """Whether our post `key` was ever sent to this chat."""
        return await self._threads.post(chat, key) is not None

    async def name_of(self, chat: ChatKey, key: str) -> str | None:
        """The channel's name for our post `key`; None: it was never sent to this chat."""
        post = await self._threads.post(chat, key)
        return post.message if post is not None else None

    async def remember(self, chat: ChatKey, key: str, message: str) -> None:
        """`message`, which is there already, says what `key` would."""
        await self._threads.posted(chat, key, message)

    async def swap(self, chat: ChatKey, key: str, message: str, reply: Reply) -> None:
        """Let `message`, which is no post of ours any more, read `reply`. Raises as `post`."""
        await channel_of(self._channels, chat).send(chat, Outgoing.of(reply, id=key, replaces=message))

    async def say(self, chat: ChatKey, key: str, reply: Reply) -> str:
        """Send something nobody edits; `key` only tells a repeat from news. Returns and raises as `post`."""
        return await channel_of(self._channels, chat).send(chat, Outgoing.of(reply, id=key))


def _reads(reply: Reply) -> str:
    return _digest(Outgoing.of(reply, id="").to_wire())


def _digest(what: object) -> str:
    return blake2b(json.dumps(what, ensure_ascii=False).encode(), digest_size=6).hexdigest()
