"""Two processes of Tiffin on one memory and one bank, and a scheduler that says whose read or write comes next."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from unittest.mock import patch

from pymongo.errors import AutoReconnect

from core.clock import FrozenClock, from_ms
from core.errors import DomainError, ProviderError, StoreError
from core.inbox.service import InboxService
from core.inbox.store import INDEXES as INBOX_INDEXES
from core.inbox.store import InboxStore
from core.monitoring.alerts.service import AlertService
from core.monitoring.alerts.store import AlertStore
from core.orders import service as order_service
from core.orders.models import Order
from core.orders.service import OrderService
from core.orders.store import INDEXES as ORDER_INDEXES
from core.orders.store import OrderStore
from core.outbox.models import Delivery, DeliveryResult, Retry, Sent
from core.outbox.service import WHOSE, OutboxService
from core.outbox.store import INDEXES as OUTBOX_INDEXES
from core.outbox.store import DeliveryStore
from core.payments.provider import PaymentProvider
from core.payments.service import PaymentService
from core.payments.store import BindingStore, OrphanStore, SweepStore
from tests.core.orders.builders import LUNCH_MS
from tests.core.orders.house import GROUP, Directory
from tests.explorer.bank import NAME, Ledger, ModelBank
from tests.explorer.judge import Judge
from tests.explorer.loop import StillLoop
from tests.explorer.memory import Doc, Memory

LEASE_S = 20  # less than a lease lasts: nobody loses one unless somebody died
_doing: ContextVar[str] = ContextVar("doing")


class Killed(BaseException):
    """The process is gone: nothing it still wanted to do happens."""


@dataclass(frozen=True)
class Weather:
    """How bad it is, drawn once for each schedule."""

    bank: float  # a call to the provider does not get there, or its answer does not come back
    refunds: float  # the same of refunds alone, the calls a provider takes longest over
    store: float  # the same of MongoDB
    chat: float
    kill: float
    lose: float  # of the provider's news
    repeat: float
    sticky: float  # how often whoever went on last goes on
    keeps_keys: bool  # whether the provider knows our name for a refund when it is told it a second time

    @classmethod
    def draw(cls, rng: random.Random) -> "Weather":
        return cls(
            bank=rng.choice([0, 0.05, 0.2, 0.4]),
            refunds=rng.choice([0, 0, 0.6]),
            store=rng.choice([0, 0, 0, 0.02]),
            chat=rng.choice([0, 0, 0.1]),
            kill=rng.choice([0, 0, 0.01, 0.03]),
            lose=rng.choice([0, 0.3, 0.7, 1]),
            repeat=rng.choice([0, 0.3]),
            sticky=rng.choice([0, 0.5, 0.8]),
            keeps_keys=rng.random() < 0.5,
        )

    @property
    def fair(self) -> bool:
        return not (self.bank or self.refunds or self.store or self.chat or self.kill)


@dataclass
class Waiting:
    who: "Process"
    doing: str
    what: str
    go_on: "asyncio.Future[str]"


@dataclass
class Doing:
    """Something a person or a job does, and what came of it."""

    name: str
    who: "Process"
    task: "asyncio.Task[Any]"


class Kitchen:
    def __init__(self, process: "Process") -> None:
        self._process = process

    async def can_cook(self, order: Order) -> bool:
        await self._process.point("kitchen.can_cook")
        return self._process.world.outlet_open

    async def return_stock(self, order: Order) -> None:
        """Stock is not counted here."""

    async def take_stock(self, order: Order) -> None:
        """Stock is not counted here."""


class Process:
    """One replica: the real services, on the memory and the bank that all share."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name
        self.alive = True
        clock, db = world.clock, world.memory.database(self.point)
        self.bank = ModelBank(world.ledger, self.point)
        self.store = OrderStore(db, clock)
        self.orders = OrderService(
            store=self.store, kitchen=Kitchen(self), clock=clock, provider=NAME, codes=lambda: f"K{next(world.numbers)}"
        )
        self.payments = PaymentService(
            providers={NAME: cast(PaymentProvider, self.bank)},
            orders=self.orders,
            store=BindingStore(db),
            orphans=OrphanStore(db),
            sweeps=SweepStore(db),
            alerts=AlertService(store=AlertStore(db, clock), clock=clock),
            clock=clock,
        )
        self.inbox = InboxService(store=InboxStore(db, clock), clock=clock, jitter=lambda low, high: high)
        self.inbox.handle(NAME, self.payments.take_in)
        self.outbox = OutboxService(
            store=DeliveryStore(db, clock), orders=self.orders, outlets=world.directory, clock=clock
        )
        self.outbox.handle({**dict.fromkeys(WHOSE, self.say), "provider": self.payments.carry_out})

    async def point(self, what: str) -> str:
        return await self.world.wait(self, what)

    async def say(self, delivery: Delivery, order: Order) -> DeliveryResult:
        word = await self.point(f"chat.{delivery.kind}")
        if word == "down":
            return Retry("nobody there")
        self.world.judge.heard(delivery)
        return Retry("no answer") if word == "lost" else Sent(f"msg-{delivery.id}")


