"""The practice bank's books and its news, on the real store: nothing paid twice, nothing it has to tell forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web

from core.clock import FrozenClock
from core.connections import Database, ensure_indexes
from core.payments.practice.courier import NewsCourier
from core.payments.practice.ledger import Ledger
from core.payments.practice.models import PracticeLink
from core.payments.practice.news import Event, event
from core.payments.practice.rules import Refused
from core.payments.practice.store import INDEXES, MongoBook, NewsStore, SwitchStore
from core.payments.razorpay_signatures import NewsSignature
from tests.core.orders.builders import TOTAL
from tests.fakes.loopback import on_loopback

SECRET = "practice-webhooks-5b1f0c"


@pytest.fixture
async def db(mongo: Database) -> Database:
    await ensure_indexes(mongo, INDEXES)
    return mongo


class Deaf:
    async def post(self, event: Event) -> None:
        """Nobody asked."""


def bank(book: MongoBook, clock: FrozenClock) -> Ledger:
    return Ledger(book=book, clock=clock, courier=Deaf(), page=lambda link: f"https://pay.example/{link}")


def wish(clock: FrozenClock, reference: str = "") -> dict[str, object]:
    return {"amount": TOTAL.paise, "reference_id": reference, "expire_by": clock.ms() // 1000 + 960}


# Books


async def test_a_reference_is_used_once_and_links_without_one_are_many(db: Database, clock: FrozenClock):
    ledger = bank(MongoBook(db), clock)
    tries = [ledger.create_link(wish(clock, "ord_1.1")) for _ in range(5)]
    made = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, Refused) for each in made) == 4
    first = await ledger.create_link(wish(clock))
    clock.advance(timedelta(seconds=1))
    second = await ledger.create_link(wish(clock))
    assert [link.id for link in await MongoBook(db).recent(2)] == [second["id"], first["id"]]
    assert len((await ledger.list_links("ord_1.1", ""))["payment_links"]) == 1
    for name in ("plink_none", "none", ""):
        assert await MongoBook(db).get(name) is None
        assert await MongoBook(db).change(name, lambda link: link) is None


class CarelessBook(MongoBook):
    """Writes what it has computed, whoever was faster."""

    async def change(self, link_id: str, change: Callable[[PracticeLink], PracticeLink]) -> PracticeLink | None:
        link = await self.get(link_id)
        assert link is not None
        new = change(link)
        while (now := await self.get(link_id)) is not None:
            newer = {**new.to_document(), "reference_key": link.id, "v": now.v + 1}
            if (await self._links.replace_one({"_id": link.id, "v": now.v}, newer)).modified_count:
                break
        return new


async def ten_fingers(book: MongoBook, clock: FrozenClock) -> int:
    ledger = bank(book, clock)
    link = await ledger.create_link(wish(clock))
    tries = await asyncio.gather(*(ledger.pay(link["id"]) for _ in range(10)), return_exceptions=True)
    kept = await ledger.require(link["id"])
    paid = sum(not isinstance(each, Refused) for each in tries)
    assert len(kept.payments) == 1
    return paid


@pytest.mark.race
async def test_a_link_is_paid_once_by_ten_impatient_fingers(db: Database, clock: FrozenClock):
    for _ in range(5):
        assert await ten_fingers(MongoBook(db), clock) == 1


@pytest.mark.race
async def test_without_versions_ten_fingers_pay_more_than_once(db: Database, clock: FrozenClock):
    assert await ten_fingers(CarelessBook(db), clock) > 1


# News


@dataclass
class Door:
    """Where news is brought. `answers` are given first, then 200."""

    address: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[str, bytes]] = field(default_factory=list)

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        NewsSignature([SECRET]).check(body, request.headers["X-Razorpay-Signature"])
        self.heard.append((request.headers["x-razorpay-event-id"], body))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        app = web.Application()
        app.router.add_post("/", self._hear)
        async with on_loopback(app) as base:
            self.address = f"{base}/"
            yield self


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with Door().open() as door:
        yield door


@asynccontextmanager
async def courier(db: Database, clock: FrozenClock, door: Door) -> AsyncIterator[NewsCourier]:
    made = NewsCourier(
        store=NewsStore(db, clock), switches=SwitchStore(db), clock=clock, door=door.address, secret=SECRET
    )
    yield made
    await made.close()


def news(clock: FrozenClock, *, link: str = "plink_abcdefghij0000", after_ms: int = 0) -> Event:
    return event("payment_link.paid", {"payment_link": {"id": link}}, clock.ms(), after_ms=after_ms)


async def test_news_is_signed_over_its_very_bytes_and_brought_once(db: Database, clock: FrozenClock, door: Door):
    async with courier(db, clock, door) as bike:
        told = news(clock)
        await bike.post(told)
        await bike.post(told)
        assert await bike.bring_once() == 1
        assert await bike.bring_once() == 0
    assert door.heard == [(told.id, told.body)]


async def test_what_is_not_taken_comes_again_with_growing_gaps_and_the_same_id(
    db: Database, clock: FrozenClock, door: Door
):
    door.answers = [500, 302, 400, 503]
    async with courier(db, clock, door) as bike:
        told = news(clock)
        await bike.post(told)
        gaps: list[int] = []
        began = last = clock.ms()
        while not await bike.bring_once():
            if len(door.heard) > len(gaps):
                gaps, last = [*gaps, clock.ms() - last], clock.ms()
            clock.advance(timedelta(milliseconds=500))
    assert door.heard == [(told.id, told.body)] * 5
    assert gaps == [0, 1_000, 2_000, 4_000]
    assert clock.ms() - began == 15_000


async def test_a_door_that_stays_closed_is_given_up_after_a_day(db: Database, clock: FrozenClock, door: Door):
    door.answers = [500] * 1000
    async with courier(db, clock, door) as bike:
        await bike.post(news(clock))
        for _ in range(30):
            await bike.bring_once()
            clock.advance(timedelta(hours=1))
        (given_up,) = await NewsStore(db, clock).dead_items(5)
        assert given_up.note == "answered 500"
        tries = len(door.heard)
        clock.advance(timedelta(hours=5))
        await bike.bring_once()
    assert len(door.heard) == tries


async def test_news_outlives_the_one_who_was_to_bring_it(db: Database, clock: FrozenClock, door: Door):
    nowhere = Door(address="http://127.0.0.1:9/")
    async with courier(db, clock, nowhere) as killed:
        await killed.post(news(clock))
        assert await killed.bring_once() == 0
    clock.advance(timedelta(seconds=1))
    async with courier(db, clock, door) as next_one:
        assert await next_one.bring_once() == 1
    assert len(door.heard) == 1


async def test_what_is_not_due_yet_waits_and_holds_up_nothing(db: Database, clock: FrozenClock, door: Door):
    async with courier(db, clock, door) as bike:
        later, now = news(clock, after_ms=4_000), news(clock)
        await bike.post(later)
        await bike.post(now)
        await bike.bring_once()
        assert [id for id, _ in door.heard] == [now.id]
        clock.advance(timedelta(seconds=4))
        await bike.bring_once()
    assert [id for id, _ in door.heard] == [now.id, later.id]


async def test_dropped_news_never_comes_not_even_once_the_switch_is_off_again(
    db: Database, clock: FrozenClock, door: Door
):
    switch = SwitchStore(db)
    assert not await switch.dropping()
    async with courier(db, clock, door) as bike:
        await switch.set_dropping(True)
        assert await SwitchStore(db).dropping()
        await bike.post(news(clock))
        assert await bike.bring_once() == 1
        await switch.set_dropping(False)
        await bike.bring_once()
        assert door.heard == []
        kept = news(clock)
        await bike.post(kept)
        await bike.bring_once()
    assert [id for id, _ in door.heard] == [kept.id]


@pytest.mark.race
async def test_two_couriers_at_once_bring_each_piece_once(db: Database, clock: FrozenClock, door: Door):
    async with courier(db, clock, door) as one, courier(db, clock, door) as other:
        for n in range(20):
            await one.post(news(clock, link=f"plink_{n:010d}0000"))
        for _ in range(5):
            await asyncio.gather(*(bike.bring_once() for bike in (one, other, one, other)))
    assert len({id for id, _ in door.heard}) == len(door.heard) == 20
