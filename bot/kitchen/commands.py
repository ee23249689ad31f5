"""What staff type in the group: /orders /board /soldout /back /pause /resume /hours /help."""

import re
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.conversation.reply import Button, Outgoing, Reply, Style
from bot.conversation.text import Text, lines, paragraphs
from bot.kitchen.actions import Pause, Resume, ShowCard
from bot.kitchen.actor import Actor
from bot.kitchen.board import Boards, board
from bot.kitchen.cards import order_card
from bot.kitchen.dishes import Dishes
from core.clock import from_ms
from core.orders.models import Order
from core.outlets.hours import moment_ms, opening
from core.services import Services
from core.staff.models import Verb

PAUSE_MINUTES = 30
PAUSE_LEAST, PAUSE_MOST = 5, 12 * 60
PAUSE_CHOICES = (15, 30, 60)
LISTED = 30
_MINUTES = re.compile(r"(\d{1,4})\s*(m|min|mins|minutes?|h|hours?)?\Z")
_COMMAND = re.compile(r"/([a-z_]{2,32})(@\w+)?(?:\s+(.*))?\Z", re.IGNORECASE | re.DOTALL)


class Command(StrEnum):
    ORDERS = "orders"
    BOARD = "board"
    SOLDOUT = "soldout"
    BACK = "back"
    PAUSE = "pause"
    RESUME = "resume"
    HOURS = "hours"
    HELP = "help"


VERBS = {
    Command.ORDERS: Verb.BOARD,
    Command.BOARD: Verb.BOARD,
    Command.SOLDOUT: Verb.SOLDOUT,
    Command.BACK: Verb.SOLDOUT,
    Command.PAUSE: Verb.PAUSE,
    Command.RESUME: Verb.PAUSE,
    Command.HOURS: Verb.BOARD,
    Command.HELP: Verb.BOARD,
}


def read_command(text: str) -> tuple[Command, str] | None:
    """The command in a message and what stands behind it. None: talk among people, or another bot's command."""
    found = _COMMAND.match(text.strip())
    if found is None:
        return None
    name = found[1].lower()
    if name == "start":
        name = Command.HELP.value
    return (Command(name), " ".join((found[3] or "").split())) if name in set(Command) else None


