"""The owners' desk as it looks on Telegram: real updates in, real messages out, and nothing Telegram would refuse."""

import re
from dataclasses import dataclass

import pytest

from bot.channels.telegram.events import BotRemoved, GroupEvent, GroupMigrated, MembersJoined
from bot.conversation.incoming import Incoming
from core.ids import ChatKey, Handle
from core.staff.models import Role
from tests.bot.admin.office import Office, an_office
from tests.bot.admin.world import Wall
from tests.bot.channels.telegram.line import Line, open_line
from tests.bot.kitchen.builders import GROUP, MG_ROAD
from tests.fakes.telegram import FakeTelegram, TelegramCook, TelegramPerson, running_telegram

NEW_GROUP = -1009
SLY = Handle("telegram:666000")
SUPERGROUP = -1_001_234_567_890


@dataclass
class Place:
    telegram: FakeTelegram
    office: Office
    line: Line

    def person(self, number: int, name: str) -> TelegramPerson:
        return TelegramPerson(self.telegram, number, name=name)


@pytest.fixture
async def place(office, settings, connections, clock):
    """The office of the other tests, with Telegram in front of it."""
    async with running_telegram() as telegram, open_line(telegram, settings, connections, clock) as line:
        on_telegram = an_office(office.services, connections, clock, telegram=Wall("telegram"))
        # What the desk sends by itself goes the same way as its answers.
        on_telegram.telegram.send = line.channel.send  # type: ignore[method-assign]

        async def answers(incoming: Incoming):
            return await on_telegram.desk.handle(incoming) or ()

        line.answers = answers
        for number, name in ((900, "Anu"), (901, "Bala"), (44444, "Om"), (66666, "Uma")):
            telegram.private(number, first_name=name)
        for chat in (GROUP, "telegram:-1002"):
            telegram.group(int(chat.partition(":")[2]))
        yield Place(telegram, on_telegram, line)
        assert telegram.refusals() == []


async def report(place: Place, event: GroupEvent) -> None:
    """As whoever wires the channel does."""
    match event:
        case GroupMigrated(old, new):
            await place.office.watch.on_group_migrated(old, new)
        case MembersJoined(chat=chat, people=people):
            await place.office.watch.on_members_joined(chat, [name for _, name in people])
        case BotRemoved(chat=chat):
            await place.office.watch.on_group_left(chat)


async def test_an_admin_walks_every_page_and_binds_a_group(place: Place):
    anu = place.person(900, "Anu")
    await anu.says("/outlets")
    assert "2 outlets" in anu.screen
    first = len(anu.chat.by_bot())
    await anu.taps("Tiffin, MG Road")
    await anu.taps("People")
    await anu.taps("Asha · cook")
    await anu.taps("Make manager")
    await anu.taps("Yes")
    assert "Manager: all orders" in anu.screen
    assert len(anu.chat.by_bot()) == first, "pages swap the message they were opened on"
    await anu.says("/bind mgroad")
    code = re.findall(r"\b[0-9A-Z]{26}\b", anu.screen)[0]
    cook = TelegramCook(place.telegram, 900, NEW_GROUP, name="Anu")
    await cook.says(f"/bind {code}")
    assert "This is the group of Tiffin, MG Road now." in cook.all_said
    assert f"telegram:{NEW_GROUP}" in place.office.outlet().groups


async def test_a_cook_opens_the_link_of_an_invitation(place: Place):
    om = place.person(44444, "Om")
    await om.says("/staff")
    await om.taps("Invite")
    await om.taps("Cook:")
    code = re.findall(r"start=s_([0-9A-Z]{26})", om.screen)[0]
    newcomer = place.person(88888, "Nila")
    await newcomer.opens(f"s_{code}")
    assert "Welcome to Tiffin, MG Road." in newcomer.screen
    assert await place.office.services.staff.role(Handle("telegram:88888"), MG_ROAD) is Role.KITCHEN


async def test_prices_orders_pauses_and_the_audit_read_as_meant(place: Place):
    order = await place.office.order(customer_name="<b>Meera</b> & Söhne", note="a < b & c > d")
    anu, bala = place.person(900, "Anu"), place.person(901, "Bala")
    await anu.says("/price mgroad garlic naan 95")
    await anu.taps("Yes, ₹95")
    await anu.says(f"/order {order.code}")
    assert "<b>Meera</b> & Söhne" in anu.screen
    assert "a < b & c > d" in anu.screen
    await anu.says("/switch")
    await anu.taps("Off: Tiffin, MG Road")
    await anu.taps("2 hours")
    await anu.says("/audit")
    assert "Anu changed Garlic Naan at Tiffin, MG Road from ₹90 to ₹95." in anu.screen
    assert "Anu stopped orders at Tiffin, MG Road" in bala.all_said


async def test_what_telegram_reports_of_groups_reaches_the_owner(place: Place):
    om = place.person(44444, "Om")
    chat = ChatKey(GROUP)
    moved = ChatKey(f"telegram:{SUPERGROUP}")
    place.telegram.group(SUPERGROUP)
    for event in (
        MembersJoined(chat, by=SLY, people=((SLY, "Sly"),)),
        GroupMigrated(chat, moved),
        BotRemoved(moved, title="Kitchen", by=SLY, name="Sly"),
    ):
        await report(place, event)
    said = om.all_said
    assert "Joined the group of Tiffin, MG Road: Sly." in said
    assert "became a supergroup" in said
    assert "The bot was removed from a group of Tiffin, MG Road" in said
    assert place.office.outlet().groups == (moved,)
