"""A code is right once, in the chat that asked for it, for ten minutes, within five tries."""

import asyncio
import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from core.errors import SettingsError, StoreError
from core.otp.errors import CodeExpired, CodeLocked, NotACode, WrongCode
from core.otp.limits import Limit
from core.otp.store import CodeStore
from tests.conftest import make_settings
from tests.core.otp.conftest import CHAT, EAGER, OTHER_PHONE, PHONE, STRANGER, Desk, wrong


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
    assert len(keys) == 10
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


async def test_a_code_sent_just_before_the_secret_is_changed_still_works_and_only_while_both_are_named(
    redis, mongo, settings, clock
):
    new = "the-next-secret-hashes-with-this-7d2e9c41"
    both = [SecretStr(new), *settings.otp_secret]
    before, during, after = (
        Desk(redis, mongo, settings.model_copy(update={"otp_secret": secrets}), clock, EAGER)
        for secrets in (settings.otp_secret, both, both[:1])
    )
    code = await before.code_for()
    with pytest.raises(WrongCode):
        await after.says(code)
    await during.says(code)
    code = await during.code_for()
    await after.says(code)


async def test_where_a_template_is_registered_its_wording_goes_out_whatever_the_guest_speaks(
    redis, mongo, settings, clock
):
    named = {"sms_dlt_template_id": "1707", "sms_dlt_template": "Tiffin: {#numeric#} ({#var#} min). Do not share."}
    own = Desk(redis, mongo, settings.model_copy(update=named), clock, EAGER)
    await own.otp.request(PHONE, CHAT, "hi")
    assert re.fullmatch(r"Tiffin: \d{6} \(10 min\)\. Do not share\.", own.sms.messages()[-1].text)
    ours = Desk(redis, mongo, settings.model_copy(update={"sms_dlt_template_id": "1707"}), clock, EAGER)
    await ours.otp.request(PHONE, CHAT, "hi")
    assert "is your Tiffin code" in ours.sms.messages()[-1].text


@pytest.mark.parametrize("template", ["no variable", "{#var#} {#var#} {#var#}", "{var}"])
def test_a_registered_wording_without_a_place_for_the_code_is_refused_at_the_start(template):
    with pytest.raises(SettingsError) as unfit:
        make_settings(sms_dlt_template=template)
    assert unfit.value.problems[0].startswith("SMS_DLT_TEMPLATE needs one variable")
