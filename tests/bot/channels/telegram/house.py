"""A restaurant on Telegram: the whole of it, guests in private chats, cooks in their outlets' groups."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from bot.bootstrap import Runtime
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.keys import chat_id
from bot.channels.telegram.limits import Paces
from bot.conversation.incoming import Incoming
from bot.conversation.reply import Outgoing
from core.clock import FrozenClock
from core.connections import Connections
from core.ids import Handle, OutletId
from core.settings import Settings, TelegramMode
from core.staff.models import Role
from tests.bot.channels.telegram.conftest import KITCHEN, RAVI
from tests.bot.channels.telegram.line import UNHURRIED, set_up, telegram_settings
from tests.dialogues.guest import Phone, Till
from tests.fakes.telegram import FakeTelegram, TelegramCook, TelegramPerson
from tests.house import House, open_test_house


@dataclass
class TelegramHouse:
    """As `tests.house.House`, with the same people on Telegram."""

    house: House
    telegram: FakeTelegram
    _users: "count[int]" = field(default_factory=lambda: count(6_100_000_000))

    @property
    def runtime(self) -> Runtime:
        return self.house.runtime

    @property
    def account(self) -> TelegramAccount:
        assert self.runtime.telegram is not None
        return self.runtime.telegram

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

    def tell_answers_from_news(self) -> None:
        """From now on people know what of all they see answers them: the channel's own word for it."""
        known = self.telegram.known_answers = {}
        show = self.account.channel.answer

        async def noted(incoming: Incoming, answers: Sequence[Outgoing]) -> None:
            known.setdefault(chat_id(incoming.chat), []).extend(answer.text.plain.strip() for answer in answers)
            await show(incoming, answers)

        setattr(self.account.channel, "answer", noted)  # noqa: B010  an attribute of this one object


@asynccontextmanager
async def open_telegram_house(
    telegram: FakeTelegram,
    settings: Settings,
    connections: Connections,
    clock: FrozenClock,
    *,
    mode: TelegramMode = TelegramMode.WEBHOOK,
    paces: Paces | None = UNHURRIED,
    flood_events: int = 0,
) -> AsyncIterator[TelegramHouse]:
    """The program's own composition, with a group for each outlet. `paces`: None for Telegram's own."""
    wished = telegram_settings(settings, telegram, mode).model_copy(update={"flood_events": flood_events})
    telegram.updates.retry_unit = 0.05
    async with open_test_house(wished, connections, clock) as open_house:
        house = TelegramHouse(open_house, telegram)
        if paces is not None:
            house.account.allowance.paces = paces
        house.tell_answers_from_news()
        for place, outlet in enumerate(house.runtime.services.outlets.all()):
            telegram.group(KITCHEN - place, outlet.name)
            await _open_kitchen(house.runtime, outlet.id, f"telegram:{KITCHEN - place}")
        await set_up(telegram, mode)
        yield house


async def _open_kitchen(runtime: Runtime, outlet: OutletId, group: str) -> None:
    """The outlet's group is on Telegram, and only there."""
    await runtime.services.outlets.alter(outlet, lambda it: it.model_copy(update={"groups": (group,)}))
    await runtime.services.staff.add(Handle(f"telegram:{RAVI}"), outlet, Role.MANAGER, name="Ravi", by="test")