class Commands:
    """Commands of people who may give them; the desk has looked."""

    def __init__(self, services: Services, boards: Boards, dishes: Dishes) -> None:
        self._services = services
        self._boards = boards
        self._dishes = dishes

    async def react(self, actor: Actor, command: Command, rest: str) -> tuple[Outgoing, ...]:
        match command:
            case Command.ORDERS:
                return await self._orders(actor, rest)
            case Command.BOARD:
                await self._boards.show(actor.chat, actor.outlet.id)
                return ()
            case Command.SOLDOUT:
                return await self._dishes.sold_out_by_name(actor, rest)
            case Command.BACK:
                return await self._dishes.back_by_name(actor, rest)
            case Command.PAUSE:
                return await self._pause(actor, rest)
            case Command.RESUME:
                return (actor.says(await self.resume(actor)),)
            case Command.HOURS:
                return (actor.says(self._hours(actor)),)
            case Command.HELP:
                return (actor.says(self._help(actor)),)

    async def _orders(self, actor: Actor, code: str) -> tuple[Outgoing, ...]:
        """The orders at hand, or the card of the one whose code was typed."""
        texts, kitchen, orders = actor.texts, actor.kitchen, self._services.orders
        if code:
            order = await orders.by_code(actor.outlet.id, actor.outlet.timezone, code)
            if order is None or not order.placed_ms:
                return (actor.says(texts.say("No order of today is called “{code}”.", code=code[:20])),)
            return (actor.says(order_card(kitchen, order)),)
        live = await orders.live_at(actor.outlet.id)
        shown: list[Order] = live[:LISTED]
        buttons = [Button(order.code, ShowCard(order=order.id)) for order in shown]
        rows = tuple(tuple(buttons[i : i + 3]) for i in range(0, len(buttons), 3))
        return (actor.says(Reply(board(kitchen, live, stays=True).text, rows)),)

    async def _pause(self, actor: Actor, rest: str) -> tuple[Outgoing, ...]:
        minutes = PAUSE_MINUTES
        if rest:
            found = _MINUTES.match(rest.lower())
            minutes = int(found[1]) * (60 if (found[2] or "m").startswith("h") else 1) if found else 0
        if not PAUSE_LEAST <= minutes <= PAUSE_MOST:
            return (
                actor.says(actor.texts.say("For how long? /pause 30 means half an hour; from 5 minutes to 12 hours.")),
            )
        return (actor.says(await self.pause(actor, minutes)),)

    async def pause(self, actor: Actor, minutes: int) -> Reply:
        """Take no orders for a while; it ends by itself."""
        texts = actor.texts
        outlet = await self._services.outlets.pause(actor.outlet.id, minutes, "", actor.handle)
        await self._boards.refresh(outlet.id)
        said = lines(
            texts.say(
                "*{outlet} takes no orders until {time}.* _{name}_",
                outlet=outlet.name,
                time=actor.kitchen.clock(outlet.paused_until_ms),
                name=actor.name,
            ),
            texts.say("It opens again by itself. Orders you have already go on."),
        )
        longer = tuple(
            Button(texts.t("{minutes} min from now", minutes=each), Pause(minutes=each)) for each in PAUSE_CHOICES
        )
        resume = Button(texts.t("Open again now"), Resume(), style=Style.PRIMARY)
        return Reply(said, (longer, (resume,)), in_place=True)

    async def resume(self, actor: Actor) -> Reply:
        texts = actor.texts
        if actor.outlet.paused_until_ms <= actor.kitchen.now_ms:
            return Reply(lines(texts.say("There is no pause."), self._open_line(actor)), in_place=True)
        await self._services.outlets.resume(actor.outlet.id, actor.handle)
        await self._boards.refresh(actor.outlet.id)
        said = texts.say("*{outlet} takes orders again.* _{name}_", outlet=actor.outlet.name, name=actor.name)
        return Reply(said, in_place=True)

    def _open_line(self, actor: Actor) -> Text:
        texts, kitchen = actor.texts, actor.kitchen
        now = opening(actor.outlet, self._services.clock.now())
        if now.paused:
            return texts.say("Paused until {time}.", time=kitchen.clock(actor.outlet.paused_until_ms))
        if now.open and not now.until_ms:
            return texts.say("Open, round the clock.")
        if now.open:
            return texts.say("Open, last orders at {time}.", time=kitchen.clock(now.until_ms))
        if now.next_ms:
            return texts.say("Closed. Opens {time}.", time=kitchen.clock(now.next_ms))
        return texts.say("Closed for the next two weeks.")

    def _hours(self, actor: Actor) -> Text:
        """A week from today, holidays included."""
        texts, outlet = actor.texts, actor.outlet
        zone = ZoneInfo(outlet.timezone)
        today = from_ms(actor.kitchen.now_ms).astimezone(zone).date()
        rows = []
        for offset in range(7):
            day = today + timedelta(days=offset)
            shifts = sorted((h.opens, h.closes) for h in outlet.hours if h.weekday == day.weekday())
            if day.isoformat() in outlet.holidays:
                shifts = []
            spoken = ", ".join(
                f"{texts.clock(moment_ms(day, opens, zone), outlet.timezone)} – "
                f"{texts.clock(moment_ms(day, closes, zone), outlet.timezone)}"
                for opens, closes in shifts
            )
            name = texts.day(moment_ms(day, 12 * 60, zone), outlet.timezone)
            rows.append(texts.say("{day}: {hours}", day=name, hours=spoken or texts.t("closed")))
        return paragraphs(texts.say("*{outlet}*", outlet=outlet.name), self._open_line(actor), lines(*rows))

    def _help(self, actor: Actor) -> Text:
        texts = actor.texts
        return lines(
            texts.say("*What you can say here*"),
            texts.say("/orders: everything at hand; /orders K 472 shows one card"),
            texts.say("/board: the live board, kept up to date; let me pin messages and it stays on top"),
            texts.say("/soldout paneer tikka: off the menu; alone, it lists what is off"),
            texts.say("/back paneer tikka: on the menu again"),
            texts.say("/pause 30: no new orders for half an hour; /resume ends it"),
            texts.say("/hours: when this outlet takes orders"),
            texts.say("_Reply to a guest's message and the guest reads your answer._"),
        )
