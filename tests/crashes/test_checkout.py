"""kill -9 in the middle of a checkout, then a fresh start on the same data: never both lost, never two orders."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.crashes.dying import POINTS
from tests.dialogues.guest import Town, town
from tests.dialogues.walks import ADDRESS, PHONE, code_in
from tests.processes import PATIENCE, demo, free_port

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


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
    async with demo(tmp_path, port, "bot.cli", "demo", "--port", str(port), "--no-open") as process:
        async with town(base) as people:
            guest = await walk_to_the_payment(people)
        process.kill()
    async with demo(tmp_path, port, "bot.cli", "demo", "--port", str(port), "--no-open"), town(base) as people:
        guest = await people.same_guest(guest)
        await guest.says("cart")
        assert "2 × Masala Dosa" in guest.screen
        await guest.taps("Checkout")
        await guest.taps("Place order")
        await guest.taps("Cash")
        assert code_in(guest.screen)
