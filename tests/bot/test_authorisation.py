"""Who may do what: everybody, from everywhere, with every button, at every status of an order, against an exact list.

`authorisation.toml` is the list. A tap that changes or shows more than it says fails, and so does one that does less.
"""

import logging
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.actions import Action
from bot.conversation.turn import Turn
from core.connections import open_connections
from core.ids import OrderId
from core.orders.models import Order, OrderStatus
from core.services import build_services
from tests.bot.admin.office import ADMINS, furnish
from tests.bot.admin.world import ACTORS, PLACES, Cell, World, Writes, about_an_order, action_classes

FILE = Path(__file__).with_suffix("").with_name("authorisation.toml")
LIST: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
S = OrderStatus
COOKING = (S.ACCEPTED, S.PREPARING, S.READY, S.OUT_FOR_DELIVERY)
GROUPS_OF_STATUSES: dict[str, tuple[OrderStatus, ...]] = {
    "any": tuple(S),
    "cooking": COOKING,
    "at_outlet": (S.PLACED, *COOKING),
    "told": (S.PLACED, *COOKING, S.COMPLETED, S.REJECTED, S.CANCELLED),
    "live": (S.AWAITING_PAYMENT, S.PLACED, *COOKING),
    "ended": (S.COMPLETED, S.REJECTED, S.CANCELLED, S.EXPIRED),
}


def statuses(named: str) -> set[OrderStatus]:
    found: set[OrderStatus] = set()
    for word in named.split():
        found |= set(GROUPS_OF_STATUSES[word]) if word in GROUPS_OF_STATUSES else {OrderStatus(word)}
    return found


def allowed(cell: Cell) -> dict[str, str]:
    """What the list says of a cell, in the words of `World.tap`."""
    found: dict[str, str] = {}
    for rule, who in LIST.get(cell.tag, {}).items():
        verb, _, rest = rule.partition(" ")
        what, _, named = rest.partition(" ")
        if cell.who in who.split() and (not named or cell.status in statuses(named)):
            found[what] = f"{found[what]} {verb}" if what in found else verb
    return found


@pytest.fixture
async def world(settings, connections, clock) -> AsyncIterator[World]:
    logging.disable(logging.CRITICAL)  # thousands of refusals
    writes = Writes()
    settings = settings.model_copy(update={"admin_telegram_ids": ADMINS})
    own = await open_connections(settings, subset=writes)
    services = await build_services(settings, own, clock)
    try:
        await furnish(services)
        world = World(services, own, clock, writes)
        await world.prepare()
        yield world
        assert writes.breaches == []
    finally:
        logging.disable(logging.NOTSET)
        await services.outbox.close()
        await own.close()


def cells(world: World, actor: str) -> Iterator[Cell]:
    wanted = [
        (list(OrderStatus).index(status), tag, status)
        for tag, kind in action_classes().items()
        for status in world.statuses(kind)
    ]
    for _, tag, status in sorted(wanted):
        for place in PLACES:
            yield Cell(actor, place, tag, status)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("actor", ACTORS)
async def test_everybody_may_do_exactly_what_the_list_says(world: World, actor: str):
    wrong, count = [], 0
    for cell in cells(world, actor):
        happened = await world.tap(cell)
        count += 1
        if happened != allowed(cell):
            wrong.append(f"{cell.tag} by {cell.who} at {cell.status}: {happened}, the list says {allowed(cell)}")
    assert wrong == []
    assert count > 600


def test_the_list_names_only_buttons_people_and_statuses_there_are():
    places = {"", *(f"@{place}" for place in PLACES[1:])}
    known = {f"{actor}{place}" for actor in ACTORS for place in places}
    kinds = action_classes()
    for tag, rules in LIST.items():
        assert tag in kinds, tag
        for rule, who in rules.items():
            verb, what, *named = rule.split()
            assert verb in ("changes", "shows"), rule
            assert set(who.split()) <= known, (tag, rule)
            assert about_an_order(kinds[tag]) or not named, (tag, rule)
            assert statuses(" ".join(named)) or not named
            assert what


def test_strangers_stand_nowhere_on_the_list():
    """Nobody without a name, no other guest and no cook of another outlet touches MG Road's order, menu or people."""
    for tag, rules in LIST.items():
        for rule, who in rules.items():
            what = rule.split()[1]
            if what in ("order", "outlet", "menu", "staff", "invite", "thread", "guest", "cart", "new_order"):
                strangers = {
                    name for name in who.split() if name.partition("@")[0] in ("anonymous", "other_guest", "cook_b")
                }
                assert strangers <= {"cook_b@b"}, (tag, rule)


def test_every_button_of_tiffin_is_asked_about():
    tags = set(action_classes())
    assert tags == {tag for tag, kind in Action._registry.items() if kind.__module__.startswith("bot.")}
    assert len(tags) > 90
    assert {"kac", "ordx!", "@p", "place!"} <= tags


async def _anybodys(turn: Turn, order_id: OrderId) -> Order:
    return await turn.services.orders.require(order_id)


GUARDS: dict[str, tuple[str, Any, str, str]] = {
    "who works there": ("bot.kitchen.actor.Actor.may", lambda actor, verb: True, "cook_b", "k"),
    "whose outlet it is": ("core.orders.service.of_outlet", lambda outlet: lambda order: None, "cook_b", "k"),
    "whose order it is": ("bot.screens.order.own_order", _anybodys, "other_guest", "ord"),
    "who is an admin": ("bot.admin.admins.Admins.is_admin", lambda admins, handle: True, "manager", "@"),
}


@pytest.mark.parametrize("guard", GUARDS)
async def test_without_a_guard_the_list_is_broken(world: World, guard: str, monkeypatch: pytest.MonkeyPatch):
    """The twin: each guard taken out, so that one sees it is what keeps strangers away."""
    place, open_door, actor, tags = GUARDS[guard]
    monkeypatch.setattr(place, open_door)
    kinds = [tag for tag in action_classes() if tag.startswith(tags)]
    strangers = [Cell(actor, where, tag, OrderStatus.PLACED) for tag in kinds for where in PLACES]
    broken = [cell.tag for cell in strangers if await world.tap(cell) != allowed(cell)]
    assert len(set(broken)) >= 3, broken
