"""The listening socket: opened, served on, drained."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from aiohttp import web

from core.errors import SettingsError
from webhooks.keys import DRAINING, NEWCOMERS

IDLE_TIMEOUT = timedelta(seconds=75)  # longer than the proxies in front keep theirs
LINGERING = timedelta(seconds=1)  # for the rest of a body that was answered already
FINISH_TIMEOUT = timedelta(seconds=10)
BALANCER_NOTICES = timedelta(seconds=5)
BACKLOG = 1024


class PortTaken(SettingsError):
    def __init__(self, host: str, port: int) -> None:
        super().__init__([f"Port {port} on {host} is taken; set PORT to a free one."])
        self.host, self.port = host, port


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 lets the system choose. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as failure:
        if failure.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(host, port) from None


def address_of(listener: socket.socket) -> str:
    """Where this machine reaches it."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@asynccontextmanager
async def serving(
    app: web.Application, listener: socket.socket, *, notice: timedelta = timedelta()
) -> AsyncIterator[int]:
    """Serve `app` on `listener`, giving the port. On leaving, drain (RELIABILITY.md §8.2): not ready from then on,
    `notice` for the balancer to see it, no new connections, ten seconds for what is under way.
    """
    runner = web.AppRunner(
        app,
        access_log=None,  # paths hold sessions; the middleware logs routes
        keepalive_timeout=IDLE_TIMEOUT.total_seconds(),
        lingering_time=LINGERING.total_seconds(),
        shutdown_timeout=FINISH_TIMEOUT.total_seconds(),
    )
    await runner.setup()
    new_connection = runner.server
    assert new_connection is not None
    try:
        server = await asyncio.get_running_loop().create_server(
            lambda: app[NEWCOMERS].watch(new_connection()), sock=listener, backlog=BACKLOG
        )
        try:
            yield listener.getsockname()[1]
        finally:
            app[DRAINING].begun = True
            await asyncio.sleep(notice.total_seconds())
            server.close()
    finally:
        await runner.cleanup()
