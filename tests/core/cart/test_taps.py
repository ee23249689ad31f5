"""One tap, one effect, however often it is delivered and from however many devices."""

import asyncio
import random

import pytest

from core.cart.errors import CartFull, LineGone, QuantityTooLarge
from core.cart.models import MAX_LINES, MAX_QTY, CartLine, Joined
from core.cart.store import TAPS_REMEMBERED, Change
from core.errors import StoreError
from core.ids import CustomerId, MenuItemId
from tests.core.cart.house import ASHA, COFFEE, DOSA, TIKKA, fill_up, line

BALA = CustomerId("cus_bala")


async def test_a_tap_delivered_twice_counts_once_and_is_answered_with_the_cart(cart):
    await fill_up(cart)
    once = await cart.change(ASHA, DOSA.id, 1, "telegram:1:77")
    twice = await cart.change(ASHA, DOSA.id, 1, "telegram:1:77")
    assert (once.version, once.lines) == (twice.version, twice.lines)
    assert twice.lines[0].qty == 2


@pytest.mark.parametrize(
    "deed",
    [
        lambda cart: cart.add(ASHA, TIKKA, "t"),
        lambda cart: cart.add_all(ASHA, [TIKKA, DOSA], "t"),
        lambda cart: cart.change(ASHA, DOSA.id, -1, "t"),
        lambda cart: cart.set_qty(ASHA, DOSA.id, 3, "t"),
        lambda cart: cart.remove(ASHA, DOSA.id, "t"),
        lambda cart: cart.set_note(ASHA, "ring twice", "t"),
        lambda cart: cart.replace(ASHA, [TIKKA], "t"),
        lambda cart: cart.clear(ASHA, "t"),
    ],
)
async def test_every_kind_of_change_counts_once(cart, deed):
    await fill_up(cart)
    once = await deed(cart)
    between = await cart.change(ASHA, once.lines[0].id, 1, "between") if once.lines else once
    again = await deed(cart)
    assert (again.version, again.lines) == (between.version, between.lines)


async def test_one_message_may_order_two_dishes(cart):
    await cart.add(ASHA, DOSA, "telegram:1:78")
    assert (await cart.add(ASHA, COFFEE, "telegram:1:78")).count == 2


@pytest.mark.race
async def test_thirty_two_deliveries_of_one_tap_at_once_have_one_effect(cart):
    await fill_up(cart)
    views = await asyncio.gather(*(cart.change(ASHA, DOSA.id, 1, "77") for _ in range(32)))
    assert {view.lines[0].qty for view in views} == {2}


@pytest.mark.race
async def test_without_the_memory_of_taps_they_have_many(cart, monkeypatch):
    """The twin of the test above."""
    monkeypatch.setattr(Change, "memory", lambda change, tap: f"{random.getrandbits(32):08x}")
    await fill_up(cart)
    views = await asyncio.gather(*(cart.change(ASHA, DOSA.id, 1, "77") for _ in range(19)))
    assert {view.lines[0].qty for view in views} == set(range(2, 21))


async def test_the_last_256_taps_are_remembered(cart):
    await fill_up(cart)
    for number in range(TAPS_REMEMBERED):
        await cart.set_qty(ASHA, DOSA.id, 1 + number % 2, f"tap {number}")
    assert TAPS_REMEMBERED >= 256
    before = await cart.view(ASHA)
    assert (await cart.set_qty(ASHA, DOSA.id, 1, "tap 0")).version == before.version
    await cart.set_note(ASHA, "one more", "one more")
    assert (await cart.set_qty(ASHA, DOSA.id, 1, "tap 0")).lines[0].qty == 1  # forgotten, so it counts again
    assert (await cart.set_qty(ASHA, DOSA.id, 2, "tap 5")).lines[0].qty == 1


