"""One message for many: when more than ten orders wait to be told to one group, it reads a list instead of cards.

A group is allowed about twenty messages a minute (PLATFORMS.md A3), so that the last of thirty cards would come minutes
late. The list comes at once; a tap on an order brings its card.
"""

from collections.abc import Sequence

from bot.conversation.reply import Button, Reply
from bot.conversation.text import lines, paragraphs
from bot.kitchen.actions import ShowBoard, ShowCard
from bot.kitchen.board import queue_line
from bot.kitchen.cards import Kitchen
from bot.kitchen.groups import Groups
from core.ids import ChatKey
from core.orders.models import Order, OrderStatus
from core.orders.outgoing import DeliveryKind
from core.outbox.models import Delivery
from core.services import Services

CARDS_AT_MOST = 10
A_ROW = 3


def digest(kitchen: Kitchen, orders: Sequence[Order], level: int) -> Reply:
    """`orders` in the order in which they came; `level` 0: they are new, more: they have waited."""
    texts, count = kitchen.texts, len(orders)
    if level:
        title = texts.say_n("*{count} ORDER STILL WAITS*{loud}", "*{count} ORDERS STILL WAIT*{loud}", count,
                            loud="!" * level)  # fmt: skip
    else:
        title = texts.say_n("*{count} NEW ORDER*", "*{count} NEW ORDERS*", count)
    cards = [Button(order.code, ShowCard(order=order.id)) for order in orders]
    rows = [tuple(cards[i : i + A_ROW]) for i in range(0, count, A_ROW)]
    return Reply(
        paragraphs(
            lines(title, texts.say("They came faster than one card each could. Tap an order for its card.")),
            lines(*(queue_line(kitchen, order) for order in orders)),
        ),
        (*rows, (Button(texts.t("Refresh the board"), ShowBoard()),)),
    )


class Digests:
    def __init__(self, services: Services, groups: Groups) -> None:
        self._services = services
        self._groups = groups

    async def instead(self, chat: ChatKey, delivery: Delivery, kitchen: Kitchen) -> str | None:
        """The channel's name for the list that says what `delivery` would; None: it is to be said by itself.

        Raises ProviderError when the list cannot be sent now.
        """
        if not _may_be_listed(delivery):
            return None
        listed = await self._groups.name_of(chat, _mark(delivery))
        if listed is not None:
            return listed
        waiting = [each for each in await self._services.outbox.waiting_for(chat) if _alike(each, delivery)]
        if len(waiting) <= CARDS_AT_MOST:
            return None
        told: list[tuple[Delivery, Order]] = []
        for each in waiting:
            order = await self._services.orders.get(each.order)
            if order is not None and order.status is OrderStatus.PLACED:
                told.append((each, order))
        if len(told) <= CARDS_AT_MOST:
            return None
        reply = digest(kitchen, [order for _, order in told], _level(delivery))
        name = await self._groups.say(chat, f"digest-{told[0][1].id}-{_level(delivery)}-{len(told)}", reply)
        for each, _ in told:
            await self._groups.remember(chat, _mark(each), name)
        return name


def _may_be_listed(delivery: Delivery) -> bool:
    new = delivery.kind is DeliveryKind.OUTLET_NEW_ORDER
    return new or (delivery.kind is DeliveryKind.OUTLET_REMIND and _level(delivery) > 0)


def _alike(one: Delivery, other: Delivery) -> bool:
    return one.kind is other.kind and _level(one) == _level(other)


def _level(delivery: Delivery) -> int:
    return int(delivery.data.get("level", 0))


def _mark(delivery: Delivery) -> str:
    return f"listed-{delivery.order}-{_level(delivery)}"
