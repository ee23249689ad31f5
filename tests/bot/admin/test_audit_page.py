"""What was done lately, read back in sentences."""

from datetime import timedelta

import pytest

from bot.admin.words import act_said
from bot.conversation.texts import Texts
from core.audit.models import Act, Did
from tests.bot.kitchen.builders import INDIRA

FACTS = {"person": "Asha", "role": "kitchen", "until_ms": 1_772_458_200_000, "was": 9_000, "now": 9_500, "dish": "Naan",
         "names": "Sly", "old": "telegram:-1", "where": "telegram:-1"}  # fmt: skip


async def test_the_last_acts_newest_first(office):
    om, anu = office.person("Om"), office.person("Anu")
    await om.says("/pause 30")
    office.clock.advance(timedelta(minutes=5))
    await anu.says("/pause indira 1h")
    page = await anu.says("/audit")
    assert page.text == (
        "What was done lately\n\n"
        "7:05 pm · Anu stopped orders at Tiffin, Indiranagar until 8:05 pm.\n"
        "7:00 pm · Om stopped orders at Tiffin, MG Road until 7:30 pm."
    )
    assert "Indiranagar" not in (await om.says("/audit")).text
    assert (await office.person("Uma").says("/audit")).text.count("\n") == 2
    assert office.outlet(INDIRA).paused_until_ms


async def test_twenty_are_shown(office):
    for minute in range(25):
        office.clock.advance(timedelta(minutes=1))
        await office.audit.record(Did.OUTLET_RESUMED, "telegram:900", name=f"N{minute}", outlet="mgroad")
    page = await office.person("Anu").says("/audit")
    assert page.text.count("opened Tiffin, MG Road for orders again") == 20
    assert "N24" in page.text
    assert "N4 " not in page.text


async def test_before_anything_was_done_the_page_says_so(office):
    assert (await office.person("Om").says("/audit")).text.endswith("Nothing yet.")


@pytest.mark.parametrize("did", list(Did))
@pytest.mark.parametrize("purpose", ["bind_group:mgroad", "staff:mgroad:rider"])
def test_every_act_is_a_sentence_even_at_an_outlet_that_is_gone(did, purpose):
    act = Act(id="aud_1", did=did, at_ms=0, by="telegram:900", name="Anu", outlet="gone", about=purpose, facts=FACTS)
    said = act_said(Texts.of("en"), act, None).plain
    assert said.endswith(".")
    assert "gone" in said or did is Did.ORPHAN_CLOSED, "which is no outlet's"
    assert "{" not in said


async def test_an_echo_reaches_every_other_admin_and_never_a_group(office):
    await office.person("Anu").says("/pause mgroad 30")
    assert office.told("Anu") == []
    assert office.told("Bala") == office.told("Om") == ["Anu stopped orders at Tiffin, MG Road until 7:30 pm."]
    assert office.webchat.chats == {}


async def test_an_echo_that_cannot_be_sent_does_not_hold_up_the_act(office):
    office.telegram.closed.add(office.person("Bala").chat)
    await office.person("Anu").says("/pause mgroad 30")
    assert len(office.told("Om")) == 1
    assert office.outlet().paused_until_ms
