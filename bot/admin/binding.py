"""Giving an outlet its group, and taking one away.

A code made in private is written in the group. Whoever writes it must be somebody who could have made it; the code
proves that the group is meant, the person proves the right.
"""

from collections.abc import Callable

from bot.admin.actions import AskUnbind, OpenOutlet, Unbind, fingerprint
from bot.admin.actor import Actor
from bot.admin.acts import Acts
from bot.admin.admins import MAX_NAME, Admins
from bot.admin.commands import BIND
from bot.admin.words import group_name, page
from bot.conversation.incoming import Incoming
from bot.conversation.reply import Button, Outgoing, Reply, Style
from bot.conversation.text import lines
from bot.conversation.texts import DEFAULT, Texts
from bot.kitchen.board import Boards
from bot.kitchen.groups import Groups
from core.audit.models import Did
from core.customers.names import clean_text
from core.errors import NotFound, ProviderError
from core.ids import ChatKey, OutletId
from core.invites.errors import InviteRefused
from core.invites.models import BindGroup
from core.invites.service import InviteService
from core.logs import get_logger
from core.outlets.models import Outlet
from core.services import Services

log = get_logger(__name__)


class Binding:
    def __init__(
        self,
        services: Services,
        invites: InviteService,
        admins: Admins,
        acts: Acts,
        boards: Boards,
        groups: Groups,
        username: Callable[[], str],
    ) -> None:
        """`username` is the bot's own name at Telegram, empty as long as it is not known."""
        self._services = services
        self._invites = invites
        self._admins = admins
        self._acts = acts
        self._boards = boards
        self._groups = groups
        self._username = username

    async def make_code(self, actor: Actor, code: OutletId) -> Reply:
        """Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        made = await self._invites.make(BindGroup(outlet.id), actor.handle, name=actor.name)
        await self._acts.echo(actor, made.act)
        bot = self._username()
        command = f"/bind@{bot} {made.code}" if bot else f"/bind {made.code}"
        back = (Button(texts.t("◂ Outlet"), OpenOutlet(outlet=outlet.id)),)
        pick = (Button(texts.t("Choose the group"), url=f"https://t.me/{bot}?startgroup={BIND}{made.code}"),)
        return Reply(
            lines(
                texts.say("*A group for {outlet}*", outlet=outlet.name),
                texts.say("1. Add this bot to the group."),
                texts.say("2. Write there, under your own name: `{command}`", command=command),
                texts.say("The code works once, until {time}, for owners alone.",
                          time=actor.clock(made.until_ms, outlet)),
            ),
            (pick, back) if bot else (back,),
        )  # fmt: skip

    async def bind(self, incoming: Incoming, code: str) -> tuple[Outgoing, ...]:
        """A code was written in a group. Strangers get no answer: nobody learns which codes are good."""
        actor = await self._admins.actor(incoming)
        texts = Texts.of(DEFAULT)
        if "forwarded" in incoming.extra:  # it is not the sender who says so
            return ()
        if actor is None:
            if "anonymous" in incoming.extra:
                said = texts.say("Please write that under your own name: an anonymous admin could be anybody.")
                return (Outgoing.of(Reply(said), id=f"adm-{fingerprint(incoming.chat, incoming.update_id)}"),)
            await self._strangers(incoming, code)
            return ()
        try:
            invite = await self._invites.look(code, update=actor.update)
            purpose = invite.purpose
            if not isinstance(purpose, BindGroup):
                raise InviteRefused(reason="unknown")
            outlet = actor.outlet(purpose.outlet)
            if any(actor.chat in other.groups for other in await self._others(outlet)):
                return (
                    actor.says(
                        texts.say("This group belongs to another outlet. It must be taken away from that one first.")
                    ),
                )
            await self._invites.claim(invite, actor.handle, update=actor.update, name=actor.name)
        except InviteRefused as refused:
            return (actor.says(_why_not(actor, refused)),)
        except NotFound:
            await self._invites.refused(invite, actor.handle, where=actor.chat, name=actor.name)
            return (actor.says(_why_not(actor, InviteRefused(reason="unknown"))),)
        outlet = await self._services.outlets.alter(outlet.id, lambda it: with_group(it, actor.chat))
        await self._acts.done(actor, Did.GROUP_BOUND, outlet.id, actor.chat)
        await self._boards.show(actor.chat, outlet.id)
        return (
            actor.says(
                lines(
                    texts.say("*This is the group of {outlet} now.* _{name}_", outlet=outlet.name, name=actor.name),
                    texts.say("New orders arrive here, and the board above stays up to date."),
                    texts.say("Being in this group gives no right: who may tap is on the list under /staff, which "
                              "owners keep in their own chat with me. /help says what works here."),
                )
            ),
        )  # fmt: skip

    def ask_unbind(self, actor: Actor, tap: AskUnbind) -> Reply:
        """Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(tap.outlet)
        chat = _group(outlet, tap.group)
        last = len(outlet.groups) == 1
        warning = texts.say("*It is the only one: nobody would be told of orders.*") if last else None
        yes = Unbind(outlet=outlet.id, group=tap.group, asked=actor.now_s)
        return Reply(
            lines(
                texts.say(
                    "Take {group} away from *{outlet}*? Orders would no longer come there.",
                    group=group_name(texts, chat),
                    outlet=outlet.name,
                ),
                warning,
            ),
            (
                (
                    Button(texts.t("Yes, take it away"), yes, style=Style.DANGER),
                    Button(texts.t("No, keep it"), OpenOutlet(outlet=outlet.id)),
                ),
            ),
            in_place=True,
        )

    async def unbind(self, actor: Actor, tap: Unbind) -> Reply:
        """Raises NotFound, StaleAction."""
        texts, outlet = actor.texts, actor.outlet(tap.outlet)
        actor.still_asked(tap.asked)
        chat = _group(outlet, tap.group)
        outlet = await self._services.outlets.alter(outlet.id, lambda it: without_group(it, chat))
        await self._acts.done(actor, Did.GROUP_UNBOUND, outlet.id, chat)
        said = texts.say("*This group no longer belongs to {outlet}.* Orders no longer come here. _{name}_",
                         outlet=outlet.name, name=actor.name)  # fmt: skip
        try:
            await self._groups.say(chat, f"adm-{fingerprint(actor.update)}", Reply(said))
        except ProviderError as failure:
            log.info("group_not_told", outlet=outlet.id, chat=chat, error=type(failure).__name__)
        back = Button(texts.t("◂ Outlet"), OpenOutlet(outlet=outlet.id))
        done = texts.say("{group} no longer belongs to *{outlet}*.", group=group_name(texts, chat), outlet=outlet.name)
        return Reply(page(done), ((back,),), in_place=True)

    async def _strangers(self, incoming: Incoming, code: str) -> None:
        """Somebody who may not bind anything wrote a code. A good one got into wrong hands: its owners should know."""
        try:
            invite = await self._invites.look(code)
        except InviteRefused:
            log.info("bind_refused", chat=incoming.chat, handle=incoming.handle)
            return
        name = clean_text(incoming.name, MAX_NAME)
        if not await self._invites.refused(invite, incoming.handle, where=incoming.chat, name=name):
            return
        texts = Texts.of(DEFAULT)
        said = texts.say(
            "*Somebody who may not do so wrote a code of yours in a group: {name} ({handle}).* Nothing was changed.",
            name=name,
            handle=incoming.handle,
        )
        key = f"adm-{fingerprint(incoming.chat, incoming.update_id)}"
        await self._admins.tell(invite.outlet, Reply(said), key=key)

    async def _others(self, outlet: Outlet) -> list[Outlet]:
        """Straight from the database: a group that was bound a moment ago counts."""
        return [other for other in await self._services.outlets.all_fresh() if other.id != outlet.id]


def _why_not(actor: Actor, refused: InviteRefused) -> Reply:
    texts = actor.texts
    match refused.reason:
        case "used":
            return Reply(texts.say("That code was used before. /outlets in your own chat with me makes a new one."))
        case "expired":
            return Reply(texts.say("That code is too old. /outlets in your own chat with me makes a new one."))
        case _:
            return Reply(texts.say("That is no code of mine. /outlets in your own chat with me makes one."))


def _group(outlet: Outlet, mark: str) -> ChatKey:
    """Raises NotFound for a group that is no longer the outlet's."""
    found = next((chat for chat in outlet.groups if fingerprint(chat) == mark), None)
    if found is None:
        raise NotFound(what="group", outlet=outlet.id)
    return found


def with_group(outlet: Outlet, chat: ChatKey) -> Outlet:
    return outlet if chat in outlet.groups else outlet.model_copy(update={"groups": (*outlet.groups, chat)})


def without_group(outlet: Outlet, chat: ChatKey) -> Outlet:
    return outlet.model_copy(update={"groups": tuple(each for each in outlet.groups if each != chat)})
