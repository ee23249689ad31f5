from types import SimpleNamespace
from typing import Any

from bot.conversation.incoming import Incoming, Tap, Text
from bot.router import Router
from core.ids import ChatKey, Handle
from tests.conftest import LUNCH


class Desk:
    def __init__(self) -> None:
        self.met: list[str] = []
        self.turned_away: list[str] = []

    async def handle(self, incoming: Incoming) -> tuple[()]:
        self.met.append(incoming.chat)
        return ()

    async def turn_away(self, incoming: Incoming) -> tuple[()]:
        self.turned_away.append(incoming.chat)
        return ()


async def test_a_group_of_an_outlet_meets_the_kitchens_desk_and_everybody_else_is_a_guest():
    outlets = [
        SimpleNamespace(id="mgroad", groups=("telegram:-1001", "webchat:kitchen-mgroad")),
        SimpleNamespace(id="indiranagar", groups=("telegram:-1002",)),
    ]
    guests, kitchen = Desk(), Desk()
    directory: Any = SimpleNamespace(all=lambda: outlets)
    router = Router(outlets=directory, guests=guests, kitchen=kitchen)
    for chat in ("telegram:42", "telegram:-1002", "webchat:kitchen-mgroad", "telegram:-1003"):
        await router.handle(Incoming("telegram", Handle("telegram:42"), ChatKey(chat), "1", Text("hello"), LUNCH))
    assert kitchen.met == ["telegram:-1002", "webchat:kitchen-mgroad"]
    assert guests.met == ["telegram:42", "telegram:-1003"]
    assert router.outlet_of(ChatKey("telegram:-1002")) == "indiranagar"


async def test_a_cooks_button_outside_the_outlets_groups_never_reaches_a_guests_conversation():
    directory: Any = SimpleNamespace(all=lambda: [SimpleNamespace(id="mgroad", groups=("telegram:-1001",))])
    guests, kitchen = Desk(), Desk()
    router = Router(outlets=directory, guests=guests, kitchen=kitchen)
    for chat in ("telegram:42", "telegram:-1001", "telegram:-1003"):
        tap = Incoming("telegram", Handle("telegram:42"), ChatKey(chat), "1", Tap("kac|ord_1|25"), LUNCH)
        await router.handle(tap)
    assert kitchen.turned_away == ["telegram:42", "telegram:-1003"]
    assert kitchen.met == ["telegram:-1001"]
    assert guests.met == []
