"""What the platform reports about the outlets' groups, and who hears of it."""

import asyncio
from datetime import timedelta

import pytest

from core.audit.models import Did
from core.errors import StoreError
from core.ids import ChatKey
from tests.bot.kitchen.builders import GROUP, INDIRA_GROUP, MG_ROAD

SUPER = ChatKey("telegram:-1001234567890")


async def test_when_the_bot_is_thrown_out_its_owner_knows_at_once(office):
    await office.watch.on_group_left(ChatKey(GROUP))
    (said,) = office.told("Om")
    assert said == (
        "The bot was removed from a group of Tiffin, MG Road (Telegram group …-1001).\n"
        "Nobody at Tiffin, MG Road is told of orders now.\n"
        "Add it to that group again, or give the outlet another group.\n"
        "Outlet: +918041234567"
    )
    assert office.told("Anu") == office.told("Bala") == [said]
    assert office.told("Uma") == []
    assert office.group() == []
    assert office.outlet().groups == (GROUP,)  # letting it in again is all it takes
    assert await office.done() == [Did.GROUP_LOST]


async def test_the_same_departure_reported_twice_is_told_once_and_the_next_one_again(office):
    await asyncio.gather(*(office.watch.on_group_left(ChatKey(GROUP)) for _ in range(5)))
    office.clock.advance(timedelta(seconds=40))
    await office.watch.on_group_left(ChatKey(GROUP))
    assert len(office.told("Om")) == 1
    office.clock.advance(timedelta(minutes=5))
    await office.watch.on_group_left(ChatKey(GROUP))
    assert len(office.told("Om")) == 2


async def test_the_news_of_a_departure_carries_the_way_out(office):
    await office.watch.on_group_left(ChatKey(GROUP))
    om = office.person("Om")
    (news,) = office.telegram.chats[om.chat]
    assert "A group for Tiffin, MG Road" in (await om.taps("Bind a group", news)).text
    assert "Take Telegram group" in (await om.taps("Take it away", news)).text


async def test_with_another_group_left_the_orders_still_arrive_somewhere(office):
    await office.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update={"groups": (GROUP, "telegram:-1005")}))
    await office.watch.on_group_left(ChatKey(GROUP))
    assert "1 other group still gets the orders." in office.told("Om")[0]


async def test_let_in_again_the_group_reads_what_it_missed(office):
    order = await office.order()
    await office.watch.on_group_left(ChatKey(GROUP))
    assert office.group() == []
    for _ in range(2):  # the platform may say it twice
        await office.watch.on_group_back(ChatKey(GROUP))
    cards = [text for text in office.group() if text.startswith(order.code)]
    assert len(cards) == 1
    assert "NEW" in cards[0]
    assert f"WAITING FOR YOU\n{order.code}" in office.group()[-1]
    assert office.told("Om")[-1] == "The bot is back in the group of Tiffin, MG Road. Orders come there again."


async def test_after_a_long_absence_one_list_stands_for_many_cards(office):
    orders = [await office.order(customer=f"cus_{n}") for n in range(12)]
    await office.watch.on_group_back(ChatKey(GROUP))
    listed, board = office.group()
    assert listed.startswith("12 NEW ORDERS")
    assert all(order.code in listed for order in orders)
    assert "Waiting 12" in board


async def test_a_group_of_nobodys_is_not_spoken_to(office):
    await office.watch.on_group_back(SUPER)
    assert office.group(SUPER) == []
    assert office.told("Om") == []


async def test_a_group_that_became_a_supergroup_is_followed(office):
    await office.watch.on_group_migrated(ChatKey(GROUP), SUPER)
    assert office.outlet().groups == (SUPER,)
    assert office.told("Om") == ["The group of Tiffin, MG Road became a supergroup; Tiffin went along."]
    await office.watch.on_group_migrated(ChatKey(GROUP), SUPER)  # the second of the platform's two reports
    await office.watch.on_group_left(ChatKey(GROUP))  # and the old number says goodbye
    assert len(office.told("Om")) == 1
    assert await office.done() == [Did.GROUP_MOVED]


