"""Many taps, two devices, the same news twice: one order."""

import asyncio
from typing import Any

import pytest

from core.cart.service import CartService
from core.conversations.store import ConversationStore
from core.ids import CheckoutId, new_id
from tests.dialogues.guest import WebGuest
from tests.dialogues.walks import PHONE, at_the_review, code_in
from tests.house import House
from tests.twins import without_guard

pytestmark = pytest.mark.race


async def orders_in(house: House) -> int:
    return int(await house.runtime.connections.mongo["orders"].count_documents({}))


async def at_once(house: House, guest: WebGuest, part: str, times: int, *, update: str = "") -> list[dict[str, Any]]:
    """The same button from as many windows at once, as impatient fingers tap it; with `update`, as one update."""
    action = guest.browser.find(part).action

    async def tap(n: int) -> dict[str, Any]:
        event = {"id": update or f"{part}-{n}", "type": "tap", "action": action}
        async with house.town.http.post(f"{house.base}/chat/{guest.browser.session}/events", json=event) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())

    return await asyncio.gather(*(tap(n) for n in range(times)))


def said(answer: dict[str, Any]) -> str:
    return "\n".join(reply["text"] for reply in answer["replies"])


async def test_ten_taps_at_once_make_one_order_and_all_show_it(house: House):
    guest = await at_the_review(house)
    assert all("How would you like to pay" in said(a) for a in await at_once(house, guest, "Place order", 5))
    await guest.taps("Place order")
    answers = await at_once(house, guest, "Cash", 10)
    assert await orders_in(house) == 1
    assert len({code_in(said(answer)) for answer in answers}) == 1


def forget_what_was_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twins' world: each tap gets a checkout id of its own, and the cart stays as it was."""
    freeze = CartService.freeze

    async def forgetful(self, customer, version):
        return (await freeze(self, customer, version)).model_copy(update={"checkout_id": CheckoutId(new_id("chk"))})

    async def keep(self, customer, checkout_id):
        return False

    monkeypatch.setattr(CartService, "freeze", forgetful)
    monkeypatch.setattr(CartService, "clear_if", keep)


async def test_without_the_frozen_checkout_two_taps_make_two_orders(house: House, monkeypatch: pytest.MonkeyPatch):
    guest = await at_the_review(house)
    await guest.taps("Place order")
    forget_what_was_frozen(monkeypatch)
    await at_once(house, guest, "Cash", 2)
    assert await orders_in(house) == 2


async def test_without_the_frozen_checkout_two_devices_make_two_orders(house: House, monkeypatch: pytest.MonkeyPatch):
    first, second = await two_devices(house)
    forget_what_was_frozen(monkeypatch)
    await asyncio.gather(first.taps("Cash"), second.taps("Cash"))
    assert await orders_in(house) == 2


async def two_devices(house: House) -> tuple[WebGuest, WebGuest]:
    """One person in two chats, both before the choice of how to pay: the phone proved in both joins them."""
    first = await at_the_review(house)
    second = await house.guest()
    await second.opens()
    await second.taps("Order food")
    await house.runtime.connections.redis.delete("{otp}:+919876543210:sent")  # as a minute later: the cooldown is over
    await second.proves(PHONE, house.phone)
    assert "Welcome back" in second.screen
    await second.taps("MG Road")
    await second.taps("Takeaway")
    await second.says("checkout")
    await first.says("checkout")
    await first.taps("Place order")
    await second.taps("Place order")
    return first, second


async def test_two_devices_place_one_order_and_the_other_is_told(house: House):
    first, second = await two_devices(house)
    one, other = await asyncio.gather(first.taps("Cash"), second.taps("Cash"))
    assert await orders_in(house) == 1
    assert code_in(one) == code_in(other)
    assert ("other chat" in one) != ("other chat" in other)


async def test_the_same_update_ten_times_has_one_effect_and_one_answer(house: House):
    guest = await at_the_review(house)
    await guest.says("cart")
    answers = await at_once(house, guest, "+ Masala Dosa", 10, update="one-update")
    assert all(answer == answers[0] for answer in answers)
    await guest.says("cart")
    assert "3 × Masala Dosa" in guest.screen


async def test_without_memory_of_updates_and_taps_each_repetition_counts(house: House, monkeypatch: pytest.MonkeyPatch):
    """The twin: neither the turn nor the cart remembers what it has seen."""
    guest = await at_the_review(house)
    await guest.says("cart")
    conversations: Any = house.runtime.services.conversations
    assert isinstance(conversations, ConversationStore)
    blind = without_guard(conversations._begin, "redis.call('ZSCORE', KEYS[3], ARGV[3])", "false")
    monkeypatch.setattr(conversations, "_begin", blind)
    change = CartService.change

    async def fresh_tap(self, customer, line_id, by, tap, *more):
        return await change(self, customer, line_id, by, new_id("tap"), *more)

    monkeypatch.setattr(CartService, "change", fresh_tap)
    await at_once(house, guest, "+ Masala Dosa", 4, update="one-update")
    await guest.says("cart")
    assert "6 × Masala Dosa" in guest.screen


async def test_paying_twice_from_an_old_message_shows_the_order_that_is_there(house: House):
    guest = await at_the_review(house)
    await guest.taps("Place order")
    old = guest.browser.find("Cash")
    await guest.taps("Cash")
    code = code_in(guest.screen)
    await guest.sends({"type": "tap", "action": old.action})
    assert code_in(guest.screen) == code
    assert await orders_in(house) == 1
