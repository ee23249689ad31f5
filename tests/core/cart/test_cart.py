"""What a guest does to a cart, and what the cart then says."""

import random
from datetime import timedelta

import pytest
from pydantic import ValidationError
from redis.asyncio import Redis

from core.cart.errors import (
    CartFull,
    LineGone,
    OptionGone,
    OptionsWrong,
    OtherOutlet,
    QuantityInvalid,
    QuantityTooLarge,
)
from core.cart.models import MAX_NOTE, CartLine
from core.cart.service import CartService
from core.cart.store import CartStore
from core.customers.models import DietProfile
from core.errors import StoreError
from core.ids import CustomerId
from core.menu.errors import ItemNotFound, ItemSoldOut
from core.money import Money
from tests.core.cart.house import ASHA, COFFEE, DOSA, TIKKA, a_dish, fill_up, line

BALA = CustomerId("cus_bala")
FAR = 4_102_444_800_000  # 2100


async def test_an_untouched_cart_is_empty_and_never_expires(cart):
    view = await cart.view(ASHA)
    assert (view.lines, view.count, view.version, view.expires_ms) == ((), 0, 0, 0)


async def test_dishes_are_shown_with_names_prices_and_the_time_they_keep(cart, clock):
    view = await fill_up(cart, ASHA, line("dosa", 2), TIKKA)
    assert [(shown.name, shown.variant_name, shown.options, shown.qty, shown.amount) for shown in view.lines] == [
        ("Masala Dosa", "", (), 2, Money.rupees(240)),
        ("Paneer Tikka", "Full", ("Hot",), 1, Money.rupees(300)),
    ]
    assert view.subtotal == Money.rupees(540)
    assert (view.count, view.outlet) == (3, "mgroad")
    assert view.expires_ms == clock.ms() + timedelta(hours=24) // timedelta(milliseconds=1)
    later = await cart.view(ASHA)
    assert (later.version, later.lines) == (view.version, view.lines)
    assert view.expires_ms - 5000 < later.expires_ms <= view.expires_ms


async def test_the_same_dish_twice_is_one_line_and_another_note_is_another_line(cart):
    await cart.add(ASHA, DOSA, "1")
    await cart.add(ASHA, DOSA, "2")
    view = await cart.add(ASHA, line("dosa", note="  no   onion "), "3")
    assert [(shown.qty, shown.note) for shown in view.lines] == [(2, ""), (1, "no onion")]


async def test_options_count_and_their_order_of_tapping_does_not(cart):
    one = line("tikka", variant="half", options=("extras=butter", "extras=cheese", "spice=mild"))
    other = line("tikka", variant="half", options=("spice=mild", "extras=cheese", "extras=butter"))
    await cart.add(ASHA, one, "1")
    view = await cart.add(ASHA, other, "2")
    assert [(shown.qty, shown.options, shown.unit) for shown in view.lines] == [
        (2, ("Mild", "Cheese", "Butter"), Money.rupees(230))
    ]


async def test_several_dishes_go_in_together_or_not_at_all(cart):
    view = await cart.add_all(ASHA, (line("dosa", 2), COFFEE), "1")
    assert view.count == 3
    with pytest.raises(QuantityTooLarge):
        await cart.add_all(ASHA, (COFFEE, line("dosa", 19)), "2")
    assert (await cart.view(ASHA)).count == 3


async def test_quantities_go_up_and_down_and_out(cart):
    await fill_up(cart)
    assert (await cart.change(ASHA, DOSA.id, 2, "a")).lines[0].qty == 3
    assert (await cart.change(ASHA, DOSA.id, -1, "b")).lines[0].qty == 2
    assert (await cart.set_qty(ASHA, DOSA.id, 7, "c")).lines[0].qty == 7
    assert [shown.id for shown in (await cart.change(ASHA, DOSA.id, -7, "d")).lines] == [COFFEE.id]
    assert (await cart.set_qty(ASHA, COFFEE.id, 0, "e")).lines == ()
    with pytest.raises(LineGone):
        await cart.change(ASHA, DOSA.id, 1, "f")
    with pytest.raises(LineGone):
        await cart.set_qty(ASHA, DOSA.id, 1, "g")


