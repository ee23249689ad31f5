"""The outlet's group: who wrote or tapped, whether they may, and what follows.

A person acts by their own handle, at the outlet that owns the chat. Being in the group gives no right, and nothing in a
button is believed: not the order, not the outlet it belongs to, not that it still stands as the card showed it.
"""

from functools import partial

from bot.conversation.actions import SEPARATOR, Action, StaleAction, unpack
from bot.conversation.incoming import Incoming, Tap, Text
from bot.conversation.reply import Outgoing, Reply
from bot.conversation.texts import DEFAULT, Texts
from bot.kitchen.actions import (
    BackOnMenu,
    EndThread,
    Pause,
    Resume,
    ShowBoard,
    SoldOut,
    SoldOutMenu,
    TakeThread,
)
from bot.kitchen.actor import Actor
from bot.kitchen.board import Boards
from bot.kitchen.cards import Kitchen
from bot.kitchen.commands import PAUSE_LEAST, PAUSE_MOST, VERBS, Commands, read_command
from bot.kitchen.dishes import Dishes
from bot.kitchen.groups import Groups
from bot.kitchen.human import HumanDesk
from bot.kitchen.refusals import MAY_NOT, NOT_STAFF, OTHER_OUTLET, Refusals
from bot.kitchen.taps import OrderTap, OrderTaps, verb_of
from bot.repeats import Repeats
from core.audit.service import AuditService
from core.customers.names import clean_text
from core.errors import InvalidInput, NotFound
from core.ids import ChatKey
from core.logs import get_logger
from core.menu.errors import ItemNotFound
from core.outlets.models import Outlet
from core.services import Services
from core.staff.models import Verb
from core.threads.errors import ThreadNotFound

log = get_logger(__name__)

MAX_NAME = 40


