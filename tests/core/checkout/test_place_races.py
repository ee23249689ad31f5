"""Ten taps, two devices, an edit or a new price in the moment of placing; each with a twin whose guard is out."""

import asyncio
from collections import Counter

import pytest

from core.cart import store as cart_store
from core.cart.errors import CartChanged
from core.checkout.errors import PriceChanged
from core.checkout.service import Placed
from core.menu.errors import ItemSoldOut
from core.money import Money
from core.orders.store import INDEXES
from core.outlets.models import PayMethod
from tests.core.cart.house import COFFEE, DOSA, line
from tests.core.checkout.conftest import ASHA, BALA, TABLE, open_counter
from tests.core.orders.test_races import many
from tests.twins import without_guard

__all__ = ["many"]

pytestmark = pytest.mark.race

HALWA = line("halwa").item


async def test_ten_taps_at_once_place_one_order(counter, many):
    for round_ in range(many):
        await counter.fill(guest=ASHA)
        quote = await counter.quote(TABLE)
        taps = (counter.place(quote, chat=f"telegram:{n % 2}", method=PayMethod.UPI) for n in range(10))
        placed = await asyncio.gather(*taps)
        assert sum(each.first for each in placed) == 1
        assert len({each.order.id for each in placed}) == 1
        assert len(await counter.all_orders()) == round_ + 1
        assert (await counter.cart.view(ASHA.id)).lines == ()
        await counter.orders.cancel(placed[0].order.id, ASHA.id)


async def test_without_the_unique_checkout_ten_taps_place_several(redis, mongo, clock):
    """The twin of the test above: the database does not refuse the second order of a checkout."""
    guards = {("checkout_id",), ("unpaid_of",)}  # one order unpaid at a time would hide it
    counter = await open_counter(redis, mongo, clock, [index for index in INDEXES if index.keys not in guards])
    await counter.fill()
    quote = await counter.quote(TABLE)
    await asyncio.gather(*(counter.place(quote, method=PayMethod.UPI) for _ in range(10)))
    assert len(await counter.all_orders()) > 1


async def test_without_freezing_ten_taps_place_several(counter, monkeypatch):
    """Another twin: every tap brings a checkout of its own."""
    await counter.fill()
    quote = await counter.quote(TABLE)
    freeze = counter.cart.freeze
    numbers = iter(range(100))

    async def freeze_each(customer, version):
        frozen = await freeze(customer, version)
        return frozen.model_copy(update={"checkout_id": f"chk_{next(numbers)}"})

    monkeypatch.setattr(counter.cart, "freeze", freeze_each)
    await asyncio.gather(*(counter.place(quote) for _ in range(10)), return_exceptions=True)
    assert len(await counter.all_orders()) > 1


async def test_a_price_change_during_ten_taps_gives_one_order_at_the_shown_price_or_none(counter, many):
    for round_ in range(many):
        await counter.fill()
        quote = await counter.quote(TABLE)
        price = Money.rupees(121 + round_)
        outcomes = await asyncio.gather(
            *(counter.place(quote, method=PayMethod.UPI) for _ in range(5)),
            counter.menu.set_price(DOSA.item, "one", price, "owner"),
            *(counter.place(quote, method=PayMethod.UPI) for _ in range(5)),
            return_exceptions=True,
        )
        orders = {outcome.order.id: outcome.order for outcome in outcomes if isinstance(outcome, Placed)}
        assert len(orders) <= 1
        for order in orders.values():
            assert order.total == quote.bill.total
            await counter.orders.cancel(order.id, ASHA.id)
        rest = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert all(isinstance(outcome, PriceChanged) for outcome in rest)


async def edited_while_placed(counter, number: int) -> str:
    """How it went: another device adds a coffee, or writes a note that changes no total, in the moment of placing."""
    await counter.cart.clear(ASHA.id, f"c{number}")
    await counter.fill()
    quote = await counter.quote(TABLE)
    placing = counter.place(quote, method=PayMethod.UPI)
    tap = f"edit {number}"
    match number % 3:
        case 0:
            edit = counter.cart.change(ASHA.id, COFFEE.id, 1, tap)
        case 1:
            edit = counter.cart.set_note(ASHA.id, tap, tap)
        case _:
            edit = asyncio.sleep(0)
    first, second = (placing, edit) if number % 2 else (edit, placing)
    ends = await asyncio.gather(first, second, return_exceptions=True)
    outcome = ends[0 if number % 2 else 1]
    if not isinstance(outcome, Placed):
        assert isinstance(outcome, CartChanged), outcome
        return "refused" if number % 3 < 2 else "bad: refused without reason"
    await counter.orders.cancel(outcome.order.id, ASHA.id)
    shown = (outcome.order.total, outcome.order.note) == (quote.bill.total, quote.note)
    return "as shown" if shown else "bad: not what was shown"


async def test_an_edit_and_a_place_at_once_order_what_was_shown_or_nothing(counter, many):
    ends = Counter([await edited_while_placed(counter, number) for number in range(many)])
    assert set(ends) <= {"refused", "as shown"}, ends


async def test_without_the_version_a_note_nobody_was_shown_would_be_cooked(counter, monkeypatch):
    """The twin of the test above: whatever lies in the cart is frozen. (A total that changed is refused even then.)"""
    blind = without_guard(cart_store._FREEZE, "cart.v ~= expected", "false")
    monkeypatch.setattr(cart_store, "_FREEZE", blind)
    ends = Counter([await edited_while_placed(counter, 1 + 3 * n) for n in range(12)])
    assert ends["bad: not what was shown"] > 0, ends


async def test_the_last_portions_go_to_one_guest_and_to_one_of_their_taps(counter):
    for guest in (ASHA, BALA):
        await counter.cart.add(guest.id, line("halwa", 2), "h")
    quotes = {guest.id: await counter.quote(TABLE, guest) for guest in (ASHA, BALA)}
    taps = [counter.place(quotes[guest.id], guest=guest) for guest in (ASHA, BALA) for _ in range(5)]
    outcomes = await asyncio.gather(*taps, return_exceptions=True)
    placed = [outcome.order for outcome in outcomes if isinstance(outcome, Placed)]
    assert len(placed) == 5
    assert len({order.id for order in placed}) == 1
    assert all(isinstance(outcome, ItemSoldOut) for outcome in outcomes if isinstance(outcome, Exception))
    assert (await counter.menu.fresh([HALWA]))[HALWA].stock == 0
