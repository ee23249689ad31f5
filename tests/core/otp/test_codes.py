"""A code is right once, in the chat that asked for it, for ten minutes, within five tries; and few are sent."""

import asyncio
import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from core.errors import ProviderError, StoreError, TooManyAttempts
from core.ids import ChatKey, Phone
from core.otp.errors import CodeExpired, CodeLocked, NotACode, PhoneNotAllowed, WrongCode
from core.otp.limits import Limit, Limits, limits_for
from core.otp.service import OtpService
from core.otp.store import ClaimStore, CodeStore
from core.sms.console import ConsoleSms
from core.sms.sender import SmsSender
from tests.core.sms.test_sms import Scripted

PHONE = Phone("+919876543210")
OTHER_PHONE = Phone("+919876543211")
CHAT, STRANGER = ChatKey("telegram:42"), ChatKey("telegram:666")
EAGER = replace(Limits(), phone=(Limit("day", 100, timedelta(days=1)),))


class Desk:
    """The service with a phone to read the messages on."""

    def __init__(self, redis, mongo, settings, clock, limits=None, provider=None):
        self.sms = provider or ConsoleSms(clock)
        limits = limits or Limits()
        self.otp = OtpService(
            codes=CodeStore(redis, limits),
            claims=ClaimStore(mongo, clock),
            sms=SmsSender([self.sms]),
            settings=settings,
            limits=limits,
            clock=clock,
        )

    async def code_for(self, chat=CHAT, phone=PHONE, **how):
        await self.otp.request(phone, chat, "en", **how)
        return self.sms.messages()[-1].text[:6]

    async def says(self, code, chat=CHAT, phone=PHONE):
        await self.otp.verify(phone, chat, code)


@pytest.fixture
def desk(redis, mongo, settings, clock):
    return lambda limits=None, provider=None: Desk(redis, mongo, settings, clock, limits, provider)


def wrong(code, by=1):
    return f"{(int(code) + by) % 10**6:06d}"


async def refused(attempt):
    with pytest.raises(TooManyAttempts) as too_many:
        await attempt
    return too_many.value.reason, too_many.value.retry_after


async def test_the_right_code_is_right_once(desk, clock):
    at = desk()
    sent = await at.otp.request(PHONE, CHAT, "en")
    assert sent.phone == PHONE
    assert sent.expires_ms == clock.ms() + 600_000
    assert sent.resend_ms == clock.ms() + 60_000
    message = at.sms.messages()[-1]
    assert message.phone == PHONE
    assert re.fullmatch(r"\d{6} is your Tiffin code\. It is valid for 10 minutes\. Do not share it .*", message.text)
    await at.says(message.text[:6])
    with pytest.raises(CodeExpired):
        await at.says(message.text[:6])


async def test_hindi_guests_get_it_in_hindi(desk):
    at = desk()
    await at.otp.request(PHONE, CHAT, "hi")
    assert "कोड" in at.sms.messages()[-1].text


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0:.3} {0}", "-"])
async def test_a_code_is_read_as_people_type_it(desk, typed):
    at = desk()
    code = await at.code_for()
    spaced = f"{code[:3]} {code[3:]}"
    devanagari = "".join(chr(0x966 + int(digit)) for digit in code)
    await at.says({"{}": code, " {} ": f" {code}\n", "{0:.3} {0}": spaced, "-": devanagari}[typed])


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "abcdef", "12345a", "१२३", "²²²²²²", '{"$gt": ""}', "\0" * 6, "1" * 10_000, "-1e5"],
)
async def test_what_is_no_code_costs_no_try(desk, typed):
    at = desk()
    code = await at.code_for()
    for _ in range(6):
        with pytest.raises(NotACode):
            await at.says(typed)
    await at.says(code)


async def test_a_code_has_five_tries(desk):
    at = desk()
    code = await at.code_for()
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as no:
            await at.says(wrong(code, left))
        assert no.value.tries_left == left
    with pytest.raises(CodeLocked):
        await at.says(wrong(code))
    with pytest.raises(CodeExpired):
        await at.says(code)


async def test_a_code_works_only_in_the_chat_and_for_the_phone_it_was_asked_for(desk):
    at = desk()
    code = await at.code_for()
    for chat, phone in ((STRANGER, PHONE), (CHAT, OTHER_PHONE)):
        with pytest.raises(CodeExpired):
            await at.says(code, chat, phone)
    await at.says(code)


async def test_a_code_dies_of_age(desk, redis):
    at = desk()
    code = await at.code_for()
    key = CodeStore.code_key(PHONE, CHAT)
    assert 590 < await redis.ttl(key) <= 600
    await redis.pexpire(key, 1)
    await asyncio.sleep(0.01)
    with pytest.raises(CodeExpired):
        await at.says(code)


async def test_a_new_code_kills_the_old_one(desk):
    at = desk(EAGER)
    old = await at.code_for()
    new = await at.code_for()
    if old != new:
        with pytest.raises(WrongCode):
            await at.says(old)
    await at.says(new)


