"""A guest's afternoon, from hello to dinner, by what stands on the screen."""

import asyncio
from datetime import timedelta

import pytest

from tests.dialogues.guest import PATIENCE, WebGuest
from tests.dialogues.walks import ADDRESS, PHONE, at_the_menu, at_the_review, code_in, ordered
from tests.house import House


async def test_takeaway_paid_in_cash_is_cooked_and_collected(house: House):
    cook = await house.cook("mgroad")
    guest = await ordered(house, "Takeaway", "2 masala dosa", "Cash")
    code = code_in(guest.screen)
    assert "Waiting for the restaurant" in guest.screen
    await cook.hears(code)
    await cook.taps_on(code, "+15")
    assert "accepted" in (await guest.hears(code)).text.casefold()
    await cook.taps_on(code, "Ready")
    await guest.hears("ready")
    await cook.taps_on(code, "Collected")
    await guest.says("track")
    assert "Collected" in guest.screen
    assert guest.offers("Order again")


async def test_delivery_paid_online_reaches_the_kitchen_only_with_the_money(house: House):
    cook = await house.cook("mgroad")
    guest = await ordered(house, "Delivery", "2 full paneer tikka and 3 garlic naan", "UPI")
    code = code_in(guest.all_said)
    await cook.hears_nothing_of(code)
    await guest.hears("to pay")
    link = guest.link("Pay ₹")
    await house.till.does(link, "fail")
    await house.till.does(link, "pay")
    await guest.hears(code)
    card = await cook.hears(code)
    assert "PAID" in card.text
    assert "COLLECT" not in card.text
    await cook.taps_on(code, "+25")
    await cook.taps_on(code, "Ready")
    await cook.taps_on(code, "Out")
    await guest.hears("on the way")
    await cook.taps_on(code, "Delivered")
    await guest.says("track")
    assert "Delivered" in guest.screen


async def test_dine_in_names_the_table_on_the_ticket(house: House):
    cook = await house.cook("mgroad")
    guest = await ordered(house, "Dine in", "1 mango lassi", "Cash")
    card = await cook.hears(code_in(guest.screen))
    assert "T4" in card.text


async def test_a_whole_order_in_hindi(house: House):
    guest = await house.guest(language="hi-IN")
    await guest.opens()
    assert "Tiffin" in guest.screen
    assert "Order food" not in " ".join(guest.buttons)
    await guest.taps("ऑर्डर")
    await guest.proves(PHONE, house.phone)
    await guest.taps("MG Road")
    await guest.taps("टेकअवे")
    await guest.says("दो मसाला डोसा और एक मैंगो लस्सी")
    assert "Masala Dosa" in guest.screen
    assert "Mango Lassi" in guest.screen
    await guest.says("चेकआउट")
    await guest.taps("ऑर्डर करें")
    await guest.taps("नकद")
    assert code_in(guest.screen)


async def test_changing_ones_mind_before_the_kitchen_accepts_is_free(house: House):
    cook = await house.cook("mgroad")
    guest = await ordered(house)
    code = code_in(guest.screen)
    await cook.hears(code)
    await guest.says("cancel")
    await guest.taps("Yes, cancel")
    assert "cancelled" in guest.screen.casefold()
    await cook.hears("cancel")


async def test_paid_money_comes_back_when_the_guest_cancels(house: House):
    guest = await ordered(house, pay="UPI")
    await guest.hears("to pay")
    await house.till.does(guest.link("Pay ₹"), "pay")
    await guest.hears("paid")
    await guest.says("cancel")
    assert "back in full" in guest.screen
    await guest.taps("Yes, cancel")
    await guest.hears("refund")
    await guest.says("track")
    await guest.taps("Where is my money")
    assert "Refund" in guest.screen
    assert "₹" in guest.screen


async def test_who_asks_for_their_money_hears_what_a_bank_wants_to_know(house: House):
    guest = await ordered(house, pay="UPI")
    await guest.hears("to pay")
    await house.till.does(guest.link("Pay ₹"), "pay")
    await guest.hears("is placed")
    await guest.says("where is my money?")
    assert "Nothing is to be returned" in guest.screen
    await guest.says("cancel")
    await guest.taps("Yes, cancel")
    await guest.hears("refund")
    async with asyncio.timeout(PATIENCE):
        while "has been sent" not in guest.all_said:  # the bank takes its time, and its news come by themselves
            house.clock.advance(timedelta(seconds=5))
            await house.runtime.jobs.run_all()
            await asyncio.sleep(0.05)
    await guest.says("mera refund kahan hai")
    assert "paid on Mon 2 Mar · UPI · pay_" in guest.screen
    assert "goes to the UPI account you paid from" in guest.screen
    assert "Refund id: rfnd_" in guest.screen
    assert "Bank reference (ARN or UTR): " in guest.screen
    assert "tell your bank" in guest.screen


async def test_a_payment_that_failed_and_then_went_through_leaves_no_button_to_pay_again(house: House):
    guest = await ordered(house, pay="UPI")
    await guest.hears("to pay")
    link = guest.link("Pay ₹")
    await house.till.does(link, "fail")
    await guest.hears("did not go through")
    await house.till.does(link, "pay")
    await guest.hears("is placed")
    assert guest.still_offering("Pay ₹") == []


