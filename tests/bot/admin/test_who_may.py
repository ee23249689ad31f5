"""Who is heard at the desk of owners and admins, and where."""

import pytest

from bot.admin.actions import OpenOutlet, OpenOutlets
from bot.conversation.incoming import Contact, Left, Location, Media, Start, Tap
from core.ids import Handle
from core.staff.models import Role
from tests.bot.admin.office import ADMINS, OTHERS
from tests.bot.kitchen.builders import GROUP, MG_ROAD

COMMANDS = [
    *("/outlets", "/staff", "/menu", "/price garlic naan 95", "/find K 472", "/order K 472", "/pause", "/pause 30"),
    *("/resume", "/switch", "/audit", "/bind"),
]


async def test_an_admin_sees_every_outlet_and_an_owner_their_own(office):
    every = await office.person("Anu").says("/outlets")
    assert "Tiffin, MG Road" in every.text
    assert "Tiffin, Indiranagar" in every.text
    assert every.text.startswith("2 outlets")

    own = await office.person("Om").says("/outlets")
    assert own.text.startswith("1 outlet")
    assert "Indiranagar" not in own.text + "".join(own.labels)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["Guest", "Asha", "Ravi", "Meena", "Dev"])
async def test_nobody_else_is_heard(office, name, command):
    assert await office.person(name).is_unheard(command)
    assert await office.done() == []


@pytest.mark.parametrize("command", COMMANDS)
async def test_nobody_is_heard_in_a_group(office, command):
    for name in ("Anu", "Om"):
        if command != "/bind":
            assert await office.person(name, chat=GROUP).is_unheard(command)
    assert await office.done() == []


async def test_a_group_that_is_nobodys_gets_no_answer_at_all(office):
    anu = office.person("Anu", chat="telegram:-1777")
    for content in (Start(), Start("o_mgroad"), Tap("menu"), Left(), Media("photo"), Location(12.9, 77.6)):
        assert await anu.does(content) == ()
    assert await anu.does(Contact("+919876543210", own=False)) == ()


async def test_a_channel_that_calls_a_chat_and_its_person_differently_is_no_group(office):
    """As WhatsApp may, whose people can hide their numbers: nobody there is silenced, and nobody there is an admin."""
    anu = office.person("Anu", handle="whatsapp:CC.900", chat="whatsapp:+919000000900")
    for text in ("hello", "/outlets", "/bind 0123", "/menu"):
        assert await anu.is_unheard(text)


async def test_the_name_counts_for_nothing_and_the_number_for_everything(office):
    impostor = office.person("Anu", handle="telegram:90000")
    assert await impostor.is_unheard("/outlets")
    renamed = office.person("Sly", handle="telegram:900")
    assert (await renamed.says("/outlets")).text.startswith("2 outlets")


@pytest.mark.parametrize(
    "handle", ["telegram:bot-900", "telegram:anon", "webchat:900", "whatsapp:900", "telegram:0900"]
)
async def test_only_a_persons_own_number_is_an_admins(office, handle):
    assert await office.person("Anu", handle=handle).is_unheard("/outlets")


async def test_an_owner_who_was_removed_is_out_at_once(office):
    om = office.person("Om")
    page = await om.says("/outlets")
    await office.services.staff.remove(om.handle, MG_ROAD)
    assert await om.is_unheard("/outlets")
    assert await om.is_unheard(Tap(page.button("Tiffin, MG Road").action))


async def test_an_owner_whose_role_shrank_is_out_at_once(office):
    om = office.person("Om")
    assert (await om.says("/menu")).text.startswith("Menu")
    await office.services.staff.add(om.handle, MG_ROAD, Role.MANAGER)
    assert await om.is_unheard("/outlets")


async def test_somebody_who_became_an_owner_is_heard_at_once_even_with_a_word_guests_use(office):
    asha = office.person("Asha")
    assert await asha.is_unheard("/menu")
    await office.services.staff.add(asha.handle, MG_ROAD, Role.OWNER)
    assert "MG Road" in (await asha.says("/outlets")).text
    from datetime import timedelta

    office.clock.advance(timedelta(seconds=20))
    assert (await asha.says("/menu")).text.startswith("Menu")


async def test_a_menu_asked_for_by_guests_costs_no_look_at_the_database(office, monkeypatch):
    guest = office.person("Guest")
    assert await guest.is_unheard("/menu")

    async def looked(*_):
        raise AssertionError("the database was asked about a guest")

    monkeypatch.setattr(office.services.staff._store, "of_handle", looked)
    monkeypatch.setattr(office.services.staff._store, "of_outlet", looked)
    for text in ("/menu", "/cart", "2 masala dosa", "/orders", "hello"):
        assert await guest.is_unheard(text)
    assert await guest.is_unheard(Tap("menu"))


async def test_a_forged_button_of_the_desk_is_a_guests_stale_button(office):
    assert await office.person("Guest").is_unheard(Tap(OpenOutlets().pack()))
    assert await office.person("Guest").is_unheard(Tap("@r|mgroad"))


@pytest.mark.parametrize(
    "packed",
    [
        *("@o|indira", "@p?|indira", "@p|indira|wk|1772458200", "@r|indira", "@b|indira", "@s|indira", "@i?|indira"),
        *("@i|indira|kitchen", "@h?|indira|12345", "@h|indira|12345|kitchen|1772458200", "@d|indira", "@o|nowhere"),
    ],
)
async def test_an_owner_gets_nothing_of_another_outlet(office, packed):
    answer = await office.person("Om").reads(await office.person("Om").does(Tap(packed)))
    assert answer.text == "There is no such thing (any more). /outlets shows what there is."
    assert await office.done() == []
    assert office.outlet(office.outlet().id).paused_until_ms == 0


@pytest.mark.parametrize(
    "packed", ["@zz", "@o", "@o|mgroad|x", "@p|mgroad|never|1", "@c|x|y|z", "@", "@mr|mgroad|x|king|1"]
)
async def test_whatever_stands_in_a_button_the_desk_answers(office, packed):
    answer = await office.person("Anu").reads(await office.person("Anu").does(Tap(packed)))
    assert "too old" in answer.text
    assert await office.done() == []


async def test_the_same_update_again_has_one_effect_and_the_same_answer(office):
    anu = office.person("Anu")
    card = await anu.walks(await anu.says("/outlets"), "Tiffin, MG Road", "Stop orders")
    first = await anu.taps("2 hours", card, update="same")
    again = await anu.taps("2 hours", card, update="same")
    assert again.outgoing == first.outgoing
    assert len(await office.acts()) == 1
    assert len(office.told("Bala")) == 1


async def test_the_desk_works_without_redis(office, monkeypatch):
    from core.errors import StoreError

    async def gone(*_, **__):
        raise StoreError("redis is away")

    for call in ("begin", "end", "abandon"):
        monkeypatch.setattr(office.services.conversations, call, gone)
    anu = office.person("Anu")
    card = await anu.walks(await anu.says("/outlets"), "Tiffin, MG Road", "Stop orders")
    await anu.taps("7 days", card)
    assert office.outlet().paused_until_ms > office.clock.ms()


async def test_a_page_swaps_the_message_it_was_tapped_on(office):
    anu = office.person("Anu")
    answer = await anu.does(Tap(OpenOutlet(outlet=MG_ROAD).pack()), message="120")
    assert [outgoing.replaces for outgoing in answer] == ["120"]
    assert not (await anu.says("/outlets")).outgoing.replaces


def test_the_admins_of_the_tests_are_named_by_number():
    assert [Handle(f"telegram:{number}") for number in ADMINS] == [OTHERS["Anu"], OTHERS["Bala"]]
