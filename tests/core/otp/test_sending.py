"""Few codes are sent, however they are asked for, and few are guessed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import ProviderError, TooManyAttempts
from core.ids import ChatKey, Phone
from core.otp.errors import CodeExpired, CodeLocked, PhoneNotAllowed, WrongCode
from core.otp.limits import Limit, Limits, limits_for
from core.otp.store import CodeStore
from tests.core.otp.conftest import CHAT, EAGER, PHONE, STRANGER, refused, wrong
from tests.core.sms.test_sms import Scripted


async def test_a_minute_between_two_codes(desk):
    at = desk()
    await at.code_for()
    reason, wait = await refused(at.code_for())
    assert reason == "cooldown"
    assert timedelta(seconds=58) < wait <= timedelta(seconds=60)


def at_most(most, milliseconds=400):
    return replace(Limits(), phone=(Limit("window", most, timedelta(milliseconds=milliseconds)),))


@pytest.mark.race
async def test_of_two_hundred_requests_at_once_one_is_sent(desk):
    at = desk()
    asked = (at.otp.request(PHONE, ChatKey(f"telegram:{n}"), "en") for n in range(200))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 199
    assert len(at.sms.messages()) == 1


@pytest.mark.race
async def test_of_two_hundred_requests_at_once_as_many_are_sent_as_the_window_lets_through(desk):
    at = desk(at_most(3, 60_000))
    asked = (at.otp.request(PHONE, ChatKey(f"telegram:{n}"), "en") for n in range(200))
    await asyncio.gather(*asked, return_exceptions=True)
    assert len(at.sms.messages()) == 3


@pytest.mark.race
async def test_looking_first_and_counting_afterwards_would_let_more_through(redis):
    """The twin of the test above."""
    sent = []

    async def naive_request():
        if int(await redis.get("naive") or 0) < 3:
            await redis.incr("naive")
            sent.append(1)

    await asyncio.gather(*(naive_request() for _ in range(200)))
    assert len(sent) > 3


async def test_a_window_holds_in_every_stretch_of_its_length(desk):
    at = desk(at_most(2, 300))
    began: list[float] = []
    ended: list[float] = []
    waits: list[timedelta] = []
    loop = asyncio.get_running_loop()
    while len(ended) < 7:
        asked = loop.time()
        try:
            await at.otp.request(PHONE, CHAT, "en")
        except TooManyAttempts as too_many:
            waits.append(too_many.retry_after)
        else:
            began.append(asked)
            ended.append(loop.time())
        await asyncio.sleep(0.02)
    assert waits
    assert all(timedelta(0) < wait <= timedelta(milliseconds=300) for wait in waits)
    # From before the first was asked for until after the third was sent, however slow this machine is.
    assert all(later - earlier >= 0.3 for earlier, later in zip(began, ended[2:], strict=False))


@pytest.mark.parametrize(("reason", "most"), [("window", 3), ("hour", 4), ("day", 10)])
async def test_every_limit_on_a_phone_is_named(desk, reason, most):
    limits = Limits()
    (only,) = (limit for limit in limits.phone if limit.reason == reason)
    assert only.most == most
    at = desk(replace(limits, phone=(only,)))
    for _ in range(most):
        await at.code_for()
    named, wait = await refused(at.code_for())
    assert named == reason
    assert only.window - timedelta(seconds=5) < wait <= only.window


async def test_the_limits_are_those_that_were_agreed():
    assert [(limit.most, limit.window) for limit in Limits().phone] == [
        (1, timedelta(seconds=60)),
        (3, timedelta(minutes=15)),
        (4, timedelta(hours=1)),
        (10, timedelta(days=1)),
    ]
    assert (Limits().phones_of_a_chat.most, Limits().tries, Limits().code_lives) == (3, 5, timedelta(minutes=10))


async def test_a_chat_asks_for_three_phones_a_day(desk):
    at = desk(EAGER)
    for number in (0, 1, 2, 0, 1):
        await at.code_for(phone=Phone(f"+91987654321{number}"))
    reason, wait = await refused(at.code_for(phone=Phone("+919876543219")))
    assert reason == "chat"
    assert timedelta(hours=23) < wait <= timedelta(days=1)
    await at.code_for(STRANGER, Phone("+919876543219"))


async def test_a_refused_request_counts_for_nothing(desk, redis):
    at = desk(EAGER)
    for number in range(3):
        await at.code_for(phone=Phone(f"+91987654321{number}"))
    before = {key: await redis.type(key) for key in await redis.keys("{otp}:*")}
    sent = len(at.sms.messages())
    for number in range(3, 9):
        await refused(at.code_for(phone=Phone(f"+91987654321{number}")))
    assert {key: await redis.type(key) for key in await redis.keys("{otp}:*")} == before
    assert len(at.sms.messages()) == sent


async def test_a_chat_gets_twenty_codes_a_day(desk):
    at = desk(EAGER)
    for _ in range(20):
        await at.code_for()
    assert (await refused(at.code_for()))[0] == "chat"


async def test_everybody_together_stays_within_the_budget(desk):
    assert (limits_for(500).budget_hour.most, limits_for(500).budget_day.most) == (125, 500)
    at = desk(limits_for(9))  # three in an hour
    for number in range(3):
        await at.code_for(ChatKey(f"telegram:{number}"), Phone(f"+91987654321{number}"))
    assert (await refused(at.code_for(ChatKey("telegram:9"), Phone("+919876543219"))))[0] == "budget"


async def test_without_a_budget_nothing_is_sent(desk):
    at = desk(limits_for(0))
    assert (await refused(at.code_for()))[0] == "budget"
    assert at.sms.messages() == ()


async def test_strangers_cannot_lock_the_owner_out(desk):
    at = desk()
    await at.code_for(STRANGER)
    assert (await refused(at.code_for()))[0] == "cooldown"
    code = await at.code_for(linked=True)
    assert (await refused(at.code_for(linked=True)))[0] == "cooldown"
    await at.says(code)


async def test_a_chat_guesses_ten_times_a_day_whatever_it_asks_for(desk):
    at = desk(EAGER)
    for number in (0, 1):
        phone = Phone(f"+91987654321{number}")
        code = await at.code_for(phone=phone)
        for by in range(1, 6):
            with pytest.raises((WrongCode, CodeLocked)):
                await at.says(wrong(code, by), phone=phone)
    third = Phone("+919876543212")
    code = await at.code_for(phone=third)
    for said in (wrong(code), code):
        reason, wait = await refused(at.says(said, phone=third))
        assert reason == "guesses"
        assert wait > timedelta(hours=23)


@pytest.mark.race
async def test_guesses_are_counted_when_they_come_all_at_once(desk):
    at = desk()
    code = await at.code_for()
    outcomes = await asyncio.gather(*(at.says(wrong(code, by)) for by in range(1, 100)), return_exceptions=True)
    assert sum(isinstance(outcome, WrongCode) for outcome in outcomes) == 4
    assert sum(isinstance(outcome, CodeLocked) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, CodeExpired) for outcome in outcomes) == 94


async def test_when_no_message_went_out_the_guest_may_ask_again_at_once(desk, redis):
    broken = Scripted("a", ProviderError("a", retryable=True))
    with pytest.raises(ProviderError):
        await desk(provider=broken).otp.request(PHONE, CHAT, "en")
    assert await redis.exists(CodeStore.code_key(PHONE, CHAT)) == 0
    at = desk()
    await at.says(await at.code_for())


async def test_what_may_have_gone_out_counts_as_sent(desk):
    unclear = desk(provider=Scripted("a", TimeoutError()))
    await unclear.otp.request(PHONE, CHAT, "en")
    assert (await refused(desk().code_for()))[0] == "cooldown"


@pytest.mark.parametrize(
    ("phone", "reason"), [("+16502530000", "country"), ("+918023456789", "not_mobile"), ("x", "not_a_number")]
)
async def test_no_code_goes_where_none_should(desk, phone, reason):
    at = desk()
    with pytest.raises(PhoneNotAllowed) as no:
        await at.otp.request(Phone(phone), CHAT, "en")
    assert no.value.reason == reason
    assert at.sms.messages() == ()
