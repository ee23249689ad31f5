"""`tiffin menu`: the menu as a file, in and out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from core.audit.service import AuditService
from core.audit.store import AuditStore
from core.clock import Clock, SystemClock
from core.connections import ensure_indexes, open_connections
from core.embedded import embedded_stores
from core.invites.service import InviteService
from core.invites.store import InviteStore
from core.logs import configure_logging
from core.menu.errors import MenuFileError
from core.menu.menu_changes import MenuFile, OutletChanges
from core.menu.menu_file import read_menu
from core.menu.menu_writer import write_menu
from core.menu.service import MenuService
from core.menu.store import INDEXES, MenuStore
from core.money import Money
from core.outlets.service import OutletService
from core.outlets.store import OutletStore
from core.redaction import register_secrets
from core.settings import load_settings

SHOWN = 12  # names of a kind before "and 30 more"
SCREEN = Path("-")


@dataclass(frozen=True, slots=True)
class Books:
    """What an errand on menu and outlets needs of a Tiffin, running or not."""

    menu: MenuService
    outlets: OutletService
    clock: Clock
    invites: InviteService


@asynccontextmanager
async def open_books() -> AsyncIterator[Books]:
    """Beside a Tiffin that is running, or with the stores started for the errand. Raises SettingsError, StoreError.

    An errand needs addresses and no secret, so settings that would do for a demo will do.
    """
    clock = SystemClock()
    settings = load_settings(demo=True)
    register_secrets(settings.secret_values())
    configure_logging(level="WARNING", form=settings.log_format)
    async with embedded_stores(settings, beside=True, clock=clock) as ready:
        connections = await open_connections(ready)
        try:
            await ensure_indexes(connections.mongo, INDEXES)
            outlets = OutletService(store=OutletStore(connections.mongo), clock=clock, redis=connections.redis)
            menu = MenuService(store=MenuStore(connections.mongo), outlets=outlets, clock=clock)
            await menu.load()
            audit = AuditService(store=AuditStore(connections.mongo), clock=clock)
            invites = InviteService(store=InviteStore(connections.mongo), audit=audit, clock=clock)
            yield Books(menu, outlets, clock, invites)
        finally:
            await connections.close()


def run_import(path: Path, dry_run: bool) -> None:
    """Make the menu what the file says, and tell what changed. Exits with 1 and every wrong line when it cannot."""
    console = Console(soft_wrap=True, highlight=False)
    try:
        file = read_menu(path)
    except MenuFileError as wrong:
        tell_problems(console, path, wrong)
        raise typer.Exit(1) from wrong
    differences = asyncio.run(_import(file, dry_run))
    for difference in differences:
        tell_changes(console, difference)
    if not any(differences):
        console.print("Nothing to change: the menu is what the file says.")
    elif dry_run:
        console.print("This is what would change. Nothing has been changed.")


async def _import(file: MenuFile, dry_run: bool) -> Sequence[OutletChanges]:
    async with open_books() as books:
        return await books.menu.compare(file) if dry_run else await books.menu.import_file(file)


def run_export(path: Path) -> None:
    """Write the menu as it stands to a file, whole or not at all; `-` is the screen. Exits with 1 if there is none."""
    text = asyncio.run(_export())
    console = Console(soft_wrap=True, highlight=False, stderr=path == SCREEN)
    if text is None:
        console.print("There is no outlet yet; `tiffin menu import FILE` makes some.")
        raise typer.Exit(1)
    if path == SCREEN:
        typer.echo(text, nl=False)
        return
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as failure:
        draft.unlink(missing_ok=True)
        console.print(f"{escape(str(path))} cannot be written: {failure.strerror}.")
        raise typer.Exit(1) from failure
    console.print(f"The menu stands in {escape(str(path))}.")


async def _export() -> str | None:
    async with open_books() as books:
        outlets, items = await books.menu.everything()
        return write_menu(outlets, items, now_ms=books.clock.ms()) if outlets else None


def tell_problems(console: Console, path: Path, wrong: MenuFileError) -> None:
    for line, sentence in wrong.problems:
        place = f"{path}, line {line}" if line else str(path)
        stop = "" if sentence.endswith("?") else "."
        console.print(f"[red]{escape(place)}:[/red] {escape(sentence)}{stop}")
    count = len(wrong.problems)
    mistakes = "One mistake" if count == 1 else f"{count} mistakes"
    console.print(f"\n{mistakes} in the file; nothing was changed.")


def tell_changes(console: Console, difference: OutletChanges) -> None:
    """One outlet's part of an import, in a few lines."""
    if not difference:
        return
    outlet = difference.outlet
    new = " (new)" if difference.new_outlet else ""
    console.print(f"[bold]{escape(outlet.name)}[/bold] · {outlet.id}{new}")
    if difference.facts:
        console.print(f"  outlet   {_few([name.replace('_', ' ') for name in difference.facts])}")
    if difference.added:
        console.print(f"  [green]added[/green]    {_few([item.name for item in difference.added])}")
    if difference.removed:
        console.print(f"  [red]removed[/red]  {_few([item.name for item in difference.removed])}")
    prices = [
        f"{p.name} {_rupees(p.was, outlet.currency)} → {_rupees(p.now, outlet.currency)}" for p in difference.prices
    ]
    if prices:
        console.print(f"  prices   {_few(prices)}")
    others = [f"{item.name} ({', '.join(told)})" for item, names in difference.changed if (told := _told(names))]
    if others:
        console.print(f"  changed  {_few(others)}")
    console.print(f"  as is    {difference.unchanged}")


def _told(names: Sequence[str]) -> list[str]:
    """What of a dish changed, without the prices, which stand on a line of their own."""
    return [name.replace("_", " ").removesuffix(" ms") for name in names if name != "variants"]


def _few(names: Sequence[str]) -> str:
    shown = escape(", ".join(names[:SHOWN]))
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def _rupees(money: Money, currency: str) -> str:
    whole, rest = divmod(money.paise, 100)
    sign = "₹" if currency == "INR" else f"{currency} "
    return f"{sign}{whole:,}.{rest:02d}" if rest else f"{sign}{whole:,}"
