"""The outlets, their state, and the switch that stops orders."""

from datetime import timedelta

import pytest

from core.audit.models import Did
from core.outlets.hours import opening
from tests.bot.kitchen.builders import GROUP, INDIRA, INDIRA_GROUP, MG_ROAD


async def test_the_list_names_state_groups_people_and_orders(office):
    await office.order()
    await office.services.outlets.pause(INDIRA, 30, "", "telegram:55555")
    page = await office.person("Anu").says("/outlets")
    assert page.text == (
        "2 outlets\n\n"
        "Tiffin, MG Road · mgroad\nOpen, last orders at 10:45 pm\nGroups 1 · people 4 · orders at hand 1\n"
        "Tiffin, Indiranagar · indira\nTakes no orders until 7:30 pm\nGroups 1 · people 2 · orders at hand 0\n\n"
        "Also: /find K 472 or the end of a phone · /price masala dosa 120 · /staff · /menu · /audit"
    )
    assert page.labels == ["Tiffin, MG Road", "Tiffin, Indiranagar", "Switch orders off or on", "Last acts"]


async def test_every_page_is_reached_by_buttons_alone(office):
    """From /outlets to everything that changes something, without typing another word."""
    anu = office.person("Anu")
    seen, queue = set(), [await anu.says("/outlets")]
    while queue:
        page = queue.pop()
        for row in page.outgoing.buttons:
            for button in row:
                tag = button.action.partition("|")[0]
                if button.action and (tag, button.label) not in seen:
                    seen.add((tag, button.label))
                    if tag.endswith("?") or tag in ("@ls", "@o", "@sw", "@s", "@m", "@d", "@a", "@b", "@i"):
                        queue.append(await anu.taps(button.label, page))
    reached = {tag for tag, _ in seen}
    changing = {"@p", "@u", "@mr", "@mx", "@i", "@b"}
    assert changing <= reached, reached


async def test_stopping_orders_asks_once_says_for_how_long_and_tells_everybody(office):
    anu = office.person("Anu")
    asked = await anu.walks(await anu.says("/switch"), "Off: Tiffin, MG Road")
    assert asked.text.startswith("Stop orders at Tiffin, MG Road? For how long?")
    assert office.outlet().paused_until_ms == 0
    said = await anu.taps("2 hours", asked)
    assert said.text.startswith("Tiffin, MG Road takes no orders until 9:00 pm. Anu")
    assert opening(office.outlet(), office.clock.now()).paused
    assert office.group() == ["Tiffin, MG Road takes no orders until 9:00 pm. Anu"]
    assert office.told("Bala") == ["Anu stopped orders at Tiffin, MG Road until 9:00 pm."]
    assert office.told("Om") == office.told("Bala")
    assert office.told("Anu") == office.told("Uma") == []
    (act,) = await office.acts()
    assert (act.did, act.by, act.outlet) == (Did.OUTLET_PAUSED, anu.handle, MG_ROAD)

    again = await anu.taps("Open again now", said)
    assert again.text.startswith("Tiffin, MG Road takes orders again.")
    assert office.outlet().paused_until_ms == 0
    assert office.group()[-1] == "Tiffin, MG Road takes orders again. Anu"
    assert await office.done() == [Did.OUTLET_PAUSED, Did.OUTLET_RESUMED]


@pytest.mark.parametrize(
    ("label", "until"),
    [("30 minutes", "7:30 pm"), ("Until tomorrow", "Tue 3 Mar, 4:00 am"), ("7 days", "Mon 9 Mar, 7:00 pm")],
)
async def test_each_span_ends_when_it_says(office, label, until):
    om = office.person("Om")
    asked = await om.says("/pause")
    assert f"takes no orders until {until}" in (await om.taps(label, asked)).text


async def test_until_tomorrow_asked_after_midnight_ends_this_morning(office):
    office.clock.advance(timedelta(hours=6, minutes=10, seconds=20))  # 1:10 in the night
    om = office.person("Om")
    assert "until 4:00 am" in (await om.taps("Until tomorrow", await om.says("/pause"))).text


async def test_a_yes_that_comes_after_ten_minutes_does_nothing(office):
    om = office.person("Om")
    asked = await om.says("/pause")
    office.clock.advance(timedelta(minutes=10, seconds=2))
    assert "too old" in (await om.taps("7 days", asked)).text
    assert office.outlet().paused_until_ms == 0


async def test_a_typed_time_needs_no_second_question(office):
    anu = office.person("Anu")
    assert "until 9:00 pm" in (await anu.says("/pause indira 2h")).text
    assert office.outlet(INDIRA).paused_until_ms
    assert office.group(INDIRA_GROUP) == ["Tiffin, Indiranagar takes no orders until 9:00 pm. Anu"]
    assert "takes orders again" in (await anu.says("/resume indira")).text
    assert "is not paused" in (await anu.says("/resume indira")).text


@pytest.mark.parametrize(
    "words", ["/pause mgroad 4", "/pause mgroad 8d", "/pause mgroad soon", "/pause mgroad -5", "/pause mgroad ३०"]
)
async def test_a_time_that_is_none_is_asked_for_again(office, words):
    assert (await office.person("Anu").says(words)).text.startswith("For how long?")
    assert office.outlet().paused_until_ms == 0


async def test_with_several_outlets_pause_asks_which(office):
    page = await office.person("Anu").says("/pause")
    assert page.labels[:2] == ["Off: Tiffin, MG Road", "Off: Tiffin, Indiranagar"]


async def test_a_group_that_is_away_does_not_keep_an_outlet_open(office):
    office.telegram.closed.add(GROUP)
    await office.person("Om").says("/pause 30")
    assert office.outlet().paused_until_ms


async def test_an_outlet_without_a_group_says_so(office):
    await office.services.outlets.alter(MG_ROAD, lambda it: it.model_copy(update={"groups": ()}))
    om = office.person("Om")
    assert "No group yet: nobody is told of orders." in (await om.says("/outlets mgroad")).text
