"""What goes wrong with a request that is right, on the way to a payment provider or back."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web

PAGE = "<!doctype html><html><body><h1>Sorry</h1></body></html>"


class Trouble(StrEnum):
    """Those that begin with DOES happen after it was done."""

    HANGS = "reads it and never answers"
    DRIPS = "reads it and answers drop by drop, without an end"
    HANGS_UP = "reads it and hangs up"
    IS_DOWN = "503 with a page for people"
    POINTS_ELSEWHERE = "302"
    DOES_AND_HANGS = "does it and never answers"
    DOES_AND_HANGS_UP = "does it and hangs up"
    DOES_AND_IS_CUT_OFF = "does it, and the answer breaks off in the middle"
    DOES_AND_RAMBLES = "does it, and a proxy answers 200 with a page for people"
    DOES_AND_SAYS_NOTHING = "does it, and answers 204"
    DOES_AND_GATEWAY_GIVES_UP = "does it, and a gateway answers 504"

    @property
    def done(self) -> bool:
        return self.name.startswith("DOES")


@dataclass(frozen=True)
class Instead:
    """An answer in place of the right one. `done`: after it was done."""

    status: int
    document: Any
    done: bool = False

    @property
    def text(self) -> str:
        return self.document if isinstance(self.document, str) else json.dumps(self.document)


@dataclass(frozen=True)
class Lie:
    """The right answer, changed."""

    change: Callable[[Any], Any]


@dataclass(frozen=True)
class Elsewhere:
    """307 to another address. Nothing was done."""

    address: str
    done: bool = False


Plan = Trouble | Instead | Lie | Elsewhere


async def happen(request: web.Request, plan: Plan, status: int, document: Any) -> web.StreamResponse:
    """Answer as planned; `status` and `document` are what was right."""
    match plan:
        case Instead():
            return web.Response(status=plan.status, text=plan.text, content_type="application/json")
        case Elsewhere():
            return web.Response(status=307, headers={"Location": plan.address})
        case Lie():
            return web.json_response(plan.change(document), status=status)
        case Trouble.HANGS | Trouble.DOES_AND_HANGS:
            await asyncio.sleep(60)
        case Trouble.DRIPS:
            dripping = web.StreamResponse(headers={"Content-Type": "application/json"})
            await dripping.prepare(request)
            for _ in range(600):
                await dripping.write(b" ")
                await asyncio.sleep(0.1)
            return dripping
        case Trouble.HANGS_UP | Trouble.DOES_AND_HANGS_UP:
            assert request.transport is not None
            request.transport.abort()
        case Trouble.DOES_AND_IS_CUT_OFF:
            whole = json.dumps(document).encode()
            started = web.StreamResponse(status=status, headers={"Content-Length": str(len(whole))})
            await started.prepare(request)
            await started.write(whole[: len(whole) // 2])
            assert request.transport is not None
            request.transport.close()
            return started
        case Trouble.IS_DOWN:
            return web.Response(status=503, text=PAGE, content_type="text/html")
        case Trouble.POINTS_ELSEWHERE:
            return web.Response(status=302, headers={"Location": "/elsewhere"})
        case Trouble.DOES_AND_RAMBLES:
            return web.Response(text=PAGE, content_type="text/html")
        case Trouble.DOES_AND_SAYS_NOTHING:
            return web.Response(status=204)
        case Trouble.DOES_AND_GATEWAY_GIVES_UP:
            return web.Response(status=504, text=PAGE, content_type="text/html")
    return web.Response(status=500)
