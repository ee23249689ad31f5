"""Both stores, through the clients the product uses."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import mongomock
import pytest
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError
from redis.exceptions import RedisError

from core.connections import (
    Connections,
    Database,
    Index,
    LuaScript,
    ensure_indexes,
    missing_indexes,
    mongo_answers,
    open_connections,
)
from core.errors import StoreError
from core.mongo_subset import SubsetListener
from tests.conftest import make_settings

COUNT_UP = LuaScript("tests.core", "count_up.lua")
NOBODY = "127.0.0.1:1"  # nothing listens there


async def test_a_script_the_server_has_never_seen_runs_and_is_known_from_then_on(redis):
    await redis.script_flush()

    assert await COUNT_UP(redis, ["{guest}:taps"], [2]) == 2
    assert await redis.script_exists(COUNT_UP.sha) == [True]
    assert await COUNT_UP(redis, ["{guest}:taps"], [3]) == 5


async def test_a_script_in_a_pipeline_needs_no_earlier_call(redis):
    await redis.script_flush()

    async with redis.pipeline(transaction=True) as pipe:
        COUNT_UP.queue(pipe, ["{guest}:taps"], [4])
        pipe.get("{guest}:taps")
        assert await pipe.execute() == [4, "4"]


async def test_three_hundred_turns_at_once_each_find_a_connection(redis):
    seen = await asyncio.gather(*(COUNT_UP(redis, ["{guest}:taps"], [1]) for _ in range(300)))

    assert sorted(seen) == list(range(1, 301))


async def test_a_text_longer_than_the_socket_takes_at_once_arrives_whole(redis):
    long = "दाल मखनी, " * 1_000_000

    await redis.set("long", long)
    assert await redis.get("long") == long


async def test_a_connection_the_server_closed_meanwhile_is_opened_anew_unnoticed(redis):
    await redis.set("kept", "1")
    await redis.client_kill_filter(_type="normal", skipme=True)
    await asyncio.sleep(0.05)

    assert await asyncio.gather(*(redis.get("kept") for _ in range(4))) == ["1"] * 4


async def test_a_redis_that_stops_reading_in_the_middle_of_a_text_is_given_up_within_the_timeout(monkeypatch):
    async def greets_and_stops_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (heard := await reader.read(1024)) and len(heard) < 1024:
            writer.write(b"%0\r\n" if b"HELLO" in heard else b"")
            writer.write(b"+OK\r\n" * heard.count(b"SETINFO"))
        await gone.wait()
        writer.close()

    monkeypatch.setattr("core.connections.REDIS_TIMEOUT", timedelta(milliseconds=200))
    gone = asyncio.Event()
    server = await asyncio.start_server(greets_and_stops_reading, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connections = await open_connections(
        make_settings(redis_url=f"redis://127.0.0.1:{port}", mongodb_url=f"mongodb://{NOBODY}")
    )
    with pytest.raises(RedisError, match="Timeout writing"):
        await connections.redis.set("long", "x" * 50_000_000)
    gone.set()
    await connections.close()
    server.close()
    await server.wait_closed()


async def test_a_redis_that_is_down_is_named_within_the_timeout():
    connections = await open_connections(
        make_settings(redis_url=f"redis://{NOBODY}", mongodb_url=f"mongodb://{NOBODY}")
    )
    started = asyncio.get_running_loop().time()
    with pytest.raises(RedisError):
        await connections.redis.ping()
    assert asyncio.get_running_loop().time() - started < 2.5
    await connections.close()


async def test_a_mongodb_that_is_down_does_not_answer_and_a_write_says_so_within_the_timeout():
    connections = await open_connections(
        make_settings(redis_url=f"redis://{NOBODY}", mongodb_url=f"mongodb://{NOBODY}")
    )
    started = asyncio.get_running_loop().time()
    assert not await mongo_answers(connections.mongo)
    with pytest.raises(PyMongoError):
        await connections.mongo.orders.insert_one({"_id": "ord_1"})
    assert asyncio.get_running_loop().time() - started < 8
    await connections.close()


async def test_without_addresses_and_without_embedded_servers_nothing_is_opened():
    with pytest.raises(StoreError):
        await open_connections(make_settings())


async def test_moments_come_back_with_their_zone(mongo):
    at = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    await mongo.visits.insert_one({"_id": "visit_1", "at": at})

    assert (await mongo.visits.find_one({"_id": "visit_1"}))["at"] == at


CODE = Index("outlets", ("code",), unique=True)
UNPAID = Index("orders", ("unpaid_of",), unique=True, sparse=True)
DUE = Index("orders", (("state", 1), ("due_ms", -1)))
BODIES = Index("inbox", ("received_at",), ttl_seconds=86_400)


async def test_indexes_stand_after_the_first_start_and_the_second_finds_them(mongo):
    wanted = [CODE, UNPAID, DUE, BODIES]
    assert await missing_indexes(mongo, wanted) == wanted

    await ensure_indexes(mongo, wanted)
    await ensure_indexes(mongo, wanted)

    assert await missing_indexes(mongo, wanted) == []


async def test_a_unique_index_refuses_the_second_and_a_sparse_one_leaves_the_absent_alone(mongo):
    await ensure_indexes(mongo, [CODE, UNPAID])
    await mongo.outlets.insert_one({"_id": "out_1", "code": "mgroad"})
    with pytest.raises(DuplicateKeyError):
        await mongo.outlets.insert_one({"_id": "out_2", "code": "mgroad"})

    await mongo.orders.insert_many([{"_id": "ord_1"}, {"_id": "ord_2"}, {"_id": "ord_3", "unpaid_of": "cus_1"}])
    with pytest.raises(DuplicateKeyError):
        await mongo.orders.insert_one({"_id": "ord_4", "unpaid_of": "cus_1"})


async def test_data_that_already_breaks_a_unique_index_keeps_tiffin_from_starting(mongo):
    await mongo.outlets.insert_many([{"_id": "out_1", "code": "mgroad"}, {"_id": "out_2", "code": "mgroad"}])

    with pytest.raises(StoreError, match=r"outlets\(code\)"):
        await ensure_indexes(mongo, [CODE])


async def test_an_index_that_stands_but_is_not_unique_counts_as_missing(mongo):
    await mongo.outlets.create_index([("code", 1)])

    assert await missing_indexes(mongo, [CODE]) == [CODE]


class Awaited:
    """A mongomock collection, with the calls both async drivers have."""

    def __init__(self, collection: mongomock.Collection) -> None:
        self._collection = collection

    def __getattr__(self, name: str):
        call = getattr(self._collection, name)

        async def awaited(*args, **kwargs):
            return call(*args, **kwargs)

        return awaited

    def find(self, *args, **kwargs):
        return AwaitedCursor(self._collection.find(*args, **kwargs))


class AwaitedCursor:
    def __init__(self, cursor) -> None:
        self._cursor = cursor

    def sort(self, *args) -> "AwaitedCursor":
        return AwaitedCursor(self._cursor.sort(*args))

    def limit(self, count: int) -> "AwaitedCursor":
        return AwaitedCursor(self._cursor.limit(count))

    async def to_list(self, length: int | None) -> list[dict]:
        return list(self._cursor)


@pytest.fixture(params=["server", "mongomock"])
def dishes(request: pytest.FixtureRequest, mongo: Database):
    """The same cases on the server of this run and on mongomock: what both do alike, MongoDB does too."""
    return mongo.dishes if request.param == "server" else Awaited(mongomock.MongoClient().db.dishes)


async def test_a_replace_under_the_version_wins_once(dishes):
    await dishes.insert_one({"_id": "dish_1", "v": 1, "tags": [{"id": "new"}]})

    won = await dishes.replace_one({"_id": "dish_1", "v": 1}, {"_id": "dish_1", "v": 2, "tags": []})
    lost = await dishes.replace_one({"_id": "dish_1", "v": 1}, {"_id": "dish_1", "v": 2, "tags": [{"id": "x"}]})

    assert (won.modified_count, lost.modified_count) == (1, 0)
    assert await dishes.find_one({"_id": "dish_1"}) == {"_id": "dish_1", "v": 2, "tags": []}


async def test_a_guarded_small_change_happens_only_while_the_guard_holds(dishes):
    await dishes.insert_one({"_id": "dish_1", "left": 1, "note": "hot"})
    guarded = {"_id": "dish_1", "left": {"$gte": 1}}

    first = await dishes.find_one_and_update(
        guarded, {"$inc": {"left": -1}, "$set": {"note": None}}, return_document=ReturnDocument.AFTER
    )
    second = await dishes.update_one(guarded, {"$inc": {"left": -1}})

    assert first == {"_id": "dish_1", "left": 0, "note": None}
    assert second.modified_count == 0


async def test_a_claim_takes_the_one_longest_due_and_then_nothing(dishes):
    await dishes.insert_many(
        [
            {"_id": "dish_1", "state": "due", "next_at": 20, "lease_until": 0},
            {"_id": "dish_2", "state": "retry", "next_at": 10, "lease_until": 0},
            {"_id": "dish_3", "state": "sent", "next_at": 1, "lease_until": 0},
            {"_id": "dish_4", "state": "due", "next_at": 99, "lease_until": 0},
        ]
    )

    async def claim() -> str | None:
        claimed = await dishes.find_one_and_update(
            {"state": {"$in": ["due", "retry"]}, "next_at": {"$lte": 50}, "lease_until": {"$lt": 50}},
            {"$set": {"lease_until": 80}, "$inc": {"tries": 1}},
            sort=[("next_at", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return None if claimed is None else claimed["_id"]

    assert [await claim(), await claim(), await claim()] == ["dish_2", "dish_1", None]


async def test_a_counter_counts_from_one(dishes):
    seen = [
        await dishes.find_one_and_update(
            {"_id": "serial"}, {"$inc": {"n": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        for _ in range(3)
    ]

    assert [found["n"] for found in seen] == [1, 2, 3]


async def test_finding_counting_and_removing(dishes):
    await dishes.insert_many([{"_id": f"dish_{n}", "kind": "veg" if n % 2 else "egg", "rank": n} for n in range(6)])

    veg = await dishes.find({"kind": {"$ne": "egg"}, "rank": {"$gt": 1}}).sort("rank", -1).limit(5).to_list(None)
    either = await dishes.find({"$or": [{"kind": "egg"}, {"rank": 5}]}, {"rank": 1}).to_list(None)
    assert [found["rank"] for found in veg] == [5, 3]
    assert sorted(found["rank"] for found in either) == [0, 2, 4, 5]
    assert await dishes.find({"kind": {"$in": []}}).to_list(None) == []
    assert await dishes.count_documents({"kind": {"$eq": "egg"}}) == 3

    assert (await dishes.delete_many({"kind": "egg"})).deleted_count == 3
    assert (await dishes.delete_one({"_id": "dish_1"})).deleted_count == 1


async def test_an_entry_is_pulled_out_of_a_list_by_its_id(dishes):
    await dishes.insert_one({"_id": "dish_1", "waiting": [{"id": "m1", "text": "a"}, {"id": "m2", "text": "b"}]})

    await dishes.update_one({"_id": "dish_1"}, {"$pull": {"waiting": {"id": "m1"}}})

    assert (await dishes.find_one({"_id": "dish_1"}))["waiting"] == [{"id": "m2", "text": "b"}]


async def test_the_same_id_twice_is_a_duplicate(dishes):
    await dishes.insert_one({"_id": "dish_1"})

    with pytest.raises((DuplicateKeyError, mongomock.DuplicateKeyError)):
        await dishes.insert_one({"_id": "dish_1"})


@pytest.fixture
async def watched(stores, database_name):
    """A client of its own with a listener of its own: what it does wrong does not fail the run."""
    listener = SubsetListener(loud=True)
    connections = await open_connections(stores, subset=listener)
    yield connections.mongo_client.get_database(database_name), listener
    await connections.mongo_client.drop_database(database_name)
    await connections.close()


@pytest.mark.parametrize(
    ("send", "reason"),
    [
        (lambda c: c.update_one({"_id": "a"}, {"$push": {"tags": "x"}}), "operator $push"),
        (lambda c: c.update_one({"_id": "a"}, {"$set": {"at": datetime(2026, 3, 2, tzinfo=UTC)}}), "$set of datetime"),
        (lambda c: c.update_one({"_id": "a"}, {"$set": {"open": True}}), "$set of bool"),
        (lambda c: c.update_one({"_id": "a"}, {"$set": {"a.b": 1}}), "top-level names"),
        (lambda c: c.update_one({"_id": "a"}, {"$inc": {"n": 1.5}}), "$inc by an integer"),
        (lambda c: c.update_one({"_id": "a"}, {"$inc": {"n": 1}}, upsert=True), "upsert is for counters"),
        (lambda c: c.update_one({"_id": "a"}, [{"$set": {"n": 1}}]), "pipeline update"),
        (lambda c: c.update_many({"n": 1}, {"$set": {"n": 2}}), "update_many"),
        (lambda c: c.update_one({"_id": "a"}, {"$pull": {"tags": "x"}}), "$pull has the form"),
        (lambda c: c.replace_one({"_id": "a"}, {"n": 2}), "replace_one has the filter {_id, v}"),
        (lambda c: c.find_one_and_update({"_id": "a"}, {"$inc": {"n": 1}}), "returns AFTER"),
        (lambda c: c.find_one_and_delete({"_id": "a"}), "operators only"),
        (
            lambda c: c.find_one_and_update({"n": 1}, {"$inc": {"n": 1}}, upsert=True, return_document=True),
            "only upsert is a counter",
        ),
        (lambda c: c.find_one({"a.b": 1}), "top-level fields"),
        (lambda c: c.find_one({"n": None}), "equality with NoneType"),
        (lambda c: c.find_one({"n": {"b": 1}}), "equality with a whole document"),
        (lambda c: c.find_one({"n": {"$exists": True}}), "filter operator $exists"),
        (lambda c: c.find_one({"n": {"$gt": "a"}}), "integers only"),
        (lambda c: c.find_one({"name": {"$regex": "^a"}}), "filter operator $regex"),
        (lambda c: c.find_one({"$and": [{"n": 1}]}), "top-level fields and $or"),
        (lambda c: c.find_one({"_id": "2026-03-01-7"}), "begins with a letter"),
        (lambda c: c.find_one({"n": 1}, {"a.b": 1}), "projection on"),
        (lambda c: c.find_one({"n": 1}, hint="n_1"), "option 'hint'"),
        (lambda c: c.insert_one({"_id": "7seven"}), "begins with a letter"),
        (lambda c: c.insert_one({"_id": "a", "a-b": 1}), "field name 'a-b'"),
        (lambda c: c.insert_one({"_id": "a", "raw": b"x"}), "type bytes"),
        (lambda c: c.insert_one({"_id": "a", "lines": [{"id": True}]}), "called id holds a bool"),
        (lambda c: c.distinct("n"), "not in the subset"),
        (lambda c: c.create_index([("name", "text")]), "1 or -1"),
        (lambda c: c.create_index([("n", 1)], partialFilterExpression={"n": 1}), "index option"),
        (lambda c: c.database["Orders2"].insert_one({"_id": "a"}), "no SQL words"),
        (lambda c: c.database["order"].insert_one({"_id": "a"}), "no SQL words"),
        (lambda c: c.delete_many({"n": {"$not": {"$gt": 1}}}), "filter operator $not"),
    ],
)
async def test_a_command_outside_the_subset_is_recorded_with_its_reason(watched, send, reason, caplog):
    mongo, listener = watched

    with contextlib.suppress(PyMongoError):  # some servers refuse it, some pretend: it is recorded either way
        await send(mongo.dishes)

    assert any(reason in breach.reason for breach in listener.breaches), listener.breaches
    assert "mongo_outside_subset" in caplog.text


async def test_a_sum_on_the_server_and_a_transaction_are_outside_the_subset(watched):
    mongo, listener = watched
    cursor = mongo.dishes.aggregate([{"$group": {"_id": "$kind", "n": {"$sum": 1}}}])
    if asyncio.iscoroutine(cursor):  # PyMongo hands out the cursor only after a round trip
        cursor = await cursor
    await cursor.to_list(None)
    await mongo.command({"find": "dishes", "filter": {}, "startTransaction": True, "autocommit": False})

    reasons = {breach.reason for breach in listener.breaches}
    assert "aggregate" in reasons
    assert any("transactions are out" in reason for reason in reasons)


async def test_a_breach_that_happens_often_is_told_once(watched):
    mongo, listener = watched
    for _ in range(5):
        await mongo.dishes.find_one({"n": {"$exists": True}})

    assert len(listener.breaches) == 1


async def test_embedded_mode_watches_by_itself(stores, caplog, database_name):
    connections = await open_connections(stores.model_copy(update={"mongodb_embedded": True}))
    await connections.mongo_client[database_name].dishes.find_one({"n": {"$exists": True}})
    await connections.close()

    assert "mongo_outside_subset" in caplog.text


async def test_the_connections_of_a_test_lead_to_its_own_database(connections: Connections, mongo: Database, redis):
    await connections.mongo.dishes.insert_one({"_id": "dish_1"})

    assert await mongo.dishes.count_documents({}) == 1
    assert await redis.dbsize() == 0
