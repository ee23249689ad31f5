"""What guests have in their pockets: a phone that gets the codes, and a way to pay."""

import asyncio
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.simulation.browser import PATIENCE, Refused, server_events

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


class Phones:
    """Every guest's phone at once: the demo's stream of text messages."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self._base = http, base
        self._newest: dict[str, str] = {}
        self._arrived = asyncio.Condition()
        self.listening = asyncio.Event()

    async def listen(self) -> None:
        """Until cancelled."""
        last = ""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async for id, data in server_events(
                    self._http, f"{self._base}/demo/phone/stream", last, self.listening
                ):
                    last = id
                    if code := CODE.search(data["sms"]["text"]):
                        async with self._arrived:
                            self._newest[data["sms"]["to"]] = code[0]
                            self._arrived.notify_all()
            await asyncio.sleep(0.5)

    async def code_for(self, phone: str, timeout: float) -> str:
        """The code sent to `phone`, each read once. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(lambda: phone in self._newest)
            return self._newest.pop(phone)


async def play_payment(http: aiohttp.ClientSession, base: str, url: str, action: str, method: str) -> dict[str, Any]:
    """`pay`, `fail` or `pay_late` on the sandbox's payment page that `url` leads to. Raises Refused."""
    link = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    body = {"action": action, "method": method}
    async with http.post(f"{base}/sandbox/links/{link}/actions", json=body, timeout=PATIENCE) as response:
        answer = await response.json(content_type=None)
        if response.status != 200:
            raise Refused(response.status, str(answer.get("error", "")))
        return dict(answer)
