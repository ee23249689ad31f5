import asyncio

import pytest

from bot.conversation.text_order import OrderIndexes, ParsedLine, build_index, parse, table_named
from core.cart.models import MAX_NOTE, Selection
from core.ids import MenuItemId, OutletId
from core.menu.menu_file import read_menu
from core.menu.models import Choice, Diet, MenuItem, OptionGroup, Variant
from core.menu.snapshot import MenuSnapshot
from core.money import Money
from core.outlets.models import Fulfilment
from tests.bot.conversation.hearing import MENU, heard, menu, written

ONE_SIZE = (Variant(code="one", price=Money(100)),)


def a_dish(name: str, **more) -> MenuItem:
    code = name.lower().replace(" ", "-")
    fields = {"category": "food", "diet": Diet.VEG, "variants": ONE_SIZE, **more}
    return MenuItem(id=MenuItemId(f"here.{code}"), outlet=OutletId("here"), code=code, name=name, **fields)


def sizes(*names: str) -> tuple[Variant, ...]:
    return tuple(Variant(code=name.lower().replace(" ", "-"), name=name, price=Money(100)) for name in names)


def options(code: str, *choices: str, **more) -> OptionGroup:
    made = tuple(Choice(code=choice.lower().replace(" ", "-"), name=choice) for choice in choices)
    return OptionGroup(code=code, name=code, choices=made, **more)


def the_line(text: str, *items: MenuItem) -> ParsedLine:
    (line,) = parse(text, build_index(items)).lines
    return line


def on(text: str, *items: MenuItem) -> str:
    return written(parse(text, build_index(items)))


class TestALineForTheCart:
    def test_what_the_guest_named_and_what_the_menu_preselects_go_into_the_cart_together(self):
        naan = a_dish("Naan", groups=(options("butter", "Plain", "Butter", min=1, default=("butter",)),))
        assert the_line("2 naan", naan).selections == (Selection(group="butter", choice="butter"),)
        assert the_line("2 plain naan", naan).selections == (Selection(group="butter", choice="plain"),)
        line = the_line("2 plain naan hot", naan).cart_line()
        assert (line.item, line.variant, line.qty, line.note) == ("here.naan", "one", 2, "hot")

    def test_a_preselected_extra_can_be_declined(self):
        thali = a_dish("Thali", groups=(options("extras", "Pickle", "Papad", max=2, default=("pickle", "papad")),))
        line = the_line("1 thali no pickle", thali)
        assert line.declined == (Selection(group="extras", choice="pickle"),)
        assert line.selections == (Selection(group="extras", choice="papad"),)
        assert line.note == ""

    def test_a_size_that_was_not_said_is_asked(self):
        line = the_line("2 coffee", a_dish("Coffee", variants=sizes("Small", "Large")))
        assert (line.variant, line.questions, line.complete) == (None, ("size",), False)
        with pytest.raises(ValueError, match="size"):
            line.cart_line()

    def test_an_option_the_kitchen_must_know_is_asked(self):
        egg = a_dish("Egg", groups=(options("how", "Boiled", "Poached", min=1),))
        assert the_line("2 egg", egg).questions == ("how",)
        assert the_line("2 egg poached", egg).complete

    def test_more_options_than_allowed_are_asked_rather_than_chosen(self):
        tea = a_dish("Tea", groups=(options("sugar", "No sugar", "Less sugar", default=("no-sugar",)),))
        line = the_line("tea no sugar less sugar", tea)
        assert (line.options, line.disputed, line.questions) == ((), ("sugar",), ("sugar",))

    def test_an_option_that_ran_out_is_named(self):
        cheese = Choice(code="cheese", name="Extra cheese", sold_out=True)
        dosa = a_dish("Dosa", groups=(OptionGroup(code="on", name="On it", choices=(cheese,)),))
        (problem,) = parse("2 dosa extra cheese", build_index([dosa])).problems
        assert (problem.kind, problem.said, problem.line.options) == ("option_sold_out", "Extra cheese", ())

    def test_a_wish_the_menu_does_not_offer_is_a_note_to_the_kitchen(self):
        line = the_line("dosa no chutney and less oil, crispy please", a_dish("Dosa"))
        assert line.note == "no chutney, less oil, crispy"

    def test_a_note_is_no_longer_than_a_cart_line_may_hold(self):
        line = the_line(
            "dosa no " + " no ".join(f"ingredient{letter}" for letter in "abcdefghijklmnopq"), a_dish("Dosa")
        )
        assert len(line.note) <= MAX_NOTE
        assert line.note.endswith("…")

    def test_the_exact_name_scores_highest(self):
        dishes = a_dish("Paneer Tikka"), a_dish("Garlic Naan")
        exact, sounding, partly = (the_line(said, *dishes).score for said in ("paneer tikka", "panir tika", "1 naan"))
        assert exact == 1.0
        assert exact > sounding > partly


