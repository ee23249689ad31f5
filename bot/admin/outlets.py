"""The outlets as their owner sees them: open or paused, groups, people; and the switch that stops orders."""

from datetime import timedelta

from bot.admin.actions import (
    AskPause,
    AskUnbind,
    MakeBindCode,
    OpenAudit,
    OpenDishes,
    OpenOutlet,
    OpenOutlets,
    OpenStaff,
    OpenSwitch,
    PauseOutlet,
    ResumeOutlet,
    Span,
    fingerprint,
)
from bot.admin.actor import Actor
from bot.admin.acts import Acts
from bot.admin.commands import Command, descriptions, read_minutes
from bot.admin.words import group_name, page, state_line, tomorrow_ms
from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import Text, lines
from bot.kitchen.board import Boards
from bot.kitchen.groups import Groups
from bot.screens.taps import OpenHelp
from core.audit.models import Did
from core.errors import ProviderError
from core.ids import OutletId
from core.logs import get_logger
from core.outlets.models import Outlet
from core.services import Services

log = get_logger(__name__)

MINUTE_MS = 60_000
MORNING = 4  # “until tomorrow” ends before anybody opens
LEAST, MOST = 5, 7 * 24 * 60  # minutes of a typed pause


class Outlets:
    def __init__(self, services: Services, acts: Acts, boards: Boards, groups: Groups) -> None:
        self._services = services
        self._acts = acts
        self._boards = boards
        self._groups = groups

    async def list_page(self, actor: Actor) -> Reply:
        texts = actor.texts
        rows = [await self._summary(actor, outlet) for outlet in actor.outlets.values()]
        buttons = [(Button(outlet.name, OpenOutlet(outlet=outlet.id)),) for outlet in actor.outlets.values()]
        last = (Button(texts.t("Switch orders off or on"), OpenSwitch()), Button(texts.t("Last acts"), OpenAudit()))
        how = texts.say("_Also: /find K 472 or the end of a phone · /price masala dosa 120 · /staff · /menu · /audit_")
        title = texts.say_n("*{count} outlet*", "*{count} outlets*", len(rows))
        return Reply(page(title, *rows, "", how), (*buttons, last), in_place=True)

    @staticmethod
    def help_page(actor: Actor) -> Reply:
        """What an owner can say here; and, as owners are hungry too, the way to what guests can."""
        texts = actor.texts
        rows = [
            texts.say("/{command}: {what}", command=name, what=said)
            for name, said in descriptions(texts).items()
            if name != Command.HELP
        ]
        buttons = (Button(texts.t("◂ Outlets"), OpenOutlets()), Button(texts.t("Help for guests"), OpenHelp()))
        return Reply(page(texts.say("*What you can say here*"), *rows), (buttons,))

    async def card(self, actor: Actor, code: OutletId) -> Reply:
        """One outlet with everything that can be done about it. Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        live = await self._services.orders.live_at(outlet.id)
        people = await self._services.staff.list_at(outlet.id)
        groups = ", ".join(group_name(texts, chat) for chat in outlet.groups)
        text = page(
            texts.say("*{outlet}* · {code}", outlet=outlet.name, code=outlet.id),
            texts.say("{address}, {city}", address=outlet.address, city=outlet.city),
            state_line(texts, outlet, actor.now_ms),
            texts.say("Orders at hand: {count}", count=texts.number(len(live))),
            texts.say("Groups: {groups}", groups=groups)
            if groups
            else texts.say("*No group yet: nobody is told of orders.*"),
            texts.say("People: {count}", count=texts.number(len(people))),
        )
        unbind = tuple(
            (
                Button(
                    texts.t("Take away {group}", group=group_name(texts, chat)),
                    AskUnbind(outlet=outlet.id, group=fingerprint(chat)),
                ),
            )
            for chat in outlet.groups
        )
        rows = (
            (self._switch(actor, outlet),),
            (
                Button(texts.t("People"), OpenStaff(outlet=outlet.id)),
                Button(texts.t("Dishes"), OpenDishes(outlet=outlet.id)),
            ),
            (Button(texts.t("Bind a group"), MakeBindCode(outlet=outlet.id)),),
            *unbind,
            (Button(texts.t("◂ Outlets"), OpenOutlets()),),
        )
        return Reply(text, rows, in_place=True)

    def switch_page(self, actor: Actor) -> Reply:
        """Every outlet with its switch."""
        texts = actor.texts
        rows = [
            lines(texts.say("*{outlet}*", outlet=outlet.name), state_line(texts, outlet, actor.now_ms))
            for outlet in actor.outlets.values()
        ]
        buttons = [(self._switch(actor, outlet, named=True),) for outlet in actor.outlets.values()]
        how = texts.say("_Off means that guests cannot order; orders that are there go on._")
        return Reply(
            page(texts.say("*Orders off and on*"), *rows, "", how),
            (*buttons, (Button(texts.t("◂ Outlets"), OpenOutlets()),)),
            in_place=True,
        )

    def ask_pause(self, actor: Actor, code: OutletId) -> Reply:
        """For how long? Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        spans = [
            Button(
                self._span(actor, span),
                PauseOutlet(outlet=outlet.id, span=span, asked=actor.now_s),
                style=Style.DANGER,
            )
            for span in Span
        ]
        text = lines(
            texts.say("*Stop orders at {outlet}?* For how long?", outlet=outlet.name),
            texts.say("It opens again by itself. Orders that are there go on."),
        )
        keep = Button(texts.t("No, keep it open"), OpenOutlet(outlet=outlet.id))
        return Reply(text, (tuple(spans[:2]), tuple(spans[2:]), (keep,)), in_place=True)

    async def pause(self, actor: Actor, tap: PauseOutlet) -> Reply:
        """Raises NotFound, StaleAction."""
        outlet = actor.outlet(tap.outlet)
        actor.still_asked(tap.asked)
        return await self._pause(actor, outlet, self._until_ms(actor, outlet, tap.span))

    async def pause_typed(self, actor: Actor, code: OutletId | None, rest: str) -> Reply:
        """“/pause”, “/pause indira 2h”: a typed time is the answer to the question already."""
        outlet = self._only(actor, code)
        minutes = read_minutes(rest) if rest else None
        if rest and (minutes is None or not LEAST <= minutes <= MOST):
            return Reply(actor.texts.say("For how long? /pause 30 is half an hour; 5 minutes to 7 days, 2h or 1d."))
        if outlet is None:
            return self.switch_page(actor)
        if minutes is None:
            return self.ask_pause(actor, outlet.id)
        return await self._pause(actor, outlet, actor.now_ms + minutes * MINUTE_MS)

    async def resume_typed(self, actor: Actor, code: OutletId | None) -> Reply:
        outlet = self._only(actor, code)
        return self.switch_page(actor) if outlet is None else await self.resume(actor, outlet.id)

    async def resume(self, actor: Actor, code: OutletId) -> Reply:
        """Raises NotFound."""
        texts, outlet = actor.texts, actor.outlet(code)
        back = ((Button(texts.t("◂ Outlet"), OpenOutlet(outlet=outlet.id)),),)
        if outlet.paused_until_ms <= actor.now_ms:
            said = lines(texts.say("*{outlet}* is not paused.", outlet=outlet.name),
                         state_line(texts, outlet, actor.now_ms))  # fmt: skip
            return Reply(said, back, in_place=True)
        outlet = await self._services.outlets.resume(outlet.id, actor.handle)
        await self._tell_group(
            actor, outlet, texts.say("*{outlet} takes orders again.* _{name}_", outlet=outlet.name, name=actor.name)
        )
        await self._acts.done(actor, Did.OUTLET_RESUMED, outlet.id)
        said = lines(texts.say("*{outlet} takes orders again.*", outlet=outlet.name),
                     state_line(texts, outlet, actor.now_ms))  # fmt: skip
        return Reply(said, back, in_place=True)

    async def _pause(self, actor: Actor, outlet: Outlet, until_ms: int) -> Reply:
        texts = actor.texts
        minutes = -(-(until_ms - actor.now_ms) // MINUTE_MS)
        outlet = await self._services.outlets.pause(outlet.id, minutes, "", actor.handle)
        time = actor.clock(outlet.paused_until_ms, outlet)
        said = texts.say("*{outlet} takes no orders until {time}.* _{name}_", outlet=outlet.name, time=time,
                         name=actor.name)  # fmt: skip
        await self._tell_group(actor, outlet, said)
        await self._acts.done(actor, Did.OUTLET_PAUSED, outlet.id, until_ms=outlet.paused_until_ms)
        return Reply(
            lines(said, texts.say("It opens again by itself. Its group was told.")),
            (
                (Button(texts.t("Open again now"), ResumeOutlet(outlet=outlet.id), style=Style.PRIMARY),),
                (Button(texts.t("◂ Outlet"), OpenOutlet(outlet=outlet.id)),),
            ),
            in_place=True,
        )

    async def _tell_group(self, actor: Actor, outlet: Outlet, said: Text) -> None:
        """Cooks should not learn it from silence; a group that is away reads it on the board later."""
        await self._boards.refresh(outlet.id)
        for chat in outlet.groups:
            try:
                await self._groups.say(chat, f"adm-{fingerprint(actor.update, chat)}", Reply(said))
            except ProviderError as failure:
                log.warning("group_not_told", outlet=outlet.id, chat=chat, error=type(failure).__name__)

    def _switch(self, actor: Actor, outlet: Outlet, *, named: bool = False) -> Button:
        texts, off = actor.texts, outlet.paused_until_ms > actor.now_ms
        if off:
            label = texts.t("On: {outlet}", outlet=outlet.name) if named else texts.t("Take orders again")
            return Button(label, ResumeOutlet(outlet=outlet.id), style=Style.PRIMARY)
        label = texts.t("Off: {outlet}", outlet=outlet.name) if named else texts.t("Stop orders ▸")
        return Button(label, AskPause(outlet=outlet.id))

    @staticmethod
    def _only(actor: Actor, code: OutletId | None) -> Outlet | None:
        """The outlet that was named, or the only one there is."""
        if code is not None:
            return actor.outlet(code)
        return next(iter(actor.outlets.values())) if len(actor.outlets) == 1 else None

    async def _summary(self, actor: Actor, outlet: Outlet) -> Text:
        texts = actor.texts
        live = await self._services.orders.live_at(outlet.id)
        people = await self._services.staff.list_at(outlet.id)
        counts = texts.say(
            "Groups {groups} · people {people} · orders at hand {orders}",
            groups=texts.number(len(outlet.groups)),
            people=texts.number(len(people)),
            orders=texts.number(len(live)),
        )
        return lines(
            texts.say("*{outlet}* · {code}", outlet=outlet.name, code=outlet.id),
            state_line(texts, outlet, actor.now_ms),
            counts,
        )

    @staticmethod
    def _span(actor: Actor, span: Span) -> str:
        texts = actor.texts
        match span:
            case Span.HALF_HOUR:
                return texts.t("30 minutes")
            case Span.HOURS_2:
                return texts.t("2 hours")
            case Span.TOMORROW:
                return texts.t("Until tomorrow")
            case Span.WEEK:
                return texts.t("7 days")

    @staticmethod
    def _until_ms(actor: Actor, outlet: Outlet, span: Span) -> int:
        match span:
            case Span.HALF_HOUR:
                return actor.now_ms + 30 * MINUTE_MS
            case Span.HOURS_2:
                return actor.now_ms + timedelta(hours=2) // timedelta(milliseconds=1)
            case Span.TOMORROW:
                return tomorrow_ms(outlet, actor.now_ms, MORNING)
            case Span.WEEK:
                return actor.now_ms + timedelta(days=7) // timedelta(milliseconds=1)
