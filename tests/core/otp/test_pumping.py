"""Numbers that want messages rather than food, and who asks for them."""

import asyncio
import logging
from collections import Counter
from dataclasses import replace

import pytest

from core.errors import TooManyAttempts
from core.ids import ChatKey, Phone
from core.monitoring.alerts.models import AlertKind
from core.otp.limits import DAY, HOUR, Limit, Limits, SeriesRule
from core.otp.phones import number_series
from core.sms.console import ConsoleSms
from tests.core.otp.conftest import CHAT, EAGER, PHONE, refused
from tests.twins import without_guard

AMPLE = replace(
    Limits(), budget_hour=Limit("budget", 100_000, HOUR), budget_day=Limit("budget", 100_000, DAY)
)  # what is stopped here is not stopped by the budget
SMALL = replace(AMPLE, series=SeriesRule(sample=10, again=4))
WAVE = 50  # asked for at once
STOP = "{otp}:series:+919876:stop"


class Till(ConsoleSms):
    """Counts every message."""

    def __init__(self, clock):
        super().__init__(clock)
        self.sent = 0

    async def send(self, phone, text, *, template_id=None):
        self.sent += 1
        return await super().send(phone, text, template_id=template_id)


async def pump(at, requests, numbers, senders, *, first=0):
    """`requests` codes, for `numbers` numbers of one series, asked for from `senders` chats at once."""

    async def ask(n):
        try:
            await at.otp.request(Phone(f"+919876{n % numbers:06d}"), ChatKey(f"telegram:{n % senders + 1}"), "en")
        except TooManyAttempts as no:
            return no.reason
        return "sent"

    outcomes: Counter[str] = Counter()
    for start in range(first, first + requests, WAVE):
        outcomes.update(await asyncio.gather(*(ask(n) for n in range(start, min(start + WAVE, first + requests)))))
    return outcomes


@pytest.fixture
def quiet():
    """Ten thousand refusals are ten thousand lines."""
    log = logging.getLogger("core.otp.service")
    log.setLevel(logging.WARNING)
    yield
    log.setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("requests", "numbers", "senders"),
    [(600, 100, 50), pytest.param(10_000, 1_000, 500, marks=pytest.mark.deep)],
)
async def test_a_series_of_numbers_that_nobody_reads_gets_fifty_messages_and_then_an_alert(
    desk, clock, quiet, requests, numbers, senders
):
    till = Till(clock)
    at = desk(AMPLE, till)
    outcomes = await pump(at, requests, numbers, senders)
    assert till.sent == outcomes["sent"] <= 50
    assert outcomes["series"] > 0
    stopped = [facts for kind, facts in await at.alerted() if kind is AlertKind.SMS_STOPPED]
    assert stopped == [{"series": "+919876", "used": 0, "of": 50, "minutes": 60}]


async def test_without_the_stop_they_would_get_many_more(desk, clock, quiet):
    """The twin of the test above."""
    till = Till(clock)
    at = desk(AMPLE, till)
    at.codes._issue = without_guard(at.codes._issue, "#codes >= enough", "false")
    await pump(at, 600, 100, 50)
    assert till.sent > 50


async def test_numbers_whose_codes_are_used_are_not_stopped(desk):
    at = desk(SMALL)
    for n in range(40):
        phone, chat = Phone(f"+919876{n:06d}"), ChatKey(f"telegram:{n + 1}")
        code = await at.code_for(chat, phone)
        if n % 5 < 2:  # four in ten
            await at.says(code, chat, phone)
    assert await at.alerted() == []


async def test_other_series_go_on_and_so_does_a_guest_who_proved_the_number(desk):
    at = desk(SMALL)
    await pump(at, 20, 20, 20)
    assert (await refused(at.otp.request(PHONE, CHAT, "en")))[0] == "series"
    await at.says(await at.code_for(phone=Phone("+919123456789")), phone=Phone("+919123456789"))
    await at.says(await at.code_for(linked=True))


async def test_after_an_hour_a_stopped_series_is_tried_again_for_a_few_messages(desk, clock, redis):
    till = Till(clock)
    at = desk(SMALL, till)
    await pump(at, 20, 20, 20)
    assert till.sent == 10
    assert 3_590 < await redis.ttl(STOP) <= 3_600
    await redis.delete(STOP)
    assert await pump(at, 20, 40, 40, first=20) == {"sent": 4, "series": 16}
    assert till.sent == 14
    assert len([kind for kind, _ in await at.alerted() if kind is AlertKind.SMS_STOPPED]) == 2


async def test_guests_who_come_back_to_a_stopped_series_lift_the_suspicion(desk, clock, redis):
    """Nobody is locked out for good: behind the stop the series is judged by what its guests do from then on."""
    at = desk(SMALL)
    await pump(at, 20, 20, 20)
    await redis.delete(STOP)
    for n in range(100, 130):
        phone, chat = Phone(f"+919876{n:06d}"), ChatKey(f"telegram:{n + 1}")
        await at.says(await at.code_for(chat, phone), chat, phone)


@pytest.mark.parametrize(
    ("phone", "series"), [("+919876543210", "+919876"), ("+6591234567", "+659123"), ("+16502530000", "+16502")]
)
def test_a_series_is_the_country_and_four_digits(phone, series):
    assert number_series(Phone(phone)) == series


async def test_an_address_whose_chats_cost_nothing_gets_twenty_a_day(desk):
    at = desk(AMPLE)
    for n in range(25):
        asked = at.otp.request(
            Phone(f"+91{9_000_000_000 + 7_919 * n}"), ChatKey(f"webchat:{n}"), "en", address="203.0.113.7"
        )
        if n < 20:
            await asked
        else:
            assert (await refused(asked))[0] == "address"
    await at.otp.request(PHONE, ChatKey("webchat:other"), "en", address="203.0.113.8")
    await at.otp.request(Phone("+919876543299"), ChatKey("webchat:guest"), "en", linked=True, address="203.0.113.7")


async def test_a_chat_that_asks_for_ten_numbers_rests_for_an_hour_and_people_hear_of_it(desk):
    at = desk(EAGER)
    reasons = []
    for n in range(14):
        try:
            await at.otp.request(Phone(f"+91987654{n:04d}"), CHAT, "en")
        except TooManyAttempts as no:
            reasons.append(no.reason)
    assert reasons == ["chat"] * 6 + ["rests"] * 5
    code = "123456"
    assert (await refused(at.says(code)))[0] == "guesses"
    assert await at.alerted() == [(AlertKind.MANY_PHONES, {"chat": CHAT, "most": 10})]


async def test_a_chat_that_is_called_by_its_phone_is_told_by_two_digits(desk):
    at = desk(EAGER)
    for n in range(12):
        try:
            await at.otp.request(Phone(f"+91987654{n:04d}"), ChatKey("whatsapp:+919812345678"), "en")
        except TooManyAttempts:
            continue
    assert await at.alerted() == [(AlertKind.MANY_PHONES, {"chat": "whatsapp:…78", "most": 10})]
