"""What was done is written down once, and read back newest first."""

import asyncio
from datetime import timedelta

import pytest

from core.audit.models import Did
from core.audit.service import AuditService
from core.audit.store import AuditStore
from core.connections import ensure_indexes
from core.indexes import all_indexes

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def audit(mongo, clock):
    await ensure_indexes(mongo, all_indexes())
    return AuditService(store=AuditStore(mongo), clock=clock)


async def test_an_act_keeps_who_what_when_and_where(audit, clock):
    await audit.record(
        Did.PRICE_SET, "telegram:4", name="Om", outlet="mgroad", about="mgroad.naan#one", was=9_000, now=9_500
    )
    (act,) = await audit.latest()
    assert (act.did, act.by, act.name, act.outlet, act.about) == (
        Did.PRICE_SET,
        "telegram:4",
        "Om",
        "mgroad",
        "mgroad.naan#one",
    )
    assert (act.at_ms, act.facts) == (clock.ms(), {"was": 9_000, "now": 9_500})


async def test_the_same_cause_is_written_down_once_and_another_again(audit):
    for key in ("u1", "u1", "u2", "", ""):
        await audit.record(Did.OUTLET_PAUSED, "telegram:4", outlet="mgroad", key=key)
    assert len(await audit.latest()) == 4
    await audit.record(Did.OUTLET_RESUMED, "telegram:4", outlet="mgroad", key="u1")
    assert len(await audit.latest()) == 5


async def test_the_newest_come_first_and_each_outlet_has_its_own(audit, clock):
    for n, outlet in enumerate(["mgroad", "indira", "mgroad", "", "indira"]):
        clock.advance(MINUTE)
        await audit.record(Did.OUTLET_PAUSED, "telegram:4", name=f"{n}", outlet=outlet)
    assert [act.name for act in await audit.latest()] == ["4", "3", "2", "1", "0"]
    assert [act.name for act in await audit.latest(2)] == ["4", "3"]
    assert [act.name for act in await audit.latest(20, ["mgroad"])] == ["2", "0"]
    assert [act.name for act in await audit.latest(20, ["mgroad", "indira"])] == ["4", "2", "1", "0"]
    assert await audit.latest(20, []) == []


async def test_a_report_that_comes_again_within_the_while_is_the_same_report(audit, clock):
    async def report(**other):
        facts = {"outlet": "mgroad", "about": "telegram:-1"} | other
        return await audit.record_once(Did.GROUP_LOST, "telegram", within=MINUTE, **facts) is not None

    assert await report()
    assert not await report()
    assert await report(about="telegram:-2")
    assert await report(outlet="indira")
    for _ in range(11):  # whichever side of a minute's edge the reports fall on
        clock.advance(timedelta(seconds=5))
        assert not await report()
    clock.advance(timedelta(seconds=5))
    assert await report()
    assert not await report()


async def test_reports_that_cross_are_one_report(audit):
    told = await asyncio.gather(
        *(audit.record_once(Did.GROUP_LOST, "telegram", within=MINUTE, outlet="mgroad") for _ in range(20))
    )
    assert sum(act is not None for act in told) == 1
