from types import SimpleNamespace
from typing import Any

from bot.conversation.incoming import Incoming, Left, Tap, Text
from bot.router import Router
from core.ids import ChatKey, Handle
from core.limits.pause import Pauses
from core.limits.store import PauseStore
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


def a_router(redis, most, *outlets):
    directory: Any = SimpleNamespace(all=lambda: list(outlets))
    guests, kitchen = Desk(), Desk()
    pauses = Pauses(PauseStore(redis, "chat", most=most), unasked=0)
    return Router(outlets=directory, guests=guests, kitchen=kitchen, pauses=pauses), guests, kitchen


def says(n, channel="telegram", chat="telegram:42", language="en", content=None):
    handle = Handle("telegram:42")
    said = content or Text("more")
    return Incoming(channel, handle, ChatKey(chat), str(n), said, LUNCH, language_hint=language)


async def test_who_floods_reads_once_how_long_to_wait_and_nothing_of_it_is_done(redis):
    router, guests, _ = a_router(redis, 3)
    answers = [await router.handle(says(n)) for n in range(10)]
    assert len(guests.met) == 3
    ((told,),) = [answer for answer in answers if answer]
    assert told.text.plain == "Give me 8 seconds, that was faster than I can read. Your cart is as it was."
    await router.handle(says(99, content=Left()))
    assert len(guests.met) == 4, "who leaves is heard all the same"


async def test_hindi_guests_read_it_in_hindi(redis):
    router, _, _ = a_router(redis, 1)
    answers = [await router.handle(says(n, language="hi-IN")) for n in range(3)]
    assert "8 सेकंड" in answers[1][0].text.plain


async def test_neither_a_kitchens_group_nor_the_browser_is_paused_here(redis):
    router, guests, kitchen = a_router(redis, 1, SimpleNamespace(id="mgroad", groups=("telegram:-1001",)))
    for n in range(5):
        await router.handle(says(n, chat="telegram:-1001"))
        await router.handle(says(n, channel="webchat", chat="webchat:a"))
    assert (len(kitchen.met), len(guests.met)) == (5, 5)


async def test_who_has_too_much_waiting_reads_how_long_to_wait_and_a_kitchen_does_not(redis):
    router, _, _ = a_router(redis, 50, SimpleNamespace(id="mgroad", groups=("telegram:-1001",)))
    ((told,), *silent) = [await router.flooded(says(n)) for n in range(5)]
    assert told.text.plain.startswith("Give me 8 seconds")
    assert silent == [()] * 4
    assert await router.flooded(says(9, chat="telegram:-1001")) == ()
