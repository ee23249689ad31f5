"""Every question a guest's and a cook's evening asks MongoDB has an index, and Redis is never walked through."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from core.clock import FrozenClock
from core.connections import Connections, Index, open_connections
from core.ids import CustomerId
from core.indexes import all_indexes
from core.settings import Settings
from tests.dialogues.walks import at_the_menu, code_in, ordered
from tests.house import House, open_test_house
from tests.queries import Question, Questions, questions, unanswered

WALKS = {"keys", "scan", "hscan", "sscan", "zscan", "randomkey", "sort"}

# Looked through whole, because they hold few and are read at the start or by a job: there are as many outlets as doors.
SMALL = {"outlets", "leases", "staff"}

# Asked once in hours by a sweep that forgets what is over, or by the till that is only played.
SELDOM = {("delete", "lanes"), ("delete", "refunds"), ("find", "practice_links")}


@dataclass
class Watched:
    house: House
    questions: Questions
    redis: Redis

    @property
    def asked(self) -> set[Question]:
        return {
            one
            for one in self.questions.asked
            if one.collection not in SMALL and (one.command, one.collection) not in SELDOM
        }

    async def every_job(self) -> None:
        """Whatever Tiffin does by itself, once, however seldom it does it."""
        for worker in self.house.runtime.jobs._workers:
            await worker.job.run()

    async def walked(self) -> set[str]:
        """The commands that go through everything Redis holds, scripts included."""
        stats = await self.redis.info("commandstats")
        return {name.removeprefix("cmdstat_") for name in stats} & WALKS


@pytest.fixture
async def watched(settings: Settings, connections: Connections, clock: FrozenClock) -> AsyncIterator[Watched]:
    listener = Questions()
    own = await open_connections(settings, subset=listener)
    await own.redis.config_resetstat()
    try:
        async with open_test_house(settings, own, clock) as house:
            yield Watched(house, listener, own.redis)
    finally:
        await own.close()
    assert not listener.breaches


async def evening(house: House) -> None:
    """Two guests and a cook: everything that happens every few minutes on a busy evening."""
    cook = await house.cook()
    guest = await ordered(house)
    code = code_in(guest.screen)
    await cook.hears(code)
    await cook.taps_on(code, "Accept")
    await guest.says("orders")
    await guest.says("track")
    payer = await ordered(house, "Delivery", "4 masala dosa", "UPI", phone="99000 11223")
    await payer.hears("Pay")
    await house.till.does(payer.link("Pay"), "pay")
    await payer.hears("paid")
    other = await at_the_menu(house, phone="90000 55667")
    for part in ("Breads", "Naan", "Back", "Menu"):
        await other.taps(part)
    for words in ("usual", "profile", "addresses", "help", "cart"):
        await other.says(words)


async def test_every_question_has_an_index_and_redis_is_never_walked_through(watched: Watched):
    await evening(watched.house)
    await watched.every_job()
    asked = watched.asked
    assert {"orders", "menu_items", "customers", "deliveries", "inbox"} <= {one.collection for one in asked}
    assert unanswered(asked, all_indexes()) == []
    assert await watched.walked() == set()


async def test_what_has_no_index_and_what_walks_is_seen(watched: Watched):
    """The twin: a planted question, a planted walk."""
    services = watched.house.runtime.services
    mongo = watched.house.runtime.connections.mongo
    await mongo["orders"].find({"customer_name": "Asha"}).to_list(length=1)
    await services.orders.open_for(CustomerId("cus_x"))
    assert unanswered(watched.asked, all_indexes()) == [
        "find orders by customer_name: no index begins with any of ['customer_name']"
    ]
    [_ async for _ in watched.redis.scan_iter("nobody:*")]
    assert await watched.walked() == {"scan"}


def test_an_or_needs_an_index_for_each_branch_and_an_order_one_that_gives_it():
    indexes = [Index("orders", ("customer", "created_ms")), Index("orders", ("due_ms",))]

    def lacks(filter: dict, sort: dict | None = None) -> list[str]:
        return unanswered(questions("find", {"find": "orders", "filter": filter, "sort": sort or {}}), indexes)

    assert lacks({"customer": "cus_a"}, {"created_ms": -1}) == []
    assert lacks({"due_ms": {"$lte": 5}}, {"due_ms": 1}) == []
    assert lacks({"$or": [{"customer": "cus_a"}, {"due_ms": 5}]}) == []
    assert len(lacks({"$or": [{"customer": "cus_a"}, {"code": "K 1"}]})) == 1
    assert len(lacks({"due_ms": {"$lte": 5}}, {"created_ms": 1})) == 1
    assert len(lacks({})) == 1
