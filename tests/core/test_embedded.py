"""The embedded servers: started, found, stopped; killed, and nothing that was acknowledged is gone.

Each test starts real programs with real servers in a folder of its own.
"""

import asyncio
import contextlib
import fcntl
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from core import embedded
from core.connections import Connections, open_connections
from core.embedded import FolderHeld, ServerFailed, embedded_stores
from core.settings import Settings
from tests.conftest import make_settings

pytestmark = pytest.mark.crash

LINUX = sys.platform == "linux"
reads_proc = pytest.mark.skipif(not LINUX, reason="looks into /proc")

# Writes to both stores for ever and says so after each write that was acknowledged.
WRITER = """
import asyncio, signal, sys
from core.connections import open_connections
from core.embedded import embedded_stores
from core.errors import SettingsError
from tests.conftest import make_settings

async def main():
    async with embedded_stores(make_settings(tiffin_data=sys.argv[1])) as ready:
        connections = await open_connections(ready)
        stop = asyncio.Event()  # one cancellation alone may be lost inside Python 3.11's wait_for
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
        number = 0
        while not stop.is_set():
            number += 1
            await connections.mongo.orders.insert_one({"_id": f"ord_{number}", "n": number})
            await connections.redis.set(f"cart:{number}", number)
            print(number, flush=True)
        await connections.close()

try:
    asyncio.run(main())
except SettingsError as unfit:
    print(*unfit.problems, file=sys.stderr)
    raise SystemExit(1)
"""


@pytest.fixture(autouse=True)
def _no_server_outlives_its_test(tmp_path: Path):
    yield
    for note in tmp_path.rglob("*.pid"):
        if alive(pid := int(note.read_text())):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def writer(folder: Path):
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            yield program
        finally:
            program.kill()


def acknowledged(program: subprocess.Popen, at_least: int) -> int:
    """Read until so many writes were acknowledged."""
    number = 0
    assert program.stdout is not None
    while number < at_least:
        line = program.stdout.readline()
        assert line, program.stderr and program.stderr.read()
        number = int(line)
    return number


def rest_of(program: subprocess.Popen) -> list[int]:
    assert program.stdout is not None
    return [int(line) for line in program.stdout.read().split("\n") if line]


def pid_of(folder: Path, server: str) -> int:
    return int((folder / f"{server}.pid").read_text())