class KitchenDesk:
    def __init__(
        self, services: Services, groups: Groups, boards: Boards, people: HumanDesk, audit: AuditService
    ) -> None:
        self._services = services
        self._repeats = Repeats(services.conversations)
        self._refusals = Refusals(audit)
        self._boards = boards
        self._people = people
        self._dishes = Dishes(services)
        self._taps = OrderTaps(services, groups)
        self._commands = Commands(services, boards, self._dishes)

    async def handle(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """What to answer in the group. The same update again gives the same answer and does nothing more.

        Raises one of STORE_FAILURES when nothing was done and the update should come again.
        """
        outlet = self._outlet_of(incoming.chat)
        if outlet is None or not _concerns_us(incoming):
            return ()
        who = ChatKey(f"{incoming.chat}~{incoming.handle}")  # one person's taps in order, different people's at once
        return await self._repeats.once(who, incoming.update_id, partial(self._heard, incoming, outlet)) or ()

    async def _heard(self, incoming: Incoming, outlet: Outlet) -> tuple[Outgoing, ...]:
        return await self._answer(await self._actor(incoming, outlet))

    async def turn_away(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """A kitchen's button in a chat no outlet works in: a copied card, or a forged tap. Groups get no answer: among
        strangers we do not speak.
        """
        assert isinstance(incoming.content, Tap)
        what = incoming.content.action.partition(SEPARATOR)[0]
        await self._refusals.note_elsewhere(incoming.handle, incoming.name, incoming.chat, what)
        if str(incoming.chat) != incoming.handle:
            return ()
        said = Texts.of(DEFAULT).say("That button works in its outlet's group alone. Nothing was changed.")
        return (Outgoing.of(Reply(said), id=f"{incoming.stem}-0"),)

    def _outlet_of(self, chat: ChatKey) -> Outlet | None:
        return next((outlet for outlet in self._services.outlets.all() if chat in outlet.groups), None)

    async def _actor(self, incoming: Incoming, outlet: Outlet) -> Actor:
        staff = self._services.staff
        role = await staff.role(incoming.handle, outlet.id)
        names = await staff.names_at(outlet.id)
        given = clean_text(names.get(incoming.handle) or incoming.name, MAX_NAME)
        name = given or incoming.handle.partition(":")[2]
        if role is not None and incoming.handle not in names:
            await staff.met(incoming.handle, given)
        kitchen = Kitchen(outlet, {**names, incoming.handle: name}, Texts.of(DEFAULT), self._services.clock.ms())
        return Actor(incoming, kitchen, role, name)

    async def _answer(self, actor: Actor) -> tuple[Outgoing, ...]:
        try:
            match actor.incoming.content:
                case Tap(action=packed):
                    return await self._tapped(actor, unpack(packed))
                case Text(text=text):
                    return await self._said(actor, text)
                case _:
                    return ()
        except StaleAction:
            said = actor.texts.say("That button is too old to work. /orders shows what is.")
        except ItemNotFound:
            said = actor.texts.say("That dish is no longer on the menu.")
        except ThreadNotFound:
            await self._refusals.note(actor, OTHER_OUTLET, "thread")
            said = actor.texts.say("There is no such conversation at this outlet.")
        except NotFound:
            await self._refusals.note(actor, OTHER_OUTLET, "order")
            said = actor.texts.say("There is no such order at this outlet.")
        except InvalidInput:
            said = actor.texts.say("That cannot be done. Nothing was changed.")
        return (actor.says(said),)

    async def _tapped(self, actor: Actor, action: Action) -> tuple[Outgoing, ...]:
        if isinstance(action, OrderTap):
            if not actor.may(Verb.BOARD):
                return await self._stranger(actor, action.tag)
            order = await self._services.orders.at_outlet(action.order, actor.outlet.id)
            verb = verb_of(action, order)
            if not actor.may(verb):
                return await self._forbidden(actor, verb)
            return await self._taps.react(actor, action, order)
        verb = _verb(action)
        if not actor.may(verb):
            return await self._forbidden(actor, verb)
        match action:
            case ShowBoard():
                await self._boards.refresh(actor.outlet.id)
                return ()
            case SoldOutMenu():
                return self._dishes.ask_until(actor, action.item)
            case SoldOut():
                return await self._dishes.sold_out(actor, action.item, action.until)
            case BackOnMenu():
                return await self._dishes.back(actor, action.item)
            case Pause() if PAUSE_LEAST <= action.minutes <= PAUSE_MOST:
                return (actor.redraws(await self._commands.pause(actor, action.minutes)),)
            case Resume():
                return (actor.redraws(await self._commands.resume(actor)),)
            case TakeThread():
                return await self._people.take(actor, action.thread, action.line)
            case EndThread():
                return await self._people.end(actor, action.thread, action.line)
            case _:
                raise StaleAction(packed=action.tag)

    async def _said(self, actor: Actor, text: str) -> tuple[Outgoing, ...]:
        """A command, or an answer to a guest. Everything else is talk among people, and none of ours."""
        asked = read_command(text)
        if asked is not None:
            verb = VERBS[asked[0]]
            if not actor.may(verb):
                return await self._forbidden(actor, verb)
            return await self._commands.react(actor, *asked)
        thread = await self._people.thread_answered(actor)
        if thread is None:
            return ()
        if not actor.may(Verb.BOARD):
            return await self._stranger(actor, "answer")
        return await self._people.answer(actor, thread, text)

    # Refusals

    async def _forbidden(self, actor: Actor, verb: Verb) -> tuple[Outgoing, ...]:
        if actor.role is None:
            return await self._stranger(actor, verb.value)
        await self._refusals.note(actor, MAY_NOT, verb.value)
        said = actor.texts.say(
            "{name}, that is not among the things a {role} does here. Nothing was changed.",
            name=actor.name,
            role=_role_name(actor),
        )
        return (actor.says(said),)

    async def _stranger(self, actor: Actor, what: str) -> tuple[Outgoing, ...]:
        await self._refusals.note(actor, NOT_STAFF, what)
        said = actor.texts.say(
            "{name}, you are not on the list of people who work at {outlet}. Nothing was changed.",
            name=actor.name,
            outlet=actor.outlet.name,
        )
        return (actor.says(said),)


def _concerns_us(incoming: Incoming) -> bool:
    """People talk in their group; only taps, commands and answers are for us."""
    match incoming.content:
        case Tap():
            return True
        case Text(text=text):
            return bool(incoming.reply_to) or read_command(text) is not None
        case _:
            return False


def _verb(action: Action) -> Verb:
    match action:
        case SoldOutMenu() | SoldOut() | BackOnMenu():
            return Verb.SOLDOUT
        case Pause() | Resume():
            return Verb.PAUSE
        case _:
            return Verb.BOARD


def _role_name(actor: Actor) -> str:
    texts = actor.texts
    match actor.role:
        case "owner":
            return texts.t("owner")
        case "manager":
            return texts.t("manager")
        case "kitchen":
            return texts.t("cook")
        case _:
            return texts.t("rider")
