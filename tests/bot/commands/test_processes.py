"""The processes themselves: a demo and a plain start, as a shell starts, stops and restarts them."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.commands.demo import OTHER_PORTS, free_socket
from tests.conftest import JWT_SECRET, OTP_SECRET
from tests.processes import ROOT, free_port
from webhooks.serving import PortTaken, listen

PLAYED = {
    "PAYMENT_PROVIDER": "sandbox",
    "SMS_PROVIDERS": "console",
    "JWT_SECRET": JWT_SECRET,
    "OTP_SECRET": OTP_SECRET,
}
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


@asynccontextmanager
async def tiffin(*words: str, folder: Path, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running command; killed when the test did not end it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", *words),
        cwd=folder,
        env={name: os.environ[name] for name in KEPT if name in os.environ}
        | {"PYTHONPATH": str(ROOT), "TIFFIN_DATA": str(folder / "data"), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(process.communicate(), 20)
            except TimeoutError:
                process.kill()
                await process.wait()


async def answers(http: aiohttp.ClientSession, url: str, status: int = 200) -> dict:
    async with asyncio.timeout(30):
        while True:
            try:
                async with http.get(url) as response:
                    if response.status == status:
                        return dict(await response.json(content_type=None))
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as http:
        yield http


async def test_a_demo_serves_its_page_closes_on_ctrl_c_and_opens_again_with_everything_kept(tmp_path, http):
    port = str(free_port())
    base = f"http://127.0.0.1:{port}"
    async with tiffin("demo", "--port", port, "--no-open", folder=tmp_path) as demo:
        await answers(http, f"{base}/health/ready")
        config = await answers(http, f"{base}/demo/config")
        async with http.post(f"{base}/chat") as response:
            session = (await response.json())["session"]
        event = {"id": "hello", "type": "start"}
        async with http.post(f"{base}/chat/{session}/events", json=event) as response:
            first = await response.json()
        demo.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(demo.communicate(), 20)
    assert demo.returncode == 0
    assert f"{base}/demo" in out.decode()
    assert "Goodbye" in out.decode()
    assert "Traceback" not in err.decode()

    async with tiffin("demo", "--port", port, "--no-open", folder=tmp_path):
        await answers(http, f"{base}/health/ready")
        assert await answers(http, f"{base}/demo/config") == config
        async with http.post(f"{base}/chat/{session}/events", json=event) as response:
            assert await response.json() == first  # the chat goes on where it was


async def test_a_demo_whose_port_is_taken_takes_the_next_free_one_and_says_so(tmp_path, http):
    """Which one that is, only the demo knows: others on this machine take ports, too."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        words = ("demo", "--port", str(port), "--no-open")
        async with tiffin(*words, folder=tmp_path, PYTHONUNBUFFERED="1") as demo:
            assert demo.stdout is not None
            said, moved = "", None
            async with asyncio.timeout(30):
                while moved is None and (line := await demo.stdout.readline()):
                    said += line.decode()
                    moved = re.search(rf"Port {port} is taken, so it is on (\d+)\.", said)
            assert moved, said
            assert port < int(moved[1]) < port + OTHER_PORTS
            await answers(http, f"http://127.0.0.1:{moved[1]}/health/ready")
            demo.send_signal(signal.SIGTERM)
            await asyncio.wait_for(demo.communicate(), 20)
    assert demo.returncode == 0


async def test_a_start_on_a_taken_port_is_refused_in_a_sentence(tmp_path):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        async with tiffin("run", folder=tmp_path, PORT=str(port), **PLAYED) as process:
            _, err = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken; set PORT to a free one." in err.decode()
    assert "Traceback" not in err.decode()


async def test_on_sigterm_the_balancer_is_told_first_and_the_process_ends_well(tmp_path, http):
    port = str(free_port())
    base = f"http://127.0.0.1:{port}"
    async with tiffin("run", folder=tmp_path, PORT=port, **PLAYED) as process:
        await answers(http, f"{base}/health/ready")
        process.send_signal(signal.SIGTERM)
        assert (await answers(http, f"{base}/health/ready", 503))["status"] == "draining"
        assert (await answers(http, f"{base}/health/live"))["status"] == "alive"
        _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert "Traceback" not in err.decode()


async def test_the_jobs_alone_open_no_port_and_the_web_door_alone_does_no_jobs(tmp_path, http):
    port = str(free_port())
    async with tiffin("run", "--only", "jobs", folder=tmp_path, PORT=port, **PLAYED) as jobs:
        await asyncio.sleep(3)
        assert jobs.returncode is None
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://127.0.0.1:{port}/health/live")
    async with tiffin("run", "--only", "webhooks", folder=tmp_path, PORT=port, **PLAYED):
        assert (await answers(http, f"http://127.0.0.1:{port}/health/live"))["status"] == "alive"


def test_a_free_port_is_looked_for_upwards_and_not_for_ever(monkeypatch):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with free_socket("127.0.0.1", port) as found:
            assert port < found.getsockname()[1] <= port + 20
        monkeypatch.setattr("bot.commands.demo.OTHER_PORTS", 1)
        with pytest.raises(PortTaken):
            free_socket("127.0.0.1", port)
    with free_socket("127.0.0.1", 0) as anywhere:
        assert anywhere.getsockname()[1] > 0


async def test_a_simulated_day_brings_its_own_demo_and_ends_with_a_table(tmp_path):
    words = ("simulate", "--guests", "5", "--rate", "600", "--seed", "3")
    async with tiffin(*words, folder=tmp_path) as process:
        out, err = await asyncio.wait_for(process.communicate(), 90)
    shown = out.decode()
    assert process.returncode == 0, shown + err.decode()
    for row in ("Orders placed", "Turn latency p50", "Turn latency p95", "Turn latency p99", "Errors", "--seed 3"):
        assert row in shown
    assert not list(tmp_path.iterdir())


async def test_a_day_against_nobody_is_refused_in_a_sentence(tmp_path):
    address = f"http://127.0.0.1:{free_port()}"
    async with tiffin("simulate", "--url", address, folder=tmp_path) as process:
        _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert f"{address} cannot be reached" in err.decode()
    assert "Traceback" not in err.decode()


async def test_a_day_that_went_wrong_ends_with_an_error(tmp_path, http):
    port = str(free_port())
    async with tiffin("demo", "--port", port, "--no-open", folder=tmp_path, SMS_DAILY_BUDGET="0"):
        await answers(http, f"http://127.0.0.1:{port}/health/ready")
        words = ("simulate", "--url", f"http://127.0.0.1:{port}", "--guests", "2", "--rate", "600", "--seed", "3")
        async with tiffin(*words, folder=tmp_path) as process:
            out, _ = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 1
    assert "lost at" in out.decode() or "waited too long" in out.decode()
