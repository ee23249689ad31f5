"""A rush: more orders at once than a group may be sent cards, and nobody waits for the last of them."""

import pytest

from bot.kitchen.digest import CARDS_AT_MOST
from core.ids import new_id
from core.orders.models import OrderStatus
from core.orders.outgoing import DeliveryKind
from tests.bot.kitchen.builders import MG_ROAD


async def a_rush(evening, count):
    """So many orders of as many guests, none of which the kitchen has heard of."""
    return [await evening.orders(customer=new_id("cus")) for _ in range(count)]


def lists(evening):
    return [one for one in evening.group() if "NEW ORDERS" in one.text]


def cards(evening):
    return [one for one in evening.group() if "Accept +15" in one.labels]


async def test_thirty_orders_at_once_are_one_message_and_every_one_of_them_is_on_it(evening):
    orders = await a_rush(evening, 30)
    await evening.deliver()
    (listed,) = lists(evening)
    assert listed.text.startswith("30 NEW ORDERS\nThey came faster than one card each could.")
    assert [f"{order.code} · " in listed.text for order in orders] == [True] * 30
    assert listed.labels == [*(order.code for order in orders), "Refresh the board"]
    assert cards(evening) == []
    assert len(listed.text) < 4096


@pytest.mark.parametrize("count", [CARDS_AT_MOST, CARDS_AT_MOST + 1])
async def test_ten_come_as_cards_and_eleven_as_a_list(evening, count):
    await a_rush(evening, count)
    await evening.deliver()
    assert (len(lists(evening)), len(cards(evening))) == ((0, 10) if count == 10 else (1, 0))


async def test_a_tap_on_the_list_brings_the_card_which_then_lives_as_every_other(evening):
    first = (await a_rush(evening, 12))[0]
    await evening.deliver()
    asha = evening.cook("Asha")
    await asha.taps(first.code, lists(evening)[0])
    (card,) = cards(evening)
    await asha.taps("Accept +25", card)
    await evening.deliver()
    assert "Accepted · Asha" in card.text
    await evening.cook("Meena").taps("Ready", card)
    await evening.deliver()
    assert "READY" in card.text
    assert len([one for one in evening.group() if one.text.startswith(first.code)]) == 1


async def test_a_second_tap_on_the_list_shows_a_copy(evening):
    first = (await a_rush(evening, 12))[0]
    await evening.deliver()
    asha = evening.cook("Asha")
    await asha.taps(first.code, lists(evening)[0])
    await asha.taps(first.code, lists(evening)[0])
    assert len(cards(evening)) == 2


async def test_what_was_cancelled_meanwhile_is_not_on_the_list(evening):
    orders = await a_rush(evening, 13)
    await evening.services.orders.cancel(orders[4].id, orders[4].customer)
    await evening.deliver()
    (listed,) = lists(evening)
    assert listed.text.startswith("12 NEW ORDERS")
    assert orders[4].code not in listed.text


async def test_orders_that_wait_on_are_reminded_of_in_one_message_too(evening):
    orders = await a_rush(evening, 12)
    await evening.deliver()
    evening.minutes_pass(2.5)
    await evening.services.orders.accept_ladder_due()
    await evening.deliver()
    late = [one for one in evening.group() if one.text.startswith("12 ORDERS STILL WAIT")]
    assert len(late) == 1
    assert [order.code in late[0].text for order in orders] == [True] * 12
    assert cards(evening) == []


async def test_a_list_that_could_not_be_marked_as_sent_is_not_followed_by_cards(evening):
    """The process dies between the message and the note of it: the list comes again, at worst, and no card."""
    await a_rush(evening, 12)
    remember = evening.notifier._groups.remember
    died: list[object] = []

    async def dies(*args):
        if not died:
            died.append(args)
            raise ConnectionError("killed")
        await remember(*args)

    evening.notifier._groups.remember = dies
    with pytest.raises(ConnectionError):
        await evening.deliver()
    evening.minutes_pass(1)
    await evening.deliver()
    assert len({one.outgoing.id for one in lists(evening)}) == 1
    assert cards(evening) == []


async def test_after_the_rush_the_next_order_is_a_card_again(evening):
    await a_rush(evening, 12)
    await evening.deliver()
    order = await evening.new_order()
    assert cards(evening)[0].text.startswith(order.code)
    assert (await evening.now(order)).status is OrderStatus.PLACED


async def test_each_of_two_groups_has_its_list(evening):
    both = {"groups": ("telegram:-1001", "telegram:-1003")}
    await evening.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update=both))
    await a_rush(evening, 11)
    await evening.deliver()
    assert len(lists(evening)) == 1
    assert any("11 NEW ORDERS" in one.text for one in evening.group("telegram:-1003"))
    assert await evening.services.outbox.waiting_for("telegram:-1001") == []
    assert DeliveryKind.OUTLET_NEW_ORDER.whose == "outlet"
