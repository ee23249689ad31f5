"""When a code is asked for besides, and when it is not: the guest keeps the cart and comes back to the same step."""

import asyncio
from datetime import timedelta

import pytest

from core.checkout.errors import CodeNeeded
from core.customers.models import Customer, Mark, Strike
from core.ids import OrderId, OutletId, Phone
from core.money import Money
from tests.dialogues.guest import WebGuest
from tests.dialogues.walks import OTHER_PHONE, PHONE, at_the_menu, at_the_review, code_in, ordered
from tests.house import House

NUMBER = Phone("+919876543210")
OTHER = Phone("+919900011223")


async def marked(house: House, *marks: Strike) -> None:
    customers, guest = house.runtime.services.customers, await owner_of(house, NUMBER)
    for n, what in enumerate(marks):
        await customers.mark(guest.id, Mark(order=OrderId(f"ord_{what}{n}"), what=what, at_ms=house.clock.ms()))


async def owner_of(house: House, phone: Phone) -> Customer:
    found = await house.runtime.services.customers.by_phone(phone)
    assert found is not None
    return found


async def types_the_code(house: House, guest: WebGuest, sent: int) -> str:
    return await guest.says(await house.phone.code_for(PHONE, beyond=sent))


async def test_a_guest_who_was_not_there_once_confirms_the_number_and_is_back_where_they_paid(house: House):
    guest = await at_the_review(house)
    house.clock.advance(timedelta(minutes=5))
    await marked(house, Strike.ABSENT)
    await guest.taps("Place order")
    await guest.taps("Cash")
    assert "One more step for cash" in guest.screen
    sent = len(house.phone.to(PHONE))
    await guest.taps("Send the code")
    await types_the_code(house, guest, sent)
    assert guest.offers("Cash")
    await guest.taps("Cash")
    assert code_in(guest.screen)


async def test_who_would_rather_pay_online_needs_no_code(house: House):
    guest = await at_the_review(house)
    house.clock.advance(timedelta(minutes=5))
    await marked(house, Strike.ABSENT)
    await guest.taps("Place order")
    await guest.taps("UPI")
    assert "code by SMS" not in guest.screen
    await guest.hears("to pay")


async def test_who_was_not_there_twice_is_told_until_when_and_how_to_go_on(house: House):
    guest = await at_the_review(house)
    await marked(house, Strike.ABSENT, Strike.ABSENT)
    await guest.taps("Place order")
    assert not guest.offers("Cash")
    assert guest.offers("UPI")
    assert "paid online before we cook" in guest.screen
    assert "human" in guest.screen
    house.clock.advance(timedelta(days=90))
    assert (await owner_of(house, NUMBER)).marks


async def test_an_old_button_pays_no_cash_either_for_who_was_not_there_twice(house: House):
    guest = await at_the_review(house)
    await guest.taps("Place order")
    await marked(house, Strike.ABSENT, Strike.ABSENT)
    await guest.taps("Cash")
    assert "paid online before we cook" in guest.screen
    assert guest.offers("UPI")


async def test_what_the_kitchen_cancels_because_nobody_came_is_held_against_the_guest_once(house: House):
    cook = await house.cook("mgroad")
    guest = await ordered(house)
    code = code_in(guest.screen)
    await cook.hears(code)
    await cook.taps_on(code, "+15")
    await cook.taps_on(code, "Ready")
    await cook.taps_on(code, "Cancel")
    await cook.taps("Guest not there")
    await guest.hears("had to cancel")
    known = await owner_of(house, NUMBER)
    for _ in range(50):
        if known.marks:
            break
        await asyncio.sleep(0.1)
        known = await owner_of(house, NUMBER)
    assert [mark.what for mark in known.marks] == [Strike.ABSENT]


async def test_another_number_needs_a_code_to_the_old_one_first_and_then_leaves_nothing_behind(house: House):
    guest = await at_the_menu(house)
    await guest.says("profile")
    await guest.taps("Phone")
    assert "code there" in guest.screen
    house.clock.advance(timedelta(minutes=2))
    sent = len(house.phone.to(PHONE))
    await guest.says(OTHER_PHONE)
    assert "another number" in guest.screen
    assert not house.phone.to(OTHER_PHONE)
    await house.runtime.connections.redis.delete("{otp}:+919876543210:sent", "{otp}:+919876543210:linked")
    await guest.taps("Send the code")
    await types_the_code(house, guest, sent)
    assert "new number" in guest.screen
    await guest.proves(OTHER_PHONE, house.phone)
    assert "23" in guest.screen
    customers = house.runtime.services.customers
    assert await customers.by_phone(NUMBER) is None
    assert (await owner_of(house, OTHER)).phone == OTHER


