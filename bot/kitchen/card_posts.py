"""Putting an order's card up in a group."""

from dataclasses import replace
from functools import partial

from bot.conversation.reply import Notice, Reply
from bot.kitchen.cards import Kitchen, card_id, dish_list, order_card
from bot.kitchen.groups import Groups
from core.ids import ChatKey
from core.orders.models import Order


async def post_card(
    groups: Groups, chat: ChatKey, kitchen: Kitchen, order: Order, *, notice: Notice | None = None
) -> str:
    """The card as it reads now and, once, in front of it the dishes that have no room on it.

    Returns and raises as `Groups.post`.
    """
    dishes = dish_list(kitchen, order)
    if dishes is not None and not order.status.ended:
        await groups.post(chat, f"dishes-{order.id}", dishes, notice=notice)
    card, steady = order_card(kitchen, order), partial(steady_card, kitchen, order)
    return await groups.post(chat, card_id(order), card, notice=notice, steady=steady)


def steady_card(kitchen: Kitchen, order: Order) -> Reply:
    """The card as it would have read when the order came in: it changes with the order and not with the clock."""
    return order_card(replace(kitchen, now_ms=order.placed_ms), order)
