"""Amazon SNS: moto's server does the work, a front before it counts and fails."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from tests.fakes.sms.service import Canned, FakeService, Taken

PATIENCE = 30.0
SPACE = "http://sns.amazonaws.com/doc/2010-03-31/"


class Moto:
    """moto's server, in a process of its own."""

    def __init__(self, base: str) -> None:
        self.base = base

    async def reset(self) -> None:
        async with aiohttp.ClientSession() as http, http.post(f"{self.base}/moto-api/reset") as response:
            assert response.status == 200

    async def sent(self) -> list[tuple[str, str]]:
        """The phone and the text of each message, as moto remembers them."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.base}/moto-api/data.json") as response:
            remembered: dict[str, Any] = await response.json(content_type=None)
        return [(sms["phone_number"], sms["message"]) for sms in remembered.get("sns", {}).get("SMS", [])]


@asynccontextmanager
async def moto_server(log: Path) -> AsyncIterator[Moto]:
    """Started on a free port, and ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    moto = Moto(f"http://127.0.0.1:{port}")
    try:
        await _answers(moto, process, log)
        yield moto
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _answers(moto: Moto, process: "subprocess.Popen[bytes]", log: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            assert process.poll() is None, log.read_text()
            with suppress(aiohttp.ClientError):
                await moto.reset()
                return
            await asyncio.sleep(0.1)


class FakeSns(FakeService):
    def __init__(self, moto: Moto) -> None:
        super().__init__()
        self._moto = moto

    async def answer(self, request: web.Request) -> tuple[web.Response, Taken | None]:
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self._moto.base + request.raw_path, data=body, headers=headers) as response,
        ):
            text = await response.text()
        answer = web.Response(status=response.status, text=text, content_type=response.content_type)
        if response.status != 200:
            return answer, None
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        message_id = text.partition("<MessageId>")[2].partition("</MessageId>")[0]
        return answer, Taken(form["PhoneNumber"], form["Message"], message_id, form)


def sns_error(status: int, code: str, message: str) -> Canned:
    """An error as the query protocol words it."""
    return Canned(
        status,
        f'<ErrorResponse xmlns="{SPACE}"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>'
        "</Error><RequestId>e3b0c442-98fc-4c14-9afb-f4c8996fb924</RequestId></ErrorResponse>",
        "text/xml",
    )
