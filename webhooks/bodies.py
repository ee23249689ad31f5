"""Reading what was sent: in time, of a bearable size, and of the shape expected."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from aiohttp import web

from core.errors import InvalidInput

BODY_TIMEOUT = timedelta(seconds=10)
MAX_BODY = 64 * 1024


class BadRequest(InvalidInput):
    """A request no page of ours sends; `sentence` says what is wrong with it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status=status, sentence=sentence)
        self.status = status
        self.sentence = sentence


async def read_body(request: web.Request) -> bytes:
    """The raw body. Raises BadRequest when it takes longer than ten seconds, HTTPRequestEntityTooLarge over 64 kB."""
    if request.content.is_eof():  # it came together with its head
        return await request.read()
    try:
        async with asyncio.timeout(BODY_TIMEOUT.total_seconds()):
            return await request.read()
    except TimeoutError:
        raise BadRequest(408, "The request did not arrive in time.") from None


async def read_json(request: web.Request) -> Any:
    body = await read_body(request)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise BadRequest(400, "The request is not valid JSON.") from None
