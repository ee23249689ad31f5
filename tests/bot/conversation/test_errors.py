"""Every way a turn can fail has words, and a screen that can be shown below them."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Any, get_type_hints

import pytest

import bot
import core
from bot.conversation.errors import explain, spoken_for
from bot.conversation.incoming import Incoming, Text
from bot.conversation.session import Session
from bot.conversation.states import State
from bot.conversation.turn import Capabilities, Turn
from core.errors import DomainError, ProviderError, RestaurantError
from core.ids import ChatKey, Handle, OutletId
from core.menu.errors import MenuFileError
from core.money import Money
from tests.house import House


def every_error(root: type[RestaurantError]) -> Iterator[type[RestaurantError]]:
    for package in (core, bot):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" not in module.name:
                importlib.import_module(module.name)
    todo, seen = [root], set()
    while todo:
        kind = todo.pop()
        if kind not in seen:
            seen.add(kind)
            todo.extend(kind.__subclasses__())
            if kind.__module__.split(".")[0] in ("core", "bot"):
                yield kind


def a_fact(kind: Any) -> Any:
    """Some value a fact of this type can have."""
    kind = getattr(kind, "__supertype__", kind)
    if kind is Money:
        return Money(12_345)
    if kind is timedelta:
        return timedelta(minutes=3)
    if kind is int:
        return 3
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    return "mgroad"


def an_error(kind: type[RestaurantError]) -> RestaurantError:
    hints = {name: hint for name, hint in get_type_hints(kind).items() if not name.startswith("_")}
    facts = {name: a_fact(hint) for name, hint in hints.items()}
    if issubclass(kind, ProviderError):
        error = kind.__new__(kind)
        RestaurantError.__init__(error, provider="sms", retryable=True, **facts)
        return error
    if "retry_after" in facts or any(base.__name__ == "TooManyAttempts" for base in kind.__mro__):
        facts["retry_after"] = timedelta(seconds=50)
    return kind(**facts)


@pytest.fixture
async def turn(house: House) -> Turn:
    chat = "webchat:errors"
    customer = await house.runtime.services.customers.identify(Handle(chat), "webchat")
    session = Session(customer=customer.id, outlet=OutletId("mgroad"), state=State.MENU)
    incoming = Incoming("webchat", Handle(chat), ChatKey(chat), "1", Text("x"), house.clock.now())
    return Turn(incoming, house.runtime.services, session, Capabilities(edits=True))


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_every_error_has_a_sentence_and_a_next_step(turn: Turn, language: str):
    turn.session = turn.session.but(language=language)
    visited = 0
    for root in (DomainError, ProviderError):
        for kind in every_error(root):
            if kind.__module__.startswith("bot.channels") or kind is MenuFileError:
                continue  # met at the door, by the notifier or in the owner's shell, never inside a turn
            explained = explain(an_error(kind), turn)
            assert len(explained.text.plain) > 10, kind
            assert "{" not in explained.text.plain, kind
            visited += 1
    assert visited > 60


def test_words_are_looked_up_along_the_tree():
    class Unheard(DomainError):
        pass

    assert Unheard not in spoken_for()
    assert DomainError in spoken_for()