async def test_who_lost_the_old_number_starts_afresh_with_the_cart_and_without_the_addresses(house: House):
    guest = await at_the_review(house, "Delivery")
    assert "Church Street" in guest.screen
    await guest.says("profile")
    await guest.taps("Phone")
    await guest.taps("I no longer have it")
    await guest.taps("Start afresh")
    await guest.proves(OTHER_PHONE, house.phone)
    await guest.says("cart")
    assert "Masala Dosa" in guest.screen
    assert (await owner_of(house, OTHER)).addresses == ()
    assert len((await owner_of(house, NUMBER)).addresses) == 1


async def test_signed_out_everywhere_means_the_other_chat_too(house: House):
    one = await at_the_review(house, "Delivery")
    two = await at_the_menu_again(house)
    await one.says("profile")
    await one.taps("Sign out everywhere")
    await two.says("2 masala dosa")
    await two.taps("Checkout")
    assert "put away" in two.screen or "number" in two.screen
    assert "Church Street" not in two.screen


async def at_the_menu_again(house: House) -> WebGuest:
    """The same person in a second chat, a while later."""
    house.clock.advance(timedelta(minutes=16))
    await house.runtime.connections.redis.delete("{otp}:+919876543210:sent", "{otp}:+919876543210:linked")
    guest = await house.guest()
    await guest.opens()
    await guest.taps("Order food")
    await guest.proves(PHONE, house.phone)
    await guest.taps("MG Road")
    await guest.taps("Delivery")
    return guest


async def test_addresses_of_a_number_unused_for_ninety_days_show_only_after_a_code(house: House):
    guest = await ordered(house, "Delivery")
    known = await owner_of(house, NUMBER)
    stored = await house.runtime.connections.mongo["customers"].find_one({"_id": known.id})
    long_ago = stored["used_ms"] - 91 * 86_400_000
    idle = {**stored, "used_ms": long_ago, "phone_at_ms": long_ago, "v": stored["v"] + 1}
    customers = house.runtime.connections.mongo["customers"]
    await customers.replace_one({"_id": known.id, "v": stored["v"]}, idle)
    await guest.says("/addresses")
    assert "put away" in guest.screen
    assert "Church Street" not in guest.screen
    sent = len(house.phone.to(PHONE))
    await house.runtime.connections.redis.delete("{otp}:+919876543210:sent", "{otp}:+919876543210:linked")
    await guest.taps("Send the code")
    await types_the_code(house, guest, sent)
    assert "Church Street" in guest.screen


@pytest.mark.parametrize("limit", [100, 10_000])
async def test_a_large_first_order_in_cash_wants_a_code_that_is_not_old(house: House, limit: int):
    services = house.runtime.services
    guest = await at_the_review(house)
    known = await owner_of(house, NUMBER)
    outlet = services.outlets.require(OutletId("mgroad")).model_copy(update={"cash_without_code": Money(limit)})
    old = known.model_copy(update={"code_ms": 1})
    if limit == 100:
        with pytest.raises(CodeNeeded):
            await services.checkout.check_cash(old, outlet, Money(10_000))
        await services.checkout.check_cash(known, outlet, Money(10_000))
    else:
        await services.checkout.check_cash(old, outlet, Money(10_000))
    assert guest.offers("Place order")


async def fills_a_cart_unproved(house: House, branch: str, wish: str) -> WebGuest:
    """Somebody who took the menu first and stands before their cart."""
    guest = await house.guest()
    await guest.opens()
    await guest.taps("Order food")
    await guest.taps("Menu first")
    await guest.taps(branch)
    await guest.taps("Takeaway")
    await guest.says(wish)
    return guest


@pytest.mark.parametrize(("branch", "said"), [("MG Road", "both are one cart now"), ("Indiranagar", "Other cart")])
async def test_a_phone_proved_in_a_second_chat_brings_both_carts_together(house: House, branch: str, said: str):
    one = await at_the_menu(house)
    await one.says("1 mango lassi")
    two = await fills_a_cart_unproved(house, branch, "2 masala dosa")
    house.clock.advance(timedelta(minutes=2))
    await house.runtime.connections.redis.delete("{otp}:+919876543210:sent")
    await two.says("profile")
    await two.taps("Phone")
    await two.proves(PHONE, house.phone)
    assert "Welcome back" in two.screen
    assert said in two.screen
    await two.says("cart")
    assert "2 × Masala Dosa" in two.screen
    if branch == "MG Road":
        assert "1 × Mango Lassi" in two.screen
    else:
        await two.taps("Other cart (1 item)")
        assert "1 × Mango Lassi" in two.screen
        assert two.offers("Other cart (2 items)")
