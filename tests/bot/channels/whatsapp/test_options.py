"""Choices within the limits of buttons and lists: never too many, never too long, never two alike."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.pieces import length
from bot.channels.whatsapp.content import MOST_LINES, fits, list_picker, quick_replies
from bot.channels.whatsapp.options import (
    HINT,
    MORE,
    ROW_TITLE,
    ROWS,
    Option,
    detail,
    links_of,
    options_of,
    page_of,
    quick,
    titles,
)
from bot.conversation.reply import PackedButton
from tests.fakes.twilio.rules import filled, problem_of_content, problem_of_filled

LABELS = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60).filter(str.strip),
    min_size=1,
    max_size=40,
)


def options(*labels):
    return [Option(label, f"do|{n}") for n, label in enumerate(labels)]


@given(LABELS)
def test_titles_fit_and_are_never_twins(labels):
    made = titles(labels, ROW_TITLE)
    assert all(0 < length(title) <= ROW_TITLE for title in made)
    assert len({title.casefold() for title in made}) == len(made)


def test_dishes_that_differ_at_the_end_are_told_apart_by_it():
    made = titles(["Paneer Butter Masala with Naan", "Paneer Butter Masala with Rice"], ROW_TITLE)
    assert made == ["Paneer Butt…la with Naan", "Paneer Butt…la with Rice"]


def test_a_long_label_ends_with_a_whole_word():
    made = titles(["Order · Delivery · Tiffin, MG Road", "Other branch or order type", "x" * 30], ROW_TITLE)
    assert made == ["Order · Delivery…", "Other branch or order…", "x" * 23 + "…"]


def test_names_in_another_script_are_told_apart_too():
    made = titles(["पनीर बटर मसाला नान के साथ पूरी थाली", "पनीर बटर मसाला नान के साथ पूरी प्लेट"], ROW_TITLE)
    assert len(set(made)) == 2
    assert all(length(title) <= ROW_TITLE for title in made)


def test_what_was_cut_stands_in_full_below():
    option = Option("Paneer Butter Masala with Naan", "x", "₹240 · V")
    title = titles([option.label], ROW_TITLE)[0]
    assert detail(option, title) == "Paneer Butter Masala with Naan · ₹240 · V"
    assert length(detail(Option("x" * 60, "x", "y" * 60), "x…")) <= HINT


def test_three_short_ones_are_buttons_and_everything_else_is_a_list():
    assert quick(options("Checkout", "Add more", "Change"))
    assert not quick(options("Checkout", "Add more", "Change", "Menu"))
    assert not quick(options("Remove what is not available"))
    assert not quick([Option("Dosa", "x", "₹90")])


@given(LABELS)
def test_whatever_there_is_to_choose_makes_lists_that_twilio_takes(labels):
    many = options(*labels)
    seen, page, key = [], 0, "m1"
    while True:
        rows = page_of(many, page, "More ▸", key)
        assert len(rows) <= ROWS
        made = list_picker("What would you like?", "Choose", rows)
        _taken(made)
        seen += [row.action for row in rows if not row.action.startswith(MORE)]
        following = [row.action for row in rows if row.action.startswith(MORE)]
        if not following or following[0].endswith("|0"):
            break
        page += 1
    assert seen == [option.action for option in many]


@given(st.text(st.sampled_from("ab \n\t{}₹🍛\u2028"), max_size=80).filter(str.strip))
def test_whatever_is_said_above_choices_reads_as_it_did_and_no_variable_holds_a_line_end(said):
    body = said.strip()
    made = quick_replies(body, options("Checkout"))
    _taken(made)
    shown = filled(made.shape.body()["types"]["twilio/quick-reply"], made.variables)["body"]
    assert [_read(line) for line in shown.split("\n")] == [_read(line) for line in body.split("\n")]


def test_texts_with_their_words_in_the_same_lines_share_a_template_and_others_do_not():
    choices = options("Checkout", "Add more")
    one, same, other = (quick_replies(text, choices).shape for text in ("Cart\n\nDosa", "Menu\n\nLassi", "Cart\nDosa"))
    assert one.name == same.name != other.name
    assert one.body() == same.body() != other.body()


def test_as_much_as_fits_above_a_list_keeps_below_a_hundred_variables():
    rows = [Option(f"Dish {n}", f"do|{n}", "₹90") for n in range(ROWS)]
    body = "\n".join("x" * MOST_LINES)
    assert fits(body)
    assert not fits(f"{body}\nx")
    _taken(list_picker(body, "Choose", rows))


def test_search_is_on_every_page():
    many = [*options(*(f"Category {n}" for n in range(30))), Option("Search", "find")]
    for page in range(4):
        actions = [row.action for row in page_of(many, page, "More ▸", "m1")]
        assert "find" in actions
        assert len(actions) <= ROWS


def test_quick_replies_are_taken():
    _taken(quick_replies("Your cart", options("Checkout", "Add more", "Change")))


def test_a_label_that_many_share_says_whose_it_is():
    rows = tuple((PackedButton(f"Dish {n}", f"open|{n}"), PackedButton("Add", f"add|{n}")) for n in range(3))
    assert [option.label for option in options_of(rows)] == ["Dish 0", "Add Dish 0", "Dish 1", "Add Dish 1",
                                                              "Dish 2", "Add Dish 2"]  # fmt: skip


def test_addresses_are_no_choices():
    rows = ((PackedButton("Pay ₹240", url="https://pay.example/1"), PackedButton("Cancel", "ordx|1")),)
    assert [option.label for option in options_of(rows)] == ["Cancel"]
    assert [link.url for link in links_of(rows)] == ["https://pay.example/1"]


def _read(line):
    return "".join(line.split())


def _taken(made):
    body = made.shape.body()
    assert problem_of_content(body) is None
    kind, template = next(iter(body["types"].items()))
    assert problem_of_filled(kind, filled(template, made.variables), made.variables) is None