class TestDoubt:
    def test_two_dishes_that_fit_equally_are_both_offered(self):
        asked = on("2 dosa no onion", a_dish("Masala Dosa"), a_dish("Plain Dosa"))
        assert asked == "? dosa = 2 masala-dosa “no onion”, 2 plain-dosa “no onion”"

    def test_the_only_dish_of_its_kind_needs_no_question(self):
        assert on("2 coffee", a_dish("Filter Coffee"), a_dish("Masala Tea")) == "2 filter-coffee"

    def test_part_of_a_name_that_is_not_its_noun_is_only_suggested(self):
        assert on("2 filter", a_dish("Filter Coffee"), a_dish("Masala Tea")) == "? filter = 2 filter-coffee"

    def test_a_dish_of_which_every_word_was_said_wins_over_longer_names(self):
        dishes = a_dish("Paneer Tikka"), a_dish("Paneer Tikka Roll"), a_dish("Paneer Tikka Masala")
        assert on("2 paneer tikka", *dishes) == "2 paneer-tikka"
        assert on("2 paneer tikka masala", *dishes) == "2 paneer-tikka-masala"

    def test_a_size_narrows_the_question(self):
        dishes = a_dish("Chicken Curry", variants=sizes("Half", "Full")), a_dish("Egg Curry")
        assert on("half curry", *dishes) == "? curry = 1~ chicken-curry:half"

    def test_the_candidates_bring_their_quantity_size_and_wishes(self):
        order = parse("2 large biryani no onion", build_index([
            a_dish("Veg Biryani", variants=sizes("Small", "Large")),
            a_dish("Egg Biryani", variants=sizes("Small", "Large"), groups=(options("out", "No onion"),)),
        ]))  # fmt: skip
        (question,) = order.ambiguous
        veg, egg = question.candidates
        assert (veg.qty, veg.variant, veg.note, veg.options) == (2, "large", "no onion", ())
        assert (egg.qty, egg.variant, egg.note) == (2, "large", "")
        assert egg.options == (Selection(group="out", choice="no-onion"),)


class TestNames:
    def test_a_number_in_a_name_is_no_quantity(self):
        chicken = a_dish("Chicken 65")
        assert on("chicken 65", chicken) == "1~ chicken-65"
        assert on("3 chicken 65 x", chicken) == "3 chicken-65"

    def test_a_word_that_is_also_a_number_stays_in_its_name(self):
        assert on("do paneer do pyaza", a_dish("Paneer Do Pyaza")) == "2 paneer-do-pyaza"

    def test_an_and_inside_a_name_joins_no_two_dishes(self):
        dishes = a_dish("Mac and Cheese"), a_dish("Cheese")
        assert on("2 mac and cheese", *dishes) == "2 mac-and-cheese"
        assert on("2 mac & cheese and 1 cheese", *dishes) == "2 mac-and-cheese; 1 cheese"

    def test_what_stands_in_brackets_need_not_be_said(self):
        assert on("2 idli", a_dish("Idli (2 pcs)")) == "2 idli-(2-pcs)"

    def test_an_alias_in_any_script_names_the_dish(self):
        assert on("दो चाय", a_dish("Masala Tea", aliases=("चाय",))) == "2 masala-tea"

    def test_a_menu_in_hindi_is_found_in_latin_letters(self):
        assert on("2 masala dosa", a_dish("मसाला डोसा")) == "2 मसाला-डोसा"

    def test_a_known_food_is_not_taken_for_another_with_a_similar_name(self):
        assert on("2 pasta", a_dish("Pista")) == "unknown pasta"

    @pytest.mark.parametrize(
        "said", ["what a nice price", "by card", "is it late", "main aaya", "better luck next time"]
    )
    def test_everyday_words_are_no_misspelled_dishes(self, said):
        dishes = [a_dish(name) for name in ("Rice", "Curd", "Latte", "Naan", "Butter", "Chaat", "Soup", "Papad")]
        assert on(said, *dishes) == ""


class TestHindiAndEnglish:
    def test_is_and_are_mean_something_else_in_hindi(self):
        assert heard("are masala dosa dena", "hi") == "1~ masala-dosa"
        assert heard("is masala dosa spicy", "en") == ""

    def test_digits_of_both_scripts_count(self):
        assert heard("१२ नान") == heard("12 naan") == "12 naan"

    def test_the_same_order_is_heard_alike_in_three_spellings(self):
        spellings = ("दो मसाला डोसा बिना प्याज़", "do masala dosa bina pyaz", "two masala dosa without onion")
        assert {heard(said) for said in spellings} == {"2 masala-dosa +dosa=no-onion"}