async def test_removing_what_is_gone_is_as_wished(cart):
    await fill_up(cart)
    await cart.remove(ASHA, DOSA.id, "a")
    assert [shown.id for shown in (await cart.remove(ASHA, DOSA.id, "b")).lines] == [COFFEE.id]


async def test_a_cart_is_cleared_with_its_note(cart):
    await fill_up(cart)
    assert (await cart.set_note(ASHA, "ring twice", "n")).note == "ring twice"
    view = await cart.clear(ASHA, "c")
    assert (view.lines, view.note) == ((), "")


async def test_one_cart_is_cooked_in_one_kitchen(cart):
    await fill_up(cart)
    with pytest.raises(OtherOutlet) as other:
        await cart.add(ASHA, line("dosa", outlet="indiranagar"), "x")
    assert other.value.current == "mgroad"
    view = await cart.replace(ASHA, [line("dosa", outlet="indiranagar")], "y")
    assert (view.outlet, [shown.name for shown in view.lines]) == ("indiranagar", ["Plain Dosa"])


async def test_thirty_lines_are_a_full_cart(cart):
    for number in range(30):
        await cart.add(ASHA, line("dosa", note=f"note {number}"), str(number))
    with pytest.raises(CartFull) as full:
        await cart.add(ASHA, COFFEE, "more")
    assert full.value.limit == 30
    assert (await cart.add(ASHA, line("dosa", note="note 7"), "same")).lines[7].qty == 2


@pytest.mark.parametrize("quantity", [0, -1, -(10**9)])
async def test_no_portions_are_no_order(cart, quantity):
    with pytest.raises(QuantityInvalid):
        await cart.add(ASHA, DOSA.model_copy(update={"qty": quantity}), "x")
    assert (await cart.view(ASHA)).lines == ()


@pytest.mark.parametrize("quantity", [21, 10**9, 10**5000], ids=["21", "1e9", "1e5000"])
async def test_more_than_twenty_of_one_are_too_many(cart, quantity):
    await fill_up(cart)
    with pytest.raises(QuantityTooLarge) as too_many:
        await cart.add(ASHA, DOSA.model_copy(update={"qty": quantity}), "x")
    assert too_many.value.limit == 20
    with pytest.raises(QuantityTooLarge):
        await cart.set_qty(ASHA, DOSA.id, quantity, "y")
    with pytest.raises(QuantityTooLarge):
        await cart.change(ASHA, DOSA.id, quantity, "z")
    assert (await cart.view(ASHA)).lines[0].qty == 1


@pytest.mark.parametrize("quantity", [True, False, 1.5, "2", None, float("inf")])
async def test_what_is_no_whole_number_is_no_quantity(cart, quantity):
    await fill_up(cart)
    with pytest.raises(ValidationError):
        CartLine(item=DOSA.item, variant="one", qty=quantity)
    for attempt in (
        cart.add(ASHA, DOSA.model_copy(update={"qty": quantity}), "x"),
        cart.set_qty(ASHA, DOSA.id, quantity, "y"),
        cart.change(ASHA, DOSA.id, quantity, "z"),
    ):
        with pytest.raises(QuantityInvalid):
            await attempt
    assert (await cart.view(ASHA)).count == 2


async def test_minus_one_is_no_quantity_and_minus_a_billion_takes_the_line_out(cart):
    await fill_up(cart)
    with pytest.raises(QuantityInvalid):
        await cart.set_qty(ASHA, DOSA.id, -1, "x")
    assert [shown.id for shown in (await cart.change(ASHA, DOSA.id, -(10**9), "y")).lines] == [COFFEE.id]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (line("tikka", variant="full"), OptionsWrong),
        (line("tikka", variant="full", options=("spice=hot", "spice=mild")), OptionsWrong),
        (line("tikka", variant="giant", options=("spice=hot",)), OptionGone),
        (line("tikka", variant="full", options=("spice=lava",)), OptionGone),
        (line("tikka", variant="full", options=("spice=hot", "extras=ghee")), OptionGone),
        (line("dosa", options=("spice=hot",)), OptionGone),
        (line("unicorn"), ItemNotFound),
        (line("dosa", outlet="atlantis"), ItemNotFound),
        (CartLine(item='{"$gt": ""}', variant="one"), ItemNotFound),
    ],
)
async def test_only_what_the_menu_offers_can_be_added(cart, wrong, refusal):
    with pytest.raises(refusal):
        await cart.add(ASHA, wrong, "x")
    assert (await cart.view(ASHA)).version == 0


