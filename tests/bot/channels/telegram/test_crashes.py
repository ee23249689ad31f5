"""kill -9 in the middle of an update; afterwards it is handled, and once."""

import asyncio
import random
import re

import pytest

from core.settings import TelegramMode
from tests.bot.channels.telegram.line import PUBLIC, telegram_settings
from tests.fakes.telegram import Trouble
from tests.processes import Mortal, free_port

TAPS = 9


@pytest.fixture(params=list(TelegramMode))
async def mortal(request, telegram, settings, redis, mongo):
    port = free_port()
    telegram.updates.reaches[PUBLIC] = f"http://127.0.0.1:{port}"
    telegram.updates.retry_unit = 0.1
    mortal = Mortal("tests.bot.channels.telegram.mortal", telegram_settings(settings, telegram, request.param), port)
    await mortal.born()
    yield mortal
    await mortal.killed()


async def _with_a_lassi_in_the_cart(asha):
    await asha.opens()
    await asha.taps("Order food")
    await asha.taps("Menu first")
    await asha.taps("MG Road")
    await asha.taps("Takeaway")
    await asha.says("1 mango lassi")
    await asha.says("cart")
    assert _lassis(asha.screen) == 1


def _lassis(text):
    found = re.search(r"(\d+) × Mango Lassi", text)
    return int(found[1]) if found else 0


@pytest.mark.crash
async def test_every_tap_counts_once_however_often_the_bot_is_killed(mortal, telegram, asha):
    asha.patience = 60
    await _with_a_lassi_in_the_cart(asha)
    plus = next(b for row in asha.chat.by_bot()[-1].rows for b in row if b["text"].startswith("+"))
    dice = random.Random(11)
    message = asha.chat.by_bot()[-1].shown()
    waiting = []
    for _ in range(3):
        telegram.delay = 0.03  # three taps take a tenth of a second, and the kill comes within it
        waiting += [telegram.queue_tap(asha.user, message, plus["callback_data"]) for _ in range(TAPS // 3)]
        await asyncio.sleep(dice.uniform(0.005, 0.07))
        await mortal.killed()
        assert not waiting[-1].done.is_set()
        telegram.delay = 0.0
        await mortal.born()
    for one in waiting:
        await asyncio.wait_for(one.done.wait(), 60)
    assert not any(one.lost for one in waiting)
    await asha.says("cart")
    assert _lassis(asha.screen) == 1 + TAPS


@pytest.mark.crash
async def test_an_answer_the_bot_died_over_is_given_by_the_next_one(mortal, telegram, asha):
    """The turn is done and its answer on the way: it comes again, and the cart is not touched twice."""
    asha.patience = 60
    await _with_a_lassi_in_the_cart(asha)
    plus = next(b for row in asha.chat.by_bot()[-1].rows for b in row if b["text"].startswith("+"))
    message = asha.chat.by_bot()[-1]
    telegram.fails("editMessageText", Trouble(silence=30.0))
    calls = len(telegram.calls)
    tapped = telegram.queue_tap(asha.user, message.shown(), plus["callback_data"])
    async with asyncio.timeout(20):
        while not any(call.method == "editMessageText" for call in telegram.calls[calls:]):
            await asyncio.sleep(0.01)
    assert not tapped.done.is_set()
    await mortal.killed()
    assert _lassis(message.text) == 1
    await mortal.born()
    await asyncio.wait_for(tapped.done.wait(), 60)
    assert _lassis(message.text) == 2
    await asha.says("cart")
    assert _lassis(asha.screen) == 2
