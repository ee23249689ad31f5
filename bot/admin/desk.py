"""The desk of owners and admins: whose word it is, and what follows.

It is asked first about everything that comes in, and most of that is none of its business: it answers None, and guest
or kitchen take it. Nobody but an owner or an admin learns that it is there.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from bot.admin.actions import (
    MARK,
    AgreeRefund,
    AskHire,
    AskInvite,
    AskPause,
    AskPrice,
    AskRemove,
    AskRole,
    AskUnbind,
    CloseOrphan,
    DeclineRefund,
    DishBack,
    DraftRefund,
    DropWish,
    GiveBack,
    Hire,
    MakeBindCode,
    MakeInvite,
    OpenAudit,
    OpenDishes,
    OpenInvoice,
    OpenOrder,
    OpenOrphan,
    OpenOrphans,
    OpenOutlet,
    OpenOutlets,
    OpenPerson,
    OpenReport,
    OpenStaff,
    OpenSwitch,
    OpenWish,
    PauseOutlet,
    PickPortion,
    RefundBecause,
    RemovePerson,
    ResumeOutlet,
    SetPrice,
    SetRole,
    StartRefund,
    Unbind,
)
from bot.admin.actor import Actor
from bot.admin.acts import Acts
from bot.admin.admins import Admins, is_group
from bot.admin.alerts import Alerts
from bot.admin.binding import Binding
from bot.admin.commands import Command, bind_code, join_code, leaves, read_command, split_outlet
from bot.admin.dishes import Dishes
from bot.admin.joining import Joining
from bot.admin.lost_payments import LostPayments
from bot.admin.orders import Orders
from bot.admin.outlets import Outlets
from bot.admin.people import People
from bot.admin.refunds import Refunds
from bot.admin.reports import Reports
from bot.conversation.actions import Action, StaleAction, unpack
from bot.conversation.incoming import Incoming, Tap, Text
from bot.conversation.reply import Outgoing, Reply
from bot.kitchen.board import Boards
from bot.kitchen.groups import Groups
from bot.repeats import Repeats, Work
from core.audit.service import AuditService
from core.errors import Forbidden, InvalidInput, NotFound
from core.ids import ChatKey
from core.invites.service import InviteService
from core.logs import get_logger
from core.menu.errors import ItemNotFound
from core.orders.lookup import OrderLookup
from core.services import Services

log = get_logger(__name__)

SHARED_WITH_GUESTS = frozenset(
    {Command.MENU, Command.HELP}
)  # words guests type all day: no look at the database for each of them
MAX_FORWARDED = 16  # digits


def _nameless() -> str:
    """The bot's name is not known (yet): codes are then written out instead of linked."""
    return ""


