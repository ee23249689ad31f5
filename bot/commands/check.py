"""`tiffin check`: is everything there that Tiffin needs, said plainly, before a guest finds out."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape

from core.connections import Connections, ask_mongo, ask_redis, missing_indexes, open_connections
from core.embedded import embedded_stores
from core.errors import SettingsError, StoreError
from core.indexes import all_indexes
from core.settings import Settings, doubts, load_settings


class Mark(StrEnum):
    GOOD = "[green]✓[/green]"
    DOUBT = "[yellow]![/yellow]"
    BAD = "[red]✗[/red]"


@dataclass(frozen=True, slots=True)
class Verdict:
    mark: Mark
    what: str
    said: str


def run(*, demo: bool = False) -> None:
    """Print one line a verdict; exit with 1 when one is bad."""
    console = Console(soft_wrap=True, highlight=False)

    async def tell() -> bool:
        good = True
        async for verdict in verdicts(demo=demo):
            good = good and verdict.mark is not Mark.BAD
            console.print(f"{verdict.mark} [bold]{verdict.what:<9}[/bold] {escape(verdict.said)}")
        return good

    if not asyncio.run(tell()):
        console.print("\nTiffin would not serve guests well like this.")
        raise typer.Exit(1)


async def verdicts(*, demo: bool, env_file: str | None = ".env") -> AsyncIterator[Verdict]:
    try:
        settings = load_settings(env_file, demo=demo)
    except SettingsError as unfit:
        for problem in unfit.problems:
            yield Verdict(Mark.BAD, "settings", problem)
        return
    yield Verdict(Mark.GOOD, "settings", "complete, and no secret is weak")
    for doubt in doubts(settings, env_file):
        yield Verdict(Mark.DOUBT, "settings", doubt)
    if settings.twilio_whatsapp_number is not None:
        yield _whatsapp(settings)
    try:
        async with embedded_stores(settings, beside=True) as ready:
            connections = await open_connections(ready)
            try:
                async for verdict in _stores(ready, connections):
                    yield verdict
            finally:
                await connections.close()
    except SettingsError as unfit:
        for problem in unfit.problems:
            yield Verdict(Mark.BAD, "stores", problem)


def _whatsapp(settings: Settings) -> Verdict:
    """What to paste at Twilio. By itself Twilio would try once, and lose what we missed (PLATFORMS.md B2)."""
    from bot.channels.whatsapp.account import reachable, webhook_url

    if not reachable(settings):
        return Verdict(Mark.BAD, "whatsapp", f"Twilio cannot reach {settings.public_url}; PUBLIC_URL must be public")
    return Verdict(Mark.GOOD, "whatsapp", f"webhook of the sender, to paste as it is: {webhook_url(settings)}")


async def _stores(settings: Settings, connections: Connections) -> AsyncIterator[Verdict]:
    began = time.perf_counter()
    try:
        risks = await ask_redis(connections.redis)
    except StoreError as down:
        yield Verdict(Mark.BAD, "redis", f"{_place(settings.redis_url)} does not answer: {down.what}")
    else:
        yield Verdict(Mark.GOOD, "redis", f"{_place(settings.redis_url)} answers {_within(began)}")
        for risk in risks:
            yield Verdict(Mark.DOUBT, "redis", risk)
    began = time.perf_counter()
    try:
        await ask_mongo(connections.mongo)
    except StoreError as down:
        yield Verdict(Mark.BAD, "mongodb", f"{_place(settings.mongodb_url)} does not answer: {down.what}")
        return
    place = f"{_place(settings.mongodb_url)}, database {settings.mongodb_db}"
    yield Verdict(Mark.GOOD, "mongodb", f"{place}, answers {_within(began)}")
    yield await _indexes(connections)


async def _indexes(connections: Connections) -> Verdict:
    wanted = all_indexes()
    missing = await missing_indexes(connections.mongo, wanted)
    needed = [index for index in missing if await connections.mongo[index.collection].find_one({}) is not None]
    if needed:
        names = ", ".join(map(str, needed))
        return Verdict(Mark.BAD, "indexes", f"missing although there is data: {names}; starting Tiffin builds them")
    if missing:
        return Verdict(Mark.GOOD, "indexes", f"{len(missing)} of {len(wanted)} come with the first start")
    return Verdict(Mark.GOOD, "indexes", f"all {len(wanted)} stand")


def _place(address: SecretStr | None) -> str:
    """Where, without user and password."""
    parts = urlsplit(address.get_secret_value()) if address is not None else urlsplit("")
    return parts.netloc.rpartition("@")[2] or parts.path


def _within(began: float) -> str:
    return f"in {(time.perf_counter() - began) * 1000:.0f} ms"
