"""What a guest reads while a phone is proved: how long, how often, and never whether we know the number."""

from datetime import timedelta

import pytest

from tests.dialogues.guest import WebGuest
from tests.dialogues.walks import PHONE, newcomer
from tests.house import House


async def asked_for_the_phone(house: House) -> WebGuest:
    guest = await house.guest()
    await guest.opens()
    await guest.taps("Order food")
    return guest


async def test_the_guest_sees_how_long_the_code_is_good_and_when_another_may_be_asked_for(house: House):
    guest = await asked_for_the_phone(house)
    await guest.says(PHONE)
    assert "ending in 10" in guest.screen
    assert "valid for 10 minutes; you have five tries" in guest.screen
    assert "in 60 seconds" in guest.screen
    house.clock.advance(timedelta(seconds=20))
    await guest.says("what?")
    assert "in 40 seconds" in guest.screen
    await guest.taps("Send again")
    assert "You can ask for another in" in guest.screen
    house.clock.advance(timedelta(seconds=41))
    await guest.says("what?")
    assert "seconds" not in guest.screen
    assert "valid for 9 minutes" in guest.screen
    house.clock.advance(timedelta(minutes=9))
    await guest.says("what?")
    assert "has run out" in guest.screen


async def test_each_wrong_code_says_how_many_tries_are_left_and_the_last_that_it_is_dead(house: House):
    guest = await asked_for_the_phone(house)
    await guest.says(PHONE)
    code = int(await house.phone.code_for(PHONE))
    said = [await guest.says(f"{(code + by) % 10**6:06d}") for by in range(1, 6)]
    for text, left in zip(said, ("4 tries", "3 tries", "2 tries", "1 try"), strict=False):
        assert f"You have {left} left" in text
        assert "five tries" not in text
    assert "this code is dead" in said[-1]
    assert "Please type it" not in said[-1]
    assert "Another one can be sent in 5 minutes" in said[-1]
    assert "Tap Send again for a new code" in await guest.says("what?")


async def test_what_a_guest_reads_of_the_code_stays_true_whatever_they_say_in_between(house: House):
    guest = await asked_for_the_phone(house)
    await guest.says(PHONE)
    code = int(await house.phone.code_for(PHONE))
    await guest.says(f"{(code + 1) % 10**6:06d}")
    assert "You have 4 tries left" in await guest.says("what?")
    redis = house.runtime.connections.redis
    await redis.delete(*await redis.keys("{otp}:+91*:webchat:*"))
    assert "has run out" in await guest.says(f"{code:06d}")
    assert "Please type it" not in guest.screen


async def test_a_stranger_cannot_tell_whether_we_know_a_number(house: House):
    await newcomer(house, phone="98765 43210")
    house.clock.advance(timedelta(minutes=2))
    await house.runtime.connections.redis.delete("{otp}:+919876543210:sent")
    known, unknown = await asked_for_the_phone(house), await asked_for_the_phone(house)
    for say in ("98765 {}", "000000", "1234", "what?"):
        for_known, for_unknown = await known.says(say.format("43210")), await unknown.says(say.format("43310"))
        assert for_known == for_unknown
        assert known.buttons == unknown.buttons
    messages = [house.phone.to(number)[-1][6:] for number in ("9876543210", "9876543310")]
    assert messages[0] == messages[1]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("080 2345 6789", "mobile"),
        ("1800 123 4567", "mobile"),
        ("+1 650 253 0000", "only send SMS to Indian numbers"),
        ("+880 1712 345678", "only send SMS to Indian numbers"),
        ("98765", "ten digits"),
        ("9876543210 ext 5", "ten digits"),
    ],
)
async def test_a_number_we_cannot_text_is_refused_with_what_would_do(house: House, typed: str, sentence: str):
    guest = await asked_for_the_phone(house)
    assert sentence in await guest.says(typed)
    assert guest.offers("Menu first")
