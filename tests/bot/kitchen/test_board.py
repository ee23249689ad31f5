"""The live board: the queue at a glance."""

from datetime import timedelta

from bot.kitchen.board import SECTION
from core.outlets.models import Fulfilment
from tests.bot.kitchen.builders import GROUP, INDIRA_GROUP, a_bill, a_line


async def shown(evening):
    await evening.cook("Asha").says("/board")
    return evening.group()[-1]


async def test_an_idle_kitchen_reads_that_nothing_waits(evening):
    board = await shown(evening)
    assert board.text == ("Tiffin, MG Road · board · 7:00 pm\nNothing to cook. New orders come here by themselves.")


async def test_the_board_is_edited_as_orders_come_and_go(evening):
    board = await shown(evening)
    await evening.new_order()
    evening.minutes_pass(4)
    await evening.boards.refresh_all()
    assert "Waiting 1 · cooking 0 · ready 0 · on the road 0" in board.text
    assert "WAITING FOR YOU\nK 472 · 4 min · Delivery Indiranagar 560038 · 5 dishes" in board.text

    asha = evening.cook("Asha")
    card = next(one for one in evening.group() if one.text.startswith("K 472"))
    await asha.taps("Accept +15", card)
    await evening.deliver()
    assert "COOKING\nK 472 · in 15 min" in board.text
    assert board.text.endswith("DUE IN 15 MINUTES\n3 × Garlic Naan\n2 × Paneer Tikka (Full)")

    evening.minutes_pass(20)
    await evening.boards.refresh_all()
    assert "K 472 · 5 min LATE" in board.text
    await asha.taps("Ready", card)
    await evening.deliver()
    assert "READY\nK 472 · just now" in board.text
    assert "DUE IN 15 MINUTES" not in board.text
    assert [one.text.startswith("Tiffin, MG Road · board") for one in evening.group()] == [True, False]


async def test_a_promise_reads_the_same_a_moment_later(evening):
    """A card that the tap has drawn is not drawn again because a second has gone by."""
    order = await evening.new_order()
    asha = evening.cook("Asha")
    await asha.taps("Accept +25", evening.card(order))
    card, edits = evening.card(order), evening.card(order).edits
    assert "(in 25 min)" in card.text
    evening.clock.advance(timedelta(seconds=2))
    await evening.deliver()
    assert evening.card(order).edits == edits
    evening.clock.advance(timedelta(seconds=60))
    assert "in 24 min" in (await shown(evening)).text


async def test_a_board_that_was_asked_for_again_leaves_no_old_one_to_be_believed(evening):
    first = await shown(evening)
    await evening.new_order()
    second = await shown(evening)
    assert first.text == "The board stands further down now."
    assert "Waiting 1" in second.text
    await evening.boards.refresh_all()
    assert first.text == "The board stands further down now."


async def test_dishes_of_all_orders_are_counted_together_most_first(evening):
    naan = a_line("Garlic Naan", size="", qty=4, rupees=90, code="garlic-naan")
    for bill in (a_bill(naan), a_bill(naan, a_line(qty=1))):
        order = await evening.new_order(how=Fulfilment.DINE_IN, bill=bill)
        await evening.cook("Asha").taps("Accept +15", evening.card(order))
    board = await shown(evening)
    assert board.text.endswith("DUE IN 15 MINUTES\n8 × Garlic Naan\n1 × Paneer Tikka (Full)")


async def test_what_is_due_later_does_not_crowd_the_stove(evening):
    order = await evening.new_order(how=Fulfilment.TAKEAWAY, minutes=180)
    await evening.cook("Asha").taps_action(f"kac|{order.id}|0")
    board = await shown(evening)
    assert "LATER\nK 472 · for 10:00 pm · Takeaway" in board.text
    assert "cooking 0" in board.text


async def test_a_full_house_still_fits_one_message(evening):
    for n in range(SECTION + 5):
        await evening.orders(how=Fulfilment.TAKEAWAY, customer=f"cus_{n}")
    board = await shown(evening)
    assert "and 5 more" in board.text
    assert len(board.text) < 4096
    assert len(board.labels) == 7


async def test_the_board_says_when_the_outlet_is_paused(evening):
    board = await shown(evening)
    await evening.cook("Asha").says("/pause 30")
    assert "PAUSED until 7:30 pm · /resume opens again" in board.text


async def test_a_board_asked_for_again_comes_below_and_is_the_one_that_lives(evening):
    old, new = await shown(evening), await shown(evening)
    assert old is not new
    await evening.new_order()
    assert "Waiting 1" in new.text
    assert "Waiting 1" not in old.text


async def test_nothing_is_sent_when_nothing_changed(evening):
    await shown(evening)
    sent = evening.groups_channel.sent
    await evening.boards.refresh_all()
    assert evening.groups_channel.sent == sent


async def test_no_board_appears_that_nobody_asked_for(evening):
    await evening.new_order()
    await evening.boards.refresh_all()
    assert len(evening.group()) == 1


async def test_a_group_that_is_away_costs_the_board_and_nothing_else(evening):
    board = await shown(evening)
    order = await evening.new_order()
    evening.groups_channel.away = True
    await evening.boards.refresh_all()
    evening.minutes_pass(1)
    await evening.boards.refresh_all()
    evening.groups_channel.away = False
    await evening.boards.refresh_all()
    assert "K 472 · 1 min" in board.text
    assert (await evening.now(order)).status == "placed"


async def test_where_messages_can_be_pinned_the_board_is_there_from_the_first_order_and_stays_in_sight(evening):
    channel = evening.pinning()
    await evening.new_order()
    board = next(one for one in evening.group() if one.text.startswith("Tiffin, MG Road · board"))
    assert channel.pinned == [(GROUP, board.name)]
    evening.minutes_pass(4)
    await evening.boards.refresh_all()
    assert "K 472 · 4 min" in board.text
    assert channel.pinned == [(GROUP, board.name), (INDIRA_GROUP, "100")]


async def test_a_board_brought_below_is_pinned_in_its_new_place(evening):
    channel = evening.pinning()
    old, new = await shown(evening), await shown(evening)
    assert channel.pinned == [(GROUP, old.name), (GROUP, new.name)]


async def test_a_group_that_does_not_let_us_pin_has_its_board_all_the_same(evening, caplog):
    channel = evening.pinning()
    channel.may_pin = False
    board = await shown(evening)
    assert board.text.startswith("Tiffin, MG Road · board")
    assert any("not_pinned" in record.getMessage() for record in caplog.records)
