"""An alert reaches somebody once, whatever fails on its way."""

import asyncio
from datetime import timedelta

import pytest

from core.errors import ProviderError, StoreError
from core.lanes.models import WorkState
from core.monitoring.alerts.models import AlertKind, Level
from core.monitoring.alerts.service import AlertService
from core.monitoring.alerts.store import AlertStore

HALF = (AlertKind.SMS_BUDGET, "50")


class Ears:
    """People who hear of alerts, unless they cannot be reached."""

    def __init__(self):
        self.heard = []
        self.deaf = False
        self.people = 1

    async def __call__(self, alert):
        if self.deaf:
            raise ProviderError("telegram", retryable=True)
        self.heard.append(alert)
        return self.people


@pytest.fixture
def ears():
    return Ears()


@pytest.fixture
def replica(mongo, clock, ears):
    def new():
        alerts = AlertService(store=AlertStore(mongo, clock), clock=clock)
        alerts.handle(ears)
        return alerts

    return new


async def test_the_same_alert_of_a_day_is_heard_once_from_all_replicas(replica, ears):
    first, second = replica(), replica()
    raised = [await each.raise_once(*HALF, period="2026-03-02", percent=50) for each in (first, second, first, second)]
    await first.send_once(None)
    await second.send_once(None)
    assert raised == [True, False, False, False]
    assert [(alert.kind, alert.facts) for alert in ears.heard] == [(AlertKind.SMS_BUDGET, {"percent": 50})]


@pytest.mark.race
async def test_of_fifty_who_raise_it_at_once_one_does(replica, ears):
    raised = await asyncio.gather(*(replica().raise_once(*HALF, period="2026-03-02") for _ in range(50)))
    await asyncio.gather(*(replica().send_once(None) for _ in range(5)))
    assert raised.count(True) == 1
    assert len(ears.heard) == 1


async def test_the_next_day_it_is_heard_again(replica, ears):
    alerts = replica()
    for day in ("2026-03-02", "2026-03-03"):
        await alerts.raise_once(*HALF, period=day, level=Level.PAGE)
    await alerts.send_once(None)
    assert [(alert.period, alert.level) for alert in ears.heard] == [("2026-03-02", "page"), ("2026-03-03", "page")]


async def test_whoever_cannot_be_reached_hears_of_it_later(replica, ears, clock):
    alerts = replica()
    ears.deaf = True
    await alerts.raise_once(*HALF, period="2026-03-02")
    for _ in range(8):
        await alerts.send_once(None)
        clock.advance(timedelta(minutes=5))
    assert (await alerts.latest())[0].tries == 8
    ears.deaf = False
    await replica().send_once(None)
    assert len(ears.heard) == 1


async def test_after_a_day_of_silence_it_is_given_up_and_can_still_be_read(replica, ears, clock):
    alerts = replica()
    ears.deaf = True
    await alerts.raise_once(*HALF, period="2026-03-02")
    clock.advance(timedelta(days=1))
    await alerts.send_once(None)
    (alert,) = await alerts.latest()
    assert (alert.state, alert.note) == (WorkState.DEAD, "ProviderError: telegram")


async def test_with_nobody_to_tell_it_waits_on_the_page_alone(replica, ears):
    ears.people = 0
    alerts = replica()
    await alerts.raise_once(*HALF, period="2026-03-02")
    await alerts.send_once(None)
    (alert,) = await alerts.latest()
    assert (alert.state, alert.note) == (WorkState.DONE, "nobody to tell")


async def test_the_newest_stand_first_and_old_ones_go(replica, clock):
    alerts = replica()
    for percent in ("50", "80", "100"):
        await alerts.raise_once(AlertKind.SMS_BUDGET, percent, period="2026-03-02")
        clock.advance(timedelta(minutes=1))
    await alerts.send_once(None)
    assert [alert.about for alert in await alerts.latest()] == ["100", "80", "50"]
    assert [alert.about for alert in await alerts.latest(1)] == ["100"]
    clock.advance(timedelta(days=89))
    assert await alerts.sweep() == 0
    clock.advance(timedelta(days=2))
    assert await alerts.sweep() == 3
    assert await alerts.latest() == []


async def test_an_alert_that_cannot_be_stored_stops_nobody_and_is_stored_the_next_time(replica, clock, caplog):
    class Away(AlertStore):
        async def add(self, item):
            raise StoreError("away")

    alerts = replica()
    real, alerts._store = alerts._store, Away({"alerts": None, "lanes": None}, clock)
    assert not await alerts.raise_once(*HALF, period="2026-03-02")
    assert any("alert_not_stored" in message for message in caplog.messages)
    alerts._store = real
    assert await alerts.raise_once(*HALF, period="2026-03-02")
