"""Who works where: invited, hired by number, given another role, removed."""

import asyncio
from datetime import timedelta

import pytest

from bot.conversation.incoming import Media, Start, Tap, Text
from core.audit.models import Did
from core.ids import Handle
from core.invites.codes import new_code
from core.staff.models import Role
from tests.bot.admin.office import STAFF, an_office
from tests.bot.admin.test_binding import code_in
from tests.bot.kitchen.builders import INDIRA, MG_ROAD


async def role(office, handle, outlet=MG_ROAD):
    return await office.services.staff.role(Handle(handle), outlet)


async def an_invitation(office, what="Cook", name="Om") -> str:
    person = office.person(name)
    page = await person.walks(await person.says("/staff mgroad"), "Invite", what)
    return code_in(page.text.splitlines()[2])


async def test_the_list_says_who_works_there_and_as_what(office):
    page = await office.person("Om").says("/staff")
    assert page.text.startswith("People at Tiffin, MG Road\n\nAsha · cook · telegram:11111\n")
    assert "Om · owner · telegram:44444" in page.text
    assert "Dev" not in page.text
    assert page.labels == ["Asha · cook", "Ravi · rider", "Meena · manager", "Om · owner", "Invite ▸", "◂ Outlet"]


async def test_with_several_outlets_staff_asks_which(office):
    page = await office.person("Anu").says("/staff")
    assert page.labels == ["Tiffin, MG Road", "Tiffin, Indiranagar", "◂ Outlets"]
    assert "Dev" in (await office.person("Anu").taps("Tiffin, Indiranagar", page)).text


# Invitations


async def test_whoever_brings_an_invitation_works_there(office):
    om = office.person("Om")
    page = await om.walks(await om.says("/staff"), "Invite", "Cook: accepting, cooking")
    code = code_in(page.text.splitlines()[2])
    assert f"https://t.me/TiffinBot?start=s_{code}" in page.text
    assert "until 7:15 pm" in page.text

    guest = office.person("Guest")
    said = await guest.opens(f"s_{code}")
    assert said.text.startswith("Welcome to Tiffin, MG Road.\nYou work there as cook")
    assert await role(office, guest.handle) is Role.KITCHEN
    members = {each.handle: each for each in await office.services.staff.list_at(MG_ROAD)}
    assert (members[guest.handle].name, members[guest.handle].added_by) == ("Guest", om.handle)
    assert office.told("Om") == ["Guest works at Tiffin, MG Road now as cook; Om let them in."]
    made = "Om made an invitation: cook at Tiffin, MG Road."
    assert office.told("Anu") == office.told("Bala") == [made, *office.told("Om")]
    assert await office.done() == [Did.INVITE_MADE, Did.INVITE_USED, Did.STAFF_ADDED]


async def test_an_invitation_may_be_typed(office):
    guest = office.person("Guest")
    await guest.says(f"/join {(await an_invitation(office)).lower()}")
    assert await role(office, guest.handle) is Role.KITCHEN


async def test_an_invitation_is_for_the_first_who_brings_it(office):
    code = await an_invitation(office)
    await office.person("Guest").opens(f"s_{code}")
    said = await office.person("Sly").opens(f"s_{code}")
    assert said.text == "This invitation was used before. Please ask the owner for a new one."
    assert await role(office, office.person("Sly").handle) is None


async def test_ten_bring_one_invitation_at_once_and_one_gets_in(office):
    code = await an_invitation(office)
    people = [office.person(f"P{n}", handle=f"telegram:88{n}") for n in range(10)]
    said = await asyncio.gather(*(person.opens(f"s_{code}") for person in people))
    assert (
        len(await office.services.staff.list_at(MG_ROAD))
        == len([1 for _, at, _ in STAFF.values() if at == MG_ROAD]) + 1
    )
    assert sum("Welcome" in answer.text for answer in said) == 1


async def test_somebody_who_was_removed_does_not_come_back_with_the_old_invitation(office):
    code = await an_invitation(office)
    guest = office.person("Guest")
    await guest.opens(f"s_{code}")
    await office.services.staff.remove(guest.handle, MG_ROAD)
    assert "used before" in (await guest.opens(f"s_{code}")).text
    assert await role(office, guest.handle) is None


async def test_an_invitation_lives_a_quarter_of_an_hour(office):
    code = await an_invitation(office)
    office.clock.advance(timedelta(minutes=15))
    assert "no longer good" in (await office.person("Guest").opens(f"s_{code}")).text
    assert await role(office, office.person("Guest").handle) is None


async def test_an_invitation_dies_with_its_makers_right(office):
    code = await an_invitation(office)
    await office.services.staff.remove(office.person("Om").handle, MG_ROAD)
    assert "no longer good" in (await office.person("Guest").opens(f"s_{code}")).text
    assert await role(office, office.person("Guest").handle) is None


