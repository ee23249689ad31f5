"""A restaurant on Telegram: the whole of it, guests in private chats, cooks in their outlets' groups."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from bot.bootstrap import Runtime, _engine
from bot.channels.telegram.limits import Paces
from bot.kitchen.desk import KitchenDesk
from bot.kitchen.groups import Groups
from bot.kitchen.human import HumanDesk
from bot.router import Router
from core.clock import FrozenClock
from core.connections import Connections
from core.ids import Handle, OutletId
from core.settings import Settings, TelegramMode
from core.staff.models import Role
from tests.bot.channels.telegram.conftest import KITCHEN, RAVI
from tests.bot.channels.telegram.line import UNHURRIED, Line, open_line
from tests.dialogues.guest import Phone, Till
from tests.fakes.telegram import FakeTelegram, TelegramCook, TelegramPerson
from tests.house import House, open_test_house


@dataclass
class TelegramHouse:
    """As `tests.house.House`, with the same people on Telegram."""

    house: House
    line: Line
    telegram: FakeTelegram
    _users: "count[int]" = field(default_factory=lambda: count(6_100_000_000))

    @property
    def runtime(self) -> Runtime:
        return self.house.runtime

    @property
    def clock(self) -> FrozenClock:
        return self.house.clock

    @property
    def phone(self) -> Phone:
        return self.house.phone

    @property
    def till(self) -> Till:
        return self.house.till

    async def guest(self, *, language: str = "en-IN") -> TelegramPerson:
        """Somebody new, with nothing said yet."""
        return TelegramPerson(self.telegram, next(self._users), language=language)

    async def cook(self, outlet: str = "") -> TelegramCook:
        """Ravi, in the group of `outlet`, by default of the first one."""
        outlets = self.runtime.services.outlets.all()
        place = next((n for n, one in enumerate(outlets) if one.id == outlet), 0)
        return TelegramCook(self.telegram, RAVI, KITCHEN - place)


@asynccontextmanager
async def open_telegram_house(
    telegram: FakeTelegram,
    settings: Settings,
    connections: Connections,
    clock: FrozenClock,
    *,
    mode: TelegramMode = TelegramMode.WEBHOOK,
    paces: Paces | None = UNHURRIED,
) -> AsyncIterator[TelegramHouse]:
    async with (
        open_test_house(settings, connections, clock) as house,
        open_line(telegram, settings, connections, clock, mode=mode, paces=paces, listens=False) as line,
    ):
        services, channels = house.runtime.services, house.runtime.channels
        assert isinstance(channels, dict)
        channels[line.channel.name] = line.channel
        people = HumanDesk(services, channels, Groups(channels, services.threads))
        desk = house.runtime.router._kitchen
        assert isinstance(desk, KitchenDesk)
        line.answers = Router(outlets=services.outlets, guests=_engine(services, channels, people), kitchen=desk).handle
        telegram.known_answers = {}
        for place, outlet in enumerate(services.outlets.all()):
            telegram.group(KITCHEN - place, outlet.name)
            await _open_kitchen(house.runtime, outlet.id, f"telegram:{KITCHEN - place}")
        async with line.account.listening():
            yield TelegramHouse(house, line, telegram)


async def _open_kitchen(runtime: Runtime, outlet: OutletId, group: str) -> None:
    """The outlet's group is on Telegram, and only there."""
    await runtime.services.outlets.alter(outlet, lambda it: it.model_copy(update={"groups": (group,)}))
    await runtime.services.staff.add(Handle(f"telegram:{RAVI}"), outlet, Role.MANAGER, name="Ravi", by="test")