def alive(pid: int) -> bool:
    """A zombie, which an orphan may stay for a while, is not alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not LINUX or Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def until_gone(*pids: int) -> None:
    for _ in range(500):
        if not any(map(alive, pids)):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"still running: {pids}")


@contextlib.asynccontextmanager
async def stores_in(folder: Path) -> AsyncIterator[Connections]:
    async with embedded_stores(make_settings(tiffin_data=folder)) as ready:
        connections = await open_connections(ready)
        try:
            yield connections
        finally:
            await connections.close()


async def missing_of(folder: Path, last: int) -> tuple[list[int], list[int]]:
    """Which of the orders and carts 1 to `last` are not there."""
    async with stores_in(folder) as connections:
        orders = {found["n"] for found in await connections.mongo.orders.find({}).to_list(None)}
        carts = await connections.redis.mget([f"cart:{number}" for number in range(1, last + 1)])
    return (
        [number for number in range(1, last + 1) if number not in orders],
        [number for number, cart in enumerate(carts, start=1) if cart is None],
    )


async def test_a_clean_stop_leaves_no_server_behind_and_the_next_start_finds_the_data(tmp_path):
    async with stores_in(tmp_path) as connections:
        await connections.redis.set("cart:1", "two dosas")
        await connections.mongo.orders.insert_one({"_id": "ord_1", "total": 12000})
        servers = pid_of(tmp_path, "valkey"), pid_of(tmp_path, "nx")
        assert all(map(alive, servers))
    assert not any(map(alive, servers))

    async with stores_in(tmp_path) as connections:
        assert await connections.redis.get("cart:1") == "two dosas"
        assert await connections.mongo.orders.find_one({"_id": "ord_1"}) == {"_id": "ord_1", "total": 12000}


async def test_after_kill_9_of_tiffin_its_servers_live_on_and_a_new_start_takes_them_over(tmp_path):
    with writer(tmp_path) as program:
        acknowledged(program, 50)
        servers = pid_of(tmp_path, "valkey"), pid_of(tmp_path, "nx")
        program.kill()
        last = max(rest_of(program), default=50)
    assert all(map(alive, servers))

    async with stores_in(tmp_path) as connections:
        assert (pid_of(tmp_path, "valkey"), pid_of(tmp_path, "nx")) == servers
        assert (await connections.redis.info("server"))["process_id"] == servers[0]
        assert await connections.mongo.orders.find_one({"_id": f"ord_{last}"}) is not None
    assert not any(map(alive, servers)), "the second program stops what it took over"


async def test_kill_9_of_tiffin_and_both_servers_at_full_speed_loses_no_acknowledged_write(tmp_path):
    for attempt in range(3):
        folder = tmp_path / f"attempt{attempt}"
        with writer(folder) as program:
            acknowledged(program, 200)
            servers = pid_of(folder, "valkey"), pid_of(folder, "nx")
            for pid in (*servers, program.pid):
                os.kill(pid, signal.SIGKILL)
            last = max(rest_of(program), default=200)
        await until_gone(*servers)

        assert await missing_of(folder, last) == ([], [])


async def test_kill_9_of_one_server_alone_and_only_that_one_is_started_anew(tmp_path):
    with writer(tmp_path) as program:
        last = acknowledged(program, 20)
        valkey, nx = pid_of(tmp_path, "valkey"), pid_of(tmp_path, "nx")
        os.kill(nx, signal.SIGKILL)
        program.kill()
    await until_gone(nx)

    async with stores_in(tmp_path) as connections:
        assert pid_of(tmp_path, "valkey") == valkey
        assert pid_of(tmp_path, "nx") != nx
        assert await connections.mongo.orders.find_one({"_id": f"ord_{last}"}) is not None


async def test_a_second_start_on_the_same_folder_names_who_holds_it_and_ends_with_an_error(tmp_path):
    with writer(tmp_path) as first:
        acknowledged(first, 1)
        with writer(tmp_path) as second:
            _, said = second.communicate(timeout=30)
        assert second.returncode == 1
        assert said.count("\n") == 1
        assert re.search(
            rf"{tmp_path} is in use by Tiffin, process {first.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d", said
        )
        assert acknowledged(first, 5) >= 5, "the first one is not disturbed"
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)
        assert first.returncode == 0

    async with stores_in(tmp_path):
        pass  # and afterwards the folder is free


async def test_the_folder_is_refused_even_before_its_holder_has_signed(tmp_path):
    with open(tmp_path / "tiffin.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FolderHeld) as refused:
            async with stores_in(tmp_path):
                pass
    assert refused.value.problems == [
        f"{tmp_path} is in use by another Tiffin; stop it, or set TIFFIN_DATA to another folder."
    ]


async def test_an_errand_joins_the_running_servers_and_leaves_them_running(tmp_path):
    settings = make_settings(tiffin_data=tmp_path)
    async with embedded_stores(settings) as ready, embedded_stores(settings, beside=True) as joined:
        assert (joined.redis_url, joined.mongodb_url) == (ready.redis_url, ready.mongodb_url)
        servers = pid_of(tmp_path, "valkey"), pid_of(tmp_path, "nx")
        async with embedded_stores(settings, beside=True):
            pass
        assert all(map(alive, servers))


async def test_an_errand_with_nobody_home_starts_the_servers_and_stops_them(tmp_path):
    async with embedded_stores(make_settings(tiffin_data=tmp_path), beside=True) as ready:
        assert ready.redis_url is not None
        servers = pid_of(tmp_path, "valkey"), pid_of(tmp_path, "nx")
    assert not any(map(alive, servers))


async def test_an_errand_whose_owner_has_no_servers_says_so(tmp_path, monkeypatch):
    addresses = {"redis_url": "redis://127.0.0.1:1"}
    async with embedded_stores(make_settings(tiffin_data=tmp_path, **addresses)):
        monkeypatch.setattr(embedded, "START_TIMEOUT", timedelta(milliseconds=100))
        with pytest.raises(ServerFailed, match="does not have it running"):
            async with embedded_stores(make_settings(tiffin_data=tmp_path), beside=True):
                pass


async def test_only_the_store_without_an_address_gets_a_server(tmp_path):
    given = SecretStr("redis://redis.example:6379/0")
    async with embedded_stores(make_settings(tiffin_data=tmp_path, redis_url=given)) as ready:
        assert ready.redis_url == given
        assert (ready.redis_embedded, ready.mongodb_embedded) == (False, True)
        assert not (tmp_path / "valkey.port").exists()


async def test_with_both_addresses_nothing_is_started_and_the_folder_is_not_even_made(tmp_path):
    both = {"redis_url": "redis://redis.example/0", "mongodb_url": "mongodb://mongo.example/"}
    settings = make_settings(tiffin_data=tmp_path / "never", **both)
    async with embedded_stores(settings) as ready:
        assert ready is settings
    assert not (tmp_path / "never").exists()


@reads_proc
async def test_the_servers_listen_on_loopback_alone_and_the_folder_is_private(tmp_path):
    folder = tmp_path / "data"
    async with stores_in(folder):
        for server in ("valkey", "nx"):
            port = int((folder / f"{server}.port").read_text())
            listening = [
                line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if f":{port:04X} " in line
            ]
            assert {address.split(":")[0] for address in listening if address.endswith(f":{port:04X}")} == {"0100007F"}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@reads_proc
async def test_the_servers_are_given_none_of_our_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("JWT_SECRET", "must-not-travel")
    async with stores_in(tmp_path):
        for server in ("valkey", "nx"):
            assert b"must-not-travel" not in Path(f"/proc/{pid_of(tmp_path, server)}/environ").read_bytes()


async def test_a_port_taken_by_another_program_is_answered_with_another_port(tmp_path, monkeypatch):
    free = embedded._free_port
    tried: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        foreign.listen()

        def first_the_taken_one() -> int:
            tried.append(foreign.getsockname()[1] if not tried else free())
            return tried[-1]

        monkeypatch.setattr(embedded, "_free_port", first_the_taken_one)
        redis = "redis://127.0.0.1:1"
        async with embedded_stores(make_settings(tiffin_data=tmp_path, redis_url=redis)) as ready:
            assert ready.mongodb_url is not None
            assert f":{tried[1]}/" in ready.mongodb_url.get_secret_value()
            assert len(tried) == 2


async def test_a_server_that_cannot_start_is_named_with_the_place_of_its_output(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "_nx_command", lambda folder, port: [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(ServerFailed) as failed:
        async with stores_in(tmp_path):
            pass
    assert failed.value.problems == [
        f"The embedded server nx did not start: it ended with code 3; what it said stands in {tmp_path / 'nx.out'}."
    ]
    assert not (tmp_path / "valkey.pid").exists(), "the other one, which did start, was stopped"


async def test_a_server_deaf_to_sigterm_is_killed(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(embedded, "STOP_TIMEOUT", timedelta(milliseconds=300))
    valkey = None
    async with stores_in(tmp_path):
        valkey = pid_of(tmp_path, "valkey")
        os.kill(valkey, signal.SIGSTOP)
    assert not alive(valkey)
    assert "embedded_server_killed" in caplog.text


async def test_a_long_output_of_the_last_run_is_set_aside(tmp_path):
    (tmp_path / "nx.out").write_bytes(b"x" * (embedded.KEPT_OUTPUT + 1))
    async with stores_in(tmp_path):
        assert (tmp_path / "nx.out").stat().st_size < embedded.KEPT_OUTPUT
        assert (tmp_path / "nx.out.old").stat().st_size > embedded.KEPT_OUTPUT


async def test_both_servers_are_up_within_two_seconds(tmp_path):
    begun = time.perf_counter()
    async with embedded_stores(make_settings(tiffin_data=tmp_path)) as ready:
        assert isinstance(ready, Settings)
        assert time.perf_counter() - begun < 2
