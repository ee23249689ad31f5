"""`tiffin simulate`: a day at the restaurant, against any demo, or against one of its own."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.simulation.day import Day, NoDemo, simulate
from bot.simulation.figures import Figures
from core.errors import SettingsError
from webhooks.serving import listen

START_TIMEOUT = 60.0
STOP_TIMEOUT = 40.0
OWN_SETTINGS = {"LOG_LEVEL": "WARNING", "SMS_DAILY_BUDGET": "1000000"}  # a town of new guests in one day


def run(url: str | None = None, *, guests: int = 50, rate: float = 120.0, seed: int | None = None) -> None:
    """Play the day and print its table; exit with 1 when anything went wrong. `rate` is orders a minute."""
    console = Console(highlight=False)
    seed = secrets.randbelow(10_000) if seed is None else seed
    day = Day(guests=guests, rate=rate, seed=seed)
    try:
        if url is not None:
            figures = _play(console, url.rstrip("/"), day)
        else:
            with own_demo() as address:
                figures = _play(console, address, day)
    except NoDemo as wrong:
        raise SettingsError([str(wrong)]) from None
    console.print(figures.table())
    console.print(f"[dim]The same guests again: --seed {seed}[/dim]")
    if figures.errors:
        raise typer.Exit(1)


def _play(console: Console, address: str, day: Day) -> Figures:
    columns = (
        TextColumn("[bold]Guests served"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[orders]} orders"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=day.guests, orders=0)
        return asyncio.run(
            simulate(address, day, on_guest=lambda figures: progress.update(bar, advance=1, orders=figures.placed))
        )


@contextmanager
def own_demo() -> Iterator[str]:
    """A demo in a process and a folder of its own, both gone afterwards. Raises SettingsError."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="tiffin-") as folder:
        output = Path(folder) / "demo.out"
        environment = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "MONGODB_URL")}
        with output.open("wb") as out:
            demo = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "demo", "--port", str(port), "--no-open"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**environment, **OWN_SETTINGS, "TIFFIN_DATA": str(Path(folder) / "data")},
            )
        try:
            address = f"http://127.0.0.1:{port}"
            asyncio.run(_until_ready(address, demo, output))
            yield address
        finally:
            demo.send_signal(signal.SIGINT)
            try:
                demo.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                demo.kill()
                demo.wait()


async def _until_ready(address: str, demo: "subprocess.Popen[bytes]", output: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < deadline:
            if demo.poll() is not None:
                break
            try:
                async with http.get(f"{address}/health/ready") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    said = await asyncio.to_thread(output.read_text, errors="replace")
    raise SettingsError([f"The demo to play in did not start. It said: {said[-2000:]}"])
