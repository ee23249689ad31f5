"""A port of this machine for a service that is somebody else's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


@asynccontextmanager
async def on_loopback(
    app: web.Application, *, patience: float = 0.1, handler_cancellation: bool = False
) -> AsyncIterator[str]:
    """Serve `app` on a free port; gives its address. At the end calls under way have `patience` seconds."""
    runner = web.AppRunner(app, access_log=None, handler_cancellation=handler_cancellation, shutdown_timeout=patience)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def answering(handle: Any) -> web.Application:
    """Every call goes to `handle`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    return app