class AdminDesk:
    def __init__(
        self,
        services: Services,
        *,
        audit: AuditService,
        invites: InviteService,
        lookup: OrderLookup,
        admins: Admins,
        boards: Boards,
        groups: Groups,
        username: Callable[[], str] = _nameless,
    ) -> None:
        self._services = services
        self._repeats = Repeats(services.conversations)
        self._admins = admins
        acts = Acts(audit, self._admins, services.payments.orphans)
        self._acts = acts
        self._outlets = Outlets(services, acts, boards, groups)
        self._binding = Binding(services, invites, self._admins, acts, boards, groups, username)
        self._people = People(services, invites, acts, username)
        self._joining = Joining(services, invites, audit, self._admins)
        self._dishes = Dishes(services, acts)
        self._orders = Orders(services, lookup)
        self._refunds = Refunds(services, lookup, acts, self._admins)
        self._reports = Reports(services, self._admins)
        self._lost = LostPayments(services, acts)
        self._alerts = Alerts(services)

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...] | None:
        """What to answer; None: it is no matter of owners and admins, and a guest's or a kitchen's instead.

        The same update again gives the same answer and does nothing more. Raises one of STORE_FAILURES when nothing was
        done and the update should come again.
        """
        if is_group(incoming) and self._admins.outlet_of(incoming.chat) is None and bind_code(incoming) is None:
            return ()  # in a group no outlet owns, neither guests nor cooks are served, so nobody speaks
        work = await self._work(incoming)
        if work is None:
            return None
        return await self._repeats.once(ChatKey(f"{incoming.chat}~{incoming.handle}~admin"), incoming.update_id, work)

    async def refunds_due(self) -> int:
        """What was left half done about giving money back. Safe twice at once, and late."""
        return await self._refunds.run_due()

    async def close_days(self) -> int:
        """Each morning an outlet's day in money is closed and said. Safe twice at once, and late."""
        return await self._reports.run_due()

    async def _work(self, incoming: Incoming) -> Work | None:
        if is_group(incoming):  # groups are the kitchen's, but a code that binds one is ours
            code = bind_code(incoming)
            return None if code is None else partial(self._binding.bind, incoming, code)
        if leaves(incoming) and self._admins.outlet_of(incoming.chat) is not None:
            return partial(self._joining.leave, incoming)
        if not self._admins.private(incoming):
            return None
        if (code := join_code(incoming)) is not None:
            return partial(self._joining.join, incoming, code)
        if not await self._concerns_us(incoming):
            return None
        actor = await self._admins.actor(incoming)
        if actor is None:
            log.info("admin_refused", handle=incoming.handle)
            return None
        return partial(self._answer, actor)

    async def _concerns_us(self, incoming: Incoming) -> bool:
        match incoming.content:
            case Tap(action=packed):
                return packed.startswith(MARK)
            case Text(text=text) if "forwarded" not in incoming.extra:
                asked = read_command(text)
                if asked is None:
                    return False
                return asked[0] not in SHARED_WITH_GUESTS or await self._admins.may_be_one(incoming.handle)
        return _forwarded(incoming) > 0 and await self._admins.may_be_one(incoming.handle)

    # What follows

    async def _answer(self, actor: Actor) -> tuple[Outgoing, ...]:
        texts = actor.texts
        try:
            match actor.incoming.content:
                case Tap(action=packed):
                    return (actor.shows(await self._tapped(actor, unpack(packed))),)
                case Text(text=text) if "forwarded" not in actor.incoming.extra:
                    asked = read_command(text)
                    return () if asked is None else (actor.says(await self._typed(actor, *asked)),)
                case _:
                    return (actor.says(self._people.ask_hire(actor, _forwarded(actor.incoming))),)
        except StaleAction:
            said = texts.say("That button is too old to work, and nothing was changed. /outlets begins anew.")
        except ItemNotFound:
            said = texts.say("That dish is no longer on the menu. Nothing was changed.")
        except NotFound:
            said = texts.say("There is no such thing (any more). /outlets shows what there is.")
        except Forbidden:
            said = texts.say("Only an admin can do that. Nothing was changed.")
        except InvalidInput:
            said = texts.say("That cannot be done. Nothing was changed.")
        log.info("admin_act_refused", handle=actor.handle)
        return (actor.says(said),)

    async def _tapped(self, actor: Actor, tap: Action) -> Reply:
        """Raises StaleAction, NotFound, Forbidden, InvalidInput."""
        match tap:
            case OpenOutlets():
                return await self._outlets.list_page(actor)
            case OpenOutlet():
                return await self._outlets.card(actor, tap.outlet)
            case OpenSwitch():
                return self._outlets.switch_page(actor)
            case AskPause():
                return self._outlets.ask_pause(actor, tap.outlet)
            case PauseOutlet():
                return await self._outlets.pause(actor, tap)
            case ResumeOutlet():
                return await self._outlets.resume(actor, tap.outlet)
            case MakeBindCode():
                return await self._binding.make_code(actor, tap.outlet)
            case AskUnbind():
                return self._binding.ask_unbind(actor, tap)
            case Unbind():
                return await self._binding.unbind(actor, tap)
            case OpenOrder():
                return _found(await self._orders.show(actor, tap.order))
            case OpenInvoice():
                return _found(await self._orders.invoice(actor, tap.order))
            case OpenAudit():
                return await self._acts.page(actor)
            case OpenDishes():
                return self._dishes.outlet_page(actor, tap.outlet)
            case DishBack():
                return await self._dishes.back(actor, tap)
            case AskPrice():
                return self._dishes.ask_price(actor, tap)
            case SetPrice():
                return await self._dishes.set_price(actor, tap)
            case OpenOrphans():
                return await self._lost.page(actor)
            case OpenOrphan():
                return await self._lost.show(actor, tap.payment)
            case CloseOrphan():
                return await self._lost.close(actor, tap)
            case _:
                return await (self._tapped_money(actor, tap) or self._tapped_people(actor, tap))

    def _tapped_money(self, actor: Actor, tap: Action) -> Awaitable[Reply] | None:
        match tap:
            case OpenReport():
                return self._reports.show(actor, tap)
            case StartRefund():
                return self._refunds.start(actor, tap.order)
            case DraftRefund():
                return self._refunds.draft(actor, tap)
            case OpenWish():
                return self._refunds.show(actor, tap.wish)
            case PickPortion():
                return self._refunds.pick(actor, tap)
            case RefundBecause():
                return self._refunds.because(actor, tap)
            case GiveBack():
                return self._refunds.confirm(actor, tap)
            case DropWish():
                return self._refunds.drop(actor, tap.wish)
            case AgreeRefund():
                return self._refunds.agree(actor, tap.wish)
            case DeclineRefund():
                return self._refunds.decline(actor, tap.wish)
            case _:
                return None

    async def _tapped_people(self, actor: Actor, tap: Action) -> Reply:
        match tap:
            case OpenStaff():
                return await self._people.list_page(actor, tap.outlet)
            case OpenPerson():
                return await self._people.person_page(actor, tap.outlet, tap.person)
            case AskRole():
                return await self._people.ask_role(actor, tap)
            case SetRole():
                return await self._people.set_role(actor, tap)
            case AskRemove():
                return await self._people.ask_remove(actor, tap)
            case RemovePerson():
                return await self._people.remove(actor, tap)
            case AskInvite():
                return self._people.ask_invite(actor, tap.outlet)
            case MakeInvite():
                return await self._people.invite(actor, tap)
            case AskHire():
                return self._people.ask_hire(actor, tap.person, tap.outlet)
            case Hire():
                return await self._people.hire(actor, tap)
            case _:
                raise StaleAction(packed=tap.tag)

    async def _typed(self, actor: Actor, command: Command, rest: str) -> Reply:
        """Raises NotFound, Forbidden, InvalidInput."""
        code, words = split_outlet(rest, set(actor.outlets))
        match command:
            case Command.OUTLETS:
                return await (self._outlets.list_page(actor) if code is None else self._outlets.card(actor, code))
            case Command.STAFF:
                return await self._people.typed(actor, code, words)
            case Command.MENU:
                return self._dishes.overview(actor) if code is None else self._dishes.outlet_page(actor, code)
            case Command.PRICE:
                return self._dishes.price_typed(actor, code, words)
            case Command.FIND | Command.ORDER:
                return await self._orders.find(actor, code, words)
            case Command.REFUND:
                return await self._refunds.typed(actor, code, words)
            case Command.REPORT:
                return await self._reports.typed(actor, code, words)
            case Command.PAUSE:
                return await self._outlets.pause_typed(actor, code, words)
            case Command.RESUME:
                return await self._outlets.resume_typed(actor, code)
            case Command.SWITCH:
                return self._outlets.switch_page(actor)
            case Command.AUDIT:
                return await self._acts.page(actor)
            case Command.ALERTS:
                return await self._alerts.page(actor)
            case Command.HELP:
                return self._outlets.help_page(actor)
            case Command.BIND:
                only = next(iter(actor.outlets)) if len(actor.outlets) == 1 else None
                chosen = code or only
                if chosen is None:
                    return await self._outlets.list_page(actor)
                return await self._binding.make_code(actor, chosen)


def _forwarded(incoming: Incoming) -> int:
    """The number of whoever wrote the message that was forwarded to us, where the channel tells; 0: it does not."""
    number = incoming.extra.get("forwarded_from", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= MAX_FORWARDED else 0


def _found(page: Reply | None) -> Reply:
    if page is None:
        raise NotFound(what="order")
    return page