async def test_another_way_to_pay_closes_the_first_link_before_the_second_opens(house: House):
    guest = await ordered(house, pay="UPI")
    await guest.hears("to pay")
    first = guest.link("Pay ₹")
    await guest.taps("Other way to pay")
    await guest.taps("Card")
    await guest.hears("The link is open until")
    second = guest.link("Pay ₹")
    assert second != first
    assert (await house.till.look(first))["status"] == "cancelled"
    await house.till.does(second, "pay", "card")
    await guest.hears("₹248 paid · Card")
    assert guest.still_offering("Pay ₹") == []


async def test_the_restaurant_declines_and_says_why(house: House):
    cook = await house.cook("mgroad")
    guest = await ordered(house)
    code = code_in(guest.screen)
    await cook.hears(code)
    await cook.taps_on(code, "Reject")
    await cook.taps("busy")
    heard = await guest.hears(code)
    assert "sorry" in heard.text.casefold()


async def test_the_usual_is_there_in_three_taps_and_says_what_changed(house: House):
    cook = await house.cook("mgroad")
    guest = await ordered(house, wish="2 masala dosa and a mango lassi")
    code = code_in(guest.screen)
    await cook.hears(code)
    for step in ("+15", "Ready", "Collected"):
        await cook.taps_on(code, step)
    await cook.says("/soldout mango lassi")
    await guest.says("hello")
    before = guest.taps_made
    await guest.taps("The usual")
    assert "Mango Lassi is sold out" in guest.screen
    assert "Masala Dosa" in guest.screen
    await guest.taps("Place order")
    assert guest.taps_made - before <= 3
    assert code_in(guest.screen) != code


def effort(guest: WebGuest) -> int:
    return guest.taps_made + guest.texts_typed


async def test_a_new_guest_needs_at_most_ten_taps_and_messages_and_the_address(house: House):
    guest = await house.guest()
    await guest.opens()
    await guest.taps("Order food")
    await guest.proves(PHONE, house.phone)
    await guest.taps("MG Road")
    await guest.taps("Delivery")
    await guest.taps("Thalis")
    await guest.taps("Add")
    await guest.taps("Checkout")
    before_address = effort(guest)
    await guest.says(ADDRESS)
    await guest.taps("No landmark")
    the_address = effort(guest) - before_address
    await guest.taps("Place order")
    await guest.taps("Cash")
    assert code_in(guest.screen)
    assert effort(guest) - the_address <= 10


async def test_a_known_guest_needs_at_most_six(house: House):
    guest = await ordered(house, "Delivery", "2 masala dosa")
    await guest.says("hello")
    before = effort(guest)
    await guest.taps("Order · Delivery")
    await guest.taps("Thalis")
    await guest.taps("Add")
    await guest.taps("Checkout")
    await guest.taps("Place order")
    await guest.taps("Cash")
    assert code_in(guest.screen)
    assert effort(guest) - before <= 6


async def test_the_cart_is_kept_while_the_phone_is_proved(house: House):
    guest = await house.guest()
    await guest.opens()
    await guest.taps("Order food")
    await guest.taps("Menu first")
    await guest.taps("MG Road")
    await guest.taps("Takeaway")
    await guest.says("2 masala dosa")
    await guest.taps("Checkout")
    await guest.taps("Place order")
    assert "number" in guest.screen
    await guest.proves(PHONE, house.phone)
    assert "Masala Dosa" in guest.screen
    assert guest.offers("Place order")


async def test_a_dish_that_sells_out_in_the_cart_is_named_and_the_rest_is_safe(house: House):
    cook = await house.cook("mgroad")
    guest = await at_the_menu(house)
    await guest.says("1 masala dosa and 1 mango lassi")
    await cook.says("/soldout masala dosa")
    assert "sold out" in cook.screen, cook.screen
    await guest.taps("Checkout")
    assert "Masala Dosa" in guest.screen
    assert guest.offers("Remove what is not available")
    await guest.taps("Remove what is not available")
    assert "Mango Lassi" in guest.screen
    assert guest.offers("Checkout")


async def test_too_far_to_deliver_is_said_at_once_and_takeaway_offered(house: House):
    guest = await at_the_menu(house, "Delivery")
    await guest.says("2 masala dosa")
    await guest.taps("Checkout")
    await guest.says("4 Beach Road, Chennai, 600001")
    assert "does not deliver" in guest.screen
    await guest.taps("Takeaway instead")
    assert guest.offers("Place order")


async def test_the_order_is_exactly_what_the_review_showed(house: House):
    guest = await at_the_review(house)
    import re

    shown = re.search(r"Total (₹[\d,.]+)", guest.screen)
    assert shown
    await guest.taps("Place order")
    assert shown[1] in guest.screen
    await guest.taps("Cash")
    assert shown[1] in guest.screen


@pytest.mark.parametrize("word", ["menu", "cart", "help", "human", "profile", "privacy"])
async def test_global_words_work_wherever_the_guest_is(house: House, word: str):
    guest = await at_the_menu(house)
    await guest.taps("Search")
    await guest.says(word)
    assert guest.screen
    assert "I did not get that" not in guest.screen


async def test_an_unclear_dish_is_asked_about_and_the_number_is_not_forgotten(house: House):
    guest = await at_the_menu(house)
    await guest.says("3 paneer")
    assert "Which" in guest.screen
    await guest.taps("Palak Paneer")
    await guest.taps("Full")
    assert "3 × Palak Paneer (Full)" in guest.screen


async def test_a_dish_a_line_is_an_order(house: House):
    guest = await at_the_menu(house)
    await guest.says("2 masala dosa\n1 mango lassi")
    assert "2 × Masala Dosa" in guest.screen
    assert "1 × Mango Lassi" in guest.screen