async def test_a_required_choice_is_named(cart):
    with pytest.raises(OptionsWrong) as wrong:
        await cart.add(ASHA, line("tikka", variant="half"), "x")
    assert (wrong.value.name, wrong.value.group, wrong.value.least, wrong.value.most) == (
        "Paneer Tikka", "How hot", 1, 1,
    )  # fmt: skip


async def test_a_sold_out_dish_is_named(house):
    await house.menu.sold_out(DOSA.item, FAR, "cook")
    with pytest.raises(ItemSoldOut) as sold_out:
        await house.cart.add(ASHA, DOSA, "x")
    assert sold_out.value.name == "Masala Dosa"


async def test_what_became_of_the_dishes_is_marked_where_it_matters(house, mongo, clock):
    cart = house.cart
    await fill_up(cart, ASHA, DOSA, COFFEE, TIKKA, line("idli"), line("chicken-65"), line("halwa"))
    await house.menu.sold_out(DOSA.item, FAR, "cook")
    await mongo["menu_items"].delete_one({"_id": COFFEE.item})
    tikka = a_dish("tikka", "Paneer Tikka", 310, v=2)  # sizes and choices gone
    await mongo["menu_items"].replace_one({"_id": TIKKA.item, "v": 1}, tikka.to_document())
    await house.menu.load()
    view = await cart.view(ASHA, DietProfile(veg_only=True, allergies=("nuts",)))
    assert [(shown.name, shown.problem) for shown in view.lines] == [
        ("Masala Dosa", "sold_out"),
        ("Coffee", "gone"),
        ("Paneer Tikka", "option_gone"),
        ("Idli", "not_now"),
        ("Chicken 65", "diet"),
        ("Gajar Halwa", "diet"),
    ]
    assert [shown.problem for shown in view.problems] == ["sold_out", "gone", "option_gone", "not_now"]
    assert view.lines[1].amount == Money(0)
    breakfast = clock.ms() + timedelta(hours=20) // timedelta(milliseconds=1)  # tomorrow 08:30
    assert (await cart.view(ASHA, at_ms=breakfast)).lines[3].problem is None


async def test_jains_are_warned_of_what_is_not_jain(cart):
    await fill_up(cart)
    view = await cart.view(ASHA, DietProfile(jain=True))
    assert [shown.problem for shown in view.lines] == ["diet", None]


async def test_the_usual_comes_back_with_what_has_changed_marked(house):
    await fill_up(house.cart, ASHA, line("chicken-65", 3))
    await house.menu.sold_out(DOSA.item, FAR, "cook")
    gone = line("tikka", variant="giant", options=("spice=hot",))
    view = await house.cart.replace(ASHA, [DOSA, COFFEE, gone, line("unicorn")], "usual")
    assert [(shown.name, shown.problem) for shown in view.lines] == [
        ("Masala Dosa", "sold_out"),
        ("Filter Coffee", None),
        ("Paneer Tikka", "option_gone"),
        ("Unicorn", "gone"),
    ]


