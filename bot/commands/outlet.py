"""`tiffin outlet`: the restaurant's branches."""

import asyncio
from datetime import datetime

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.commands.menu import open_books
from core.errors import DomainError
from core.ids import OutletId
from core.invites.models import SHELL, JoinStaff
from core.menu.errors import BranchRefused
from core.outlets.errors import OutletExists
from core.outlets.hours import local, opening
from core.outlets.models import Outlet
from core.staff.models import Role


def run_add(*, code: str, name: str, like: str, address: str, city: str, phone: str) -> None:
    """Open a branch that begins as the outlet `like` is, menu and all. Exits with 1 and a sentence when it cannot."""
    console = Console(soft_wrap=True, highlight=False)
    facts = {"code": code, "name": name, "address": address, "city": city, "phone": phone}
    try:
        outlet, dishes = asyncio.run(_add(OutletId(like), facts))
    except BranchRefused as refused:
        for sentence in refused.problems:
            console.print(f"[red]{escape(sentence)}[/red]")
        raise typer.Exit(1) from refused
    except OutletExists as taken:
        console.print(f"[red]There is an outlet {escape(code)} already.[/red]")
        raise typer.Exit(1) from taken
    except DomainError as missing:
        console.print(f"[red]There is no outlet {escape(like)}; `tiffin outlet list` shows those there are.[/red]")
        raise typer.Exit(1) from missing
    console.print(f"[bold]{escape(outlet.name)}[/bold] · {outlet.id} is there, with {dishes} dishes of {escape(like)}.")
    console.print(
        "Its place on the map and FSSAI number are still to be written, and zones and tables to be checked:"
        " `tiffin menu export FILE`, edit, `tiffin menu import FILE`."
    )


async def _add(like: OutletId, facts: dict[str, str]) -> tuple[Outlet, int]:
    async with open_books() as books:
        outlet = await books.menu.open_branch(like, **facts)
        return outlet, len(books.menu.snapshot(outlet.id).items)


def run_invite(*, code: str, role: str) -> None:
    """Make a code with which somebody joins the outlet. Exits with 1 and a sentence when there is no such outlet."""
    console = Console(soft_wrap=True, highlight=False)
    try:
        made = asyncio.run(_invite(OutletId(code), Role(role)))
    except DomainError as missing:
        console.print(f"[red]There is no outlet {escape(code)}; `tiffin outlet list` shows those there are.[/red]")
        raise typer.Exit(1) from missing
    console.print(f"To be written to Tiffin on WhatsApp or Telegram within 15 minutes, once: [bold]/join {made}[/bold]")


async def _invite(code: OutletId, role: Role) -> str:
    async with open_books() as books:
        outlet = books.outlets.require(code)
        made = await books.invites.make(JoinStaff(outlet.id, role), SHELL, name="the shell")
        return made.code


def run_list() -> None:
    """Every branch, whether it is open, and what it offers."""
    console = Console(highlight=False)
    asyncio.run(_list(console))


async def _list(console: Console) -> None:
    async with open_books() as books:
        if not books.outlets.all():
            console.print("There is no outlet yet; `tiffin menu import FILE` makes some.")
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("Code", "Name", "Now", "Dishes", "Zones", "Tables", "Offers"):
            number = heading in ("Dishes", "Zones", "Tables")
            table.add_column(heading, justify="right" if number else "left", no_wrap=heading != "Offers")
        for outlet in books.outlets.all():
            table.add_row(
                outlet.id,
                escape(outlet.name),
                state(books.clock.now(), outlet),
                str(len(books.menu.snapshot(outlet.id).items)),
                str(len(outlet.zones)),
                str(len(outlet.tables)),
                ", ".join(way.value.replace("_", "-") for way in outlet.fulfilments),
            )
        console.print(table)


def state(at: datetime, outlet: Outlet) -> str:
    """`open until 23:15`, `closed until Tue 07:00`, `paused until 14:00`: times of the outlet's own clock."""
    now = opening(outlet, at)
    if now.open:
        return f"open until {local(outlet, now.until_ms):%H:%M}" if now.until_ms else "open"
    word = "paused" if now.paused else "closed"
    return f"{word} until {local(outlet, now.next_ms):%a %H:%M}" if now.next_ms else word
