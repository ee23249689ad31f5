"""Who may administer what, and whom to tell of it.

Admins are the numbers in ADMIN_TELEGRAM_IDS, never names: a name can be taken over by somebody else (RELIABILITY T10).
Owners are people with that role at an outlet. Both are heard in their private chat alone.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from bot.admin.actor import Actor
from bot.channels.base import Channel
from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing, Reply
from bot.conversation.texts import DEFAULT, Texts
from bot.kitchen.groups import channel_of
from core.customers.names import clean_text
from core.errors import ProviderError
from core.ids import ChatKey, Handle, OutletId
from core.logs import get_logger
from core.outlets.models import Outlet
from core.services import Services
from core.staff.models import Role

log = get_logger(__name__)

MAX_NAME = 40
OWNERS_KEPT = timedelta(seconds=15)
PATIENCE = timedelta(seconds=8)  # the act is done; whoever cannot be told in time reads it in the audit


def is_group(incoming: Incoming) -> bool:
    """Whether several people can read what is answered; Telegram gives their chats negative numbers."""
    many = incoming.extra.get("chat_type", "private") != "private"
    return many or incoming.chat.startswith("telegram:-")


class Admins:
    def __init__(self, services: Services, channels: Mapping[str, Channel]) -> None:
        self._services = services
        self._channels = channels
        self._admins = frozenset(Handle(f"telegram:{number}") for number in services.settings.admin_telegram_ids)
        self._owners: frozenset[Handle] = frozenset()
        self._read_ms = -1

    def private(self, incoming: Incoming) -> bool:
        """Whether this is said between one person and us: their own chat, under their own name."""
        mine = str(incoming.chat) == incoming.handle and not is_group(incoming)
        return mine and self.outlet_of(incoming.chat) is None

    def outlet_of(self, chat: ChatKey) -> Outlet | None:
        """The outlet whose group the chat is. Read from the directory in memory."""
        return next((outlet for outlet in self._services.outlets.all() if chat in outlet.groups), None)

    def is_admin(self, handle: Handle) -> bool:
        return handle in self._admins

    async def may_be_one(self, handle: Handle) -> bool:
        """A quick look for words that guests type too; at most a few seconds behind, and no permission."""
        if self.is_admin(handle):
            return True
        now = self._services.clock.ms()
        if self._read_ms < 0 or now - self._read_ms >= OWNERS_KEPT // timedelta(milliseconds=1):
            self._owners = frozenset([handle for outlet in self._outlets() for handle in await self._owners_at(outlet)])
            self._read_ms = now
        return handle in self._owners

    async def telegram_numbers(self) -> set[int]:
        """The Telegram accounts of all admins and owners."""
        handles = set(self._admins)
        for outlet in self._outlets():
            handles.update(await self._owners_at(outlet))
        return {int(number) for channel, _, number in (handle.partition(":") for handle in handles)
                if channel == "telegram" and number.isdigit()}  # fmt: skip

    async def actor(self, incoming: Incoming) -> Actor | None:
        """The person with what is theirs to decide, read fresh; None for everybody else."""
        outlets = {outlet.id: outlet for outlet in self._services.outlets.all()}
        admin = self.is_admin(incoming.handle)
        name = clean_text(incoming.name, MAX_NAME)
        if not admin:
            owned = {
                member.outlet: member.name
                for member in await self._services.staff.outlets_of(incoming.handle)
                if member.role is Role.OWNER
            }
            outlets = {code: outlet for code, outlet in outlets.items() if code in owned}
            name = next((known for known in owned.values() if known), name)
            if not outlets:
                return None
        return Actor(
            incoming=incoming,
            name=name or incoming.handle.partition(":")[2],
            admin=admin,
            outlets=outlets,
            texts=Texts.of(DEFAULT),
            now_ms=self._services.clock.ms(),
        )

    async def others(self, outlet: OutletId, besides: Handle) -> list[tuple[Handle, str]]:
        """Who beside `besides` may decide about the outlet and can be written to: owners first, by name where known."""
        people = dict.fromkeys([*await self._owners_at(outlet), *sorted(self._admins)])
        people.pop(besides, None)
        names = await self._services.staff.names_at(outlet)
        return [(each, names.get(each, "")) for each in people if each.partition(":")[0] in self._channels]

    async def tell(self, outlet: OutletId | None, reply: Reply, *, key: str, besides: Handle | None = None) -> int:
        """Send it to all admins and to the outlet's owners, but for `besides`. How many could be told.

        `key` names the news, so that a page shows it once. Nobody reached is logged: nothing else depends on it.
        """
        chats = [chat for chat in await self._chats(outlet) if str(chat) != besides]
        told = await asyncio.gather(*(self._send(chat, reply, key) for chat in chats))
        if chats and not any(told):
            log.error("admins_unreachable", key=key, chats=len(chats))
        return sum(told)

    async def tell_owners(self, outlet: OutletId, reply: Reply, *, key: str) -> int:
        """Send it to the outlet's owners alone; to everybody `tell` does where it has none of its own."""
        owners = [ChatKey(owner) for owner in await self._owners_at(outlet)]
        chats = [chat for chat in owners if chat.partition(":")[0] in self._channels]
        if not chats:
            return await self.tell(outlet, reply, key=key)
        return sum(await asyncio.gather(*(self._send(chat, reply, key) for chat in chats)))

    async def _chats(self, outlet: OutletId | None) -> list[ChatKey]:
        settings = self._services.settings
        chats = [] if settings.ops_chat_id is None else [ChatKey(f"telegram:{settings.ops_chat_id}")]
        chats += [ChatKey(admin) for admin in sorted(self._admins)]
        if outlet is not None:
            chats += [ChatKey(owner) for owner in await self._owners_at(outlet)]
        return [
            chat
            for chat in dict.fromkeys(chats)
            if chat.partition(":")[0] in self._channels and self.outlet_of(chat) is None
        ]

    async def _owners_at(self, outlet: OutletId) -> list[Handle]:
        return [member.handle for member in await self._services.staff.list_at(outlet) if member.role is Role.OWNER]

    def _outlets(self) -> list[OutletId]:
        return [outlet.id for outlet in self._services.outlets.all()]

    async def _send(self, chat: ChatKey, reply: Reply, key: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await channel_of(self._channels, chat).send(chat, Outgoing.of(reply, id=f"{key}-{chat}"))
        except (ProviderError, TimeoutError) as failure:
            log.warning("admin_not_told", chat=chat, key=key, error=type(failure).__name__)
            return False
        return True
