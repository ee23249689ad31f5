"""Tiffin as processes of their own, as a shell starts them, or to be killed in the middle of something."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from core.settings import Settings
from tests.conftest import JWT_SECRET, OTP_SECRET

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def demo(data: Path, port: int, *module: str, **shared: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A demo on `data`, with stores of its own unless `shared` names some. One that still lives at the end is asked to
    stop, and takes along the servers that an earlier one, killed, left running.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "MONGODB_URL")}
    environment |= {"TIFFIN_DATA": str(data), "LOG_LEVEL": "WARNING", **shared}
    with (data / "out").open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        await ready(port, process, data)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()


async def ready(port: int, process: asyncio.subprocess.Process, data: Path) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
        while True:
            assert process.returncode is None, (data / "out").read_text()[-2000:]
            try:
                async with http.get(f"http://127.0.0.1:{port}/demo/config") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)


class Mortal:
    """`python -m MODULE SETTINGS PORT`, which says `ready` when it is; born and killed as often as one likes."""

    def __init__(self, module: str, settings: Settings, port: int) -> None:
        plain = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in settings.model_dump().items()
            if name not in ("jwt_secret", "otp_secret")
        }
        said = json.dumps({**plain, "jwt_secret": JWT_SECRET, "otp_secret": OTP_SECRET}, default=str)
        self._command = (sys.executable, "-m", module, said, str(port))
        self._process: asyncio.subprocess.Process | None = None

    async def born(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        assert line == b"ready\n"

    async def killed(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()