@pytest.mark.race
@pytest.mark.parametrize("seed", range(5))
async def test_a_hundred_taps_from_two_devices_some_delivered_twice_make_the_cart_they_should(cart, seed):
    """Against a model in a dozen lines: whatever order they arrive in, sums of taps are sums of taps."""
    dice = random.Random(seed)
    dishes = [line("dosa", note=str(n)) for n in range(4)]
    for number, dish in enumerate(dishes):
        await cart.add(ASHA, dish, f"fill {number}")
    taps = [(f"{device}:{n}", dice.choice(dishes).id, dice.choice([1, 1, -1])) for device in "ab" for n in range(50)]
    delivered = taps + dice.sample(taps, 20)
    dice.shuffle(delivered)
    outcomes = await asyncio.gather(
        *(cart.change(ASHA, dish, by, tap) for tap, dish, by in delivered), return_exceptions=True
    )
    assert all(not isinstance(o, Exception) or isinstance(o, (LineGone, QuantityTooLarge)) for o in outcomes)
    counted = {}  # what each tap did, once: refused taps did nothing
    for (tap, dish, by), outcome in zip(delivered, outcomes, strict=True):
        if not isinstance(outcome, Exception):
            counted[tap] = (dish, by)
    left = {shown.id: shown.qty for shown in (await cart.view(ASHA)).lines}
    for dish in dishes:
        taps_on_it = sum(by for counted_dish, by in counted.values() if counted_dish == dish.id)
        assert left.get(dish.id, 0) == 1 + taps_on_it


@pytest.mark.race
async def test_the_limits_hold_under_many_taps_at_once(cart):
    filled = await asyncio.gather(
        *(cart.add(ASHA, line("dosa", note=f"{n}"), f"{n}") for n in range(60)), return_exceptions=True
    )
    assert sum(isinstance(outcome, CartFull) for outcome in filled) == 30
    assert len((await cart.view(ASHA)).lines) == MAX_LINES
    more = await asyncio.gather(*(cart.add(BALA, DOSA, f"{n}") for n in range(60)), return_exceptions=True)
    assert sum(isinstance(outcome, QuantityTooLarge) for outcome in more) == 40
    assert (await cart.view(BALA)).count == MAX_QTY


async def test_a_cart_follows_its_guest(cart):
    await fill_up(cart, ASHA, line("dosa", 2), COFFEE)
    await cart.set_note(ASHA, "ring twice", "n")
    assert await cart.move(ASHA, BALA) is Joined.NOTHING
    moved = await cart.view(BALA)
    assert [(shown.name, shown.qty) for shown in moved.lines] == [("Masala Dosa", 2), ("Filter Coffee", 1)]
    assert moved.note == "ring twice"
    assert (await cart.view(ASHA)).lines == ()


async def test_two_carts_of_one_guest_become_one(cart):
    await fill_up(cart, ASHA, line("dosa", 2), COFFEE)
    await cart.set_note(ASHA, "ring twice", "n")
    await fill_up(cart, BALA, TIKKA, DOSA)
    await cart.set_note(BALA, "no cutlery", "n")
    assert await cart.move(ASHA, BALA) is Joined.TOGETHER
    both = await cart.view(BALA)
    assert {shown.name: shown.qty for shown in both.lines} == {"Paneer Tikka": 1, "Masala Dosa": 3, "Filter Coffee": 1}
    assert (both.note, both.aside) == ("no cutlery · ring twice", 0)


TOO_MUCH = {
    "twenty-one of one dish": (line("dosa", 18), line("dosa", 3)),
    "notes too long for a ticket": (line("dosa"), line("coffee")),
    "another kitchen": (line("dosa"), CartLine(item=MenuItemId("indiranagar.dosa"), variant="one")),
}


@pytest.mark.parametrize("why", TOO_MUCH)
async def test_what_one_order_cannot_take_waits_beside_the_cart_in_hand(cart, house, why):
    in_hand, held = TOO_MUCH[why]
    await cart.replace(ASHA, [in_hand], "fill")
    await cart.replace(BALA, [held], "fill")
    if "notes" in why:
        await cart.set_note(ASHA, "a" * 100, "n")
        await cart.set_note(BALA, "b" * 100, "n")
    assert await cart.move(ASHA, BALA) is Joined.ASIDE
    now = await house.store.read(BALA)
    assert (now.lines, now.aside) == ((in_hand,), (held,))
    other = await cart.swap(BALA, "s1")
    assert (other.count, other.aside, other.note[:1]) == (held.qty, in_hand.qty, "b" if "notes" in why else "")
    await cart.swap(BALA, "s1")  # the same tap again
    back = await cart.swap(BALA, "s2")
    assert (back.count, back.aside) == (in_hand.qty, held.qty)
    await cart.clear(BALA, "c")
    last = await cart.swap(BALA, "s3")
    assert (last.count, last.aside) == (held.qty, 0)
    with pytest.raises(LineGone):
        await cart.swap(BALA, "s4")


