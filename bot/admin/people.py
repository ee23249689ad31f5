"""Who works where: invited by a one-time code or by their number at Telegram, given a role, removed.

Only admins make or unmake owners. Nobody takes away their own role: whoever locks themselves out has to ask somebody.
"""

from collections.abc import Callable

from bot.admin.actions import (
    AskHire,
    AskInvite,
    AskRemove,
    AskRole,
    Hire,
    MakeInvite,
    OpenOutlet,
    OpenOutlets,
    OpenPerson,
    OpenStaff,
    RemovePerson,
    SetRole,
    fingerprint,
)
from bot.admin.actor import Actor
from bot.admin.acts import Acts
from bot.admin.commands import JOIN
from bot.admin.words import ROLE_WORDS, page, role_duties, role_name
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import Text, lines
from core.audit.models import Did
from core.errors import Forbidden, NotFound
from core.ids import Handle, OutletId
from core.invites.models import JoinStaff
from core.invites.service import InviteService
from core.outlets.models import Outlet
from core.services import Services
from core.staff.models import Role, StaffMember

MAX_NUMBER = 2**52 - 1  # Telegram's ids have at most 52 bits (PLATFORMS.md A2)
ADMINS_ALONE = frozenset({Role.OWNER})


class People:
    def __init__(self, services: Services, invites: InviteService, acts: Acts, username: Callable[[], str]) -> None:
        self._services = services
        self._invites = invites
        self._acts = acts
        self._username = username

    def choose_page(self, actor: Actor) -> Reply:
        """Whose people? For those with several outlets."""
        texts = actor.texts
        buttons = [(Button(outlet.name, OpenStaff(outlet=outlet.id)),) for outlet in actor.outlets.values()]
        return Reply(
            texts.say("*People* of which outlet?"), (*buttons, (Button(texts.t("◂ Outlets"), OpenOutlets()),)),
            in_place=True,
        )  # fmt: skip

    async def list_page(self, actor: Actor, code: OutletId) -> Reply:
        """Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        people = await self._services.staff.list_at(outlet.id)
        rows = [
            texts.say("*{name}* · {role} · {handle}", name=_name(each), role=role_name(texts, each.role),
                      handle=each.handle)
            for each in people
        ]  # fmt: skip
        how = texts.say(
            "_Add somebody: invite them with a code, forward a message of theirs to me, or type_ "
            "`/staff {outlet} cook 123456789`",
            outlet=outlet.id,
        )
        buttons = [
            (
                Button(
                    texts.t("{name} · {role}", name=_name(each), role=role_name(texts, each.role)),
                    OpenPerson(outlet=outlet.id, person=fingerprint(each.id)),
                ),
            )
            for each in people
        ]
        return Reply(
            page(
                texts.say("*People at {outlet}*", outlet=outlet.name),
                *(rows or [texts.say("Nobody yet. Admins may do everything everywhere.")]),
                "",
                how,
            ),
            (
                *buttons,
                (Button(texts.t("Invite ▸"), AskInvite(outlet=outlet.id), style=Style.PRIMARY),),
                (Button(texts.t("◂ Outlet"), OpenOutlet(outlet=outlet.id)),),
            ),
            in_place=True,
        )

    async def person_page(self, actor: Actor, code: OutletId, mark: str) -> Reply:
        """Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        person = await self._person(outlet, mark)
        back = (Button(texts.t("◂ People"), OpenStaff(outlet=outlet.id)),)
        since = actor.clock(person.added_ms, outlet) if person.added_ms else "–"
        text = page(
            texts.say("*{name}* at {outlet}", name=_name(person), outlet=outlet.name),
            texts.say("{role}: {duties}", role=role_name(texts, person.role).capitalize(),
                      duties=role_duties(texts, person.role)),
            texts.say("{handle}, since {since}", handle=person.handle, since=since),
        )  # fmt: skip
        if not _may_change(actor, person):
            return Reply(text, (back,), in_place=True)
        roles = [
            Button(
                texts.t("Make {role}", role=role_name(texts, role)),
                AskRole(outlet=outlet.id, person=mark, role=role),
            )
            for role in _roles(actor)
            if role is not person.role
        ]
        remove = Button(texts.t("Remove ▸"), AskRemove(outlet=outlet.id, person=mark), style=Style.DANGER)
        return Reply(text, (tuple(roles), (remove,), back), in_place=True)

    async def ask_role(self, actor: Actor, tap: AskRole) -> Reply:
        """Raises NotFound, Forbidden."""
        texts, outlet = actor.texts, actor.outlet(tap.outlet)
        person = await self._changeable(actor, outlet, tap.person, tap.role)
        yes = SetRole(outlet=outlet.id, person=tap.person, role=tap.role, asked=actor.now_s)
        question = texts.say(
            "Make *{name}* {role} at {outlet}? That is: {duties}.",
            name=_name(person),
            role=role_name(texts, tap.role),
            outlet=outlet.name,
            duties=role_duties(texts, tap.role),
        )
        return _question(question, Button(texts.t("Yes"), yes, style=Style.PRIMARY),
                         Button(texts.t("No"), OpenPerson(outlet=outlet.id, person=tap.person)))  # fmt: skip

    async def set_role(self, actor: Actor, tap: SetRole) -> Reply:
        """Raises NotFound, Forbidden, StaleAction."""
        outlet = actor.outlet(tap.outlet)
        actor.still_asked(tap.asked)
        person = await self._changeable(actor, outlet, tap.person, tap.role)
        await self._services.staff.add(person.handle, outlet.id, tap.role, name=person.name, by=actor.handle)
        await self._acts.done(
            actor, Did.STAFF_ROLE, outlet.id, person.handle, person=_name(person), role=tap.role.value
        )
        return await self.person_page(actor, outlet.id, tap.person)

    async def ask_remove(self, actor: Actor, tap: AskRemove) -> Reply:
        """Raises NotFound, Forbidden."""
        texts, outlet = actor.texts, actor.outlet(tap.outlet)
        person = await self._changeable(actor, outlet, tap.person)
        yes = RemovePerson(outlet=outlet.id, person=tap.person, asked=actor.now_s)
        question = texts.say(
            "Remove *{name}* from {outlet}? Their taps do nothing from that moment on.",
            name=_name(person),
            outlet=outlet.name,
        )
        return _question(question, Button(texts.t("Yes, remove"), yes, style=Style.DANGER),
                         Button(texts.t("No, keep"), OpenPerson(outlet=outlet.id, person=tap.person)))  # fmt: skip

    async def remove(self, actor: Actor, tap: RemovePerson) -> Reply:
        """Raises NotFound, Forbidden, StaleAction."""
        outlet = actor.outlet(tap.outlet)
        actor.still_asked(tap.asked)
        person = await self._changeable(actor, outlet, tap.person)
        await self._services.staff.remove(person.handle, outlet.id, by=actor.handle)
        await self._acts.done(actor, Did.STAFF_REMOVED, outlet.id, person.handle, person=_name(person))
        return await self.list_page(actor, outlet.id)

    # Letting somebody in

    def ask_invite(self, actor: Actor, code: OutletId) -> Reply:
        """Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        rows = [
            (
                Button(
                    texts.t("{role}: {duties}", role=role_name(texts, role).capitalize(),
                            duties=role_duties(texts, role)),
                    MakeInvite(outlet=outlet.id, role=role),
                ),
            )
            for role in _roles(actor)
        ]  # fmt: skip
        back = (Button(texts.t("◂ People"), OpenStaff(outlet=outlet.id)),)
        question = texts.say("*An invitation to work at {outlet}.* As what?", outlet=outlet.name)
        return Reply(question, (*rows, back), in_place=True)

    async def invite(self, actor: Actor, tap: MakeInvite) -> Reply:
        """Raises NotFound, Forbidden."""
        texts, outlet = actor.texts, actor.outlet(tap.outlet)
        _check_role(actor, tap.role)
        made = await self._invites.make(JoinStaff(outlet.id, tap.role), actor.handle, name=actor.name)
        await self._acts.echo(actor, made.act)
        bot = self._username()
        link = texts.say("Or the link: {link}", link=f"https://t.me/{bot}?start={JOIN}{made.code}") if bot else None
        return Reply(
            lines(
                texts.say("*{role} at {outlet}*", role=role_name(texts, tap.role).capitalize(), outlet=outlet.name),
                texts.say("Send this to the person. They write it to me in their own chat:"),
                texts.say("`/join {code}`", code=made.code),
                link,
                texts.say("It works once, for whoever brings it first, until {time}.",
                          time=actor.clock(made.until_ms, outlet)),
            ),
            ((Button(texts.t("◂ People"), OpenStaff(outlet=outlet.id)),),),
        )  # fmt: skip

    async def typed(self, actor: Actor, code: OutletId | None, rest: str) -> Reply:
        """“/staff”, “/staff mgroad”, “/staff mgroad cook 123456789”. Raises NotFound, Forbidden."""
        words = rest.lower().split()
        numbers = [_number(word) for word in words if _number(word)]
        roles = [ROLE_WORDS[word] for word in words if word in ROLE_WORDS]
        if code is None and len(actor.outlets) == 1:
            code = next(iter(actor.outlets))
        if not words:
            return self.choose_page(actor) if code is None else await self.list_page(actor, code)
        if len(numbers) != 1 or len(numbers) + len(roles) != len(words) or len(roles) > 1:
            return Reply(
                lines(
                    actor.texts.say("To add somebody: `/staff mgroad cook 123456789`"),
                    actor.texts.say("The number is the person's own at Telegram; names can be taken over by others."),
                )
            )
        if code is None or not roles:
            return self.ask_hire(actor, numbers[0], code)
        return self.confirm_hire(actor, AskHire(outlet=code, person=numbers[0]), roles[0])

    def ask_hire(self, actor: Actor, number: int, code: OutletId | None = None) -> Reply:
        """Somebody known by their number: where, and as what? Raises NotFound."""
        texts = actor.texts
        if code is None and len(actor.outlets) == 1:
            code = next(iter(actor.outlets))
        cancel = (Button(texts.t("No, do not add"), OpenOutlets()),)
        if code is None:
            where = [
                (Button(outlet.name, AskHire(outlet=outlet.id, person=number)),) for outlet in actor.outlets.values()
            ]
            question = texts.say("*Let {number} work at which outlet?*", number=str(number))
            return Reply(question, (*where, cancel), in_place=True)
        outlet = actor.outlet(code)
        rows = [
            (
                Button(
                    texts.t("{role}: {duties}", role=role_name(texts, role).capitalize(),
                            duties=role_duties(texts, role)),
                    Hire(outlet=outlet.id, person=number, role=role, asked=actor.now_s),
                ),
            )
            for role in _roles(actor)
        ]  # fmt: skip
        question = texts.say("*Let {number} work at {outlet}?* As what?", number=str(number), outlet=outlet.name)
        return Reply(question, (*rows, cancel), in_place=True)

    def confirm_hire(self, actor: Actor, wanted: AskHire, role: Role) -> Reply:
        """Everything was typed: once more before it counts. Raises NotFound, Forbidden."""
        texts, outlet = actor.texts, actor.outlet(wanted.outlet)
        _check_role(actor, role)
        question = texts.say(
            "Let *{number}* work at {outlet} as {role}? That is: {duties}.",
            number=str(wanted.person),
            outlet=outlet.name,
            role=role_name(texts, role),
            duties=role_duties(texts, role),
        )
        yes = Hire(outlet=outlet.id, person=wanted.person, role=role, asked=actor.now_s)
        return _question(question, Button(texts.t("Yes"), yes, style=Style.PRIMARY),
                         Button(texts.t("No"), OpenStaff(outlet=outlet.id)))  # fmt: skip

    async def hire(self, actor: Actor, tap: Hire) -> Reply:
        """Raises NotFound, Forbidden, StaleAction."""
        outlet = actor.outlet(tap.outlet)
        actor.still_asked(tap.asked)
        _check_role(actor, tap.role)
        handle = Handle(f"telegram:{tap.person}")
        if not 0 < tap.person <= MAX_NUMBER:
            raise NotFound(what="person", handle=handle)
        known = [each for each in await self._services.staff.list_at(outlet.id) if each.handle == handle]
        if known and not _may_change(actor, known[0]):
            raise Forbidden(handle=actor.handle, person=handle)
        name = known[0].name if known else ""
        person = await self._services.staff.add(handle, outlet.id, tap.role, name=name, by=actor.handle)
        await self._acts.done(actor, Did.STAFF_ADDED, outlet.id, handle, person=_name(person), role=tap.role.value)
        return await self.list_page(actor, outlet.id)

    # How

    async def _person(self, outlet: Outlet, mark: str) -> StaffMember:
        """Raises NotFound for somebody who does not work there (any more)."""
        for each in await self._services.staff.list_at(outlet.id):
            if fingerprint(each.id) == mark:
                return each
        raise NotFound(what="person", outlet=outlet.id)

    async def _changeable(self, actor: Actor, outlet: Outlet, mark: str, role: Role | None = None) -> StaffMember:
        person = await self._person(outlet, mark)
        if not _may_change(actor, person):
            raise Forbidden(handle=actor.handle, person=person.handle)
        if role is not None:
            _check_role(actor, role)
        return person


def _roles(actor: Actor) -> list[Role]:
    return [
        role for role in (Role.KITCHEN, Role.RIDER, Role.MANAGER, Role.OWNER) if actor.admin or role not in ADMINS_ALONE
    ]


def _check_role(actor: Actor, role: Role) -> None:
    if role not in _roles(actor):
        raise Forbidden(handle=actor.handle, role=role.value)


def _may_change(actor: Actor, person: StaffMember) -> bool:
    return person.handle != actor.handle and (actor.admin or person.role not in ADMINS_ALONE)


def _name(person: StaffMember) -> str:
    return person.name or person.handle.partition(":")[2]


def _number(word: str) -> int:
    """Somebody's number at Telegram; 0 for what is none."""
    return int(word) if word.isascii() and word.isdigit() and 5 <= len(word) <= 16 and int(word) <= MAX_NUMBER else 0


def _question(question: Text, yes: Button, no: Button) -> Reply:
    return Reply(question, ((yes, no),), in_place=True)
