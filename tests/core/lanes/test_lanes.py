"""Work in lanes: one piece at a time, in order, once, whoever dies meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.connections import Database
from core.errors import StoreError
from core.ids import OrderId
from core.lanes.models import Again, Dead, Done, Outcome, WorkItem, WorkState
from core.lanes.store import LANES, LEASE_MS, WorkStore
from core.lanes.worker import KEEP_ORDER_MS, Worker

JOBS = "lane_jobs"


@pytest.fixture
def store(mongo: Database, clock: FrozenClock) -> WorkStore[WorkItem]:
    return WorkStore(mongo, JOBS, WorkItem, clock)


def item(name: str, lane: str = "asha", *, seq: int = 0, clock: FrozenClock, after_ms: int = 0) -> WorkItem:
    return WorkItem(id=name, lane=lane, created_ms=clock.ms(), next_ms=clock.ms() + after_ms, seq=seq)


class Hands:
    """Does the work by writing it down; `plan` says what comes of a piece instead, one after the other."""

    def __init__(self, pause: float = 0, **plan: list[Outcome | Exception]) -> None:
        self.did: list[str] = []
        self.pause = pause
        self.plan = plan
        self.most = 0
        self._busy: dict[str, int] = {}

    async def work(self, piece: WorkItem) -> Outcome:
        self._busy[piece.lane] = self._busy.get(piece.lane, 0) + 1
        self.most = max(self.most, self._busy[piece.lane])
        await asyncio.sleep(self.pause)
        self._busy[piece.lane] -= 1
        planned = self.plan.get(piece.id)
        if planned:
            outcome = planned.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
        self.did.append(piece.id)
        return Done(ref=f"ref-{piece.id}")


async def test_a_lane_is_worked_off_in_order_and_lanes_do_not_wait_for_each_other(
    store: WorkStore[WorkItem], clock: FrozenClock
):
    for seq, name in enumerate(["a1", "a2", "a3"]):
        await store.add(item(name, "asha", seq=seq, clock=clock))
        await store.add(item(name.replace("a", "r"), "ravi", seq=seq, clock=clock))
    hands = Hands()
    assert await Worker(store, hands.work, clock).run_once() == 6
    assert [name for name in hands.did if name[0] == "a"] == ["a1", "a2", "a3"]
    assert [name for name in hands.did if name[0] == "r"] == ["r1", "r2", "r3"]
    assert await Worker(store, hands.work, clock).run_once() == 0
    done = await store.get("a1")
    assert done is not None
    assert (done.state, done.ref, done.tries) == (WorkState.DONE, "ref-a1", 1)


async def test_what_is_stored_twice_is_one_piece(store: WorkStore[WorkItem], clock: FrozenClock):
    assert await store.add(item("a1", clock=clock))
    assert not await store.add(item("a1", clock=clock))
    hands = Hands()
    await Worker(store, hands.work, clock).run_once()
    assert not await store.add(item("a1", clock=clock)), "and one that is done stays done"
    await Worker(store, hands.work, clock).run_once()
    assert hands.did == ["a1"]


async def test_nothing_is_done_before_its_time(store: WorkStore[WorkItem], clock: FrozenClock):
    await store.add(item("a1", clock=clock, after_ms=4_000))
    hands = Hands()
    worker = Worker(store, hands.work, clock)
    assert await worker.run_once() == 0
    clock.advance(timedelta(seconds=4))
    assert await worker.run_once() == 1


async def test_workers_of_three_replicas_do_each_piece_once_and_one_at_a_time(
    store: WorkStore[WorkItem], clock: FrozenClock
):
    for seq in range(6):
        for lane in "abcd":
            await store.add(item(f"{lane}{seq}", lane, seq=seq, clock=clock))
    hands = Hands()
    workers = [Worker(store, hands.work, clock) for _ in range(3)]
    for _ in range(8):
        await asyncio.gather(*(worker.run_once() for worker in workers))
    assert sorted(hands.did) == sorted(f"{lane}{seq}" for lane in "abcd" for seq in range(6))
    for lane in "abcd":
        assert [name for name in hands.did if name[0] == lane] == [f"{lane}{seq}" for seq in range(6)]
    assert hands.most == 1


class Unleased(WorkStore[WorkItem]):
    """The twin: nobody holds a lane, and each replica looks a little further down it."""

    def __init__(self, mongo: Database, clock: FrozenClock, *, skip: int) -> None:
        super().__init__(mongo, JOBS, WorkItem, clock)
        self._skip = skip

    async def take_lane(self, lane: str) -> int | None:
        return self._clock.ms()

    async def waiting(self, lane: str) -> list[WorkItem]:
        return (await super().waiting(lane))[self._skip :]


async def test_without_the_lease_of_the_lane_pieces_are_done_side_by_side(
    store: WorkStore[WorkItem], mongo: Database, clock: FrozenClock
):
    for seq in range(6):
        await store.add(item(f"a{seq}", seq=seq, clock=clock))
    hands = Hands(pause=0.02)
    workers = [Worker(Unleased(mongo, clock, skip=n), hands.work, clock) for n in range(3)]
    await asyncio.gather(*(worker.run_once() for worker in workers))
    assert hands.most > 1


async def test_a_piece_that_is_tried_again_soon_holds_up_those_behind_it_and_a_later_one_does_not(
    store: WorkStore[WorkItem], clock: FrozenClock
):
    await store.add(item("a1", clock=clock))
    await store.add(item("a2", seq=1, clock=clock))
    hands = Hands(a1=[Again(KEEP_ORDER_MS, "not now"), Again(KEEP_ORDER_MS + 1_000, "not now")])
    worker = Worker(store, hands.work, clock)
    await worker.run_once()
    await worker.run_once()
    assert hands.did == []
    clock.advance(timedelta(milliseconds=KEEP_ORDER_MS))
    await worker.run_once()
    assert hands.did == ["a2"]
    clock.advance(timedelta(milliseconds=KEEP_ORDER_MS + 1_000))
    await worker.run_once()
    assert hands.did == ["a2", "a1"]
    last = await store.get("a1")
    assert last is not None
    assert last.tries == 3


async def test_what_is_given_up_stays_and_can_be_tried_again_by_hand(store: WorkStore[WorkItem], clock: FrozenClock):
    await store.add(item("a1", clock=clock))
    hands = Hands(a1=[Dead("blocked")])
    worker = Worker(store, hands.work, clock)
    await worker.run_once()
    await worker.run_once()
    assert [(dead.id, dead.note) for dead in await store.dead_items(10)] == [("a1", "blocked")]
    assert await store.revive("a1")
    assert not await store.revive("a1")
    await worker.run_once()
    assert hands.did == ["a1"]


async def test_a_surprise_is_raised_and_the_other_lanes_go_on(store: WorkStore[WorkItem], clock: FrozenClock):
    await store.add(item("a1", "asha", clock=clock))
    await store.add(item("r1", "ravi", clock=clock))
    hands = Hands(a1=[KeyError("surprise")])
    worker = Worker(store, hands.work, clock)
    with pytest.raises(KeyError):
        await worker.run_once()
    assert hands.did == ["r1"]
    clock.advance(timedelta(seconds=30))
    await worker.run_once()
    assert hands.did == ["r1", "a1"], "what failed is not lost"


async def test_a_lane_that_takes_its_time_does_not_hold_up_the_next_round(
    store: WorkStore[WorkItem], clock: FrozenClock
):
    await store.add(item("a1", "asha", clock=clock))
    gate = asyncio.Event()
    did = []

    async def work(piece: WorkItem) -> Outcome:
        if piece.id == "a1":
            await gate.wait()
        did.append(piece.id)
        return Done()

    worker = Worker(store, work, clock)
    assert await worker.run_once(timedelta(milliseconds=50)) == 0
    await store.add(item("r1", "ravi", clock=clock))
    assert await worker.run_once(timedelta(milliseconds=200)) == 1
    assert did == ["r1"]
    gate.set()
    await worker.close()
    assert did == ["r1", "a1"]


async def test_what_hangs_is_cut_off_and_tried_again(store: WorkStore[WorkItem], clock: FrozenClock):
    await store.add(item("a1", clock=clock))

    async def hang(piece: WorkItem) -> Outcome:
        await asyncio.sleep(60)
        return Done()

    assert await Worker(store, hang, clock, timeout=timedelta(milliseconds=20)).run_once() == 0
    again = await store.get("a1")
    assert again is not None
    assert (again.state, again.note) == (WorkState.NEW, "took too long")


# Workers that die, and come back


async def test_the_work_of_one_who_died_is_taken_over_when_its_lease_ends(
    store: WorkStore[WorkItem], clock: FrozenClock
):
    await store.add(item("a1", clock=clock))
    fence = await store.take_lane("asha")
    assert fence is not None
    dead_hand = await store.claim(item("a1", clock=clock), fence)
    assert dead_hand is not None
    hands = Hands()
    worker = Worker(store, hands.work, clock)
    assert await worker.run_once() == 0, "it may still be alive"
    clock.advance(timedelta(milliseconds=LEASE_MS + 1))
    assert await worker.run_once() == 1
    # The one who was only asleep finds that it is no longer his.
    assert not await store.done(dead_hand, ref="too late")
    assert not await store.again(dead_hand, 0, "too late")
    assert not await store.dead(dead_hand, "too late")
    finished = await store.get("a1")
    assert finished is not None
    assert (finished.state, finished.ref) == (WorkState.DONE, "ref-a1")


async def test_a_lane_is_held_by_one_until_it_is_released_or_its_lease_ends(
    store: WorkStore[WorkItem], clock: FrozenClock
):
    first = await store.take_lane("asha")
    assert first is not None
    assert await store.take_lane("asha") is None
    await store.release_lane("asha", first)
    second = await store.take_lane("asha")
    assert second is not None
    assert second > first
    await store.release_lane("asha", first)
    assert await store.take_lane("asha") is None, "an old fence releases nothing"
    clock.advance(timedelta(milliseconds=LEASE_MS + 1))
    third = await store.take_lane("asha")
    assert third is not None
    assert third > second


async def test_of_many_who_take_a_new_lane_at_once_one_gets_it(store: WorkStore[WorkItem]):
    fences = await asyncio.gather(*(store.take_lane("asha") for _ in range(10)))
    assert len([fence for fence in fences if fence is not None]) == 1


async def test_an_older_lease_cannot_claim_what_a_newer_one_has_had(store: WorkStore[WorkItem], clock: FrozenClock):
    await store.add(item("a1", clock=clock))
    old = await store.take_lane("asha")
    clock.advance(timedelta(milliseconds=LEASE_MS + 1))
    new = await store.take_lane("asha")
    assert old is not None
    assert new is not None
    piece = await store.claim(item("a1", clock=clock), new)
    assert piece is not None
    await store.again(piece, 0, "once more")
    assert await store.claim(item("a1", clock=clock), old) is None
    assert await store.claim(item("a1", clock=clock), new) is not None


async def test_what_was_done_long_ago_is_swept_away_and_its_lane_counts_on(
    store: WorkStore[WorkItem], mongo: Database, clock: FrozenClock
):
    await store.add(item("a1", clock=clock))
    await Worker(store, Hands().work, clock).run_once()
    fence = (await mongo[LANES].find_one({"_id": f"{JOBS}:asha"}))["fence"]
    assert await store.forget_before(clock.ms()) == 0
    clock.advance(timedelta(days=100))
    await store.add(item("a2", clock=clock))
    assert await store.forget_before(clock.ms()) == 1
    assert await store.get("a1") is None
    assert await mongo[LANES].find_one({"_id": f"{JOBS}:asha"}) is None
    hands = Hands()
    await Worker(store, hands.work, clock).run_once()
    assert hands.did == ["a2"]
    assert (await mongo[LANES].find_one({"_id": f"{JOBS}:asha"}))["fence"] > fence


async def test_how_long_work_has_waited_can_be_asked(store: WorkStore[WorkItem], clock: FrozenClock):
    assert await store.oldest_ms() == 0
    await store.add(item("a1", clock=clock))
    since = clock.ms()
    clock.advance(timedelta(minutes=1))
    await store.add(item("a2", clock=clock))
    assert await store.oldest_ms() == since


async def test_a_store_that_fails_in_one_lane_is_told_of_and_nothing_is_lost(mongo: Database, clock: FrozenClock):
    class Failing(WorkStore[WorkItem]):
        broken = True

        async def waiting(self, lane: str) -> list[WorkItem]:
            if self.broken and lane == "asha":
                raise StoreError("down", order=OrderId("ord_1"))
            return await super().waiting(lane)

    store = Failing(mongo, JOBS, WorkItem, clock)
    await store.add(item("a1", "asha", clock=clock))
    await store.add(item("r1", "ravi", clock=clock))
    hands = Hands()
    worker = Worker(store, hands.work, clock)
    with pytest.raises(StoreError):
        await worker.run_once()
    Failing.broken = False
    await worker.run_once()
    assert sorted(hands.did) == ["a1", "r1"]


async def test_a_lane_somebody_else_holds_is_left_alone(store: WorkStore[WorkItem], clock: FrozenClock):
    await store.add(item("a1", clock=clock))
    fence = await store.take_lane("asha")
    assert fence is not None
    hands = Hands()
    worker = Worker(store, hands.work, clock)
    assert await worker.run_once() == 0
    await store.release_lane("asha", fence)
    assert await worker.run_once() == 1


async def test_nothing_overtakes_a_piece_that_somebody_may_still_be_doing(
    store: WorkStore[WorkItem], clock: FrozenClock
):
    first = item("a1", clock=clock)
    await store.add(first)
    await store.add(item("a2", seq=1, clock=clock))
    fence = await store.take_lane("asha")
    assert fence is not None
    clock.advance(timedelta(milliseconds=LEASE_MS - 1))
    assert await store.claim(first, fence) is not None
    clock.advance(timedelta(milliseconds=2))  # the lane's lease ended, that of the piece did not
    hands = Hands()
    await Worker(store, hands.work, clock).run_once()
    assert hands.did == []


async def test_a_piece_that_was_done_while_it_was_looked_at_is_not_done_again(mongo: Database, clock: FrozenClock):
    class Slow(WorkStore[WorkItem]):
        async def waiting(self, lane: str) -> list[WorkItem]:
            found = await super().waiting(lane)
            await mongo[JOBS].update_one({"_id": "a1"}, {"$set": {"state": WorkState.DONE.value}})
            return found

    store = Slow(mongo, JOBS, WorkItem, clock)
    await store.add(item("a1", clock=clock))
    hands = Hands()
    assert await Worker(store, hands.work, clock).run_once() == 0
    assert hands.did == []


async def test_a_lane_with_much_to_do_lets_others_have_their_turn(
    store: WorkStore[WorkItem], clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.lanes.worker.STAY_MS", -1)
    for seq in range(3):
        await store.add(item(f"a{seq}", seq=seq, clock=clock))
    hands = Hands()
    worker = Worker(store, hands.work, clock)
    assert [await worker.run_once() for _ in range(4)] == [1, 1, 1, 0]
    assert hands.did == ["a0", "a1", "a2"]


async def test_a_lane_already_at_work_here_is_not_started_twice(store: WorkStore[WorkItem], clock: FrozenClock):
    await store.add(item("a1", clock=clock))
    gate = asyncio.Event()
    began = []

    async def work(piece: WorkItem) -> Outcome:
        began.append(piece.id)
        await gate.wait()
        return Done()

    worker = Worker(store, work, clock)
    await worker.run_once(timedelta(milliseconds=30))
    clock.advance(timedelta(milliseconds=LEASE_MS + 1))  # as if its lease had ended
    await worker.run_once(timedelta(milliseconds=30))
    assert began == ["a1"]
    gate.set()
    await worker.close()
