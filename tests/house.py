"""A whole house for a test: the runtime as the program opens it, its jobs at work, its web door on a free port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.bootstrap import Runtime
from bot.commands.demo import open_house
from core.clock import FrozenClock
from core.connections import Connections
from core.settings import Settings
from tests.dialogues.guest import Phone, Till, Town, WebCook, WebGuest, town
from webhooks.serving import listen


@dataclass(frozen=True)
class House:
    """The house, and the people around it."""

    runtime: Runtime
    base: str
    clock: FrozenClock
    town: Town

    async def guest(self, *, language: str = "en-IN") -> WebGuest:
        return await self.town.guest(language=language)

    async def cook(self, outlet: str = "") -> WebCook:
        """Somebody in the group of `outlet`, by default of the first one."""
        return await self.town.cook(outlet or self.runtime.services.outlets.all()[0].id)

    @property
    def phone(self) -> Phone:
        return self.town.phone

    @property
    def till(self) -> Till:
        return self.town.till


@asynccontextmanager
async def open_test_house(settings: Settings, connections: Connections, clock: FrozenClock) -> AsyncIterator[House]:
    with listen("127.0.0.1", 0) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        demo = settings.model_copy(update={"demo": True, "public_url": base})
        async with (
            open_house(demo, listener, clock=clock, connections=connections, always_open=False) as runtime,
            town(base) as people,
        ):
            yield House(runtime, base, clock, people)