HOSTILE = [
    "x" * 10_000,
    "\0\x1b[31m\r\nred",
    "\u202egnirts\u202c \u2067x\u2069",
    "\u200b\ufeff\u200d",
    '{"$gt": ""}',
    "<b>bold</b>",
    "🌶️" * 200,
    "\ud800 lone",
    "\u0915\u094d\u0937 हिंदी",
    "a;b=c|d\x1fe",
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_is_written_in_a_note_is_kept_as_one_harmless_line(cart, text):
    await cart.add(ASHA, line("dosa", note=text), "1")
    view = await cart.set_note(ASHA, text, "2")
    for note in (view.note, view.lines[0].note):
        assert len(note) <= MAX_NOTE
        assert not set(note) & set("\0\r\n\x1b\u202e\u202c\u2067\u2069\u200b\ufeff\ud800")
        assert note == note.strip()
    assert (await cart.view(ASHA)).lines == view.lines


async def test_carts_are_their_guests_own(cart):
    await fill_up(cart, ASHA)
    await fill_up(cart, BALA, TIKKA)
    await cart.clear(BALA, "c")
    assert (await cart.view(ASHA)).count == 2


async def test_a_forgotten_cart_leaves_nothing(house, redis):
    await fill_up(house.cart)
    await house.cart.forget(ASHA)
    assert await redis.keys("*cus_asha*") == []


async def test_browsing_and_changing_a_cart_never_ask_for_orders(house):
    await fill_up(house.cart)
    await house.cart.view(ASHA)
    await house.cart.set_note(ASHA, "x", "n")
    assert house.orders.asked == 0


async def test_without_redis_the_cart_says_so(house, clock):
    nowhere = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    cart = CartService(store=CartStore(nowhere, clock), menu=house.menu, orders=house.orders, clock=clock)
    for attempt in (cart.view(ASHA), cart.add(ASHA, DOSA, "a"), cart.freeze(ASHA, 1), cart.forget(ASHA)):
        with pytest.raises(StoreError, match="cart cannot be reached"):
            await attempt
    await nowhere.aclose()


async def test_a_cart_that_is_frozen_anew_whenever_it_is_changed_gives_up_loudly(house, monkeypatch):
    view = await fill_up(house.cart)
    apply = house.store.apply

    async def frozen_meanwhile(customer, change, tap, *, unplaced=None):
        return await apply(customer, change, tap, unplaced=None)

    await house.cart.freeze(ASHA, view.version)
    monkeypatch.setattr(house.store, "apply", frozen_meanwhile)
    with pytest.raises(StoreError, match="kept changing"):
        await house.cart.change(ASHA, DOSA.id, 1, "a")


@pytest.mark.parametrize("seed", range(6))
async def test_any_sequence_of_changes_makes_the_cart_it_should(cart, seed):
    """Against a model in a dictionary."""
    dice = random.Random(seed)
    dishes = [line("dosa", note=str(number)) for number in range(6)]
    model: dict[str, int] = {}
    for number in range(120):
        dish, n, tap = dice.choice(dishes), dice.randint(-3, 8), f"{seed}:{number}"
        deed = dice.choice(["add", "add", "change", "set", "remove", "again", "replace", "clear"])
        expected = dict(model)
        match deed:
            case "add" if n > 0:
                expected[dish.id] = expected.get(dish.id, 0) + n
                attempt = cart.add(ASHA, dish.model_copy(update={"qty": n}), tap)
            case "change" if dish.id in model:
                expected[dish.id] += n
                attempt = cart.change(ASHA, dish.id, n, tap)
            case "set" if dish.id in model and n >= 0:
                expected[dish.id] = n
                attempt = cart.set_qty(ASHA, dish.id, n, tap)
            case "remove":
                expected.pop(dish.id, None)
                attempt = cart.remove(ASHA, dish.id, tap)
            case "replace" if not number % 5:
                expected = {dish.id: 1}
                attempt = cart.replace(ASHA, [dish], tap)
            case "clear" if not number % 5:
                expected = {}
                attempt = cart.clear(ASHA, tap)
            case _:
                attempt = cart.view(ASHA)
        if any(qty > 20 for qty in expected.values()):
            with pytest.raises(QuantityTooLarge):
                await attempt
        else:
            await attempt
            model = {dish_id: qty for dish_id, qty in expected.items() if qty > 0}
        assert {shown.id: shown.qty for shown in (await cart.view(ASHA)).lines} == model
