"""What became of a message: reports come late, twice and in any order, and it only ever moves forward."""

import asyncio
from datetime import timedelta
from itertools import permutations

import pytest

from core.sms.delivery import DeliveryStatus as S
from core.sms.delivery import Score
from core.sms.store import SmsStore
from core.sms.tracking import TrackingSender
from tests.core.sms.test_sms import Scripted
from tests.core.sms.ways import PHONE, TEXT


@pytest.fixture
def store(mongo, clock):
    return SmsStore(mongo, clock)


@pytest.mark.parametrize("reports", [*permutations([S.QUEUED, S.SENT, S.DELIVERED, S.SENDING])], ids="-".join)
async def test_in_whatever_order_the_reports_come_the_furthest_counts(store, reports):
    await store.took("twilio", "SM1")
    for report in reports:
        await store.advance("twilio", "SM1", report)
    assert (await store.get("twilio", "SM1")).status is S.DELIVERED


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [
        (S.DELIVERED, S.UNDELIVERED, S.DELIVERED),
        (S.DELIVERED, S.FAILED, S.DELIVERED),
        (S.UNDELIVERED, S.DELIVERED, S.UNDELIVERED),
        (S.FAILED, S.SENT, S.FAILED),
        (S.FAILED, S.UNDELIVERED, S.FAILED),
        (S.SENT, S.UNDELIVERED, S.UNDELIVERED),
        (S.DELIVERED, S.READ, S.READ),
        (S.READ, S.DELIVERED, S.READ),
        (S.READ, S.FAILED, S.READ),
        (S.SENT, S.SENT, S.SENT),
    ],
)
async def test_how_it_ended_is_how_it_ended(store, first, then, stays):
    await store.took("twilio", "SM1")
    assert await store.advance("twilio", "SM1", first)
    assert await store.advance("twilio", "SM1", then) is (stays is not first)
    assert (await store.get("twilio", "SM1")).status is stays


async def test_a_report_that_is_quicker_than_the_answer_is_kept(store):
    assert await store.advance("twilio", "SM1", S.DELIVERED)
    await store.took("twilio", "SM1")
    assert (await store.get("twilio", "SM1")).status is S.DELIVERED


@pytest.mark.race
async def test_ten_reports_and_the_answer_at_once_end_at_the_furthest_and_each_step_counts_once(store):
    for number in range(20):
        sid = f"SM{number}"
        reports = [S.QUEUED, S.SENDING, S.SENT, S.DELIVERED] * 3
        moved = await asyncio.gather(
            *(store.advance("twilio", sid, report) for report in reports), store.took("twilio", sid)
        )
        assert (await store.get("twilio", sid)).status is S.DELIVERED
        told = [report for report, new in zip(reports, moved, strict=False) if new]
        assert len(told) == len(set(told)), told


async def test_the_reason_why_it_failed_is_kept_and_neither_text_nor_number_is(store, mongo):
    await store.took("twilio", "SM1")
    await store.advance("twilio", "SM1", S.UNDELIVERED, error="30003")
    (document,) = [document async for document in mongo["sms_messages"].find({})]
    assert document["error"] == "30003"
    assert set(document) == {"_id", "provider", "status", "rank", "error", "sent_ms", "changed_ms", "settled_ms", "at"}


async def test_a_service_is_judged_by_its_last_fifty_messages_whose_fate_is_known(mongo, clock, store):
    sender = TrackingSender([Scripted("twilio"), Scripted("msg91")], store=store, clock=clock)
    assert await sender.scores() == {}
    fates = [S.UNDELIVERED] * 30 + [S.DELIVERED] * 25 + [S.FAILED] * 5 + [S.READ] * 10 + [S.SENT] * 40
    for number, fate in enumerate(fates):
        clock.advance(timedelta(seconds=1))
        await sender.progressed("twilio", f"SM{number}", fate)
    assert await sender.scores() == {"twilio": Score(delivered=35, of=50)}
    assert (await sender.scores())["twilio"].share == 0.7


async def test_what_was_sent_is_noted_and_what_is_unclear_is_not(mongo, clock, store):
    sender = TrackingSender([Scripted("a")], store=store, clock=clock)
    receipt = await sender.send(PHONE, TEXT)
    noted = await store.get("a", receipt.id)
    assert (noted.status, noted.sent_ms) == (S.ACCEPTED, clock.ms())
    silent = TrackingSender([Scripted("b", "hang")], store=store, clock=clock, patience=timedelta(milliseconds=10))
    assert (await silent.send(PHONE, TEXT)).id == ""
    assert await mongo["sms_messages"].count_documents({}) == 1


async def test_a_message_that_never_arrived_is_in_the_log_with_the_reason(store, clock, caplog):
    sender = TrackingSender([Scripted("twilio")], store=store, clock=clock)
    await sender.progressed("twilio", "SM1", S.UNDELIVERED, error="30007")
    await sender.progressed("twilio", "SM1", S.UNDELIVERED, error="30007")
    (record,) = [record for record in caplog.records if record.getMessage() == "sms_not_delivered"]
    assert (record.provider, record.code) == ("twilio", "30007")