async def test_what_is_no_invitation_is_a_guests_matter(office):
    guest = office.person("Guest")
    for payload in (f"s_{new_code()}", "s_", "s_x", "s_" + "A" * 26, "o_mgroad", "t_mgroad-T1", ""):
        assert await guest.is_unheard(Start(payload))
    assert await guest.is_unheard(Text("/join"))


async def test_three_thousand_guessed_invitations_let_nobody_in(office):
    await an_invitation(office)
    sly = office.person("Sly")
    guessed = [sly.does(Start(f"s_{new_code()}"), update=f"g{n}") for n in range(300)]
    assert set(await asyncio.gather(*guessed)) == {None}
    for _ in range(27):
        refused = await asyncio.gather(*(_guess(office) for _ in range(100)))
        assert refused == ["unknown"] * 100
    assert await role(office, sly.handle) is None


async def _guess(office) -> str:
    from core.invites.errors import InviteRefused

    try:
        await office.invites.look(new_code())
    except InviteRefused as refused:
        return refused.reason
    return "let in"


async def test_a_code_that_binds_a_group_lets_no_person_in(office):
    code = code_in((await office.person("Om").says("/bind")).text)
    assert await office.person("Guest").is_unheard(Start(f"s_{code}"))
    assert await role(office, office.person("Guest").handle) is None


async def test_a_browser_cannot_work_in_a_group_at_telegram(office):
    code = await an_invitation(office)
    assert await office.person("Guest", handle="webchat:abc").is_unheard(Start(f"s_{code}"))


async def test_who_works_there_already_keeps_the_higher_role_and_the_invitation_stays_good(office):
    code = await an_invitation(office)
    assert "already, as manager" in (await office.person("Meena").opens(f"s_{code}")).text
    assert await role(office, office.person("Meena").handle) is Role.MANAGER
    await office.person("Guest").opens(f"s_{code}")
    assert await role(office, office.person("Guest").handle) is Role.KITCHEN


async def test_an_invitation_raises_somebody_who_works_there(office):
    code = await an_invitation(office, "Manager")
    await office.person("Asha").opens(f"s_{code}")
    assert await role(office, office.person("Asha").handle) is Role.MANAGER


async def test_the_update_that_let_somebody_in_may_come_again(office, monkeypatch):
    code = await an_invitation(office)
    guest = office.person("Guest")

    async def crash(*_, **__):
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(office.services.staff, "add", crash)
        with pytest.raises(RuntimeError):
            await guest.does(Start(f"s_{code}"), update="one")
    said = await guest.reads(await guest.does(Start(f"s_{code}"), update="one"))
    assert "Welcome" in said.text
    assert await role(office, guest.handle) is Role.KITCHEN


async def test_only_admins_invite_owners(office):
    om = office.person("Om")
    offered = await om.walks(await om.says("/staff"), "Invite")
    assert [label.split(":")[0] for label in offered.labels] == ["Cook", "Rider", "Manager", "◂ People"]
    forged = await om.reads(await om.does(Tap("@i|mgroad|owner")))
    assert forged.text == "Only an admin can do that. Nothing was changed."
    code = await an_invitation(office, "Owner", name="Anu")
    await office.person("Guest").opens(f"s_{code}")
    assert await role(office, office.person("Guest").handle) is Role.OWNER


async def test_without_a_name_at_telegram_the_invitation_is_a_word_to_type(office, connections, clock):
    nameless = an_office(office.services, connections, clock, bot="")
    om = nameless.person("Om")
    page = await om.walks(await om.says("/staff"), "Invite", "Rider")
    assert "t.me" not in page.text
    assert "/join " in page.text


# By number


async def test_somebody_is_hired_by_their_number_after_one_question(office):
    om = office.person("Om")
    asked = await om.says("/staff mgroad cook 123456789")
    assert asked.text.startswith("Let 123456789 work at Tiffin, MG Road as cook?")
    assert await role(office, "telegram:123456789") is None
    await om.taps("Yes", asked)
    assert await role(office, "telegram:123456789") is Role.KITCHEN
    assert office.told("Anu") == ["123456789 works at Tiffin, MG Road now as cook; Om let them in."]


async def test_what_is_missing_is_asked_for(office):
    anu = office.person("Anu")
    where = await anu.says("/staff 123456789")
    what = await anu.taps("Tiffin, Indiranagar", where)
    assert what.labels[0].startswith("Cook: accepting")
    await anu.taps("Rider", what)
    assert await role(office, "telegram:123456789", INDIRA) is Role.RIDER


