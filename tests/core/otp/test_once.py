"""What must hold at any speed: a code is good once, few guesses are looked at, no Redis of the past helps anybody."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.ids import ChatKey, Phone
from core.otp.errors import CodeExpired, CodeLocked, WrongCode
from core.otp.limits import Limit, SeriesRule
from core.otp.store import ClaimStore
from tests.core.otp.conftest import EAGER, wrong
from tests.twins import without_guard

DAY = timedelta(days=1)
BUSY = replace(
    EAGER,
    chat=Limit("chat", 10**6, DAY),
    budget_hour=Limit("budget", 10**6, DAY),
    budget_day=Limit("budget", 10**6, DAY),
    series=SeriesRule(percent=0),  # wrong guesses alone look like messages being sold
)
FEW_OR_ALL = [150, pytest.param(10_000, marks=pytest.mark.deep)]


def somebody(n: int) -> tuple[ChatKey, Phone]:
    return ChatKey(f"telegram:{n}"), Phone(f"+9198{n:08d}")


async def submitted(at, n: int, times: int = 8) -> int:
    """How many of `times` submissions of one right code at once are taken."""
    chat, phone = somebody(n)
    code = await at.code_for(chat, phone)
    outcomes = await asyncio.gather(*(at.says(code, chat, phone) for _ in range(times)), return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, CodeExpired) for outcome in outcomes), outcomes
    return outcomes.count(None)


@pytest.mark.race
@pytest.mark.parametrize("codes", FEW_OR_ALL)
@pytest.mark.timeout(1200)
async def test_each_code_submitted_eight_times_at_once_is_taken_once(desk, codes):
    at = desk(BUSY)
    assert sum([await submitted(at, n) for n in range(codes)]) == codes


async def taken_anyway(self, otp_id: str) -> bool:
    return True


def forget_to_use_up(at) -> None:
    """The script then leaves a used code where it is."""
    guard = "redis.call('DEL', KEYS[1])\n    local place"
    at.codes._verify = without_guard(at.codes._verify, guard, "local place")


@pytest.mark.race
@pytest.mark.parametrize(("script", "claim", "most"), [(True, False, 1), (False, True, 1), (True, True, 8)])
async def test_script_and_claim_each_suffice_and_without_both_it_would_be_taken_again(
    desk, monkeypatch, script, claim, most
):
    """The twin of the test above, one guard at a time and then both."""
    at = desk(BUSY)
    if script:
        forget_to_use_up(at)
    if claim:
        monkeypatch.setattr(ClaimStore, "claim", taken_anyway)
    assert {await submitted(at, n) for n in range(20)} == {most}


async def looked_at(at, n: int, guesses: int = 64) -> int:
    """How many of so many wrong guesses at once are compared with the code."""
    chat, phone = somebody(n)
    code = await at.code_for(chat, phone)
    outcomes = await asyncio.gather(
        *(at.says(wrong(code, 1 + by), chat, phone) for by in range(guesses)), return_exceptions=True
    )
    assert None not in outcomes
    with pytest.raises(CodeExpired):
        await at.says(code, chat, phone)
    return sum(isinstance(outcome, WrongCode | CodeLocked) for outcome in outcomes)


@pytest.mark.race
@pytest.mark.parametrize("codes", [20, pytest.param(300, marks=pytest.mark.deep)])
@pytest.mark.timeout(600)
async def test_of_sixty_four_wrong_guesses_at_once_five_are_looked_at_and_then_the_code_is_dead(desk, codes):
    at = desk(BUSY)
    assert {await looked_at(at, n) for n in range(codes)} == {5}


@pytest.mark.race
async def test_without_counting_tries_more_would_be_looked_at(desk):
    """The twin of the test above; the day's limit of the chat stops it a little later."""
    at = desk(BUSY)
    at.codes._verify = without_guard(at.codes._verify, "if tries >= tonumber(ARGV[1]) then", "if false then")
    chat, phone = somebody(1)
    code = await at.code_for(chat, phone)
    outcomes = await asyncio.gather(
        *(at.says(wrong(code, 1 + by), chat, phone) for by in range(64)), return_exceptions=True
    )
    assert sum(isinstance(outcome, WrongCode | CodeLocked) for outcome in outcomes) > 5


async def snapshot(redis) -> dict[bytes, bytes]:
    """Everything Redis holds, as a replica that lags behind would hold it."""
    return {key: await redis.execute_command("DUMP", key, NEVER_DECODE=True) for key in await redis.keys("*")}


async def put_back(redis, kept: dict[bytes, bytes]) -> None:
    await redis.flushdb()
    for key, value in kept.items():
        await redis.execute_command("RESTORE", key, 600_000, value, "REPLACE")


@pytest.mark.race
@pytest.mark.parametrize("rounds", [15, pytest.param(100, marks=pytest.mark.deep)])
async def test_a_redis_that_comes_back_from_before_takes_no_code_twice(desk, redis, rounds):
    at = desk(BUSY)
    for n in range(rounds):
        chat, phone = somebody(n)
        code = await at.code_for(chat, phone)
        before = await snapshot(redis)
        both = await asyncio.gather(
            *(at.says(code, chat, phone) for _ in range(4)), put_back(redis, before), return_exceptions=True
        )
        await put_back(redis, before)
        again = await asyncio.gather(*(at.says(code, chat, phone) for _ in range(4)), return_exceptions=True)
        assert [*both[:4], *again].count(None) == 1


@pytest.mark.race
async def test_without_the_claim_a_redis_of_the_past_would_take_it_twice(desk, redis, monkeypatch):
    """The twin of the test above."""
    monkeypatch.setattr(ClaimStore, "claim", taken_anyway)
    at = desk(BUSY)
    code = await at.code_for()
    before = await snapshot(redis)
    await at.says(code)
    await put_back(redis, before)
    await at.says(code)


async def test_a_redis_that_was_emptied_midway_takes_no_code_and_the_next_one_works(desk, redis):
    at = desk(BUSY)
    for _ in range(10):
        old = await at.code_for()
        await redis.flushdb()
        with pytest.raises(CodeExpired):
            await at.says(old)
        new = await at.code_for()
        if new != old:
            with pytest.raises(WrongCode):
                await at.says(old)
        await at.says(new)
        with pytest.raises(CodeExpired):
            await at.says(new)
