"""Server-sent events: what a page hears without asking."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, NamedTuple, cast

from aiohttp import web

from core.ending import end
from webhooks.keys import DRAINING

OPEN_STREAM = web.RequestKey("open_stream", web.StreamResponse)
KEEP_ALIVE = timedelta(seconds=15)
RETRY = timedelta(seconds=2)


class News(NamedTuple):
    """One event: its place in what it comes from, and what the page is told."""

    id: str
    data: dict[str, Any]


Source = AsyncGenerator[News, None]


class EventStream:
    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # a proxy that collects before it passes on would hold messages back
            }
        )

    async def open(self) -> None:
        await self.response.prepare(self._request)
        await self.response.write(f"retry: {RETRY // timedelta(milliseconds=1)}\n\n".encode())

    async def send(self, news: News) -> None:
        head = f"id: {news.id}\n" if news.id else ""
        data = json.dumps(news.data, ensure_ascii=False, separators=(",", ":"))
        await self.response.write(f"{head}data: {data}\n\n".encode())

    async def keep_alive(self) -> None:
        """A comment: proxies see life, and we learn of a page that is gone."""
        await self.response.write(b": still here\n\n")


@asynccontextmanager
async def _open(request: web.Request) -> AsyncIterator[EventStream]:
    """An open stream, until the page goes away or the server drains; both end the body of the `async with` quietly."""
    draining = request.app[DRAINING]
    if draining.begun:
        raise web.HTTPServiceUnavailable
    task = cast("asyncio.Task[object]", asyncio.current_task())
    stream = EventStream(request)
    await stream.open()
    request[OPEN_STREAM] = stream.response
    draining.streams.add(task)
    try:
        yield stream
    except ConnectionResetError:
        return
    except asyncio.CancelledError:
        if not request.app[DRAINING].begun or task.uncancel():
            raise
    finally:
        draining.streams.discard(task)
    with suppress(ConnectionResetError):
        await stream.response.write_eof()


async def stream(request: web.Request, *sources: Source) -> web.StreamResponse:
    """Send what the sources yield, as it comes, for as long as the page listens. One that ends or fails ends it."""
    async with _open(request) as events, _carried(sources) as arriving:
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE.total_seconds()):
                    news = await arriving.get()
            except TimeoutError:
                await events.keep_alive()
                continue
            if news is None:
                break
            await events.send(news)
    return request[OPEN_STREAM]


@asynccontextmanager
async def _carried(sources: Sequence[Source]) -> AsyncIterator[asyncio.Queue[News | None]]:
    """A queue of what the sources yield; None once one of them is at its end. Raises what a source failed with."""
    arriving: asyncio.Queue[News | None] = asyncio.Queue()

    async def carry(source: Source) -> None:
        try:
            async with aclosing(source):
                async for news in source:
                    arriving.put_nowait(news)
        finally:
            arriving.put_nowait(None)

    carriers = [asyncio.create_task(carry(source)) for source in sources]
    try:
        yield arriving
    finally:
        for failure in await end(carriers):
            raise failure


async def end_streams(app: web.Application) -> None:
    """On shutdown: open streams would hold the server until its patience ends."""
    draining = app[DRAINING]
    draining.begun = True
    for task in tuple(draining.streams):
        task.cancel()
