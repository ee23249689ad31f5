"""Nobody's turn waits for another's: no long step on the loop, nothing that blocks, menus read beside it."""

import asyncio
import threading
import time
import urllib.request

import pytest

from core.menu.snapshot import MenuSnapshot
from tests.counts.test_queries import evening
from tests.house import House
from tests.loop_watch import blocking_calls, stalls


async def test_an_evening_holds_up_nobody(house: House):
    with stalls() as held_up, blocking_calls() as blocked:
        await evening(house)
    assert [str(one) for one in held_up] == []
    assert blocked == []


async def test_a_menu_is_built_beside_the_loop(house: House, monkeypatch: pytest.MonkeyPatch):
    build, threads = MenuSnapshot.build, set[int]()

    def noted(*about: object) -> MenuSnapshot:
        threads.add(threading.get_ident())
        return build(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(MenuSnapshot, "build", noted)
    outlet = house.runtime.services.outlets.all()[0]
    await house.runtime.services.outlets.changed(outlet.id)
    await house.runtime.services.menu.refresh()
    assert threads
    assert threading.get_ident() not in threads


async def test_a_planted_long_step_is_seen_and_a_busy_machine_is_none():
    def long() -> None:
        until = time.thread_time() + 0.15
        while time.thread_time() < until:
            pass

    with stalls() as held_up:
        asyncio.get_running_loop().call_soon(long)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert len(held_up) == 1
    assert "long" in held_up[0].what
    with stalls() as held_up:
        await asyncio.sleep(0.15)  # others had the processor
    assert held_up == []


async def test_a_planted_sleep_and_a_planted_request_are_seen():
    with blocking_calls() as blocked:
        time.sleep(0.005)
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen("http://127.0.0.1:9")
        await asyncio.to_thread(time.sleep, 0.005)
    assert len(blocked) == 2
    assert "time.sleep" in blocked[0]
    assert "127.0.0.1" in blocked[1]
