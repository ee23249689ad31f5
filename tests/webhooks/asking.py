"""Requests as a page makes them, and what comes back."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


async def send(http: aiohttp.ClientSession, session: str, event: object) -> tuple[int, dict[str, Any]]:
    async with http.post(f"/chat/{session}/events", json=event) as response:
        return response.status, await response.json()


class Stream:
    """An open stream, read line by line."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> tuple[str, Any]:
        """The next event's id and data; ("", None) for a comment. Raises EOFError at the end."""
        id, data = "", None
        while line := await self.response.content.readline():
            text = line.decode().rstrip("\n")
            if text.startswith("id: "):
                id = text[4:]
            elif text.startswith("data: "):
                data = json.loads(text[6:])
            elif text.startswith(":"):
                await self.response.content.readline()
                return "", None
            elif not text and data is not None:
                return id, data
        raise EOFError

    async def texts(self, count: int) -> list[str]:
        """The texts of the next `count` messages."""
        found: list[str] = []
        while len(found) < count:
            _, data = await self.next()
            if data is not None:
                found.extend(reply["text"] for reply in data["replies"])
        return found


@asynccontextmanager
async def listening(http: aiohttp.ClientSession, path: str, *, after: str = "") -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": after} if after else {}
    async with http.get(path, headers=headers, timeout=aiohttp.ClientTimeout(total=30)) as response:
        assert response.status == 200, await response.text()
        yield Stream(response)
