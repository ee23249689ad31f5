"""A day's messages cost no more than was allowed for, whatever becomes of Redis."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import TooManyAttempts
from core.ids import ChatKey, Phone
from core.monitoring.alerts.models import AlertKind
from core.otp.budget import BudgetSpent
from core.otp.limits import DAY, HOUR, Limit, Limits, SeriesRule
from core.otp.store import SpentStore
from tests.core.otp.conftest import CHAT, PHONE, refused

FREE = SeriesRule(sample=100_000)  # nothing is stopped for what becomes of the codes


def budget(most, hour=100_000):
    return replace(
        Limits(), budget_day=Limit("budget", most, DAY), budget_hour=Limit("budget", hour, HOUR), series=FREE
    )


def somebody(n):
    """The n-th guest, each with a phone and a chat."""
    return Phone(f"+91{9_000_000_000 + 7_919 * n}"), ChatKey(f"telegram:{n + 1}")


async def asks(at, n):
    phone, chat = somebody(n)
    try:
        await at.otp.request(phone, chat, "en")
    except TooManyAttempts as no:
        return no.reason
    return "sent"


@pytest.mark.parametrize("afterwards", ["emptied", "rolled back"])
async def test_a_redis_that_forgot_does_not_make_the_day_begin_anew(desk, redis, afterwards):
    at = desk(budget(12))
    assert [await asks(at, n) for n in range(8)] == ["sent"] * 8
    if afterwards == "emptied":
        await redis.flushdb()
    else:
        await redis.set("{otp}:all:day", 2, px=86_400_000)
        await redis.set("{otp}:all:hour", 2, px=3_600_000)
    assert [await asks(at, n) for n in range(100, 110)] == ["sent"] * 4 + ["budget"] * 6
    assert len(at.sms.messages()) == 12


async def test_without_the_count_that_stays_it_would(desk, redis, monkeypatch):
    """The twin of the test above."""

    async def always(self, day, most):
        return 1

    monkeypatch.setattr(SpentStore, "take", always)
    at = desk(budget(12))
    for n in range(8):
        await asks(at, n)
    await redis.flushdb()
    for n in range(100, 110):
        await asks(at, n)
    assert len(at.sms.messages()) == 18


@pytest.mark.race
async def test_the_day_holds_when_all_ask_at_once_and_redis_is_emptied_meanwhile(desk, redis):
    at = desk(budget(30))

    async def empties():
        for _ in range(10):
            await asyncio.sleep(0.01)
            await redis.flushdb()

    await asyncio.gather(empties(), *(asks(at, n) for n in range(200)))
    assert len(at.sms.messages()) == 30
    assert await at.otp._budget.spent() == 30


@pytest.mark.race
async def test_the_first_messages_of_a_day_may_come_all_at_once(mongo, clock):
    for days in range(20):
        day = clock.now().date() + timedelta(days=days)
        taken = await asyncio.gather(*(SpentStore(mongo).take(day, 5) for _ in range(8)))
        assert sorted(n for n in taken if n is not None) == [1, 2, 3, 4, 5]


@pytest.mark.race
async def test_reading_and_counting_apart_would_send_more(mongo):
    """The twin of the test above."""
    days, sent = mongo["counters"], []
    await days.insert_one({"_id": "sms_naive", "n": 0})

    async def naive():
        if (await days.find_one({"_id": "sms_naive"}))["n"] < 30:
            await days.update_one({"_id": "sms_naive"}, {"$inc": {"n": 1}})
            sent.append(1)

    await asyncio.gather(*(naive() for _ in range(200)))
    assert len(sent) > 30


async def test_who_is_refused_by_the_day_hears_how_long_and_has_lost_nothing(desk, redis, clock):
    at = desk(budget(1))
    assert await asks(at, 0) == "sent"
    await redis.flushdb()
    reason, wait = await refused(at.otp.request(PHONE, CHAT, "en"))
    assert (reason, wait) == ("budget", timedelta(hours=17))  # it is seven in the morning, and the day is that of UTC
    clock.advance(wait)
    await redis.delete("{otp}:all:day")
    assert await at.code_for()


async def test_an_empty_budget_counts_nothing(desk, clock):
    at = desk(budget(0))
    with pytest.raises(BudgetSpent):
        await at.otp._budget.take()
    assert await at.otp._budget.spent() == 0
    assert await at.alerted() == []


async def test_people_hear_at_half_at_four_fifths_and_at_the_end_once_a_day(desk, redis, clock):
    at = desk(budget(10))
    told = []
    for n in range(12):
        await asks(at, n)
        told.append([facts["percent"] for kind, facts in await at.alerted() if kind is AlertKind.SMS_BUDGET])
    assert [sorted(percents) for percents in told] == [
        *([[]] * 4), *([[50]] * 3), *([[50, 80]] * 2), *([[50, 80, 100]] * 3),
    ]  # fmt: skip
    clock.advance(timedelta(days=1))
    await redis.flushdb()
    for n in range(5):
        await asks(at, n)
    assert sorted(facts["percent"] for _, facts in await at.alerted()) == [50, 50, 80, 100]


async def test_a_step_that_a_crash_passed_over_is_told_by_the_next_message(desk, mongo, clock):
    """Counted, and gone before anybody was told."""
    at = desk(budget(10))
    await SpentStore(mongo).take(clock.now().date(), 10)
    for _ in range(5):
        await SpentStore(mongo).take(clock.now().date(), 10)
    assert await asks(at, 0) == "sent"
    assert [facts["percent"] for _, facts in await at.alerted()] == [50]


async def test_without_mongodb_nothing_is_sent_and_the_guest_may_ask_again_at_once(desk, monkeypatch):
    from core.errors import StoreError

    async def away(self, day, most):
        raise StoreError("away")

    at = desk()
    with monkeypatch.context() as patched:
        patched.setattr(SpentStore, "take", away)
        with pytest.raises(StoreError):
            await at.otp.request(PHONE, CHAT, "en")
    assert at.sms.messages() == ()
    await at.says(await at.code_for())
