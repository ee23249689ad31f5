"""A group becomes an outlet's by a code that works once; strangers cannot, and learn nothing by trying."""

import asyncio
import re
from datetime import timedelta

import pytest

from bot.conversation.incoming import Start, Text
from core.audit.models import Did
from core.ids import ChatKey
from core.invites.codes import new_code
from core.staff.models import Role
from tests.bot.admin.office import NEW_GROUP, an_office
from tests.bot.kitchen.builders import GROUP, INDIRA, INDIRA_GROUP, MG_ROAD


def code_in(text: str) -> str:
    codes: list[str] = re.findall(r"\b[0-9A-Z]{26}\b", text)
    assert len(codes) == 1, text
    return codes[0]


async def a_code(office, outlet="mgroad", name="Anu") -> str:
    return code_in((await office.person(name).says(f"/bind {outlet}")).text)


async def test_a_code_made_in_private_and_written_in_the_group_binds_it(office):
    anu = office.person("Anu")
    page = await anu.walks(await anu.says("/outlets"), "Tiffin, MG Road", "Bind a group")
    code = code_in(page.text)
    assert f"/bind@TiffinBot {code}" in page.text
    assert "until 7:15 pm" in page.text
    assert page.button("Choose the group").url == f"https://t.me/TiffinBot?startgroup=b_{code}"

    said = await office.person("Anu", chat=NEW_GROUP).says(f"/bind {code}")
    assert said.text.startswith("This is the group of Tiffin, MG Road now. Anu")
    assert office.outlet().groups == (GROUP, NEW_GROUP)
    assert office.group(NEW_GROUP)[0].startswith("Tiffin, MG Road · board")
    assert await office.done() == [Did.GROUP_BOUND, Did.INVITE_MADE, Did.INVITE_USED]
    assert office.told("Bala") == [
        "Anu made a code that gives Tiffin, MG Road a group.",
        "Anu made a group the one of Tiffin, MG Road.",
    ]
    assert office.told("Om") == office.told("Bala")


async def test_the_link_that_adds_the_bot_to_a_group_binds_it_too(office):
    code = await a_code(office)
    await office.person("Anu", chat=NEW_GROUP).opens(f"b_{code}")
    assert NEW_GROUP in office.outlet().groups


async def test_without_a_name_at_telegram_the_code_is_written_out(office, connections, clock):
    nameless = an_office(office.services, connections, clock, bot="")
    page = await nameless.person("Anu").says("/bind mgroad")
    assert f"/bind {code_in(page.text)}" in page.text
    assert page.labels == ["◂ Outlet"]


@pytest.mark.parametrize(
    "spoken", [str.lower, lambda code: f"{code[:13]}-{code[13:]}", lambda code: code.replace("0", "o")]
)
async def test_a_code_survives_being_typed(office, spoken):
    code = await a_code(office)
    await office.person("Anu", chat=NEW_GROUP).says(f"/bind {spoken(code)}")
    assert NEW_GROUP in office.outlet().groups


async def test_an_owner_may_use_the_code_an_admin_made_for_that_outlet(office):
    code = await a_code(office)
    await office.person("Om", chat=NEW_GROUP).says(f"/bind {code}")
    assert NEW_GROUP in office.outlet().groups


async def test_a_code_works_once(office):
    code = await a_code(office)
    anu, elsewhere = office.person("Anu", chat=NEW_GROUP), office.person("Anu", chat="telegram:-1010")
    await anu.says(f"/bind {code}")
    assert "used before" in (await elsewhere.says(f"/bind {code}")).text
    assert "used before" in (await anu.says(f"/bind {code}")).text
    assert office.outlet().groups == (GROUP, NEW_GROUP)


async def test_ten_groups_ask_with_one_code_at_once_and_one_gets_it(office):
    code = await a_code(office)
    people = [office.person("Anu", chat=f"telegram:-20{n}") for n in range(10)]
    said = await asyncio.gather(*(person.says(f"/bind {code}") for person in people))
    assert len(office.outlet().groups) == 2
    assert sum("used before" in answer.text for answer in said) == 9


async def test_a_code_lives_a_quarter_of_an_hour(office):
    code = await a_code(office)
    office.clock.advance(timedelta(minutes=15))
    assert "too old" in (await office.person("Anu", chat=NEW_GROUP).says(f"/bind {code}")).text
    assert office.outlet().groups == (GROUP,)


async def test_a_code_nobody_made_binds_nothing(office):
    anu = office.person("Anu", chat=NEW_GROUP)
    for written in (new_code(), "x", "A" * 26, "'; drop", "💥" * 20, ""):
        assert "That is no code of mine" in (await anu.says(f"/bind {written}")).text
    assert office.outlet().groups == (GROUP,)


