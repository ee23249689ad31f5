"""Two Tiffins on the same stores, each guest's taps delivered to both: one order each, and everybody told once."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from core.connections import Connections
from core.settings import Settings
from tests.conftest import JWT_SECRET, OTP_SECRET
from tests.dialogues.guest import Town, WebCook, WebGuest, town
from tests.processes import demo, free_port

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]

PATIENCE = 60.0
GUESTS = 6


@dataclass(frozen=True)
class Pair:
    """Two processes of one Tiffin, and the people before the door of each."""

    towns: tuple[Town, Town]

    async def guest(self, n: int) -> WebGuest:
        """Somebody at the review, by the door of one of the two."""
        people = self.towns[n % 2]
        guest = await people.guest()
        await guest.opens()
        await guest.taps("Order food")
        await guest.proves(f"98450 {n:05d}", people.phone)
        for button in ("MG Road", "Takeaway"):
            await guest.taps(button)
        await guest.says("2 masala dosa")
        await guest.taps("Checkout")
        await guest.taps("Place order")
        return guest

    async def cook(self) -> WebCook:
        return await self.towns[0].cook("mgroad")

    async def tap_at_both(self, session: str, action: str | None, update: str = "") -> None:
        """The same button at both doors at once; with `update`, as one delivery that came twice."""

        async def tap(people: Town, id: str) -> None:
            event = {"id": update or id, "type": "tap", "action": action}
            async with people.http.post(f"{people.base}/chat/{session}/events", json=event) as response:
                assert response.status == 200, await response.text()

        await asyncio.gather(*(tap(people, f"{action}-{n}") for n, people in enumerate(self.towns)))


@asynccontextmanager
async def a_pair(settings: Settings, how: str) -> AsyncIterator[Pair]:
    assert settings.redis_url is not None
    assert settings.mongodb_url is not None
    shared = {
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "MONGODB_URL": settings.mongodb_url.get_secret_value(),
        "MONGODB_DB": settings.mongodb_db,
        "JWT_SECRET": JWT_SECRET,
        "OTP_SECRET": OTP_SECRET,
    }
    async with AsyncExitStack() as stack:
        towns = []
        for name in ("one", "other"):  # the first brings the menu, the second finds it
            data, port = settings.tiffin_data / name, free_port()
            data.mkdir()
            await stack.enter_async_context(demo(data, port, "tests.races.careless", how, str(port), **shared))
            towns.append(await stack.enter_async_context(town(f"http://127.0.0.1:{port}")))
        yield Pair((towns[0], towns[1]))


async def an_evening(pair: Pair, connections: Connections) -> Counter[str]:
    """Each guest pays in cash, each order is accepted and ready, every tap at both doors. What came of it, counted."""
    cook = await pair.cook()
    guests = [await pair.guest(n) for n in range(GUESTS)]
    taps = [(guest.browser.session, guest.browser.find("Cash").action, n) for n, guest in enumerate(guests)]
    await asyncio.gather(*(pair.tap_at_both(chat, tap, f"once-{n}" if n % 2 else "") for chat, tap, n in taps))
    orders = connections.mongo["orders"]
    found = Counter(orders=await orders.count_documents({}))
    async with asyncio.timeout(PATIENCE):
        while len(cards := [one for one in cook.browser.messages if one.find("+25")]) < found["orders"]:
            await asyncio.sleep(0.1)
    for card in cards:
        await pair.tap_at_both(cook.browser.session, card.find("+25")[0].action)
    for guest in guests:
        await guest.hears("accepted")
    await asyncio.sleep(2)  # time for whoever would say it twice
    found["cards"] = sum(bool(re.search(r"\b[A-Z] \d{3}\b", one.text)) for one in cook.browser.news if not one.edits)
    found["accepted"] = sum("accepted" in one.text for guest in guests for one in guest.browser.news)
    return found


async def test_what_reaches_both_processes_at_once_happens_once(settings: Settings, connections: Connections):
    async with a_pair(settings, "as-it-is") as pair:
        found = await an_evening(pair, connections)
    assert found == {"orders": GUESTS, "accepted": GUESTS, "cards": GUESTS}


async def test_without_frozen_carts_and_lanes_of_ones_own_things_happen_twice(
    settings: Settings, connections: Connections
):
    async with a_pair(settings, "unguarded") as pair:
        found = await an_evening(pair, connections)
    assert found["orders"] > GUESTS
    assert found["cards"] > found["orders"] or found["accepted"] > found["orders"], found
