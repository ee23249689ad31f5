"""The directory of outlets: every replica sees a change, and nobody's change is lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from core.clock import FrozenClock
from core.connections import Database
from core.errors import NotFound, StoreError
from core.ids import OutletId
from core.outlets.errors import OutletChanged, OutletExists
from core.outlets.hours import opening
from core.outlets.service import READ_AGAIN_AFTER, READ_WITHOUT_REDIS_AFTER, OutletService
from core.outlets.store import MenuVersions, OutletStore
from core.settings import Settings
from tests.core.outlets.builders import an_outlet
from tests.wire import redis_commands, wire_tap

MGROAD, INDIRA = OutletId("mgroad"), OutletId("indira")
Replica = Callable[[], OutletService]


@pytest.fixture
def replica(mongo: Database, redis: Redis, clock: FrozenClock) -> Replica:
    """One more process with its own directory."""
    return lambda: OutletService(store=OutletStore(mongo), clock=clock, redis=redis)


@pytest.fixture
async def outlets(replica: Replica) -> OutletService:
    service = replica()
    await service.load()
    await service.add(an_outlet())
    await service.add(an_outlet(id=INDIRA, name="Tiffin, Indiranagar", position=1))
    await service.refresh()
    return service


async def test_outlets_are_listed_in_the_owners_order(outlets: OutletService, replica: Replica):
    await outlets.add(an_outlet(id="airport", position=-1))
    other = replica()
    await other.load()
    assert [outlet.id for outlet in other.all()] == ["airport", "mgroad", "indira"]
    assert [outlet.id for outlet in await other.all_fresh()] == ["airport", "mgroad", "indira"]
    assert other.require(MGROAD) == an_outlet()
    assert other.get(OutletId("nowhere")) is None
    with pytest.raises(NotFound):
        other.require(OutletId("nowhere"))


async def test_a_code_belongs_to_one_outlet(outlets: OutletService):
    with pytest.raises(OutletExists):
        await outlets.add(an_outlet())


async def test_a_pause_is_seen_by_every_replica_at_its_next_look(
    outlets: OutletService, replica: Replica, clock: FrozenClock
):
    other = replica()
    await other.load()
    paused = await outlets.pause(MGROAD, 30, "power cut", "telegram:7")
    assert (paused.pause_reason, paused.paused_by) == ("power cut", "telegram:7")
    assert opening(outlets.require(MGROAD), clock.now()).paused  # here at once
    assert not opening(other.require(MGROAD), clock.now()).paused
    await other.refresh()
    assert opening(other.require(MGROAD), clock.now()).paused
    clock.advance(timedelta(minutes=30))
    assert opening(other.require(MGROAD), clock.now()).open  # over by itself
    await outlets.resume(MGROAD)
    await other.refresh()
    assert other.require(MGROAD).pause_reason == ""


async def test_a_new_outlet_is_seen_by_every_replica(outlets: OutletService, replica: Replica):
    other = replica()
    await other.load()
    await outlets.add(an_outlet(id="airport"))
    await other.refresh()
    assert other.get(OutletId("airport")) is not None


async def test_two_who_save_the_same_reading_do_not_overwrite_each_other(outlets: OutletService, replica: Replica):
    other = replica()
    await other.load()
    mine, theirs = outlets.require(MGROAD), other.require(MGROAD)
    await outlets.save(mine.model_copy(update={"prep_minutes": 40}))
    with pytest.raises(OutletChanged):
        await other.save(theirs.model_copy(update={"cash_limit": theirs.cash_limit * 2}))
    stored = await outlets.fresh(MGROAD)
    assert stored is not None
    assert stored.prep_minutes == 40


@pytest.mark.race
async def test_ten_changes_at_once_all_stand(outlets: OutletService, replica: Replica):
    replicas = [replica() for _ in range(10)]
    await asyncio.gather(*(other.load() for other in replicas))
    await asyncio.gather(
        *(
            other.alter(MGROAD, lambda it, n=n: it.model_copy(update={"tables": (*it.tables, f"X{n}")}))  # type: ignore[misc]
            for n, other in enumerate(replicas)
        )
    )
    await outlets.refresh()
    assert set(outlets.require(MGROAD).tables) == {"T1", "T2", *(f"X{n}" for n in range(10))}


async def test_changing_nothing_writes_nothing(outlets: OutletService):
    before = await outlets.fresh(MGROAD)
    await outlets.resume(MGROAD)
    assert await outlets.fresh(MGROAD) == before
    with pytest.raises(NotFound):
        await outlets.pause(OutletId("nowhere"), 5, "", "")


async def test_an_outlet_that_never_stops_changing_is_given_up(outlets: OutletService, mongo: Database):
    store = OutletStore(mongo)

    class Restless(OutletStore):
        async def get(self, outlet):
            current = await store.get(outlet)
            assert current is not None
            await store.replace(current.model_copy(update={"v": current.v + 1}))
            return current

    outlets._store = Restless(mongo)
    with pytest.raises(StoreError):
        await outlets.pause(MGROAD, 5, "", "")


async def test_a_look_that_finds_nothing_new_is_one_round_trip(
    outlets: OutletService, mongo: Database, stores: Settings, clock: FrozenClock
):
    assert stores.redis_url is not None
    address = urlsplit(stores.redis_url.get_secret_value())
    async with wire_tap(address.hostname or "", address.port or 6379, redis_commands) as tap:
        client: Redis = Redis.from_url(f"redis://127.0.0.1:{tap.port}{address.path}", decode_responses=True)
        watching = OutletService(store=OutletStore(mongo), clock=clock, redis=client)
        await watching.load()
        tap.reset()
        await watching.refresh()
        assert tap.names == ["MGET"]
        assert tap.round_trips == 1
        await client.aclose()


async def test_a_redis_that_lost_everything_hides_no_change(outlets: OutletService, replica: Replica, redis: Redis):
    """However often versions change after a loss, none is a word that was seen before."""
    other = replica()
    await other.load()
    await redis.flushdb()
    await other.refresh()
    for minutes in (1, 2, 3):
        await outlets.pause(MGROAD, minutes, f"round {minutes}", "")
        await other.refresh()
        assert other.require(MGROAD).pause_reason == f"round {minutes}"


def break_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: object, **__: object) -> object:
        raise StoreError("redis is away")

    monkeypatch.setattr(MenuVersions, "read", down)
    monkeypatch.setattr(MenuVersions, "bump", down)


async def test_without_redis_changes_arrive_through_the_database(
    outlets: OutletService, replica: Replica, clock: FrozenClock
):
    other = replica()
    await other.load()
    with pytest.MonkeyPatch.context() as patch:
        break_redis(patch)
        await outlets.pause(MGROAD, 60, "flood", "")  # the pause stands all the same
        await other.refresh()
        assert other.require(MGROAD).pause_reason == ""  # not asked again at once …
        clock.advance(READ_WITHOUT_REDIS_AFTER)
        await other.refresh()
        assert other.require(MGROAD).pause_reason == "flood"  # … but every few seconds
        fresh = replica()
        await fresh.load()  # a start needs no Redis either
        assert len(fresh.all()) == 2


async def test_a_change_redis_did_not_hear_of_is_told_when_it_is_back(outlets: OutletService, replica: Replica):
    other = replica()
    await other.load()
    with pytest.MonkeyPatch.context() as patch:
        break_redis(patch)
        await outlets.pause(MGROAD, 60, "flood", "")
    await other.refresh()
    assert other.require(MGROAD).pause_reason == ""
    await outlets.refresh()
    await other.refresh()
    assert other.require(MGROAD).pause_reason == "flood"


async def test_a_change_nobody_was_told_of_is_found_in_the_end(
    outlets: OutletService, replica: Replica, mongo: Database, clock: FrozenClock
):
    other = replica()
    await other.load()
    silent = outlets.require(MGROAD)
    await OutletStore(mongo).replace(silent.model_copy(update={"v": silent.v + 1, "prep_minutes": 55}))
    await other.refresh()
    assert other.require(MGROAD).prep_minutes == 25
    clock.advance(READ_AGAIN_AFTER)
    await other.refresh()
    assert other.require(MGROAD).prep_minutes == 55


async def test_an_outlet_taken_out_by_hand_is_gone_from_the_directory(
    outlets: OutletService, replica: Replica, mongo: Database
):
    other = replica()
    await other.load()
    await mongo["outlets"].delete_one({"_id": INDIRA})
    await outlets.changed(INDIRA)
    await other.refresh()
    assert [outlet.id for outlet in other.all()] == ["mgroad"]


async def test_a_redis_that_breaks_off_is_a_store_error(redis: Redis):
    class Away:
        async def mget(self, *_: object) -> None:
            raise ConnectionRefusedError

        set = mget

    versions = MenuVersions(Away())  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        await versions.read([MGROAD])
    with pytest.raises(StoreError):
        await versions.bump(MGROAD)
