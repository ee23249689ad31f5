"""Connections that open and then say nothing."""

import asyncio
from datetime import timedelta

from aiohttp.web_protocol import RequestHandler

HEADER_TIMEOUT = timedelta(seconds=10)


class Newcomers:
    """Connections that have not sent a whole request head yet. Those that take too long are closed.

    aiohttp closes idle connections, but its patience must outlast a proxy's; a client that never speaks needs less.
    """

    def __init__(self) -> None:
        self._silent: set[RequestHandler] = set()

    def watch(self, connection: RequestHandler) -> RequestHandler:
        self._silent.add(connection)
        asyncio.get_running_loop().call_later(HEADER_TIMEOUT.total_seconds(), self._lose_patience, connection)
        return connection

    def spoke(self, connection: RequestHandler) -> None:
        self._silent.discard(connection)

    def _lose_patience(self, connection: RequestHandler) -> None:
        if connection in self._silent:
            self._silent.discard(connection)
            connection.force_close()
