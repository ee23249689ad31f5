"""Wrong codes are counted by phone and by chat; who guesses waits, and nobody else does."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import TooManyAttempts
from core.ids import ChatKey
from core.monitoring.alerts.models import AlertKind
from core.otp.errors import CodeLocked, WrongCode
from core.otp.limits import Limit
from tests.core.otp.conftest import CHAT, EAGER, OTHER_PHONE, PHONE, STRANGER, refused, wrong
from tests.twins import without_guard

TOLD = (AlertKind.WRONG_CODES, {"phone": "10", "chat": STRANGER, "most": 5})


async def guesses(at, chat, times, **how):
    code = await at.code_for(chat, **how)
    for by in range(1, times + 1):
        with pytest.raises((WrongCode, CodeLocked)) as no:
            await at.says(wrong(code, by), chat)
    return no.value


async def test_five_wrong_codes_in_an_hour_make_the_chat_wait_and_people_hear_of_it_once(desk):
    at = desk(EAGER)
    locked = await guesses(at, STRANGER, 5)
    assert isinstance(locked, CodeLocked)
    assert locked.again_after == timedelta(minutes=5)
    reason, wait = await refused(at.code_for(STRANGER))
    assert reason == "wrong"
    assert timedelta(minutes=4, seconds=55) < wait <= timedelta(minutes=5)
    assert await at.alerted() == [TOLD]
    await at.code_for(STRANGER, OTHER_PHONE)  # it is this phone it may not ask for


async def test_four_are_a_slip_of_the_finger(desk):
    at = desk(EAGER)
    await guesses(at, STRANGER, 4)
    await at.says(await at.code_for(STRANGER), STRANGER)
    assert await at.alerted() == []


async def test_nobody_locks_the_owner_out_by_guessing_not_even_of_a_new_chat(desk):
    at = desk(EAGER)
    for n in range(3):
        await guesses(at, ChatKey(f"telegram:66{n}"), 5)
    await at.says(await at.code_for(CHAT), CHAT)
    await at.says(await at.code_for(CHAT, linked=True), CHAT)
    for n in range(3):
        assert (await refused(at.code_for(ChatKey(f"telegram:66{n}"))))[0] == "wrong"


async def test_if_the_whole_phone_waited_its_owner_would_be_locked_out(desk):
    """The twin of the test above."""
    at = desk(EAGER)
    at.codes._issue = without_guard(at.codes._issue, "if by == chat then ", "if true then ")
    await guesses(at, STRANGER, 5)
    assert (await refused(at.code_for(CHAT)))[0] == "wrong"


async def test_guesses_from_many_chats_count_together(desk):
    at = desk(EAGER)
    for n in range(5):
        await guesses(at, ChatKey(f"telegram:66{n}"), 1)
    for n in range(5):
        assert (await refused(at.code_for(ChatKey(f"telegram:66{n}"))))[0] == "wrong"
    ((kind, facts),) = await at.alerted()
    assert (kind, facts["phone"]) == (AlertKind.WRONG_CODES, "10")


async def test_what_the_owner_mistypes_in_the_chat_that_proved_the_phone_is_not_counted_against_the_phone(desk):
    at = desk(EAGER)
    locked = await guesses(at, CHAT, 5, linked=True)
    assert isinstance(locked, CodeLocked)
    assert locked.again_after == timedelta()
    await at.code_for(CHAT)
    assert await at.alerted() == []


@pytest.mark.race
async def test_a_thousand_guesses_at_once_from_two_hundred_chats_find_few_codes_and_the_owner_gets_in(desk):
    """However many chats guess: the phone's ten codes a day bound them all to fifty guesses."""
    at = desk(replace(EAGER, phone=(Limit("day", 10, timedelta(days=1)),)))
    codes = {}

    async def attack(n):
        chat = ChatKey(f"telegram:7{n:03d}")
        try:
            await at.otp.request(PHONE, chat, "en")
        except TooManyAttempts as no:
            return no
        codes[chat] = True
        return await asyncio.gather(*(at.says(f"{by:06d}", chat) for by in range(5)), return_exceptions=True)

    outcomes = await asyncio.gather(*(attack(n) for n in range(200)))
    looked_at = [one for outcome in outcomes if isinstance(outcome, list) for one in outcome]
    assert len(codes) == 10
    assert len(looked_at) == 50
    code = await at.code_for(CHAT, linked=True)
    await at.says(code)
