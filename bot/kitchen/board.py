"""The live board: one message an outlet, edited in place. The queue with its ages, and what the stove needs next."""

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.conversation.reply import Button, Reply
from bot.conversation.text import Text, bold, join, lines
from bot.conversation.texts import DEFAULT, Texts
from bot.kitchen.actions import ShowBoard, ShowCard
from bot.kitchen.cards import MINUTE_MS, Kitchen, area, item_line, pass_ms
from bot.kitchen.groups import Groups
from bot.screens.words import fulfilment_name
from core.errors import ProviderError
from core.ids import ChatKey, OutletId
from core.logs import get_logger
from core.orders.models import Order, OrderStatus
from core.outlets.models import Fulfilment
from core.services import Services

log = get_logger(__name__)

SOON_MS = 15 * MINUTE_MS
LATER_MS = 60 * MINUTE_MS  # not cooked before; of no interest to the stove now
SECTION = 15  # lines a section before it says "and 4 more"
BUTTONS = 6


def board_id(outlet: OutletId) -> str:
    return f"board-{outlet}"


def board(kitchen: Kitchen, orders: Sequence[Order], *, stays: bool = False) -> Reply:
    """The board as it reads now. `orders` are the outlet's live ones. `stays`: a look at it, never edited."""
    texts, now = kitchen.texts, kitchen.now_ms
    waiting = [order for order in orders if order.status is OrderStatus.PLACED]
    cooking = sorted((o for o in orders if o.status in (OrderStatus.ACCEPTED, OrderStatus.PREPARING)), key=pass_ms)
    stove = [order for order in cooking if pass_ms(order) <= now + LATER_MS]
    later = [order for order in cooking if pass_ms(order) > now + LATER_MS]
    ready = [order for order in orders if order.status is OrderStatus.READY]
    out = [order for order in orders if order.status is OrderStatus.OUT_FOR_DELIVERY]
    counts = texts.say(
        "Waiting *{waiting}* · cooking *{cooking}* · ready *{ready}* · on the road *{out}*",
        waiting=texts.number(len(waiting)),
        cooking=texts.number(len(stove)),
        ready=texts.number(len(ready)),
        out=texts.number(len(out)),
    )
    blocks = [
        lines(
            texts.say("*{outlet} · orders* · {time}", outlet=kitchen.outlet.name, time=kitchen.clock(now))
            if stays
            else texts.say("*{outlet} · board* · {time}", outlet=kitchen.outlet.name, time=kitchen.clock(now)),
            _paused(kitchen),
            counts if orders else texts.say("Nothing to cook. New orders come here by themselves."),
        ),
        _section(kitchen, texts.t("WAITING FOR YOU"), waiting),
        _section(kitchen, texts.t("COOKING"), stove),
        _section(kitchen, texts.t("READY"), ready),
        _section(kitchen, texts.t("ON THE ROAD"), out),
        _section(kitchen, texts.t("LATER"), later),
        _dishes(kitchen, stove),
    ]
    cards = [Button(order.code, ShowCard(order=order.id)) for order in (*waiting, *ready, *stove)[:BUTTONS]]
    rows = [tuple(cards[i : i + 3]) for i in range(0, len(cards), 3)]
    return Reply(
        join((block for block in blocks if block), "\n\n"),
        (*rows, (Button(texts.t("Refresh"), ShowBoard()),)),
        in_place=True,
    )


def _paused(kitchen: Kitchen) -> Text | None:
    until = kitchen.outlet.paused_until_ms
    if until <= kitchen.now_ms:
        return None
    return kitchen.texts.say("*PAUSED* until {time} · /resume opens again", time=kitchen.clock(until))


def _section(kitchen: Kitchen, name: str, orders: Sequence[Order]) -> Text | None:
    if not orders:
        return None
    rows = [queue_line(kitchen, order) for order in orders[:SECTION]]
    if len(orders) > SECTION:
        rows.append(kitchen.texts.say_n("and {count} more", "and {count} more", len(orders) - SECTION))
    return lines(bold(name), *rows)


def queue_line(kitchen: Kitchen, order: Order) -> Text:
    """“K 472 · 4 min · Delivery Indiranagar 560038 · 3 dishes”"""
    texts = kitchen.texts
    place = order.table and texts.t("Table {table}", table=order.table)
    if order.fulfilment is Fulfilment.DELIVERY:
        place = area(kitchen.outlet, order)
    kind = " ".join(part for part in (fulfilment_name(texts, order.fulfilment), place) if part)
    dishes = texts.n("{count} dish", "{count} dishes", sum(line.qty for line in order.bill.lines))
    asks = texts.say("*asks to cancel*") if order.cancel_requested_ms else None
    return join([bold(order.code), _age(kitchen, order), kind, dishes, *([asks] if asks else [])], " · ")


