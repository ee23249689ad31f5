"""What an owner writes is what guests see, to the paisa, and comes back as it was."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ids import ChatKey, MenuItemId, OutletId
from core.menu.menu_changes import MenuFile, changes
from core.menu.menu_file import parse_menu, read_menu
from core.menu.menu_nodes import Scalar, Wrong
from core.menu.menu_tables import in_ranges, tables_of
from core.menu.menu_values import basis_points, days, money, slug, spans
from core.menu.menu_writer import write_menu
from core.menu.menu_written import amount
from core.menu.models import ALLERGENS, UNLIMITED, UNTIL_BACK_MS, Choice, Diet, MenuItem, OptionGroup, Variant
from core.money import Money
from core.outlets.models import (
    Category,
    Clocks,
    Coupon,
    CouponKind,
    Fulfilment,
    Hours,
    Meal,
    Outlet,
    PayMethod,
    TaxClass,
    Zone,
)
from tests.core.menu.builders import A_FILE, an_item

MENU = Path(__file__).parents[3] / "menus" / "tiffin.yaml"


def dish(file: MenuFile, item: str) -> MenuItem:
    return next(each for each in file.items if each.id == item)


def test_a_dish_is_read_with_everything_that_was_written():
    file = parse_menu(A_FILE)
    tikka = dish(file, "mgroad.paneer-tikka")
    assert tikka.name == "Paneer Tikka"
    assert tikka.variants == (
        Variant(code="half", name="half", price=Money(18_000)),
        Variant(code="full", name="full", price=Money(32_050)),
    )
    (spice,) = tikka.groups
    assert (spice.name, spice.min, spice.max, spice.default) == ("How spicy?", 1, 1, ("mild",))
    assert [choice.price for choice in spice.choices] == [Money(0), Money(500)]
    assert tikka.aliases == ("panir tikka", "paneer tika")
    assert not tikka.simple


def test_outlets_share_dishes_but_for_what_is_said_of_one():
    file = parse_menu(A_FILE)
    assert dish(file, "mgroad.masala-dosa").price_from == Money(11_000)
    assert dish(file, "indira.masala-dosa").price_from == Money(12_000)
    assert [item.code for item in file.of_outlet(OutletId("indira"))] == ["masala-dosa", "paneer-tikka"]


def test_an_outlet_is_read_with_everything_that_was_written():
    mgroad, indira = parse_menu(A_FILE).outlets
    assert [(h.weekday, h.opens, h.closes) for h in mgroad.hours] == [
        *((day, opens, closes) for day in range(5) for opens, closes in ((660, 900), (1110, 1380))),
        *((5, 660, 1500), (6, 660, 1500)),
    ]
    assert mgroad.tables == (*(f"T{n}" for n in range(1, 13)), "Patio 1")
    (zone,) = mgroad.zones
    assert (zone.pins, zone.fee, zone.free_over, zone.minimum) == (
        ("560001", "560025"),
        Money(4050),
        Money(50_000),
        Money(14_900),
    )
    assert mgroad.phone == "+918041234567"
    assert [category.name for category in mgroad.categories] == ["Breakfast", "Mains"]
    assert [coupon.code for coupon in indira.coupons] == ["WELCOME50"]  # said once for both
    assert indira.methods == (PayMethod.UPI,)


def test_a_demo_is_open_day_and_night_and_breakfast_stays_breakfast():
    file = parse_menu(A_FILE, always_open=True)
    assert all((h.opens, h.closes) == (0, 1440) for outlet in file.outlets for h in outlet.hours)
    assert all(len(outlet.hours) == 7 and not outlet.holidays for outlet in file.outlets)
    assert dish(file, "mgroad.masala-dosa").meals == ("breakfast",)
    assert file.outlets[0].meals == parse_menu(A_FILE).outlets[0].meals


@pytest.mark.parametrize(
    ("written", "paise"),
    [
        ("40", 4000), ("40.5", 4050), ("40.50", 4050), ("0", 0), ("0.01", 1), ("₹240", 24_000), ("Rs. 240", 24_000),
        ("1,200", 120_000), ("1,20,000.05", 12_000_005), ("9999999.99", 999_999_999), ("28.57", 2857), ("019", 1900),
        ("1.005", None), ("40.", None), (".5", None), ("4e2", None), ("-1", None), ("٤٠", None), ("12345678", None),
        ("1,2", None), ("40 rupees", None), ("NaN", None), ("0x10", None), ("1_000", None),
    ],
)  # fmt: skip
def test_rupees_become_paise_digit_by_digit(written, paise):
    if paise is None:
        with pytest.raises(Wrong):
            money(Scalar(1, written))
    else:
        assert money(Scalar(1, written)) == Money(paise)


@given(st.integers(0, 999_999_999))
def test_every_amount_is_read_as_it_is_written(paise):
    assert money(Scalar(1, amount(Money(paise)))) == Money(paise)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("11:00-15:00, 18:30-23:00", [(660, 900), (1110, 1380)]),
        ("18:00 – 01:30", [(1080, 1530)]),
        ("11am-3pm", [(660, 900)]),
        ("11 am to 11.30 pm", [(660, 1410)]),
        ("12am-12pm", [(0, 720)]),
        ("00:00-24:00", [(0, 1440)]),
        ("22:00-00:00", [(1320, 1440)]),
        ("closed", []),
    ],
)
def test_hours_are_read_as_people_write_them(written, read):
    assert spans(Scalar(1, written)) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("mon", [0]),
        ("Mon-Fri", [0, 1, 2, 3, 4]),
        ("sat, sun", [5, 6]),
        ("fri-mon", [4, 5, 6, 0]),
        ("Monday to Wednesday", [0, 1, 2]),
        ("daily", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_days_are_read_as_people_write_them(written, read):
    assert days(Scalar(1, written)) == read


@pytest.mark.parametrize(("written", "points"), [("5 %", 500), ("2.5%", 250), ("0.25 %", 25), ("40", 4000)])
def test_rates_are_read_in_hundredths_of_a_percent(written, points):
    assert basis_points(Scalar(1, written)) == points


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Paneer Tikka", "paneer-tikka"),
        ("Café Latté", "cafe-latte"),
        ("Chef's  65 (dry)", "chefs-65-dry"),
        ("पनीर", ""),
        ("Paneer पनीर", ""),
        ("---", ""),
        ("a" * 33, ""),
    ],
)
def test_codes_come_from_latin_names_alone(name, code):
    assert slug(name, 32) == code


@given(st.lists(st.from_regex(r"[A-Z][a-z]{0,3} ?[0-9]{1,3}", fullmatch=True), unique=True, min_size=1, max_size=40))
def test_tables_written_in_ranges_are_the_same_tables(tables):
    assert tables_of(Scalar(1, ", ".join(in_ranges(tuple(tables))))) == tuple(tables)


def test_tables_in_a_row_are_written_as_a_range():
    assert in_ranges(("T1", "T2", "T3", "Patio", "T9", "T8", "1", "2")) == ["T1-T3", "Patio", "T9", "T8", "1-2"]


# The way back


def test_the_restaurants_own_menu_comes_back_as_it_was():
    file = read_menu(MENU)
    again = parse_menu(write_menu(file.outlets, file.items))
    assert again.outlets == file.outlets
    assert again.items == file.items
    assert dict(again.said) == dict(file.said)


def test_a_shared_dish_is_written_once_with_what_differs():
    text = write_menu(*(lambda file: (file.outlets, file.items))(parse_menu(A_FILE)))
    assert text.count("name: Masala Dosa") == 1
    assert "indira: {price: 120}" in text
    assert "only: mgroad" in text


LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u3000")
words = st.text(LETTERS, min_size=1, max_size=30).map(lambda t: " ".join(t.split())).filter(lambda t: _readable(t))
codes = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?", fullmatch=True)
amounts = st.integers(0, 9_999_999).map(Money)
prices = st.integers(1, 9_999_999).map(Money)


def _readable(text: str) -> bool:
    import unicodedata

    return bool(text) and unicodedata.normalize("NFC", text) == text


def unique_by_code(names: list[str], limit: int) -> list[tuple[str, str]]:
    """Names whose derived codes are usable and differ."""
    found: dict[str, str] = {}
    for name in names:
        if code := slug(name, limit, cut=True):
            found.setdefault(code, name)
    return list(found.items())


@st.composite
def outlets(draw: st.DrawFn, code: str, position: int) -> Outlet:
    spans_of_a_day = st.sampled_from([(), ((660, 900),), ((660, 900), (1110, 1500)), ((0, 1440),)])
    ways = tuple(draw(st.lists(st.sampled_from(Fulfilment), unique=True)))
    taxes = [("food", 500), *draw(st.lists(st.tuples(codes, st.integers(0, 2500).map(lambda n: 2 * n)), max_size=2))]
    names = draw(st.lists(words, max_size=3))
    pins = draw(st.lists(st.from_regex(r"[1-9][0-9]{5}", fullmatch=True), unique=True, max_size=6))
    starts = draw(st.sampled_from([0, 1_767_205_800_000, 1_767_205_800_123]))
    return Outlet(
        id=OutletId(code),
        name=draw(words),
        address=draw(words),
        city=draw(words),
        phone="+918041234567",
        latitude=draw(st.integers(-90_000, 90_000)) / 1000,
        longitude=draw(st.integers(-180_000, 180_000)) / 1000,
        timezone=draw(st.sampled_from(["Asia/Kolkata", "Europe/Lisbon"])),
        currency=draw(st.sampled_from(["INR", "USD"])),
        gstin=draw(st.sampled_from(["", "27AAPFU0939F1ZV"])),
        fssai=draw(st.sampled_from(["", "11224333000417"])),
        position=position + draw(st.sampled_from([0, 0, 7])),
        hours=tuple(
            Hours(weekday=day, opens=opens, closes=closes) for day in range(7) for opens, closes in draw(spans_of_a_day)
        ),
        holidays=tuple(draw(st.lists(st.dates().map(lambda d: d.isoformat()), unique=True, max_size=3))),
        fulfilments=ways,
        zones=tuple(
            Zone(
                code=zone_code,
                name=name,
                pins=tuple(pins[n::3]),
                radius_m=draw(st.integers(1, 100_000)),
                fee=draw(amounts),
                free_over=draw(st.none() | amounts),
                minimum=draw(amounts),
                minutes=draw(st.integers(0, 240)),
            )
            for n, (zone_code, name) in enumerate(unique_by_code(names, 16))
        ),
        tables=tuple(draw(st.lists(st.sampled_from(["T1", "T2", "T3", "Bar 7", "7"]), unique=True))),
        meals=tuple(
            Meal(code=meal, name=name, start=420, end=draw(st.sampled_from([690, 1500])))
            for meal, name in unique_by_code(draw(st.lists(words, max_size=2)), 16)
        ),
        taxes=tuple(TaxClass(code=tax, cgst_bp=bp // 2, sgst_bp=bp // 2) for tax, bp in dict(taxes).items()),
        charges_tax=draw(st.sampled_from([tax for tax, _ in taxes])),
        methods=tuple(draw(st.lists(st.sampled_from(PayMethod), unique=True))),
        groups=tuple(ChatKey(chat) for chat in draw(st.sampled_from([(), ("telegram:-100", "webchat:k")]))),
        cash_limit=draw(amounts),
        refund_limit=draw(amounts),
        round_to=draw(st.integers(1, 100)),
        prep_minutes=draw(st.integers(1, 240)),
        slot_minutes=draw(st.sampled_from([15, 30, 45])),
        slot_days=draw(st.integers(0, 14)),
        last_order_minutes=draw(st.integers(0, 240)),
        coupons=tuple(
            Coupon(
                code=coupon,
                kind=kind,
                percent=draw(st.integers(1, 100)) if kind is CouponKind.PERCENT else 0,
                amount=draw(prices) if kind is CouponKind.AMOUNT else Money(0),
                cap=draw(st.none() | prices),
                minimum=draw(amounts),
                fulfilments=ways,
                first_order=draw(st.booleans()),
                once=draw(st.booleans()),
                starts_ms=starts,
                ends_ms=draw(st.sampled_from([0, 1_798_741_800_000, 1_798_741_800_456])),
            )
            for coupon in draw(st.lists(st.sampled_from(["A10", "B20", "C30"]), unique=True))
            for kind in [draw(st.sampled_from(CouponKind))]
        ),
        clocks=Clocks(louder=tuple(draw(st.lists(st.integers(1, 240), max_size=3)))),
        test=draw(st.booleans()),
    )


@st.composite
def groups(draw: st.DrawFn) -> OptionGroup:
    choices = tuple(
        Choice(
            code=code,
            name=name[:40].strip(),
            price=draw(amounts),
            sold_out=draw(st.booleans()),
            aliases=tuple(draw(st.lists(words, unique=True, max_size=2))),
        )
        for code, name in (draw(st.lists(st.tuples(codes, words), min_size=1, max_size=4, unique_by=lambda c: c[0])))
    )
    most = draw(st.integers(1, len(choices)))
    return OptionGroup(
        code=draw(codes),
        name=draw(words),
        min=draw(st.integers(0, most)),
        max=most,
        choices=choices,
        default=tuple(choice.code for choice in choices[: draw(st.integers(0, most))]),
    )


@st.composite
def items(
    draw: st.DrawFn, outlet: Outlet, code: str, categories: tuple[Category, ...], some: list[OptionGroup]
) -> MenuItem:
    asked = {group.code: group for group in draw(st.lists(st.sampled_from(some), max_size=2))} if some else {}
    diet = draw(st.sampled_from(Diet))
    sizes = draw(st.lists(st.tuples(codes, words), max_size=3, unique_by=(lambda c: c[0], lambda c: c[1])))
    one = (Variant(code="one", price=draw(prices)),)
    return MenuItem(
        id=MenuItemId(f"{outlet.id}.{code}"),
        outlet=outlet.id,
        code=code,
        name=draw(words),
        description=draw(st.just("") | words),
        category=draw(st.sampled_from(categories)).code,
        position=draw(st.integers(0, 5)),
        diet=diet,
        jain=diet is Diet.VEG and draw(st.booleans()),
        variants=tuple(Variant(code=c, name=name, price=draw(prices)) for c, name in sizes) or one,
        groups=tuple(asked.values()),
        allergens=tuple(draw(st.lists(st.sampled_from(ALLERGENS), unique=True, max_size=3))),
        calories=draw(st.integers(0, 9999)),
        spice=draw(st.integers(0, 3)),
        meals=tuple(draw(st.lists(st.sampled_from([m.code for m in outlet.meals]), unique=True)))
        if outlet.meals
        else (),
        tax_class=draw(st.sampled_from([tax.code for tax in outlet.taxes])),
        packing=draw(amounts),
        image=draw(st.sampled_from(["", "/media/dishes/dosa.svg", "https://example.org/a.png"])),
        aliases=tuple(draw(st.lists(words, unique=True, max_size=2))),
        prep_minutes=draw(st.integers(0, 240)),
        stock=draw(st.integers(-1, 50)),
        sold_out_until_ms=draw(st.sampled_from([0, 0, UNTIL_BACK_MS, 1_767_205_800_000, 1_767_205_800_001])),
        popular=draw(st.booleans()),
    )


@st.composite
def menus(draw: st.DrawFn) -> tuple[list[Outlet], list[MenuItem]]:
    some_groups = draw(st.lists(groups(), max_size=3))
    categories = tuple(
        Category(code=code, name=name)
        for code, name in draw(
            st.lists(
                st.tuples(codes, words), min_size=1, max_size=3, unique_by=(lambda c: c[0], lambda c: c[1].casefold())
            )
        )
    )
    all_outlets: list[Outlet] = []
    all_items: list[MenuItem] = []
    for n, code in enumerate(draw(st.sampled_from([["a"], ["b", "a"], ["a", "b", "c"]]))):
        outlet = draw(outlets(code, n))
        some = [
            draw(items(outlet, item, categories, some_groups))
            for item in draw(st.lists(codes, min_size=1, max_size=4, unique=True))
        ]
        again = draw(st.booleans())
        if all_items and again:  # the same dish as elsewhere, a little different perhaps
            twin = draw(st.sampled_from(all_items)).model_copy(
                update={"outlet": outlet.id, "meals": (), "tax_class": "food", "spice": draw(st.integers(0, 3))}
            )
            twin = twin.model_copy(update={"id": MenuItemId(f"{outlet.id}.{twin.code}")})
            some = [item for item in some if item.code != twin.code] + [twin]
        used = {item.category for item in some}
        own = [category for category in draw(st.permutations(categories)) if category.code in used]
        all_outlets.append(outlet.model_copy(update={"categories": tuple(own)}))
        all_items += some
    return all_outlets, all_items


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(menus())
def test_any_menu_comes_back_as_it_was(menu):
    wanted, dishes = menu
    text = write_menu(wanted, dishes)
    again = parse_menu(text)
    assert list(again.outlets) == wanted
    assert {item.id: item for item in again.items} == {item.id: item for item in dishes}


def test_the_same_dish_at_another_place_in_its_category_says_so():
    first, second = parse_menu(A_FILE).outlets
    dishes = [
        *(an_item(code, position=n) for n, code in enumerate(("dal", "naan"))),
        *(an_item(code, outlet="indira", position=n, spice=n) for n, code in enumerate(("naan", "dal"))),
    ]
    mains = (Category(code="mains", name="Mains"),)
    both = [outlet.model_copy(update={"categories": mains}) for outlet in (first, second)]
    again = parse_menu(write_menu(both, dishes))
    assert {item.id: item for item in again.items} == {item.id: item for item in dishes}


def test_a_dish_that_is_another_elsewhere_is_written_twice():
    first, second = parse_menu(A_FILE).outlets
    dishes = [an_item("soup", description="Of lentils."), an_item("soup", outlet="indira", name="Rasam")]
    mains = (Category(code="mains", name="Mains"),)
    both = [outlet.model_copy(update={"categories": mains}) for outlet in (first, second)]
    text = write_menu(both, dishes)
    assert text.count("code: soup") == 1  # the other's code is made of its name
    assert {item.id: item for item in parse_menu(text).items} == {item.id: item for item in dishes}


def test_a_code_counts_before_a_name_that_looks_like_it():
    text = A_FILE.replace("choices: [Mild, {Hot: 5}]", "choices: [{name: Soft, code: m}, {name: M, code: hot}]")
    (spice,) = dish(parse_menu(text.replace("default: Mild", "default: m")), "mgroad.paneer-tikka").groups
    assert spice.default == ("m",)


def test_pictures_in_words_are_written_as_they_are():
    first, _ = parse_menu(A_FILE).outlets
    mains = (Category(code="mains", name="Mains"),)
    text = write_menu([first.model_copy(update={"categories": mains})], [an_item("pizza", name="Pizza 🍕")])
    assert "name: Pizza 🍕" in text


def test_no_outlet_is_an_empty_file():
    assert "outlets: {}" in write_menu([], [])


# What an import would change


def test_importing_the_same_again_changes_nothing():
    file = parse_menu(A_FILE)
    for outlet in file.outlets:
        difference = changes(file, outlet, outlet, file.of_outlet(outlet.id))
        assert not difference
        assert difference.unchanged == len(file.of_outlet(outlet.id))


def test_added_removed_and_repriced_dishes_are_told_apart():
    before = parse_menu(A_FILE)
    after = parse_menu(
        A_FILE.replace("price: 110", "price: 115.50").replace("Chicken 65", "Chicken 66").replace("T1-T12", "T1-T14")
    )
    outlet, stored = after.outlets[0], before.of_outlet(OutletId("mgroad"))
    difference = changes(after, outlet, before.outlets[0], stored)
    assert [item.code for item in difference.added] == ["chicken-66"]
    assert [item.code for item in difference.removed] == ["chicken-65"]
    assert [(price.name, price.was, price.now) for price in difference.prices] == [
        ("Masala Dosa", Money(11_000), Money(11_550))
    ]
    assert difference.facts == ("tables",)
    assert difference.unchanged == 1


def test_what_the_kitchen_said_stays_unless_the_file_speaks_of_it():
    stored = an_item("chicken-65", stock=3, sold_out_until_ms=5, v=7, diet=Diet.NON_VEG, name="Chicken 65")
    silent = parse_menu(A_FILE)
    ((after, _),) = changes(silent, silent.outlets[0], silent.outlets[0], [stored]).changed
    assert (after.stock, after.sold_out_until_ms, after.v) == (3, 5, 7)
    outspoken = parse_menu(
        A_FILE.replace("      only: mgroad\n", "      only: mgroad\n      sold out: no\n      stock: any\n")
    )
    ((after, _),) = changes(outspoken, outspoken.outlets[0], outspoken.outlets[0], [stored]).changed
    assert (after.stock, after.sold_out_until_ms, after.v) == (UNLIMITED, 0, 7)


def test_a_pause_and_the_group_chats_outlive_an_import():
    file = parse_menu(A_FILE)
    stored = file.outlets[0].model_copy(update={"groups": ("telegram:-1",), "paused_until_ms": 9, "v": 4})
    after = changes(file, file.outlets[0], stored, ()).outlet
    assert (after.groups, after.paused_until_ms, after.v) == (("telegram:-1",), 9, 4)