@pytest.mark.crash
@pytest.mark.parametrize("why", [*TOO_MUCH, "fits"])
async def test_joining_cut_short_after_the_dishes_arrived_joins_once(cart, house, monkeypatch, why):
    in_hand, held = TOO_MUCH.get(why, (line("dosa", 2), line("dosa", 3)))
    await cart.replace(ASHA, [in_hand], "fill")
    await cart.replace(BALA, [held], "fill")
    if "notes" in why:
        await cart.set_note(ASHA, "a" * 100, "n")
        await cart.set_note(BALA, "b" * 100, "n")
    take = house.store.take

    async def killed(customer, *, arrived=""):
        if arrived:
            raise StoreError("killed")
        return await take(customer)

    with monkeypatch.context() as dying:
        dying.setattr(house.store, "take", killed)
        with pytest.raises(StoreError):
            await cart.move(ASHA, BALA)
    await cart.move(ASHA, BALA)
    now = await house.store.read(BALA)
    assert now.count + sum(each.qty for each in now.aside) == in_hand.qty + held.qty


async def test_an_empty_cart_takes_nothing_away(cart):
    await fill_up(cart, BALA, TIKKA)
    await cart.move(ASHA, BALA)
    await cart.clear(ASHA, "c")
    await cart.move(ASHA, BALA)
    await cart.move(BALA, BALA)
    assert (await cart.view(BALA)).count == 1


@pytest.mark.crash
async def test_a_move_cut_short_anywhere_and_repeated_moves_once(house):
    cart, store = house.cart, house.store
    await fill_up(cart, ASHA, line("dosa", 2))
    taken = await store.take(ASHA)  # killed here …
    assert taken is not None
    assert (await cart.view(BALA)).lines == ()
    await cart.move(ASHA, BALA)
    assert (await cart.view(BALA)).count == 2
    await cart.change(BALA, DOSA.id, 3, "more")
    await cart.move(ASHA, BALA)  # … or after everything
    assert (await cart.view(BALA)).count == 5


@pytest.mark.race
async def test_eight_moves_at_once_move_once(cart):
    await fill_up(cart, ASHA, line("dosa", 2))
    await asyncio.gather(*(cart.move(ASHA, BALA) for _ in range(8)))
    assert [(shown.name, shown.qty) for shown in (await cart.view(BALA)).lines] == [("Masala Dosa", 2)]
    assert (await cart.view(ASHA)).lines == ()


async def test_a_cart_of_five_lines_is_small(cart, house, redis):
    five = [DOSA, COFFEE, TIKKA, line("tikka", variant="half", options=("spice=mild", "extras=cheese")), line("halwa")]
    await fill_up(cart, ASHA, *five)
    for n in range(10):
        await cart.change(ASHA, DOSA.id, 1, f"{n}")
    assert await redis.memory_usage(house.store.key(ASHA)) <= 700
    for n in range(300):
        await cart.set_qty(ASHA, DOSA.id, 1 + n % 2, f"much later {n}")
    assert await redis.memory_usage(house.store.key(ASHA)) <= 3000  # an evening of tapping


async def test_looking_and_changing_are_one_command_each(cart, redis):
    await fill_up(cart)
    await cart.freeze(ASHA, (await cart.view(ASHA)).version)
    await redis.config_resetstat()
    await cart.set_note(ASHA, "x", "warm")
    await redis.config_resetstat()
    await cart.view(ASHA)
    await cart.add(ASHA, DOSA, "1")
    await cart.change(ASHA, DOSA.id, 1, "2")
    await cart.freeze(ASHA, (await cart.get(ASHA)).version)
    calls = {name: stats["calls"] for name, stats in (await redis.info("commandstats")).items()}
    assert calls["cmdstat_evalsha"] == 5
    assert "cmdstat_eval" not in calls