def _age(kitchen: Kitchen, order: Order) -> Text:
    """How long it waits, or when it is due, or how late it is."""
    texts, now = kitchen.texts, kitchen.now_ms
    match order.status:
        case OrderStatus.PLACED:
            return texts.say("*{age}*", age=kitchen.age(order.waiting_ms))
        case OrderStatus.READY:
            return Text.of(kitchen.age(order.history[-1].at_ms))
    due = order.promised_ms if order.status is OrderStatus.OUT_FOR_DELIVERY else pass_ms(order)
    if now > due:
        return texts.say("*{late} LATE*", late=kitchen.late(due))
    if due > now + LATER_MS:
        return texts.say("for {time}", time=kitchen.clock(due))
    return texts.say("in {left}", left=kitchen.left(due))


def _dishes(kitchen: Kitchen, orders: Iterable[Order]) -> Text | None:
    """What must be at the pass within a quarter of an hour, all orders together."""
    due: Counter[str] = Counter()
    for order in orders:
        if pass_ms(order) <= kitchen.now_ms + SOON_MS:
            for line in order.bill.lines:
                due[item_line(line)] += line.qty
    if not due:
        return None
    rows = [f"{qty} × {name}" for name, qty in sorted(due.items(), key=lambda each: (-each[1], each[0]))]
    shown, more = rows[:SECTION], len(rows) - SECTION
    rest = kitchen.texts.say_n("and {count} more", "and {count} more", more) if more > 0 else None
    return lines(kitchen.texts.say("*DUE IN 15 MINUTES*"), *shown, rest)


class Boards:
    """Every outlet's board, in each of its groups, pinned where the group's channel can."""

    def __init__(self, services: Services, groups: Groups) -> None:
        self._services = services
        self._groups = groups

    async def refresh(self, outlet: OutletId) -> None:
        """Bring the board up to date: in every group where it can be pinned, elsewhere where somebody asked for it.

        A board that cannot be sent is only logged: nothing depends on it.
        """
        found = self._services.outlets.get(outlet)
        chats = [chat for chat in found.groups if await self._stands_in(chat, outlet)] if found else []
        if not chats:
            return
        reply = await self._read(outlet)
        for chat in chats:
            await self._post(chat, outlet, reply, anew=False)

    async def _stands_in(self, chat: ChatKey, outlet: OutletId) -> bool:
        """Where it cannot be pinned it would only scroll away, so it waits until it is asked for."""
        if not self._groups.edits(chat):  # it would be a message more every minute
            return False
        return self._groups.keeps_in_sight(chat) or await self._groups.has(chat, board_id(outlet))

    async def refresh_all(self) -> None:
        """A ticker's job, once a minute: ages grow while nobody taps."""
        for outlet in self._services.outlets.all():
            await self.refresh(outlet.id)

    async def show(self, chat: ChatKey, outlet: OutletId) -> None:
        """Send the board anew, below everything else in this group; from now on this is the one that is edited, and
        the one before says so.
        """
        before = await self._groups.name_of(chat, board_id(outlet))
        await self._post(chat, outlet, await self._read(outlet), anew=True)
        if before is not None and before != await self._groups.name_of(chat, board_id(outlet)):
            moved = Reply(Texts.of(DEFAULT).say("The board stands further down now."), in_place=True)
            await self._retire(chat, outlet, before, moved)

    async def _retire(self, chat: ChatKey, outlet: OutletId, before: str, moved: Reply) -> None:
        """An old board that stays would be believed. Where it is gone, nothing is sent in its place."""
        if not self._groups.edits(chat):
            return
        try:
            await self._groups.swap(chat, f"{board_id(outlet)}.{before}", before, moved)
        except ProviderError as error:
            log.info("old_board_stays", outlet=outlet, chat=chat, error=str(error))

    async def _read(self, outlet: OutletId) -> Reply:
        services = self._services
        kitchen = Kitchen(services.outlets.require(outlet), {}, Texts.of(DEFAULT), services.clock.ms())
        return board(kitchen, await services.orders.live_at(outlet))

    async def _post(self, chat: ChatKey, outlet: OutletId, reply: Reply, *, anew: bool) -> None:
        try:
            await self._groups.post(chat, board_id(outlet), reply, anew=anew, pinned=True)
        except ProviderError as error:
            log.warning("board_not_sent", outlet=outlet, chat=chat, error=str(error))
