"""The memory of the explorer and the embedded server answer alike to every operation the stores use."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.clock import FrozenClock
from core.connections import Database, Index, ensure_indexes
from core.ids import CustomerId
from core.inbox.models import InboxItem
from core.inbox.store import InboxStore
from core.lanes.store import LEASE_MS
from core.orders.facts import Accepted
from core.orders.status import AT_OUTLET, OrderStatus
from core.orders.store import INDEXES, OrderStore
from core.payments.models import Binding
from core.payments.store import BindingStore
from tests.core.orders.builders import ASHA, COOK, MG_ROAD, a_draft, an_order, captured
from tests.explorer.memory import Memory, OutsideTheSubset

DISHES = "dishes"
UNIQUE = (Index(DISHES, ("code",), unique=True), Index(DISHES, ("held_by",), unique=True, sparse=True))
AFTER = {"return_document": ReturnDocument.AFTER}

Play = Callable[[Any], Awaitable[Any]]


def dish(n: int, **more: object) -> dict[str, Any]:
    return {
        "_id": f"dish_{n}",
        "v": 1,
        "code": f"c{n}",
        "state": "new",
        "next_ms": n * 10,
        "tags": [{"id": "x"}],
        **more,
    }


async def several(dishes: Any) -> None:
    for n in (3, 1, 2):
        await dishes.insert_one(dish(n))


async def a_replace_under_the_version(dishes: Any) -> Any:
    await several(dishes)
    won = await dishes.replace_one({"_id": "dish_1", "v": 1}, dish(1, v=2, state="done"))
    lost = await dishes.replace_one({"_id": "dish_1", "v": 1}, dish(1, v=2, state="late"))
    return won.modified_count, lost.modified_count, await dishes.find_one({"_id": "dish_1"})


async def a_replace_of_what_is_not_there(dishes: Any) -> Any:
    return (await dishes.replace_one({"_id": "dish_9", "v": 1}, dish(9))).modified_count


async def a_replace_into_a_taken_code(dishes: Any) -> Any:
    await several(dishes)
    return await dishes.replace_one({"_id": "dish_1", "v": 1}, {**dish(1), "code": "c2"})


async def the_same_id(dishes: Any) -> Any:
    await several(dishes)
    return await dishes.insert_one(dish(1, code="other"))


async def the_same_code(dishes: Any) -> Any:
    await several(dishes)
    return await dishes.insert_one(dish(9, code="c1"))


async def a_sparse_mark(dishes: Any) -> Any:
    await several(dishes)
    await dishes.insert_one(dish(4, held_by="asha"))
    return await dishes.insert_one(dish(5, held_by="asha"))


async def a_sparse_mark_given_back(dishes: Any) -> Any:
    await dishes.insert_one(dish(4, held_by="asha"))
    await dishes.replace_one({"_id": "dish_4", "v": 1}, dish(4, v=2))
    await dishes.insert_one(dish(5, held_by="asha"))
    return await dishes.find_one({"held_by": "asha"})


async def a_small_change(dishes: Any) -> Any:
    await several(dishes)
    held = await dishes.update_one({"_id": "dish_1", "state": "new"}, {"$set": {"state": "done"}, "$inc": {"v": 2}})
    missed = await dishes.update_one({"_id": "dish_1", "state": "new"}, {"$set": {"state": "late"}})
    return held.modified_count, missed.modified_count, await dishes.find_one({"_id": "dish_1"})


async def a_claim(dishes: Any) -> Any:
    await several(dishes)
    due = {"state": {"$in": ["new", "late"]}, "next_ms": {"$lte": 20}}
    lease = {"$set": {"state": "leased"}, "$inc": {"v": 1}}
    return [await dishes.find_one_and_update(due, lease, sort=[("next_ms", 1)], **AFTER) for _ in range(3)]


async def a_counter(dishes: Any) -> Any:
    up = [await dishes.find_one_and_update({"_id": "n"}, {"$inc": {"n": 1}}, upsert=True, **AFTER) for _ in range(3)]
    return up[-1]


async def finding(dishes: Any) -> Any:
    await several(dishes)
    await dishes.insert_one(dish(4, state="done"))
    asked: list[dict[str, Any]] = [
        {},
        {"state": "new"},
        {"state": {"$ne": "new"}},
        {"next_ms": {"$gt": 10, "$lte": 30}},
        {"next_ms": {"$gte": 20}, "state": {"$in": ["new", "done"]}},
        {"$or": [{"code": "c1"}, {"next_ms": {"$lt": 30}, "state": "new"}]},
        {"held_by": "nobody"},
        {"next_ms": {"$lt": 0}},
    ]
    found = [await dishes.find(one).sort([("state", 1), ("next_ms", -1)]).to_list(length=None) for one in asked]
    page = await dishes.find({}).sort([("next_ms", 1)]).skip(1).limit(2).to_list(length=2)
    names = await dishes.find({"state": "new"}, {"code": 1}).sort([("next_ms", 1)]).to_list(length=9)
    one = [await dishes.find_one({"_id": "dish_2"}), await dishes.find_one({"_id": "dish_9"})]
    return found, page, names, one, await dishes.count_documents({"state": "new"})


async def removing(dishes: Any) -> Any:
    await several(dishes)
    one = (await dishes.delete_one({"_id": "dish_1"})).deleted_count
    none = (await dishes.delete_one({"_id": "dish_1"})).deleted_count
    many = (await dishes.delete_many({"next_ms": {"$gte": 0}})).deleted_count
    return one, none, many, await dishes.count_documents({})


async def outcome(play: Play, dishes: Any) -> Any:
    try:
        return await play(dishes)
    except DuplicateKeyError:
        return "taken"


PLAYS: tuple[Play, ...] = (
    a_replace_under_the_version,
    a_replace_of_what_is_not_there,
    a_replace_into_a_taken_code,
    the_same_id,
    the_same_code,
    a_sparse_mark,
    a_sparse_mark_given_back,
    a_small_change,
    a_claim,
    a_counter,
    finding,
    removing,
)


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.__name__)
async def test_the_memory_answers_as_the_server_does(play: Play, mongo: Database):
    await ensure_indexes(mongo, UNIQUE)
    real = await outcome(play, mongo[DISHES])
    assert await outcome(play, Memory(UNIQUE).database()[DISHES]) == real
    assert real is not None


async def test_the_stores_tell_the_same_story_on_both(mongo: Database, clock: FrozenClock):
    await ensure_indexes(mongo, INDEXES)
    first, second = an_order(OrderStatus.AWAITING_PAYMENT), an_order(draft=a_draft(customer=CustomerId("cus_2")))
    stories = []
    for db in (mongo, Memory(INDEXES).database()):
        orders, inbox, books = OrderStore(db, clock), InboxStore(db, clock), BindingStore(db)
        story: list[Any] = [await orders.insert(first), await orders.insert(second), await orders.insert(first)]
        clashing = first.model_copy(update={"id": "ord_9", "checkout_id": "chk_x", "unpaid_of": None})
        story.append(await orders.insert(clashing))
        story.append(await orders.record(first.id, captured(at_ms=clock.ms())))
        story.append(await orders.record(first.id, captured(at_ms=clock.ms())))
        story.append(await orders.record(second.id, Accepted(at_ms=clock.ms(), by=COOK, step=second.acts, minutes=9)))
        story.append(await orders._replace(1, first))
        story.append(await orders.open_for(ASHA))
        story.append(await orders.live_at(MG_ROAD))
        story.append(await orders.due(clock.ms() + 10**9, AT_OUTLET, 9))
        story.append(await orders.to_check(clock.ms() + 10**9, 9))
        story.append(await orders.with_outbox(9))
        item = InboxItem(
            id="bank:1", source="bank", lane="order:1", raw="{}", created_ms=clock.ms(), next_ms=clock.ms()
        )
        story += [await inbox.add(item), await inbox.add(item), await inbox.ready_lanes(9)]
        fence = await inbox.take_lane("order:1")
        story += [fence, await inbox.take_lane("order:1"), *await inbox.waiting("order:1")]
        claimed = await inbox.claim(item, fence or 0)
        assert claimed is not None
        story += [claimed, await inbox.claim(item, fence or 0), await inbox.again(claimed, 5, "later")]
        story += [await inbox.done(claimed), await inbox.oldest_ms(), LEASE_MS]
        await inbox.release_lane("order:1", fence or 0)
        story.append(await inbox.take_lane("order:1"))
        for order in ("ord_a", "ord_b"):
            story.append(await books.bind(Binding(id="pay_1", order=order, n=1, kind="payment", at_ms=1)))
        stories.append(story)
    assert stories[0] == stories[1]


@pytest.mark.parametrize(
    "ask",
    [
        lambda dishes: dishes.find_one({"tags.id": "x"}),
        lambda dishes: dishes.find_one({"code": {"$regex": "c"}}),
        lambda dishes: dishes.update_one({"_id": "dish_1"}, {"$push": {"tags": {"id": "y"}}}),
        lambda dishes: dishes.find_one_and_update({"code": "c1"}, {"$set": {"v": 2}}, upsert=True, **AFTER),
        lambda dishes: dishes.find_one_and_update({"_id": "dish_1"}, {"$inc": {"v": 1}}),
    ],
    ids=["a dotted path", "a regex", "a push", "an upsert of a document", "the document before"],
)
async def test_what_is_outside_the_subset_is_refused_loudly(ask: Callable[[Any], Awaitable[Any]]):
    dishes = Memory(UNIQUE).database()[DISHES]
    await several(dishes)
    with pytest.raises(OutsideTheSubset):
        await ask(dishes)
