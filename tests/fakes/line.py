"""A telephone line to a store that can be cut, and mended."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


class Line:
    """Passes bytes both ways between whoever connects to `port` and the store.

    It works in a thread of its own: a driver that blocks our loop while it hangs up must not wait for us.
    """

    def __init__(self, host: str, port: int) -> None:
        self._store = (host, port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.is_cut = True

    async def mend(self) -> None:
        """Take calls (again)."""
        await self._there(self._mend())

    async def cut(self) -> None:
        """Drop every call and take no new ones."""
        await self._there(self._cut())

    async def away(self) -> None:
        await self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    async def _there(self, work: Coroutine[Any, Any, None]) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _mend(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self.is_cut = False

    async def _cut(self) -> None:
        self.is_cut = True
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()
        for call in tuple(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call is not None
        self._calls.add(call)
        self._open.add(writer)
        there = None
        try:
            store, there = await asyncio.open_connection(*self._store)
            self._open.add(there)
            await asyncio.gather(self._pass(reader, there), self._pass(store, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in filter(None, (writer, there)):
                each.transport.abort()
                self._open.discard(each)
            self._calls.discard(call)

    @staticmethod
    async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.transport.abort()


@asynccontextmanager
async def line_to(host: str, port: int) -> AsyncIterator[Line]:
    line = Line(host, port)
    await line.mend()
    try:
        yield line
    finally:
        await line.away()