@dataclass
class World:
    seed: int
    story: list[str] | None = None
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.weather = Weather.draw(self.rng)
        self.clock = FrozenClock(from_ms(LUNCH_MS))
        self.loop = StillLoop()
        self.numbers: Iterator[int] = itertools.count(1)
        self.ledger = Ledger(self.clock, keeps_keys=self.weather.keeps_keys)
        self.judge = Judge(self.clock, self.ledger)
        indexes = [*ORDER_INDEXES, *INBOX_INDEXES, *OUTBOX_INDEXES]
        self.memory = Memory(indexes, self.judge.written)
        self.judge.memory = self.memory
        self.directory = Directory(GROUP)
        self.outlet_open = True
        self.calm = False  # no more faults, no more deaths
        self.alone = False  # one after the other: nobody waits for a turn
        self.waiting: list[Waiting] = []
        self.doing: list[Doing] = []
        self.last = ""
        self.busy_s = 0
        self.steps = 0
        self.kills = 0
        self.faults = 0
        self.seen: Counter[str] = Counter()
        self.processes = [Process(self, "a"), Process(self, "b")]

    # What processes ask

    async def wait(self, who: Process, what: str) -> str:
        if not who.alive:
            raise Killed
        if self.alone:
            self.tell(f"{who.name} {_doing.get()}: {what}")
            return "go"
        waiting = Waiting(who, _doing.get(), what, self.loop.create_future())
        self.waiting.append(waiting)
        return await waiting.go_on

    # What happens next

    def start(self, who: Process, name: str, coro: Coroutine[Any, Any, Any]) -> None:
        self.tell(f"{who.name} begins: {name}")
        context = copy_context()
        context.run(_doing.set, name)
        self.doing.append(Doing(name, who, self.loop.create_task(coro, context=context)))
        self._go()

    def step(self) -> None:
        """Let one of those that wait go on."""
        self.steps += 1
        naps = self.loop.naps()
        n = self._choose(naps)
        if n >= len(self.waiting):
            self.loop.wake(n - len(self.waiting))
        else:
            waiting = self.waiting.pop(n)
            self.last = waiting.doing
            word = self._word(waiting.what)
            self.tell(f"{waiting.who.name} {waiting.doing}: {waiting.what}{'' if word == 'go' else f' — {word}'}")
            waiting.go_on.set_result(word)
        self._go()

    def _choose(self, naps: int) -> int:
        if self.rng.random() < self.weather.sticky:
            mine = [n for n, waiting in enumerate(self.waiting) if waiting.doing == self.last]
            if mine:
                return mine[0]
        return self.rng.randrange(len(self.waiting) + naps)

    def _word(self, what: str) -> str:
        if self.calm:
            return "go"
        place = what.partition(".")[0]
        odds = {NAME: self.weather.bank, "chat": self.weather.chat}.get(place, self.weather.store)
        if what == f"{NAME}.refund":
            odds = max(odds, self.weather.refunds)
        if place == "kitchen" or not odds or self.rng.random() >= odds:
            return "go"
        self.faults += 1
        return self.rng.choice(["lost", "lost", "down"])

    def kill(self, n: int) -> None:
        """kill -9, and a fresh process in its place."""
        dead = self.processes[n]
        self.tell(f"{dead.name} is killed")
        self.kills += 1
        dead.alive = False
        gone = [waiting for waiting in self.waiting if waiting.who is dead]
        self.waiting = [waiting for waiting in self.waiting if waiting.who is not dead]
        for waiting in gone:
            waiting.go_on.set_exception(Killed())
        self._go()
        self.processes[n] = Process(self, f"{dead.name}'")

    def pass_time(self, seconds: int) -> None:
        self.tell(f"{seconds} s go by")
        self.clock.advance(timedelta(seconds=seconds))

    @property
    def busy(self) -> bool:
        return bool(self.waiting) or self.loop.naps() > 0

    def settle(self) -> None:
        """Until everybody has done what they were at."""
        while self.busy and not self.judge.harm:
            self.step()
        if self.doing and not self.judge.harm:
            self.judge.say(f"stuck: {', '.join(doing.name for doing in self.doing)}")

    def _go(self) -> None:
        self.loop.drain()
        done = [doing for doing in self.doing if doing.task.done()]
        if done:
            self.doing = [doing for doing in self.doing if not doing.task.done()]
            for doing in done:
                self._ended(doing)

    def _ended(self, doing: Doing) -> None:
        failure = doing.task.exception()
        match failure:
            case None:
                self.tell(f"{doing.who.name} {doing.name}: done")
            case Killed():
                self.tell(f"{doing.who.name} {doing.name}: died")
            case DomainError() | StoreError() | ProviderError() | AutoReconnect():
                self.seen[type(failure).__name__] += 1
                self.tell(f"{doing.who.name} {doing.name}: {type(failure).__name__}")
            case _:
                self.judge.say(f"{doing.name} raised {failure!r}")
                if self.story is not None:
                    raise failure

    def tell(self, line: str) -> None:
        if self.story is not None:
            self.story.append(f"{self.clock.now():%d %H:%M:%S} {line}")

    def bury(self) -> None:
        """End what a violation left standing, so that nothing of it runs on into the next schedule."""
        for process in self.processes:
            process.alive = False
        while self.waiting or self.loop.naps():
            for waiting in self.waiting:
                waiting.go_on.set_exception(Killed())
            self.waiting = []
            while self.loop.naps():
                self.loop.wake(0)
            self.loop.drain()


@contextmanager
def own_names(world: World) -> Iterator[None]:
    """Ids that count up instead of being drawn, so that a schedule is the same when it is told again."""
    with patch.object(order_service, "new_id", lambda prefix: f"{prefix}_{next(world.numbers)}"):
        yield


@contextmanager
def read_once() -> Iterator[None]:
    """An order that was read is known: its document is replaced, never changed. Two readings of three are spared."""
    known: dict[str, tuple[Doc, Order]] = {}
    read = Order.from_document

    def from_document(document: Doc) -> Order:
        before = known.get(document["_id"])
        if before is not None and before[0] is document:
            return before[1]
        order = read(document)
        known[order.id] = (document, order)
        return order

    with patch.object(Order, "from_document", from_document):
        yield