async def test_somebody_asking_for_my_phone_does_not_touch_my_code(desk):
    at = desk(EAGER)
    mine = await at.code_for()
    theirs = await at.code_for(STRANGER)
    with pytest.raises((WrongCode, CodeExpired)):
        await at.says(theirs if theirs != mine else wrong(mine))
    await at.says(mine)


@pytest.mark.race
async def test_of_sixty_four_right_submissions_at_once_one_succeeds(desk):
    at = desk(EAGER)
    for _ in range(5):
        code = await at.code_for()
        outcomes = await asyncio.gather(*(at.says(code) for _ in range(64)), return_exceptions=True)
        assert outcomes.count(None) == 1
        assert sum(isinstance(outcome, CodeExpired) for outcome in outcomes) == 63


@pytest.mark.race
async def test_without_script_and_claim_several_would_succeed(redis):
    """The twin of the test above: look, compare, delete."""
    await redis.set("naive", "424242")

    async def naive_verify():
        if await redis.get("naive") == "424242":
            await redis.delete("naive")
            return True
        return False

    assert sum(await asyncio.gather(*(naive_verify() for _ in range(64)))) > 1


@pytest.mark.race
async def test_a_resend_while_the_old_code_is_submitted_leaves_one_way_in(desk):
    at = desk(replace(EAGER, chat=Limit("chat", 1000, timedelta(days=1))))
    for _ in range(20):
        old = await at.code_for()
        both = await asyncio.gather(at.says(old), at.otp.request(PHONE, CHAT, "en"), return_exceptions=True)
        new = at.sms.messages()[-1].text[:6]
        assert both[0] is None or isinstance(both[0], WrongCode) or old == new
        await at.says(new)


async def test_a_used_code_stays_used_when_redis_comes_back_from_the_past(desk, redis):
    at = desk()
    code = await at.code_for()
    key = CodeStore.code_key(PHONE, CHAT)
    backup = await redis.hgetall(key)
    await at.says(code)
    await redis.hset(key, mapping=backup)
    with pytest.raises(CodeExpired):
        await at.says(code)


async def test_without_the_claim_it_would_work_again(desk, redis, mongo):
    """The twin of the test above."""
    at = desk()
    code = await at.code_for()
    key = CodeStore.code_key(PHONE, CHAT)
    backup = await redis.hgetall(key)
    await at.says(code)
    await redis.hset(key, mapping=backup)
    await mongo["auth_claims"].delete_many({})
    await at.says(code)


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
    went, waits = [], []
    loop = asyncio.get_running_loop()
    end = loop.time() + 1.2
    while loop.time() < end:
        try:
            await at.otp.request(PHONE, CHAT, "en")
        except TooManyAttempts as too_many:
            waits.append(too_many.retry_after)
        else:
            went.append(loop.time())
        await asyncio.sleep(0.02)
    assert 6 <= len(went) <= 9
    assert all(timedelta(0) < wait <= timedelta(milliseconds=300) for wait in waits)
    assert all(later - earlier > 0.29 for earlier, later in zip(went, went[2:], strict=False))


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
    code = await at.code_for()
    for said in (wrong(code), code):
        reason, wait = await refused(at.says(said))
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


async def test_without_redis_no_message_is_sent(mongo, settings, clock):
    nowhere = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)
    at = Desk(nowhere, mongo, settings, clock)
    with pytest.raises(StoreError):
        await at.otp.request(PHONE, CHAT, "en")
    with pytest.raises(StoreError):
        await at.says("123456")
    assert at.sms.messages() == ()
    await nowhere.aclose()


async def test_every_key_ends_by_itself_even_one_that_lost_its_end(desk, redis):
    at = desk(EAGER)
    code = await at.code_for()
    with pytest.raises(WrongCode):
        await at.says(wrong(code))
    keys = await redis.keys("*")
    assert len(keys) == 7
    for key in keys:
        assert 0 < await redis.ttl(key) <= 86_400, key
        await redis.persist(key)
    code = await at.code_for()
    with pytest.raises(WrongCode):
        await at.says(wrong(code))
    assert all([await redis.ttl(key) > 0 for key in keys])


async def test_neither_redis_nor_the_log_ever_holds_a_code_or_the_log_a_phone(desk, redis, caplog):
    caplog.set_level(logging.DEBUG)
    at = desk()
    code = await at.code_for()
    stored = await redis.hgetall(CodeStore.code_key(PHONE, CHAT))
    assert code not in stored.values()
    with pytest.raises(WrongCode):
        await at.says(wrong(code))
    await at.says(code)
    told = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records if record.name != "pymongo")
    assert {"sms_sent", "otp_sent", "otp_verified"} <= set(caplog.messages)
    assert f"'{code}'" not in told
    assert f" {code} " not in told
    assert PHONE not in told


async def test_asking_and_answering_are_one_command_each(desk, redis):
    at = desk(EAGER)
    with pytest.raises(WrongCode):
        await at.says(wrong(await at.code_for()))
    await redis.config_resetstat()
    code = await at.code_for()
    await at.says(code)
    calls = {name: stats["calls"] for name, stats in (await redis.info("commandstats")).items()}
    assert calls["cmdstat_evalsha"] == 2
    assert "cmdstat_eval" not in calls
