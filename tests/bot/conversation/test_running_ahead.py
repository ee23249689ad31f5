"""Two replicas share a guest's taps: what one of them remembers may be old, and nothing comes of that."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from bot.bootstrap import guest_engine
from bot.conversation import recent
from bot.conversation.actions import Action
from bot.conversation.engine import Engine
from bot.conversation.incoming import Content, Incoming, Start, Tap
from bot.conversation.recent import RecentChats
from bot.conversation.reply import Outgoing
from bot.kitchen.groups import Groups
from bot.kitchen.human import HumanDesk
from core.cart.models import CartView
from core.ids import ChatKey, Handle
from tests.house import House
from tests.twins import without_guard

CHAT = ChatKey("webchat:shared")


@dataclass
class Replicas:
    """The house twice, with one Redis and one MongoDB, and a guest whose taps go to either."""

    house: House
    one: Engine
    other: Engine
    shown: tuple[Outgoing, ...] = ()
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def does(self, engine: Engine, content: Content, update: str = "") -> tuple[Outgoing, ...]:
        name = update or f"u{next(self._numbers)}"
        now = self.house.clock.now()
        self.shown = await engine.handle(Incoming("webchat", Handle(CHAT), CHAT, name, content, now, "en"))
        return self.shown

    async def taps(self, engine: Engine, part: str) -> str:
        await self.does(engine, Tap(self.button(part)))
        return "\n".join(reply.text.plain for reply in self.shown)

    def button(self, part: str) -> str:
        found = [b.action for reply in self.shown for row in reply.buttons for b in row if part in b.label and b.action]
        assert found, (part, self.shown)
        return found[0]

    async def cart(self) -> CartView:
        services = self.house.runtime.services
        customer = await services.customers.identify(Handle(CHAT), "webchat", "en")
        return await services.cart.view(customer.id)


@pytest.fixture
async def replicas(house: House) -> Replicas:
    services, channels = house.runtime.services, house.runtime.channels
    people = HumanDesk(services, channels, Groups(channels, services.threads))
    both = Replicas(house, guest_engine(services, channels, people), guest_engine(services, channels, people))
    await both.does(both.one, Start())
    for part in ("Order food", "Menu first", "MG Road", "Takeaway"):
        await both.taps(both.one, part)
    return both


async def choose_elsewhere(both: Replicas) -> CartView:
    """One replica shows the dish, the other hears of the extra, the first one is told to add it."""
    await both.taps(both.one, "Breakfast")
    await both.taps(both.one, "Masala Dosa")
    await both.taps(both.other, "Anything with your dosa")
    await both.taps(both.other, "Roast in ghee")
    await both.taps(both.other, "Done")
    await both.taps(both.one, "Add 1")
    return await both.cart()


async def test_what_was_chosen_at_the_other_replica_is_what_is_added(replicas: Replicas):
    cart = await choose_elsewhere(replicas)
    assert [(line.qty, "Roast in ghee" in line.options) for line in cart.lines] == [(1, True)]


async def test_without_the_look_at_what_redis_holds_the_older_memory_would_win(replicas: Replicas):
    store = replicas.house.runtime.services.conversations
    store._settle = without_guard(store._settle, "or redis.call('HGET', KEYS[1], 't') ~= ARGV[2]", "")
    cart = await choose_elsewhere(replicas)
    assert [(line.qty, "Roast in ghee" in line.options) for line in cart.lines] != [(1, True)]


async def test_ten_taps_over_two_replicas_at_once_are_ten_portions(replicas: Replicas):
    await replicas.taps(replicas.one, "Breads")
    await replicas.taps(replicas.one, "Add")
    await replicas.taps(replicas.one, "Cart")
    more = Tap(replicas.button("+ "))
    engines = (replicas.one, replicas.other)
    await asyncio.gather(*(replicas.does(engines[n % 2], more) for n in range(10)))
    assert (await replicas.cart()).count == 11


async def test_the_same_tap_at_both_replicas_counts_once_and_is_answered_alike(replicas: Replicas):
    await replicas.taps(replicas.one, "Breads")
    add = Tap(replicas.button("Add"))
    await replicas.taps(replicas.other, "Menu")
    answers = await asyncio.gather(
        *(replicas.does(engine, add, "twice") for engine in (replicas.one, replicas.other) * 3)
    )
    assert all(answer == answers[0] for answer in answers)
    assert (await replicas.cart()).count == 1


async def test_a_chat_that_was_forgotten_begins_anew(replicas: Replicas):
    await replicas.taps(replicas.one, "Breads")
    menu = Tap(replicas.button("Menu"))
    await replicas.house.runtime.services.conversations.forget(CHAT)
    said = await replicas.does(replicas.one, menu)
    assert "MG Road · Takeaway" not in said[-1].text.plain


async def test_only_taps_whose_deed_is_all_in_the_button_run_ahead(house: House):
    """Whoever marks another action: read docs/decisions/turns-run-ahead.md first."""
    assert {kind.tag for kind in Action._registry.values() if kind.runs_ahead} == set(
        "back menu cat item add find cart qty del size opt optok extra take qty? note anew".split()
    )


async def test_a_process_that_is_overtaken_all_the_time_stops_running_ahead(monkeypatch: pytest.MonkeyPatch):
    chats = RecentChats()
    ran = 0
    for turn in range(100):
        if chats.worth(CHAT, f"u{turn}"):
            ran += 1
            chats.ran_ahead(CHAT, saved=False)
        chats.remember(CHAT, f"u{turn}", "token", "{}")
    assert ran < 20
    assert chats.worth(CHAT, "u99") is None  # an update that comes again
    monkeypatch.setattr(recent, "KEPT", 3)
    for n in range(10):
        chats.remember(ChatKey(f"webchat:{n}"), "u", "token", "{}")
        assert len(chats) <= 4
