"""A wire tap: a proxy on loopback that counts what really travels between Tiffin and a store."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Tap:
    """`commands` that went out, and `round_trips`: how often the far side was waited for."""

    port: int = 0
    commands: int = 0
    round_trips: int = 0
    names: list[str] = field(default_factory=list)

    def reset(self) -> None:
        self.commands = self.round_trips = 0
        self.names.clear()


def redis_commands(buffer: bytearray) -> list[str]:
    """The whole commands at the front of `buffer`, which are taken out of it (RESP arrays of bulk strings)."""
    found: list[str] = []
    while buffer.startswith(b"*"):
        at = buffer.find(b"\r\n")
        if at < 0:
            break
        parts: list[bytes] = []
        count, at = int(buffer[1:at]), at + 2
        for _ in range(count):
            end = buffer.find(b"\r\n", at)
            if end < 0:
                return found
            size = int(buffer[at + 1 : end])
            if len(buffer) < end + 2 + size + 2:
                return found
            parts.append(bytes(buffer[end + 2 : end + 2 + size]))
            at = end + 2 + size + 2
        del buffer[:at]
        found.append(parts[0].decode().upper())
    return found


def mongo_commands(buffer: bytearray) -> list[str]:
    """The whole OP_MSG messages at the front of `buffer`, named by the first key of their body."""
    found = []
    while len(buffer) >= 16:
        (size,) = struct.unpack_from("<i", buffer)
        if len(buffer) < size:
            break
        (opcode,) = struct.unpack_from("<i", buffer, 12)
        body = bytes(buffer[:size])
        del buffer[:size]
        if opcode == 2013:  # flags (4), section kind (1), document size (4), first element type (1), its name
            found.append(body[26 : body.index(b"\0", 26)].decode())
    return found


HOUSEKEEPING = {"hello", "ismaster", "isMaster", "ping", "endSessions", "HELLO", "CLIENT", "PING", "SELECT"}


@asynccontextmanager
async def wire_tap(host: str, port: int, parse: Callable[[bytearray], list[str]]) -> AsyncIterator[Tap]:
    tap = Tap()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection(host, port)
        waiting = False
        buffer = bytearray()

        async def out() -> None:
            nonlocal waiting
            while data := await reader.read(65536):
                buffer.extend(data)
                names = [name for name in parse(buffer) if name not in HOUSEKEEPING]
                if names:
                    tap.commands += len(names)
                    tap.names.extend(names)
                    if not waiting:
                        tap.round_trips += 1
                        waiting = True
                far_writer.write(data)
                await far_writer.drain()

        async def back() -> None:
            nonlocal waiting
            while data := await far_reader.read(65536):
                waiting = False
                writer.write(data)
                await writer.drain()

        both = {asyncio.create_task(out()), asyncio.create_task(back())}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # the tap is taken away
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            far_writer.close()
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
