"""A day at the restaurant: guests arrive as guests do, each outlet has a cook, everything is counted."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random

import aiohttp

from bot.simulation.browser import Browser, Refused
from bot.simulation.cook import Cook
from bot.simulation.figures import Figures
from bot.simulation.pocket import Phones
from bot.simulation.visitor import How, Pay, Visitor, Wish

AT_ONCE = 300  # guests in the house; more wait outside
COOKS_PACE = 0.4  # seconds between two taps on a card
READY_WITHIN = 30.0

# What people come for, and how many of a hundred of them.
MENU_OF_WISHES: tuple[tuple[int, Wish], ...] = (
    (26, Wish(How.TAKEAWAY, Pay.CASH)),
    (12, Wish(How.TAKEAWAY, Pay.UPI, types=True)),
    (16, Wish(How.DELIVERY, Pay.UPI, dishes=3)),
    (8, Wish(How.DELIVERY, Pay.CARD, dishes=3, fails=1)),
    (8, Wish(How.DELIVERY, Pay.CASH, dishes=3, types=True)),
    (14, Wish(How.DINE_IN, Pay.CASH)),
    (6, Wish(How.DINE_IN, Pay.UPI, types=True)),
    (4, Wish(How.TAKEAWAY, Pay.CASH, cancels=True)),
    (2, Wish(How.DELIVERY, Pay.UPI, dishes=3, cancels=True)),
    (4, Wish(How.TAKEAWAY, Pay.CASH, again=True)),
)


class NoDemo(Exception):
    """The address is no Tiffin that runs as a demo: codes and payments could not be played."""


@dataclass(frozen=True, slots=True)
class Day:
    guests: int
    rate: float  # orders wanted a minute
    seed: int


async def simulate(address: str, day: Day, *, on_guest: Callable[[Figures], None] = lambda figures: None) -> Figures:
    """Play the day against the demo at `address`; `on_guest` is told whenever a guest leaves. Raises NoDemo."""
    figures = Figures()
    rng = Random(day.seed)
    async with _around(address, figures, rng) as (http, phones):
        inside = asyncio.Semaphore(AT_ONCE)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as arrivals:
            for number in range(day.guests):
                visitor = Visitor(
                    Browser(http, address), phones, figures, Random(rng.random()), day.seed * 100_003 + number
                )
                arrivals.create_task(_visit(visitor, _wish(rng), inside, lambda: on_guest(figures)))
                await asyncio.sleep(rng.expovariate(day.rate / 60))
        figures.seconds = time.perf_counter() - began
    return figures


async def _visit(visitor: Visitor, wish: Wish, inside: asyncio.Semaphore, left: Callable[[], None]) -> None:
    async with inside:
        await visitor.visit(wish)
    left()


def _wish(rng: Random) -> Wish:
    return rng.choices([wish for _, wish in MENU_OF_WISHES], [weight for weight, _ in MENU_OF_WISHES])[0]


@asynccontextmanager
async def _around(address: str, figures: Figures, rng: Random) -> AsyncIterator[tuple[aiohttp.ClientSession, Phones]]:
    """The kitchens manned and the phones on."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        kitchens = await _kitchens(http, address)
        phones = Phones(http, address)
        cooks = [
            Cook(Browser(http, address, session=session), figures, Random(rng.random()), pace=COOKS_PACE)
            for session in kitchens.values()
        ]
        tasks = [asyncio.create_task(work) for work in (phones.listen(), *(cook.work() for cook in cooks))]
        stack.push_async_callback(_end, tasks)
        async with asyncio.timeout(READY_WITHIN):
            await phones.listening.wait()
        yield http, phones


async def _kitchens(http: aiohttp.ClientSession, address: str) -> dict[str, str]:
    try:
        async with http.get(f"{address}/demo/config") as response:
            if response.status != 200:
                raise NoDemo(f"{address} is no demo: it answers {response.status} to /demo/config.")
            return dict((await response.json())["kitchens"])
    except aiohttp.ClientError as failure:
        raise NoDemo(f"{address} cannot be reached: {failure}") from failure


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception) and not isinstance(outcome, Refused):
            raise outcome