async def test_a_stranger_with_a_good_code_gets_no_answer_and_its_owners_hear_of_it(office):
    code = await a_code(office)
    sly = office.person("Sly", chat=NEW_GROUP)
    assert await sly.does(Text(f"/bind {code}")) == ()
    assert await sly.does(Text(f"/bind {code}")) == ()
    assert await sly.does(Text(f"/bind {new_code()}")) == ()
    assert office.outlet().groups == (GROUP,)
    assert await office.done() == [Did.INVITE_MADE, Did.INVITE_REFUSED]
    warned = "Somebody who may not do so wrote a code of yours in a group: Sly (telegram:666000). Nothing was changed."
    assert [office.told(name)[-1:] for name in ("Anu", "Bala", "Om", "Uma")] == [[warned], [warned], [warned], []]
    assert sum(warned in office.told(name) for name in ("Anu", "Bala", "Om")) == 3
    await office.person("Anu", chat=NEW_GROUP).says(f"/bind {code}")  # it was not used up
    assert NEW_GROUP in office.outlet().groups


@pytest.mark.parametrize("name", ["Asha", "Meena", "Dev", "Guest"])
async def test_cooks_managers_and_guests_are_strangers_to_a_code(office, name):
    code = await a_code(office)
    assert await office.person(name, chat=NEW_GROUP).does(Text(f"/bind {code}")) == ()
    assert office.outlet().groups == (GROUP,)


async def test_the_owner_of_another_outlet_learns_nothing_about_the_code(office):
    code = await a_code(office)
    uma = office.person("Uma", chat=NEW_GROUP)
    assert (await uma.says(f"/bind {code}")).text == (await uma.says(f"/bind {new_code()}")).text
    assert Did.INVITE_REFUSED in await office.done()


async def test_an_anonymous_admin_of_a_group_is_asked_for_a_name_and_nothing_else(office):
    code = await a_code(office)
    hidden = office.person("Anu", handle="telegram:anon", chat=NEW_GROUP)
    for written in (code, new_code()):
        assert "under your own name" in (await hidden.says(f"/bind {written}", anonymous="1")).text
    assert office.outlet().groups == (GROUP,)


async def test_a_forwarded_code_is_nobodys_word(office):
    code = await a_code(office)
    assert await office.person("Anu", chat=NEW_GROUP).does(Text(f"/bind {code}"), forwarded="1") == ()
    assert office.outlet().groups == (GROUP,)


async def test_a_group_of_another_outlet_must_be_taken_away_from_it_first(office):
    code = await a_code(office)
    said = await office.person("Anu", chat=INDIRA_GROUP).says(f"/bind {code}")
    assert said.text.startswith("This group belongs to another outlet.")
    assert office.outlet().groups == (GROUP,)
    await office.person("Anu", chat=NEW_GROUP).says(f"/bind {code}")  # and the code is still good


async def test_a_code_written_in_private_makes_a_new_one_instead(office):
    code = await a_code(office)
    page = await office.person("Om").says(f"/bind {code}")
    assert "A group for Tiffin, MG Road" in page.text
    assert code not in page.text


async def test_an_invitation_for_a_person_binds_no_group(office):
    anu = office.person("Anu")
    page = await anu.walks(await anu.says("/staff mgroad"), "Invite", "Cook")
    assert (
        "no code of mine"
        in (await office.person("Anu", chat=NEW_GROUP).says(f"/bind {code_in(page.text.split(chr(10))[2])}")).text
    )
    assert office.outlet().groups == (GROUP,)


async def test_the_update_that_bound_a_group_may_come_again(office, monkeypatch):
    """As after a crash between the claim and its effect: the second time finishes, and one group is bound."""
    code = await a_code(office)
    anu = office.person("Anu", chat=NEW_GROUP)

    async def crash(*_, **__):
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(office.services.outlets, "alter", crash)
        with pytest.raises(RuntimeError):
            await anu.does(Text(f"/bind {code}"), update="one")
    assert office.outlet().groups == (GROUP,)
    await anu.reads(await anu.does(Text(f"/bind {code}"), update="one"))
    assert office.outlet().groups == (GROUP, NEW_GROUP)
    assert await office.done() == [Did.GROUP_BOUND, Did.INVITE_MADE, Did.INVITE_USED]


async def test_a_group_is_taken_away_after_one_question_and_is_told(office):
    om = office.person("Om")
    asked = await om.walks(await om.says("/outlets mgroad"), "Take away")
    assert "Take Telegram group …-1001 away from Tiffin, MG Road?" in asked.text
    assert "It is the only one: nobody would be told of orders." in asked.text
    assert office.outlet().groups == (GROUP,)
    await om.taps("Yes, take it away", asked)
    assert office.outlet().groups == ()
    assert office.group()[-1].startswith("This group no longer belongs to Tiffin, MG Road.")
    assert office.told("Anu") == ["Om took a group away from Tiffin, MG Road."]
    assert "no such thing" in (await om.taps("Yes, take it away", asked)).text


async def test_a_bound_group_leaves_every_other_word_to_the_kitchen(office):
    for content in (Text("/orders"), Text("hello"), Start()):
        assert await office.person("Om", chat=GROUP).does(content) is None


async def test_who_loses_the_outlet_loses_the_code(office):
    code = await a_code(office, name="Om")
    await office.services.staff.add(office.person("Om").handle, MG_ROAD, Role.KITCHEN)
    assert await office.person("Om", chat=NEW_GROUP).does(Text(f"/bind {code}")) == ()
    assert ChatKey(NEW_GROUP) not in office.outlet().groups
    assert office.outlet(INDIRA).groups == (INDIRA_GROUP,)
