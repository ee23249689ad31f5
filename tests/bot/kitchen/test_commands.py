"""What staff type in their group."""

import pytest

from bot.kitchen.commands import Command, read_command
from core.outlets.hours import opening
from core.outlets.models import Fulfilment
from tests.bot.kitchen.builders import INDIRA_GROUP


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/orders", (Command.ORDERS, "")),
        ("  /ORDERS@TiffinBot  K 472 ", (Command.ORDERS, "K 472")),
        ("/soldout  paneer   tikka", (Command.SOLDOUT, "paneer tikka")),
        ("/start", (Command.HELP, "")),
        ("/pause\n20", (Command.PAUSE, "20")),
        ("/weather", None),
        ("orders please", None),
        ("2 / 3", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_command_is_read_however_it_is_typed(text, read):
    assert read_command(text) == read


async def test_people_talk_in_their_group_undisturbed(evening):
    asha = evening.cook("Asha")
    assert await asha.says("Is the second tandoor lit?") == []
    assert await asha.says("/weather") == []


async def test_orders_lists_what_is_at_hand_and_opens_each_card(evening):
    first, second = await evening.new_order(), await evening.new_order(how=Fulfilment.DINE_IN)
    asha = evening.cook("Asha")
    listed = (await asha.says("/orders"))[0]
    assert listed.labels == [first.code, second.code]
    assert "K 473 · just now · Dine in Table T2 · 5 dishes" in listed.text
    card = (await asha.taps("K 473", listed))[0]
    assert card.text.startswith("K 473 · DINE IN · Table T2")
    await asha.taps("Accept +15", card)
    assert "COOKING" in card.text
    await evening.deliver()
    assert "COOKING" in evening.card(second).text


async def test_orders_with_a_code_shows_that_card_whatever_became_of_it(evening):
    order = await evening.new_order()
    asha = evening.cook("Asha")
    assert (await asha.says("/orders k472"))[0].text.startswith("K 472 · DELIVERY")
    await evening.services.orders.cancel(order.id, order.customer)
    assert "Cancelled" in (await asha.says("/orders K 472"))[0].text
    assert (await asha.says("/orders Z 999"))[0].text == "No order of today is called “Z 999”."
    other = evening.cook("Dev", chat=INDIRA_GROUP)
    assert (await other.says("/orders K 472"))[0].text == "No order of today is called “K 472”."


async def test_a_dish_that_ran_out_leaves_the_menu_by_its_name_and_comes_back(evening):
    asha = evening.cook("Asha")
    said = (await asha.says("/soldout panir tikka"))[0]
    assert said.text == "Paneer Tikka is sold out until 10:45 pm. Asha"
    tikka = evening.services.menu.snapshot("mgroad").get("mgroad.paneer-tikka")
    assert tikka.sold_out(evening.clock.ms())
    assert not evening.services.menu.snapshot("indira").get("indira.paneer-tikka").sold_out(evening.clock.ms())

    listed = (await asha.says("/soldout"))[0]
    assert "Paneer Tikka · until 10:45 pm" in listed.text
    await asha.taps("Paneer Tikka is back", listed)
    assert listed.text == "Paneer Tikka is on the menu again. Asha"
    assert (await asha.says("/back paneer tikka"))[0].text == "Paneer Tikka is on the menu already."
    assert (await asha.says("/back"))[0].text.startswith("Every dish is on the menu.")


async def test_a_name_that_fits_several_dishes_asks_which_one(evening):
    asha = evening.cook("Asha")
    asked = (await asha.says("/soldout naan"))[0]
    assert asked.text == "Which dish ran out?"
    assert sorted(asked.labels) == ["Butter Naan", "Garlic Naan"]
    assert (await asha.says("/soldout butter naan"))[0].text.startswith("Butter Naan is sold out")
    await asha.says("/back butter naan")
    await asha.taps("Garlic Naan", asked)
    assert asked.text == "Garlic Naan is sold out for how long?"
    await asha.taps("Until told otherwise", asked)
    assert asked.text == "Garlic Naan is sold out until /back puts it on the menu again. Asha"
    assert (await asha.says("/back naan"))[0].text == "Garlic Naan is on the menu again. Asha"
    assert (await asha.says("/soldout sushi"))[0].text == "No dish is called “sushi”."
    assert (await asha.says("/back sushi"))[0].text == "No sold-out dish is called “sushi”."


async def test_several_sold_out_dishes_of_one_name_are_asked_about(evening):
    asha = evening.cook("Asha")
    for dish in ("garlic naan", "butter naan"):
        await asha.says(f"/soldout {dish}")
    asked = (await asha.says("/back naan"))[0]
    assert (asked.text, sorted(asked.labels)) == ("Which dish is back?", ["Butter Naan", "Garlic Naan"])


async def test_an_hour_and_tomorrow_mean_what_they_say(evening):
    asha = evening.cook("Asha")
    said = (await asha.says("/soldout filter coffee"))[0]
    await asha.taps("Other time", said)
    await asha.taps("1 hour", said)
    assert said.text == "Filter Coffee is sold out until 8:00 pm. Asha"
    await asha.taps("Other time", said)
    await asha.taps("Back tomorrow", said)
    assert said.text == "Filter Coffee is sold out until Tue 3 Mar, 4:00 am. Asha"


async def test_a_dish_that_left_the_menu_meanwhile_is_said_to_have_left(evening):
    gone = await evening.cook("Asha").taps_action("kso|no-such-dish|cl")
    assert gone[0].text == "That dish is no longer on the menu."


async def test_a_pause_ends_by_itself_or_by_a_tap(evening):
    asha, outlets, clock = evening.cook("Asha"), evening.services.outlets, evening.clock
    said = (await asha.says("/pause 20"))[0]
    assert said.text.startswith("Tiffin, MG Road takes no orders until 7:20 pm. Asha")
    assert not opening(outlets.require("mgroad"), clock.now()).open
    assert opening(outlets.require("indira"), clock.now()).open
    evening.minutes_pass(21)
    assert opening(outlets.require("mgroad"), clock.now()).open

    said = (await asha.says("/pause"))[0]
    assert "until 7:51 pm" in said.text
    await asha.taps("60 min from now", said)
    assert "until 8:21 pm" in said.text
    await asha.taps("Open again now", said)
    assert said.text == "Tiffin, MG Road takes orders again. Asha"
    assert opening(outlets.require("mgroad"), clock.now()).open
    assert (await asha.says("/resume"))[0].text.startswith("There is no pause.")


@pytest.mark.parametrize(
    ("minutes", "until"),
    [("1h", "8:00 pm"), ("90 min", "8:30 pm"), ("5", "7:05 pm"), ("२०", "7:20 pm"), ("720", "Tue 3 Mar, 7:00 am")],
)
async def test_a_pause_is_as_long_as_it_is_said(evening, minutes, until):
    assert until in (await evening.cook("Asha").says(f"/pause {minutes}"))[0].text


@pytest.mark.parametrize("minutes", ["0", "-5", "4", "721", "99999", "1e9", "soon", "20 parsecs"])
async def test_a_pause_of_nonsense_is_asked_again(evening, minutes):
    assert (await evening.cook("Asha").says(f"/pause {minutes}"))[0].text.startswith("For how long?")
    assert evening.services.outlets.require("mgroad").paused_until_ms == 0


async def test_hours_show_the_week_ahead_with_its_holidays(evening):
    holiday = {"holidays": ("2026-03-04",)}
    await evening.services.outlets.alter("mgroad", lambda it: it.model_copy(update=holiday))
    lines = (await evening.cook("Ravi").says("/hours"))[0].text.splitlines()
    assert lines[0] == "Tiffin, MG Road"
    assert lines[2] == "Open, last orders at 10:45 pm."
    assert lines[4] == "Mon 2 Mar: 11:00 am – 11:00 pm"
    assert lines[6] == "Wed 4 Mar: closed"
    assert len(lines) == 11


async def test_help_names_every_command(evening):
    text = (await evening.cook("Ravi").says("/help"))[0].text
    assert all(f"/{command}" in text for command in Command if command is not Command.HELP)
