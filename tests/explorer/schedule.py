"""One schedule: a while of chaos, then everything comes to rest and is judged."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.orders.models import NEVER_MS, Order
from core.orders.status import OrderStatus
from core.outlets.models import PayMethod
from core.payments.models import RefundState
from tests.core.orders.builders import COOK, MG_ROAD
from tests.explorer.people import People
from tests.explorer.world import World, own_names, read_once

S = OrderStatus
FEWEST, MOST = 8, 32  # things that happen
ROUNDS = 150  # of jobs until everything must have come to rest
DARK, DARK_S = 0.25, 1_090  # sometimes the house was dark for longer than a guest has to pay
OPEN = ("new", "leased")


@dataclass
class Ran:
    """What came of one schedule."""

    seed: int
    harm: list[str]
    steps: int
    kills: int
    faults: int
    ends: Counter[str]
    seen: Counter[str]
    story: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join([f"seed {self.seed}", *self.story, "", *(f"HARM {harm}" for harm in self.harm)])


def run(seed: int, *, story: bool = False) -> Ran:
    """The schedule of this seed; with `story` told line by line."""
    world = World(seed, [] if story else None)
    with own_names(world), read_once(), silence(), world.loop:
        people = People(world)
        try:
            _chaos(world, people)
            _rest(world, people)
            if not world.judge.harm:
                world.judge.at_rest(fair=world.weather.fair)
        finally:
            world.bury()
    ends = Counter(order.status.value for order in world.judge.orders())
    return Ran(seed, world.judge.harm, world.steps, world.kills, world.faults, ends, world.seen, world.story or [])


@contextmanager
def silence() -> Iterator[None]:
    """What the services log about faults that are played is no news."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _chaos(world: World, people: People) -> None:
    world.tell(f"{world.weather}")
    _head_start(world, people)
    left = world.rng.randint(FEWEST, MOST)
    while left and not world.judge.harm:
        if world.busy and world.rng.random() < 0.8:
            if world.weather.kill and world.rng.random() < world.weather.kill:
                world.kill(world.rng.randrange(len(world.processes)))
            else:
                world.step()
        else:
            people.next()
            left -= 1
    world.calm = True
    world.settle()


def _head_start(world: World, people: People) -> None:
    """Most schedules begin where the money is: with a link that is open, an order that is paid, cooked, handed over."""
    stage = world.rng.choice([0, 0, 1, 1, 2, 2, 3, 4, 5])
    if not stage:
        return
    who = world.processes[0]
    world.calm = world.alone = True
    people.order(PayMethod.CASH if stage == 5 else PayMethod.UPI)
    world.settle()
    people.job(who, "send")
    world.settle()
    if 1 < stage < 5:
        (link,) = world.ledger.links.values()
        world.ledger.pay(link)
        for letter in world.ledger.news:
            people.deliver(letter)
        world.ledger.news.clear()
        world.settle()
        for job in ("inbox", "send"):
            people.job(who, job)
            world.settle()
    (order,) = world.judge.orders()
    if stage > 2:
        world.start(who, f"accept {order.id}", who.orders.accept(order.id, MG_ROAD, COOK, 25))
        world.settle()
    for to in {4: (S.READY, S.COMPLETED), 5: (S.READY,)}.get(stage, ()):
        world.start(who, f"{to} {order.id}", who.orders.advance(order.id, MG_ROAD, COOK, to))
        world.settle()
    world.calm = world.alone = False


def _rest(world: World, people: People) -> None:
    """No more faults; what was not lost arrives, jobs tick, the clock goes from one appointment to the next."""
    world.tell("from here on all goes well")
    world.alone = True
    if world.rng.random() < DARK:
        world.pass_time(DARK_S)
    for _ in range(ROUNDS):
        if world.judge.harm:
            return
        people.collect()
        for letter in people.letters:
            people.deliver(letter)
        people.letters.clear()
        world.settle()
        for job in people.jobs_with_work():
            people.job(world.processes[0], job)
            world.settle()
        if world.memory.table("orders").all({"outbox_n": {"$gt": 0}}) or world.ledger.news:
            continue
        for moving in people.moving():
            people.settle(*moving, RefundState.PROCESSED)
        if _cooks_answer(world):
            continue
        now = world.clock.ms()
        ahead = min((at for at in _appointments(world) if at > now), default=NEVER_MS)
        if ahead == NEVER_MS:
            if not world.ledger.news:
                return
        else:
            world.pass_time((ahead - now) // 1000 + 1)
    world.judge.say("it never comes to rest")


def _cooks_answer(world: World) -> bool:
    """Half of what the kitchen was told of is cooked; the rest waits until the clock gives it up."""
    answered = False
    for order in world.judge.orders():
        if order.status is S.PLACED and world.rng.random() < 0.5:
            who = world.processes[0]
            world.start(who, f"accept {order.id} at last", who.orders.accept(order.id, MG_ROAD, COOK, 25))
            world.settle()
            answered = True
    return answered


def _appointments(world: World) -> Iterator[int]:
    """When something is next to be done that matters to money, kitchen or guest."""
    for name in ("inbox", "deliveries"):
        for item in world.memory.table(name).documents.values():
            if item["state"] in OPEN:
                lane = world.memory.table("lanes").documents.get(f"{name}:{item['lane']}", {})
                yield max(item["next_ms"], item["lease_until_ms"] + 1, lane.get("lease_until_ms", 0) + 1)
    for order in world.judge.orders():
        if order.status in (S.AWAITING_PAYMENT, S.PLACED):
            yield order.due_ms
        if _unasked(world, order):
            yield order.next_check_ms


def _unasked(world: World, order: Order) -> bool:
    """Whether the provider has news of it that nobody may have heard."""
    moving = any(refund.status.under_way for refund in order.refunds)
    return moving or order.checked_ms <= world.ledger.changed_ms.get(order.id, -1)
