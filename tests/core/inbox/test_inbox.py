"""Events from outside: stored before they are acknowledged, worked off once, given up aloud."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Database, ensure_indexes
from core.errors import NotFound, ProviderError, RestaurantError, StoreError
from core.inbox.models import InboxItem
from core.inbox.service import GIVE_UP_MS, KEEP_MS, InboxService
from core.inbox.store import INBOX, INDEXES, InboxStore
from core.lanes.models import WorkState


class Desk:
    """Works events off, or fails as planned."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.fails: list[Exception] = []

    async def handle(self, item: InboxItem) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.did.append(item.raw)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def inbox(mongo: Database, clock: FrozenClock, desk: Desk) -> InboxService:
    await ensure_indexes(mongo, INDEXES)
    service = InboxService(store=InboxStore(mongo, clock), clock=clock, jitter=lambda low, high: high)
    service.handle("bank", desk.handle)
    return service


async def state(mongo: Database, event: str) -> tuple[str, str]:
    found = await mongo[INBOX].find_one({"_id": f"bank:{event}"})
    return found["state"], found["note"]


async def test_an_event_is_stored_once_and_worked_off_once_however_often_it_comes(inbox: InboxService, desk: Desk):
    woken = []
    inbox.wake = lambda: woken.append(1)
    assert await inbox.put("bank", "evt_1", "order:1", "paid")
    assert not await inbox.put("bank", "evt_1", "order:1", "paid")
    assert await inbox.inbox_once() == 1
    assert not await inbox.put("bank", "evt_1", "order:1", "paid")
    assert await inbox.inbox_once() == 0
    assert desk.did == ["paid"]
    assert woken == [1]


async def test_what_an_event_said_is_dropped_when_it_is_done_and_not_while_it_is_to_come_again(
    inbox: InboxService, desk: Desk, mongo: Database, clock: FrozenClock
):
    inbox.handle("chat", desk.handle, forgets=True)
    for source in ("chat", "bank"):
        assert await inbox.put(source, "evt_1", f"lane:{source}", "paneer, please")
    desk.fails = [StoreError("not now"), StoreError("not now")]
    assert await inbox.inbox_once() == 0
    said = {found["source"]: found["raw"] async for found in mongo[INBOX].find({})}
    assert said == {"chat": "paneer, please", "bank": "paneer, please"}
    clock.advance(timedelta(seconds=2))
    assert await inbox.inbox_once() == 2
    said = {found["source"]: found["raw"] async for found in mongo[INBOX].find({})}
    assert said == {"chat": "", "bank": "paneer, please"}
    assert desk.did == ["paneer, please"] * 2
    assert not await inbox.put("chat", "evt_1", "lane:chat", "paneer, please")


async def test_ten_copies_at_once_are_one_event(inbox: InboxService, desk: Desk):
    stored = await asyncio.gather(*(inbox.put("bank", "evt_1", "order:1", "paid") for _ in range(10)))
    assert sum(stored) == 1
    await asyncio.gather(*(inbox.inbox_once() for _ in range(3)))
    assert desk.did == ["paid"]


async def test_the_same_event_id_of_two_sources_is_two_events(inbox: InboxService, desk: Desk):
    inbox.handle("till", desk.handle)
    await inbox.put("bank", "evt_1", "order:1", "from the bank")
    await inbox.put("till", "evt_1", "order:2", "from the till")
    await inbox.inbox_once()
    assert sorted(desk.did) == ["from the bank", "from the till"]


async def test_an_event_for_later_waits(inbox: InboxService, desk: Desk, clock: FrozenClock):
    await inbox.put("bank", "evt_1", "order:1", "settled", after_ms=4_000)
    assert await inbox.inbox_once() == 0
    clock.advance(timedelta(seconds=4))
    assert await inbox.inbox_once() == 1
    assert desk.did == ["settled"]


async def test_events_of_one_order_are_worked_off_in_the_order_they_came(
    inbox: InboxService, desk: Desk, clock: FrozenClock
):
    for n in range(5):
        await inbox.put("bank", f"evt_{n}", "order:1", str(n))
        clock.advance(timedelta(milliseconds=1))
    await inbox.inbox_once()
    assert desk.did == list("01234")


@pytest.mark.parametrize("hopeless", [NotFound(), ProviderError("bank", retryable=False)])
async def test_what_can_never_succeed_is_given_up_at_once(
    inbox: InboxService, desk: Desk, mongo: Database, hopeless: RestaurantError, caplog: pytest.LogCaptureFixture
):
    desk.fails = [hopeless]
    await inbox.put("bank", "evt_1", "order:1", "?")
    assert await inbox.inbox_once() == 0
    assert (await state(mongo, "evt_1"))[0] == WorkState.DEAD
    assert "inbox_dead" in caplog.text
    assert [item.id for item in await inbox.dead()] == ["bank:evt_1"]
    assert await inbox.retry("bank:evt_1")
    assert await inbox.inbox_once() == 1


async def test_an_event_nobody_handles_is_kept_and_told_of(inbox: InboxService, mongo: Database):
    await inbox.put("barter", "evt_1", "x", "?")
    await inbox.inbox_once()
    dead = await inbox.dead()
    assert [(item.source, item.note) for item in dead] == [("barter", "nobody handles this source")]


async def test_what_may_succeed_later_is_tried_again_less_and_less_often_for_a_quarter_of_an_hour(
    inbox: InboxService, desk: Desk, mongo: Database, clock: FrozenClock
):
    desk.fails = [StoreError("down") for _ in range(100)]
    await inbox.put("bank", "evt_1", "order:1", "paid")
    began, tried = clock.ms(), []
    while (await state(mongo, "evt_1"))[0] != WorkState.DEAD:
        before = len(desk.fails)
        await inbox.inbox_once()
        if len(desk.fails) < before:
            tried.append((clock.ms() - began) // 1_000)
        clock.advance(timedelta(seconds=1))
    assert tried[:8] == [0, 1, 3, 7, 15, 31, 63, 123]
    assert tried[-1] * 1_000 > GIVE_UP_MS
    assert (await state(mongo, "evt_1"))[1] == "gave up: StoreError"


async def test_an_event_survives_whoever_died_working_it_off(inbox: InboxService, desk: Desk, clock: FrozenClock):
    class Died(BaseException):
        pass

    async def die(item: InboxItem) -> None:
        raise Died

    inbox.handle("bank", die)
    await inbox.put("bank", "evt_1", "order:1", "paid")
    with pytest.raises(Died):
        await inbox.inbox_once()
    inbox.handle("bank", desk.handle)
    clock.advance(timedelta(seconds=31))
    await inbox.inbox_once()
    assert desk.did == ["paid"]


async def test_a_replayed_event_is_recognised_for_more_than_a_year(inbox: InboxService, desk: Desk, clock: FrozenClock):
    await inbox.put("bank", "evt_1", "order:1", "paid")
    await inbox.inbox_once()
    assert await inbox.oldest_ms() == 0
    clock.advance(timedelta(milliseconds=KEEP_MS))
    assert await inbox.sweep() == 0
    assert not await inbox.put("bank", "evt_1", "order:1", "paid")
    clock.advance(timedelta(milliseconds=1))
    assert await inbox.sweep() == 1
    await inbox.close()
