"""Telegram on loopback, and a bot on it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.telegram.keys import chat_key
from bot.conversation.incoming import Start, Tap, Text
from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.bot.channels.telegram.line import Line, open_line, says
from tests.fakes.telegram import FakeTelegram, TelegramPerson, running_telegram

ASHA, RAVI, MEERA = 5_000_000_001, 5_000_000_002, 5_000_000_003
KITCHEN = -4_001
CHAT, GROUP = chat_key(ASHA), chat_key(KITCHEN)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with running_telegram() as fake:
        yield fake
        assert fake.refusals() == []


@pytest.fixture
async def line(
    telegram: FakeTelegram, settings: Settings, connections: Connections, clock: FrozenClock
) -> AsyncIterator[Line]:
    """The bot behind a webhook, in no hurry; `line.answers` is what it says."""
    async with open_line(telegram, settings, connections, clock) as line:
        yield line


@pytest.fixture
def asha(telegram: FakeTelegram) -> TelegramPerson:
    return TelegramPerson(telegram, ASHA)


@pytest.fixture
def meera(telegram: FakeTelegram) -> TelegramPerson:
    return TelegramPerson(telegram, MEERA, name="Meera")


@pytest.fixture
def guide(line):
    """A guest's walk: what each tap or word leads to, by name. The screen is swapped as the engine would have it."""
    pages = {
        "hello": lambda: says("s-hello", "Welcome", "Menu"),
        "menu": lambda: says("s-menu", "The menu", "Dosa", "Idli", "Cart"),
        "dosa": lambda: says("s-dosa", "Masala dosa", "Add", "Back", image="/media/dosa.png"),
        "idli": lambda: says("s-idli", "Idli", "Add", "Back", image="/media/idli.png"),
        "more": lambda: says("s-more", "Masala dosa, large", "Add", "Back", image="/media/dosa.png"),
        "back": lambda: says("s-menu2", "The menu", "Dosa", "Idli", "Cart"),
        "cart": lambda: says("s-cart", "Your cart", "Checkout", "Back"),
        "checkout": lambda: says("m-review", "Review: ₹240", "Place order", "Change"),
        "change": lambda: says("s-cart2", "Your cart again", "Checkout"),
    }
    screen = [""]

    async def answer(incoming):
        match incoming.content:
            case Start():
                page = "hello"
            case Text(text=page) | Tap(action=page):
                pass
        shown = pages[page]()
        id = f"{shown.id}-{incoming.update_id}"
        stands = shown.id.startswith("m-")
        swaps = screen[0] if isinstance(incoming.content, Tap) and not stands else ""
        screen[0] = "" if stands else id
        return (replace(shown, id=id, replaces=swaps),)

    line.answers = answer
    return pages