class TestHints:
    def test_hints_alone_are_heard_too(self):
        order = parse("table no 7 please", menu())
        assert (order.table_hint, order.fulfilment_hint, order.found) == ("7", Fulfilment.DINE_IN, False)
        assert parse("takeaway", menu()).fulfilment_hint is Fulfilment.TAKEAWAY

    def test_a_question_about_delivery_is_no_wish_for_it(self):
        assert parse("do you do home delivery?", menu()).fulfilment_hint is None

    @pytest.mark.parametrize(
        ("said", "table"),
        [("7", "T7"), ("t7", "T7"), ("T7", "T7"), ("1", "T1"), ("15", ""), ("Patio 2", "Patio 2"), ("", ""), ("x", "")],
    )
    def test_the_outlets_own_table_is_found(self, said, table):
        tables = [*(f"T{number}" for number in range(1, 15)), *(f"Patio {number}" for number in range(1, 5))]
        assert table_named(said, tables) == table

    def test_a_number_two_tables_share_is_not_guessed(self):
        assert table_named("1", ["A1", "B1"]) == ""
        assert table_named("1", ["1", "B1"]) == "1"


class TestAWholeMessage:
    def test_whether_something_says_that_it_is_an_order(self):
        assert not parse("masala dosa", menu()).asked
        assert all(parse(said, menu()).asked for said in ("1 masala dosa", "masala dosa please send", "dosa no onion"))

    def test_wishes_for_no_dish_in_particular_are_kept(self):
        assert parse("less spicy and no onion please", menu()).wishes == ("less spicy", "no onion")

    def test_thirty_lines_are_read_to_the_end(self):
        text = "\n".join(f"{number % 9 + 1} masala dosa no onion extra cheese" for number in range(30))
        order = parse(text, menu())
        assert [line.qty for line in order.lines] == [number % 9 + 1 for number in range(30)]
        assert not order.cut

    def test_a_text_too_long_to_read_says_so(self):
        order = parse("2 masala dosa, " * 400, menu())
        assert order.cut
        assert order.lines

    def test_what_was_heard_is_the_guests_own_writing(self):
        (line,) = parse("ek  Panir   TIKA half", menu()).lines
        assert line.heard == "Panir TIKA"


class TestIndexes:
    @pytest.fixture
    def snapshot(self):
        file = read_menu(MENU)
        outlet = next(outlet for outlet in file.outlets if outlet.id == "mgroad")
        return MenuSnapshot.build(outlet, "v1", [item for item in file.items if item.outlet == outlet.id])

    async def test_one_index_serves_all_who_ask_at_once(self, snapshot):
        indexes = OrderIndexes()
        first, *others = await asyncio.gather(*(indexes.of(snapshot) for _ in range(10)))
        assert all(other is first for other in others)
        assert await indexes.of(snapshot) is first

    async def test_a_dish_that_sold_out_is_read_as_it_is_now_without_reading_the_words_again(self, snapshot):
        indexes = OrderIndexes()
        before = await indexes.of(snapshot)
        dosa = next(item for item in snapshot.items.values() if item.code == "masala-dosa")
        now = await indexes.of(snapshot.having(dosa.model_copy(update={"stock": 0}), "v2"))
        assert now.vocabulary is before.vocabulary
        (line,) = parse("2 masala dosa", now).lines
        assert line.item.stock == 0
        (line,) = parse("2 masala dosa", before).lines
        assert line.item.stock != 0

    async def test_a_renamed_dish_is_found_by_its_new_name(self, snapshot):
        indexes = OrderIndexes()
        await indexes.of(snapshot)
        items = [
            item.model_copy(update={"name": "Crackling Dosa", "aliases": ()}) if item.code == "masala-dosa" else item
            for item in snapshot.items.values()
        ]
        renamed = await indexes.of(MenuSnapshot.build(snapshot.outlet, "v2", items))
        assert written(parse("2 crackling dosa", renamed)) == "2 masala-dosa"

    async def test_old_menus_are_forgotten(self, snapshot):
        indexes = OrderIndexes(kept=1)
        first = await indexes.of(snapshot)
        other = MenuSnapshot.build(snapshot.outlet, "v2", [a_dish("Soup")])
        assert written(parse("2 soup", await indexes.of(other))) == "2 soup"
        assert await indexes.of(snapshot) is not first