async def test_forwarding_somebodys_message_is_another_way_to_hire_them(office):
    om = office.person("Om")
    asked = await om.says("see you at five", forwarded="1", forwarded_from="123456789")
    assert asked.text == "Let 123456789 work at Tiffin, MG Road? As what?"
    await om.taps("Cook", asked)
    assert await role(office, "telegram:123456789") is Role.KITCHEN
    picture = await om.reads(await om.does(Media("photo"), forwarded="1", forwarded_from="55555"))
    assert picture.text.startswith("Let 55555 work")


async def test_a_forwarded_command_is_not_the_admins_word(office):
    om = office.person("Om")
    asked = await om.says("/pause 30", forwarded="1", forwarded_from="666000")
    assert asked.text.startswith("Let 666000 work at")
    assert await om.is_unheard("/pause 30", forwarded="1")
    assert office.outlet().paused_until_ms == 0
    assert await office.person("Guest").is_unheard("hello", forwarded="1", forwarded_from="123456789")


@pytest.mark.parametrize(
    "words", ["mgroad cook", "mgroad cook @asha", "mgroad cook 12", "mgroad king 123456789",
              "mgroad cook 123456789 987654321", "mgroad cook rider 123456789",
              "mgroad cook 99999999999999999", "mgroad cook -123456789"]
)  # fmt: skip
async def test_names_and_nonsense_hire_nobody(office, words):
    page = await office.person("Om").says(f"/staff {words}")
    assert page.text.startswith("To add somebody:")
    assert await office.done() == []


async def test_an_owner_hires_nobody_elsewhere_and_no_owner(office):
    om = office.person("Om")
    assert (
        "no such thing"
        in (await om.reads(await om.does(Tap(f"@h|indira|123456789|kitchen|{office.clock.ms() // 1000}")))).text
    )
    assert "Only an admin" in (await om.says("/staff mgroad owner 123456789")).text
    forged = await om.reads(await om.does(Tap(f"@h|mgroad|123456789|owner|{office.clock.ms() // 1000}")))
    assert "Only an admin" in forged.text
    for bad in ("0", "-5", "9007199254740993"):
        answer = await om.reads(await om.does(Tap(f"@h|mgroad|{bad}|kitchen|{office.clock.ms() // 1000}")))
        assert "no such thing" in answer.text or "too old" in answer.text
    assert await office.done() == []


# Roles and goodbyes


async def test_a_role_is_changed_after_one_question(office):
    om = office.person("Om")
    asked = await om.walks(await om.says("/staff"), "Asha", "Make manager")
    assert asked.text.startswith("Make Asha manager at Tiffin, MG Road? That is: all orders")
    assert await role(office, STAFF["Asha"][0]) is Role.KITCHEN
    await om.taps("Yes", asked)
    assert await role(office, STAFF["Asha"][0]) is Role.MANAGER
    assert office.told("Anu") == ["Om made Asha manager at Tiffin, MG Road."]


async def test_somebody_is_removed_after_one_question_and_is_out_at_once(office):
    om = office.person("Om")
    asked = await om.walks(await om.says("/staff"), "Asha", "Remove")
    assert await role(office, STAFF["Asha"][0]) is Role.KITCHEN
    page = await om.taps("Yes, remove", asked)
    assert "Asha" not in page.text
    assert await role(office, STAFF["Asha"][0]) is None
    assert office.told("Bala") == ["Om removed Asha from Tiffin, MG Road."]
    assert "no such thing" in (await om.taps("Yes, remove", asked)).text


async def test_an_old_yes_removes_nobody(office):
    om = office.person("Om")
    asked = await om.walks(await om.says("/staff"), "Asha", "Remove")
    office.clock.advance(timedelta(minutes=11))
    assert "too old" in (await om.taps("Yes, remove", asked)).text
    assert await role(office, STAFF["Asha"][0]) is Role.KITCHEN


async def test_owners_touch_no_owner_and_nobody_touches_their_own_role(office):
    await office.services.staff.add(Handle("telegram:45454"), MG_ROAD, Role.OWNER, name="Oma")
    om = office.person("Om")
    for name in ("Om · owner", "Oma · owner"):
        page = await om.walks(await om.says("/staff"), name)
        assert page.labels == ["◂ People"]
    from bot.admin.actions import RemovePerson, SetRole, fingerprint

    now = office.clock.ms() // 1000
    for handle in (om.handle, "telegram:45454"):
        mark = fingerprint(f"mgroad:{handle}")
        for action in (
            RemovePerson(outlet=MG_ROAD, person=mark, asked=now),
            SetRole(outlet=MG_ROAD, person=mark, role=Role.RIDER, asked=now),
        ):
            assert "Only an admin" in (await om.reads(await om.does(Tap(action.pack())))).text
    assert await office.done() == []
    anu = office.person("Anu")
    await anu.walks(await anu.says("/staff mgroad"), "Oma", "Remove", "Yes, remove")
    assert await role(office, "telegram:45454") is None