async def test_reports_of_one_migration_that_cross_move_the_group_once(office):
    await asyncio.gather(*(office.watch.on_group_migrated(ChatKey(GROUP), SUPER) for _ in range(6)))
    assert office.outlet().groups == (SUPER,)
    assert len(office.told("Om")) == 1


async def test_a_migration_of_an_unknown_group_moves_nothing(office):
    await office.watch.on_group_migrated(ChatKey("telegram:-42"), SUPER)
    await office.watch.on_group_migrated(SUPER, ChatKey(GROUP))
    await office.watch.on_group_migrated(ChatKey(GROUP), ChatKey(GROUP))
    assert office.outlet().groups == (GROUP,)
    assert await office.done() == []


async def test_a_group_cannot_migrate_onto_another_outlets(office):
    await office.watch.on_group_migrated(ChatKey(GROUP), ChatKey(INDIRA_GROUP))
    assert office.outlet().groups == (GROUP,)
    assert await office.done() == []


async def test_the_board_comes_along(office):
    await office.boards.show(ChatKey(GROUP), MG_ROAD)
    await office.watch.on_group_migrated(ChatKey(GROUP), SUPER)
    assert office.group(SUPER)[0].startswith("Tiffin, MG Road · board")


async def test_a_migration_survives_somebody_changing_the_outlet_meanwhile(office):
    async def rename(n):
        await office.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update={"phone": f"+9180{n}"}))

    await asyncio.gather(office.watch.on_group_migrated(ChatKey(GROUP), SUPER), *(rename(n) for n in range(8)))
    outlet = await office.services.outlets.fresh(MG_ROAD)
    assert outlet.groups == (SUPER,)
    assert outlet.phone.startswith("+9180")


async def test_newcomers_are_announced_and_get_no_right(office):
    await office.watch.on_members_joined(ChatKey(GROUP), ["Sly", "", "\u202eliveD", "X" * 200])
    (said,) = office.told("Om")
    assert said.startswith(f"Joined the group of Tiffin, MG Road: Sly, somebody without a name, liveD, {'X' * 40}.")
    assert "gives no right to anything" in said
    await office.watch.on_members_joined(ChatKey(GROUP), ["Sly", "", "\u202eliveD", "X" * 200])
    assert len(office.told("Om")) == 1
    await office.watch.on_members_joined(ChatKey(GROUP), ["Tom"])
    assert len(office.told("Om")) == 2


async def test_a_crowd_is_counted(office):
    await office.watch.on_members_joined(ChatKey(GROUP), [f"P{n}" for n in range(30)])
    assert "P9 and 20 more." in office.told("Om")[0]


@pytest.mark.parametrize("names", [[], ["Sly"]])
async def test_nobody_hears_of_groups_that_are_nobodys(office, names):
    await office.watch.on_members_joined(ChatKey("telegram:-42"), names)
    await office.watch.on_members_joined(ChatKey(GROUP), [])
    await office.watch.on_group_left(ChatKey("telegram:-42"))
    assert await office.done() == []


async def test_with_no_admin_to_be_reached_nothing_breaks(office):
    office.telegram.away = True
    await office.watch.on_group_left(ChatKey(GROUP))
    office.telegram.away = False
    office.telegram.closed.add(office.person("Om").chat)
    await office.watch.on_members_joined(ChatKey(GROUP), ["Sly"])
    assert office.told("Om") == []
    assert len(office.told("Anu")) == 1


async def test_a_store_that_is_away_is_the_callers_to_know(office, monkeypatch):
    async def gone():
        raise StoreError("mongodb is away")

    monkeypatch.setattr(office.services.outlets, "all_fresh", gone)
    with pytest.raises(StoreError):
        await office.watch.on_group_migrated(ChatKey(GROUP), SUPER)
