"""Somebody brings an invitation and works at the outlet from then on."""

from bot.admin.actions import fingerprint
from bot.admin.admins import MAX_NAME, Admins
from bot.admin.binding import with_group, without_group
from bot.admin.words import act_said, role_duties, role_name
from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing, Reply
from bot.conversation.text import Text, lines
from bot.conversation.texts import DEFAULT, Texts
from core.audit.models import Did
from core.audit.service import AuditService
from core.customers.names import clean_text
from core.ids import OutletId
from core.invites.errors import InviteRefused
from core.invites.models import SHELL, Invite, JoinStaff
from core.invites.service import InviteService
from core.services import Services
from core.staff.models import Role

TELEGRAM, WHATSAPP = "telegram", "whatsapp"
CARDS_FOR = (Role.KITCHEN, Role.MANAGER)  # on WhatsApp, where there is no group, cards come to their own chats
RANK = (Role.RIDER, Role.KITCHEN, Role.MANAGER, Role.OWNER)


class Joining:
    def __init__(self, services: Services, invites: InviteService, audit: AuditService, admins: Admins) -> None:
        self._services = services
        self._invites = invites
        self._audit = audit
        self._admins = admins

    async def join(self, incoming: Incoming, code: str) -> tuple[Outgoing, ...] | None:
        """None for a code nobody made, and on channels nobody works on: that is a guest's matter."""
        if incoming.channel not in (TELEGRAM, WHATSAPP):
            return None
        texts = Texts.of(DEFAULT)
        try:
            invite = await self._invites.look(code, update=incoming.update)
            purpose = invite.purpose
            if not isinstance(purpose, JoinStaff):
                return None
            if not await self._still_stands(invite, purpose):
                raise InviteRefused(reason="expired")
            return (_answer(incoming, await self._let_in(incoming, invite, purpose, texts)),)
        except InviteRefused as refused:
            if refused.reason == "unknown":
                return None
            if refused.reason == "used":
                said = texts.say("This invitation was used before. Please ask the owner for a new one.")
            else:
                said = texts.say("This invitation is no longer good. Please ask the owner for a new one.")
            return (_answer(incoming, said),)

    async def _let_in(self, incoming: Incoming, invite: Invite, purpose: JoinStaff, texts: Texts) -> Text:
        """Raises InviteRefused."""
        staff = self._services.staff
        outlet = self._services.outlets.require(purpose.outlet)
        name = clean_text(incoming.name, MAX_NAME)
        now = await staff.role(incoming.handle, outlet.id)
        begun = await self._invites.claimed(invite) is not None  # by this very message: it is finished, not refused
        if not begun and now is not None and RANK.index(now) >= RANK.index(purpose.role):
            return texts.say(
                "You work at {outlet} already, as {role}. The invitation is still good, for somebody else.",
                outlet=outlet.name,
                role=role_name(texts, now),
            )
        await self._invites.claim(invite, incoming.handle, update=incoming.update, name=name)
        await staff.add(incoming.handle, outlet.id, purpose.role, name=name, by=invite.made_by)
        act = await self._audit.record(
            Did.STAFF_ADDED,
            invite.made_by,
            name=invite.made_name,
            outlet=outlet.id,
            about=incoming.handle,
            key=invite.id,
            person=name or incoming.handle,
            role=purpose.role.value,
        )
        await self._admins.tell(outlet.id, Reply(act_said(texts, act, outlet)), key=act.id, besides=incoming.handle)
        if incoming.channel == WHATSAPP and purpose.role in CARDS_FOR:
            await self._take_cards(incoming, outlet.id)
            where = texts.say(
                "Orders come to this chat. Tap what stands below them, or answer with its number. /help says what you "
                "can do, and /leave ends it."
            )
        elif incoming.channel == WHATSAPP:
            where = texts.say("/help says what you can do.")
        else:
            where = texts.say(
                "Orders come to the outlet's group; ask to be added to it. /help there says what you can do."
            )
        return lines(
            texts.say("*Welcome to {outlet}.*", outlet=outlet.name),
            texts.say(
                "You work there as {role}: {duties}.",
                role=role_name(texts, purpose.role),
                duties=role_duties(texts, purpose.role),
            ),
            where,
        )

    async def _take_cards(self, incoming: Incoming, code: OutletId) -> None:
        """The chat of one person takes the outlet's cards, as a group would. Whose outlet it was before keeps it."""
        if any(incoming.chat in other.groups for other in await self._services.outlets.all_fresh()):
            return
        await self._services.outlets.alter(code, lambda it: with_group(it, incoming.chat))
        await self._audit.record(
            Did.GROUP_BOUND, incoming.handle, outlet=code, about=incoming.chat, key=incoming.update_id
        )

    async def leave(self, incoming: Incoming) -> tuple[Outgoing, ...] | None:
        """Somebody on WhatsApp who took cards takes no more, and is a guest again. None: they took none."""
        outlets = [one for one in self._services.outlets.all() if incoming.chat in one.groups]
        if incoming.channel != WHATSAPP or not outlets:
            return None
        texts = Texts.of(DEFAULT)
        for outlet in outlets:
            await self._services.outlets.alter(outlet.id, lambda it: without_group(it, incoming.chat))
            await self._audit.record(Did.GROUP_UNBOUND, incoming.handle, outlet=outlet.id, about=incoming.chat,
                                     key=f"{incoming.update_id}-{outlet.id}")  # fmt: skip
            if len(outlet.groups) == 1:
                warning = texts.say("*Nobody is told of the orders of {outlet} any more.*", outlet=outlet.name)
                await self._admins.tell(outlet.id, Reply(warning), key=f"left-{incoming.update_id}")
        said = texts.say("Orders no longer come to this chat. You still work there; a new invitation brings them back.")
        return (_answer(incoming, said),)

    async def _still_stands(self, invite: Invite, purpose: JoinStaff) -> bool:
        """An invitation dies with its maker's right to make it, and with its outlet."""
        if self._services.outlets.get(purpose.outlet) is None:
            return False
        if invite.made_by == SHELL or self._admins.is_admin(invite.made_by):
            return True
        return (
            purpose.role is not Role.OWNER
            and await self._services.staff.role(invite.made_by, purpose.outlet) is Role.OWNER
        )


def _answer(incoming: Incoming, said: Text) -> Outgoing:
    return Outgoing.of(Reply(said), id=f"adm-{fingerprint(incoming.chat, incoming.update_id)}")
