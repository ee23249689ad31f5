"""kill -9 in the middle of a checkout, then a fresh start on the same data: never both lost, never two orders."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.crashes.dying import POINTS
from tests.dialogues.guest import Town, town
from tests.dialogues.walks import ADDRESS, PHONE, code_in

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def demo(data: Path, port: int, *module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A demo as a process of its own on `data`; killed at the end if it has not killed itself."""
    environment = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "MONGODB_URL")}
    environment |= {"TIFFIN_DATA": str(data), "LOG_LEVEL": "WARNING"}
    with (data / "out").open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        await ready(port, process, data)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def ready(port: int, process: asyncio.subprocess.Process, data: Path) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
        while True:
            assert process.returncode is None, (data / "out").read_text()[-2000:]
            try:
                async with http.get(f"http://127.0.0.1:{port}/demo/config") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)


async def walk_to_the_payment(people: Town):
    guest = await people.guest()
    await guest.opens()
    await guest.taps("Order food")
    await guest.proves(PHONE, people.phone)
    await guest.taps("MG Road")
    await guest.taps("Delivery")
    await guest.says("2 masala dosa")
    await guest.taps("Checkout")
    await guest.says(ADDRESS)
    await guest.taps("No landmark")
    await guest.taps("Place order")
    return guest


@pytest.mark.parametrize("point", POINTS)
async def test_killed_while_placing_the_guest_finds_the_order_or_the_cart(tmp_path: Path, point: str):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with demo(tmp_path, port, "tests.crashes.dying", point, str(port)) as process:
        async with town(base) as people:
            guest = await walk_to_the_payment(people)
            action = guest.browser.find("Cash").action
            with pytest.raises((aiohttp.ClientError, TimeoutError)):
                await one_try(guest, base, {"id": "the-tap", "type": "tap", "action": action})
        await asyncio.wait_for(process.wait(), PATIENCE)
    session = guest.browser.session
    async with demo(tmp_path, port, "bot.cli", "demo", "--port", str(port), "--no-open"), town(base) as people:
        guest = await people.same_guest(guest)
        guest.browser.http = people.http
        assert guest.browser.session == session
        await guest.sends({"id": "the-tap", "type": "tap", "action": action})  # the browser sends it again by itself
        code = code_in(guest.screen)
        await guest.sends({"type": "tap", "action": action})  # and the guest, unsure, taps once more
        assert code_in(guest.screen) == code
        await guest.says("orders")
        assert guest.screen.count(code) == 1
        assert len([label for label in guest.buttons if "₹" in label]) == 1
        await guest.says("cart")
        assert "empty" in guest.screen


async def one_try(guest, base: str, event: dict[str, str]) -> None:
    async with guest.browser.http.post(f"{base}/chat/{guest.browser.session}/events", json=event) as response:
        await response.read()


async def test_killed_between_turns_the_cart_and_the_place_in_the_talk_are_there(tmp_path: Path):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with demo(tmp_path, port, "bot.cli", "demo", "--port", str(port), "--no-open"), town(base) as people:
        guest = await walk_to_the_payment(people)
    async with demo(tmp_path, port, "bot.cli", "demo", "--port", str(port), "--no-open"), town(base) as people:
        guest = await people.same_guest(guest)
        await guest.says("cart")
        assert "2 × Masala Dosa" in guest.screen
        await guest.taps("Checkout")
        await guest.taps("Place order")
        await guest.taps("Cash")
        assert code_in(guest.screen)
