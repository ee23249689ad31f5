"""How long, how many, how often: a Razorpay that is slow or down costs nobody else their thread or their loop."""

import asyncio
import subprocess
import sys
from datetime import timedelta

import pytest

from core.errors import ProviderError
from core.ids import LinkId
from core.payments.calls import PATIENCE, Patience
from core.payments.errors import PaymentRefused
from tests.core.payments.test_razorpay import ORDER, a_link
from tests.fakes.razorpay.client import client_of
from tests.fakes.razorpay.server import FakeRazorpay, error
from tests.fakes.trouble import Elsewhere, Trouble

NOBODY = LinkId("plink_nobody00000000")


async def why(call) -> str:
    with pytest.raises(ProviderError) as failure:
        await call
    return str(failure.value)


async def test_after_five_failures_nobody_is_kept_waiting_and_after_a_rest_one_tries(provider, razorpay, clock, caplog):
    link = await a_link(provider, clock)
    razorpay.always["fetch_link"] = Trouble.IS_DOWN
    for _ in range(5):
        assert "resting" not in await why(provider.fetch_link(link.id))
    assert provider.resting
    asked = razorpay.calls.total()
    assert "resting" in await why(provider.find_link(f"{ORDER}.1"))
    assert razorpay.calls.total() == asked, "not even asked"
    clock.advance(timedelta(seconds=15))
    assert (await provider.find_link(f"{ORDER}.1")) == link
    assert not provider.resting
    said = [record.message for record in caplog.records if "breaker" in record.message]
    assert said == ["payment_breaker_open", "payment_breaker_closed"]


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "The id provided does not exist"),
        error(401, "Authentication failed"),
        error(409, "Another request with the same idempotency key is still in progress."),
    ],
    ids=["no", "no to our key", "not now"],
)
async def test_saying_no_is_no_failure(provider, razorpay, answer):
    razorpay.always["fetch_link"] = answer
    for _ in range(8):
        await why(provider.fetch_link(NOBODY))
    assert not provider.resting


@pytest.mark.parametrize(
    "answer",
    [
        error(429, "Too many requests"),
        error(500, "We are facing some trouble", "SERVER_ERROR"),
        Trouble.DOES_AND_RAMBLES,
        Trouble.HANGS_UP,
    ],
)
async def test_being_too_busy_or_making_no_sense_is_one(provider, razorpay, answer):
    razorpay.always["fetch_link"] = answer
    for _ in range(5):
        await why(provider.fetch_link(NOBODY))
    assert provider.resting


async def test_a_call_somebody_stopped_waiting_for_is_a_failure_and_never_keeps_it_from_healing(
    provider, razorpay, clock
):
    link = await a_link(provider, clock)
    razorpay.always["fetch_link"] = Trouble.HANGS
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(provider.fetch_link(link.id), 0.05)
    assert provider.resting
    clock.advance(timedelta(seconds=15))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(provider.fetch_link(link.id), 0.05)
    razorpay.always.clear()
    clock.advance(timedelta(seconds=15))
    assert await provider.fetch_link(link.id) == link


async def test_who_points_elsewhere_is_not_followed_with_our_key_in_hand(provider, razorpay, clock):
    link = await a_link(provider, clock)
    async with FakeRazorpay(clock).serving() as stranger:
        stranger.book.links |= razorpay.book.links
        razorpay.always["fetch_link"] = Elsewhere(f"{stranger.base}/v1/payment_links/{link.id}")
        await why(provider.fetch_link(link.id))
        assert stranger.asked == []


async def test_no_more_than_twenty_are_under_way_at_once(razorpay, clock):
    patient = Patience(connect=timedelta(seconds=2), answer=timedelta(seconds=0.6), whole=timedelta(seconds=5))
    async with client_of(razorpay, clock, patience=patient) as provider:
        razorpay.always["fetch_link"] = Trouble.HANGS
        calls = [provider.fetch_link(NOBODY) for _ in range(30)]
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, ProviderError) for result in results)
    assert razorpay.most_under_way == 20


async def test_an_answer_that_does_not_come_is_given_up_and_the_loop_turns_meanwhile(provider, razorpay, clock):
    razorpay.always["fetch_link"] = Trouble.HANGS
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    turning = asyncio.create_task(turn())
    began = asyncio.get_running_loop().time()
    assert "Timeout" in await why(provider.fetch_link(NOBODY))
    assert asyncio.get_running_loop().time() - began < 1
    turning.cancel()
    assert turns > 20


async def test_a_call_that_its_own_timeouts_do_not_end_ends_all_the_same(razorpay, clock):
    patient = Patience(connect=timedelta(seconds=2), answer=timedelta(seconds=1), whole=timedelta(seconds=0.2))
    async with client_of(razorpay, clock, patience=patient) as provider:
        razorpay.always["fetch_link"] = Trouble.HANGS
        assert "too late" in await why(provider.fetch_link(NOBODY))


async def test_an_answer_that_comes_drop_by_drop_does_not_keep_a_thread_for_ever(razorpay, clock):
    patient = Patience(connect=timedelta(seconds=2), answer=timedelta(seconds=1), whole=timedelta(seconds=0.3))
    async with client_of(razorpay, clock, patience=patient) as provider:
        razorpay.always["fetch_link"] = Trouble.DRIPS
        for _ in range(2):
            await why(provider.fetch_link(NOBODY))
        async with asyncio.timeout(20):
            while razorpay.under_way:  # the line was hung up from our side
                await asyncio.sleep(0.02)


async def test_a_razorpay_that_is_not_there_is_unknown_and_nothing_is_written_to_the_terminal(razorpay, clock, capfd):
    razorpay.base = "http://127.0.0.1:9"
    async with client_of(razorpay, clock) as provider:
        failure = await why(provider.fetch_link(NOBODY))
    assert "ConnectionError" in failure
    assert capfd.readouterr().out == ""


async def test_nothing_of_what_is_said_to_razorpay_is_logged(provider, razorpay, clock, caplog):
    link = await a_link(provider, clock)
    await razorpay.ledger.pay(link.id)
    await provider.payments_of(await provider.fetch_link(link.id))
    assert caplog.text == ""


async def test_one_client_serves_many_calls_at_once_without_mixing_them_up(razorpay, clock):
    async with client_of(razorpay, clock, patience=PATIENCE) as provider:  # a busy machine takes its time
        links = await asyncio.gather(*(a_link(provider, clock, n=n) for n in range(1, 41)))
        assert [link.reference for link in links] == [f"{ORDER}.{n}" for n in range(1, 41)]
        fetched = await asyncio.gather(*(provider.fetch_link(link.id) for link in links))
        assert fetched == links


async def test_what_is_refused_is_an_error_of_its_own(provider):
    with pytest.raises(PaymentRefused):
        await provider.fetch_link(NOBODY)


def test_the_library_is_loaded_with_the_first_call_and_not_before():
    code = (
        "import sys, core.payments.razorpay, core.payments.razorpay_news;"
        "print([name for name in ('razorpay', 'requests', 'urllib3', 'stripe') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
