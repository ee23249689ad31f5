"""What all of them share: a port, a memory, and the ways in which a service on the other side of a network fails."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from aiohttp import web

from tests.fakes.loopback import answering, on_loopback


class Trouble(StrEnum):
    """What goes wrong with a request that is right. Those that begin with TAKES happen after the message was taken."""

    HANGS = "reads it and never answers"
    HANGS_UP = "reads it and hangs up"
    FAILS = "500, not taken"
    IS_DOWN = "503 with a page for people"
    IS_BUSY = "429"
    POINTS_ELSEWHERE = "302"
    TAKES_AND_HANGS = "takes it and never answers"
    TAKES_AND_HANGS_UP = "takes it and hangs up"
    TAKES_AND_IS_CUT_OFF = "takes it, and the answer breaks off in the middle"
    TAKES_AND_RAMBLES = "takes it, and a proxy answers 200 with a page for people"
    TAKES_AND_GATEWAY_GIVES_UP = "takes it, and a gateway answers 504"

    @property
    def takes_it(self) -> bool:
        return self.name.startswith("TAKES")


PAGE = "<!doctype html><html><body><h1>Sorry</h1></body></html>"


@dataclass(frozen=True)
class Canned:
    """An answer given instead of the right one; the message is not taken."""

    status: int
    body: str
    content_type: str = "application/json"


@dataclass(frozen=True)
class Taken:
    """A message that would reach a phone."""

    phone: str  # E.164
    text: str
    id: str
    fields: dict[str, str] = field(default_factory=dict)


class FakeService(ABC):
    """Takes messages until told to fail: `trouble` and `canned` hold for every request from then on."""

    def __init__(self) -> None:
        self.base = ""
        self.calls: list[str] = []  # the path of each request, with its query
        self.lines: list[int] = []  # the port each request came from
        self.taken: list[Taken] = []
        self.trouble: Trouble | None = None
        self.canned: Canned | None = None

    @abstractmethod
    async def answer(self, request: web.Request) -> tuple[web.Response, Taken | None]:
        """The right answer, and the message if it was taken."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        async with on_loopback(answering(self._handle), handler_cancellation=True) as self.base:
            yield self

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.raw_path)
        assert request.transport is not None
        self.lines.append(request.transport.get_extra_info("peername")[1])
        await request.read()
        if self.canned is not None:
            return web.Response(status=self.canned.status, text=self.canned.body, content_type=self.canned.content_type)
        if self.trouble is None or self.trouble.takes_it:
            response, taken = await self.answer(request)
            if taken is not None:
                self.taken.append(taken)
            if self.trouble is None or taken is None:
                return response
        return await self._fail(request, self.trouble)

    async def _fail(self, request: web.Request, trouble: Trouble) -> web.StreamResponse:
        match trouble:
            case Trouble.HANGS | Trouble.TAKES_AND_HANGS:
                await asyncio.sleep(60)
            case Trouble.HANGS_UP | Trouble.TAKES_AND_HANGS_UP:
                assert request.transport is not None
                request.transport.abort()
            case Trouble.TAKES_AND_IS_CUT_OFF:
                started = web.StreamResponse(status=200, headers={"Content-Length": "400"})
                await started.prepare(request)
                await started.write(b'{"si')
                assert request.transport is not None
                request.transport.close()
                return started
            case Trouble.FAILS:
                return web.Response(status=500, text="{}", content_type="application/json")
            case Trouble.IS_DOWN:
                return web.Response(status=503, text=PAGE, content_type="text/html")
            case Trouble.IS_BUSY:
                return web.Response(status=429, text="{}", content_type="application/json")
            case Trouble.POINTS_ELSEWHERE:
                return web.Response(status=302, headers={"Location": f"{self.base}/elsewhere"})
            case Trouble.TAKES_AND_RAMBLES:
                return web.Response(text=PAGE, content_type="text/html")
            case Trouble.TAKES_AND_GATEWAY_GIVES_UP:
                return web.Response(status=504, text="{}", content_type="application/json")
        return web.Response(status=500)
