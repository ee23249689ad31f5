"""Several services in a row: a guest gets one message, from the first that can, and none is asked in vain."""

import asyncio
import random
import subprocess
import sys
from datetime import timedelta

import pytest

from core.breaker import Breaker
from core.errors import ProviderError, SettingsError, StoreError
from core.settings import SmsProvider as Name
from core.sms.breaker import Guarded
from core.sms.console import ConsoleSms
from core.sms.factory import build_sms
from core.sms.patience import Patience
from core.sms.provider import NoProvider, NumberRejected, SendUnclear, SmsReceipt
from core.sms.sender import SmsSender
from core.sms.store import SmsStore
from core.sms.tracking import TrackingSender
from tests.core.sms.test_sms import Scripted
from tests.core.sms.ways import PHONE, TEXT, Then
from tests.fakes.sms.service import Canned, Trouble
from tests.fakes.sms.sns import sns_error

REAL = (Name.TWILIO, Name.MSG91, Name.SNS, Name.GUPSHUP)
REFUSES = ProviderError("a", retryable=True)
SOON = timedelta(milliseconds=10)

NO_SUCH_NUMBER = {
    Name.TWILIO: Canned(400, '{"code": 21211, "message": "Invalid", "status": 400}'),
    Name.MSG91: Canned(200, '{"type": "error", "message": "Invalid mobile number", "code": "202"}'),
    Name.SNS: sns_error(400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: not valid to publish to"),
    Name.GUPSHUP: Canned(200, 'error | 105 | The phone number "1" is not a valid phone number', "text/plain"),
}


def tracking(providers, mongo, clock, *, second_try=SOON, patience=timedelta(seconds=5)):
    return TrackingSender(
        providers, store=SmsStore(mongo, clock), clock=clock, second_try=second_try, patience=patience
    )


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_befalls_four_services_in_whatever_order_one_message_goes_out_at_most(world, seed):
    dice = random.Random(seed)
    names = tuple(dice.sample(REAL, k=4))
    fates = {name: dice.choices([None, *Then], weights=[2, 5, 1, 2])[0] for name in names}
    for name, fate in fates.items():
        fake = world.fake(name)
        if fate is Then.NEXT:
            fake.trouble = dice.choice([Trouble.FAILS, Trouble.IS_BUSY, Trouble.IS_DOWN, Trouble.POINTS_ELSEWHERE])
        elif fate is Then.LEAVE:
            fake.trouble = dice.choice([Trouble.TAKES_AND_HANGS_UP, Trouble.HANGS_UP, Trouble.TAKES_AND_RAMBLES])
        elif fate is Then.STOP:
            fake.canned = NO_SUCH_NUMBER[name]
    last = next((name for name in names if fates[name] is not Then.NEXT), Name.CONSOLE)
    asked = [*names[: names.index(last) + 1]] if last in names else [*names]

    async with world.open(*names, Name.CONSOLE) as sms:
        try:
            receipt = await sms.sender.send(PHONE, TEXT)
        except NumberRejected:
            assert fates[last] is Then.STOP
        else:
            assert (receipt.provider, receipt.sure) == (last, fates.get(last) is None)
        spare = len(sms.console.messages())

    assert {name: len(world.fake(name).calls) for name in names} == {name: name in asked for name in names}
    assert sum(len(world.fake(name).taken) for name in names) + spare <= 1
    assert spare == (last is Name.CONSOLE)


async def test_a_sender_that_takes_silence_for_a_no_would_text_the_guest_twice(world):
    """The twin without the guard."""

    class Careless(Guarded):
        async def send(self, phone, text, *, template_id=None):
            try:
                return await super().send(phone, text, template_id=template_id)
            except SendUnclear:
                raise REFUSES from None

    world.twilio.trouble = Trouble.TAKES_AND_HANGS_UP
    async with world.open(Name.TWILIO) as sms:
        console = ConsoleSms(world.clock)
        twilio = Careless(sms.sender._services[0], Breaker(world.clock))
        await SmsSender([twilio, console]).send(PHONE, TEXT)
    assert len(world.twilio.taken) + len(console.messages()) == 2


class Failing(Scripted):
    """Does what it is told, one call after the other, and then sends."""

    def __init__(self, name, *outcomes):
        super().__init__(name)
        self.outcomes = list(outcomes)

    async def send(self, phone, text, *, template_id=None):
        self.outcome = self.outcomes.pop(0) if self.outcomes else None
        return await super().send(phone, text, template_id=template_id)


async def test_when_nobody_took_it_all_are_asked_once_more(mongo, clock):
    first, second = Failing("a", REFUSES), Failing("b", REFUSES, REFUSES)
    receipt = await tracking([first, second], mongo, clock).send(PHONE, TEXT)
    assert receipt.provider == "a"
    assert (len(first.sent), len(second.sent)) == (2, 1)


async def test_after_two_rounds_the_guest_is_told(mongo, clock):
    only = Failing("a", *[REFUSES] * 9)
    with pytest.raises(NoProvider):
        await tracking([only], mongo, clock).send(PHONE, TEXT)
    assert len(only.sent) == 2


@pytest.mark.parametrize("outcome", [SendUnclear("a"), NumberRejected("a")])
async def test_nothing_is_tried_again_that_may_have_been_sent_or_never_can_be(mongo, clock, outcome):
    only = Failing("a", outcome)
    sender = tracking([only], mongo, clock)
    if isinstance(outcome, NumberRejected):
        with pytest.raises(NumberRejected):
            await sender.send(PHONE, TEXT)
    else:
        assert not (await sender.send(PHONE, TEXT)).sure
    assert len(only.sent) == 1


async def test_five_failures_in_thirty_seconds_give_a_service_fifteen_seconds_of_rest(mongo, clock, caplog):
    down, spare = Failing("a", *[REFUSES] * 6), Scripted("b")
    sender = tracking([down, spare], mongo, clock)
    for _ in range(5):
        clock.advance(timedelta(seconds=7))
        assert (await sender.send(PHONE, TEXT)).provider == "b"
    assert len(down.sent) == 5
    await sender.send(PHONE, TEXT)
    clock.advance(timedelta(seconds=14, milliseconds=999))
    await sender.send(PHONE, TEXT)
    assert len(down.sent) == 5, "it was asked while it rested"

    clock.advance(timedelta(milliseconds=1))
    assert (await sender.send(PHONE, TEXT)).provider == "b"
    assert len(down.sent) == 6, "it was not tried after its rest"
    clock.advance(timedelta(seconds=14))
    await sender.send(PHONE, TEXT)
    assert len(down.sent) == 6, "a trial that failed begins the rest anew"

    clock.advance(timedelta(seconds=1))
    assert [(await sender.send(PHONE, TEXT)).provider for _ in range(3)] == ["a", "a", "a"]
    told = [message for message in caplog.messages if message.startswith("sms_breaker")]
    assert told == ["sms_breaker_open", "sms_breaker_closed"]


async def test_failures_far_apart_are_not_an_outage(mongo, clock):
    shaky, spare = Failing("a", *[REFUSES] * 20), Scripted("b")
    sender = tracking([shaky, spare], mongo, clock)
    for _ in range(20):
        clock.advance(timedelta(seconds=8))
        await sender.send(PHONE, TEXT)
    assert len(shaky.sent) == 20


async def test_wrong_numbers_do_not_send_a_service_to_rest(mongo, clock):
    fine = Failing("a", *[NumberRejected("a")] * 20)
    sender = tracking([fine], mongo, clock)
    for _ in range(20):
        with pytest.raises(NumberRejected):
            await sender.send(PHONE, TEXT)
    assert (await sender.send(PHONE, TEXT)).provider == "a"


async def test_a_service_that_never_answers_is_left_alone_too(mongo, clock):
    silent, spare = Failing("a", *["hang"] * 9), Scripted("b")
    sender = tracking([silent, spare], mongo, clock, patience=timedelta(milliseconds=10))
    sure = [(await sender.send(PHONE, TEXT)).sure for _ in range(7)]
    assert sure == [False] * 5 + [True] * 2
    assert (len(silent.sent), len(spare.sent)) == (5, 2)


@pytest.mark.race
async def test_after_its_rest_one_guest_tries_the_service_and_the_others_do_not_wait_for_it(mongo, clock):
    down, spare = Failing("a", *[REFUSES] * 5, "hang"), Scripted("b")
    sender = tracking([down, spare], mongo, clock, patience=timedelta(milliseconds=200))
    for _ in range(5):
        await sender.send(PHONE, TEXT)
    clock.advance(timedelta(seconds=15))
    receipts = await asyncio.gather(*(sender.send(PHONE, TEXT) for _ in range(50)))
    assert len(down.sent) == 6
    assert sum(not receipt.sure for receipt in receipts) == 1
    assert sum(receipt.provider == "b" for receipt in receipts) == 49


async def test_when_every_service_rests_the_guest_is_told_at_once(mongo, clock):
    down = Failing("a", *[REFUSES] * 9)
    sender = tracking([down], mongo, clock, second_try=timedelta())
    for _ in range(3):
        with pytest.raises(NoProvider):
            await sender.send(PHONE, TEXT)
    assert len(down.sent) == 5
    sender._second_try = 3600.0
    async with asyncio.timeout(1):
        with pytest.raises(NoProvider):
            await sender.send(PHONE, TEXT)
    assert len(down.sent) == 5


def test_an_old_call_that_ends_well_does_not_end_the_rest(clock):
    breaker = Breaker(clock)
    old, *others = [breaker.admit() for _ in range(6)]
    assert old is not None
    for attempt in others:
        assert attempt is not None
        attempt.end(well=False)
    assert breaker.is_open
    old.end(well=True)
    assert breaker.is_open
    assert breaker.admit() is None
    clock.advance(timedelta(seconds=15))
    trial = breaker.admit()
    assert trial is not None
    assert breaker.admit() is None
    trial.end(well=True)
    assert not breaker.is_open


@pytest.mark.race
async def test_a_hundred_at_once_never_hold_more_than_twenty_lines_and_get_one_message_each(mongo, clock):
    class Slow(Scripted):
        under_way = most = 0

        async def send(self, phone, text, *, template_id=None):
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.sleep(0.02)
            self.under_way -= 1
            return await super().send(phone, text, template_id=template_id)

    slow, spare = Slow("a"), Scripted("b")
    receipts = await asyncio.gather(*(tracking([slow, spare], mongo, clock).send(PHONE, TEXT) for _ in range(3)))
    assert {receipt.provider for receipt in receipts} == {"a"}
    slow.most, slow.sent = 0, []
    sender = tracking([slow, spare], mongo, clock)
    receipts = await asyncio.gather(*(sender.send(PHONE, TEXT) for _ in range(100)))
    assert slow.most == 20
    assert len(slow.sent) + len(spare.sent) == len(receipts) == 100


@pytest.mark.parametrize("name", [Name.TWILIO, Name.SNS])
async def test_a_library_that_blocks_does_not_stop_the_house(world, name):
    seconds = timedelta(seconds=1.5)
    async with world.open(name, Name.CONSOLE, patience=Patience(connect=seconds, answer=seconds)) as sms:
        await sms.sender.send(PHONE, TEXT)  # the library is loaded by now
        world.fake(name).trouble = Trouble.HANGS
        sending = asyncio.create_task(sms.sender.send(PHONE, TEXT))
        rounds = 0
        while not sending.done():
            await asyncio.sleep(0.005)
            rounds += 1
        assert not (await sending).sure
    assert rounds > 10  # of three hundred on a quiet machine; one, where the house waits along


@pytest.mark.parametrize("name", [Name.TWILIO, Name.MSG91, Name.GUPSHUP])
async def test_no_message_takes_a_line_that_the_other_side_may_just_have_closed(world, name):
    async with world.open(name) as sms:
        for _ in range(3):
            await sms.sender.send(PHONE, TEXT)
    assert len(set(world.fake(name).lines)) == 3


@pytest.mark.parametrize("missing", ["twilio_phone_number", "msg91_auth_key", "gupshup_user_id"])
def test_a_service_without_what_it_needs_is_named(world, missing):
    unfit = world.settings(*REAL).model_copy(update={missing: None})
    with pytest.raises(SettingsError, match=missing.upper()):
        build_sms(unfit, world.mongo, world.clock)


def test_no_library_of_a_service_is_loaded_before_the_first_message():
    heavy = ("twilio", "boto3", "botocore", "requests")
    asks = f"import sys, core.sms.factory; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout == "[]\n"


async def test_a_message_that_could_not_be_noted_is_sent_all_the_same(clock, caplog):
    class Away:
        async def insert_one(self, *_):
            raise StoreError("away")

    sender = TrackingSender([Scripted("a")], store=SmsStore({"sms_messages": Away()}, clock), clock=clock)
    assert await sender.send(PHONE, TEXT) == SmsReceipt(id="a-1", provider="a")
    assert "sms_not_noted" in caplog.messages
