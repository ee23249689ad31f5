"""The `tiffin` command. Bodies live in `bot/commands/` and are imported when called, so that `--help` comes at once."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.errors import SettingsError

app = typer.Typer(
    name="tiffin",
    help="Tiffin takes restaurant orders in a chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
menu = typer.Typer(help="The menu as a file an owner can edit.", no_args_is_help=True)
outlet = typer.Typer(help="The restaurant's branches.", no_args_is_help=True)
app.add_typer(menu, name="menu")
app.add_typer(outlet, name="outlet")


class Job(StrEnum):
    """What somebody does at an outlet; the roles of core/staff, which need not be loaded for `--help`."""

    KITCHEN = "kitchen"
    RIDER = "rider"
    MANAGER = "manager"
    OWNER = "owner"


class Role(StrEnum):
    """One part of Tiffin, for those who run each in a process of its own."""

    BOT = "bot"
    WEBHOOKS = "webhooks"
    JOBS = "jobs"


@contextmanager
def _loading() -> Iterator[None]:
    """A tenth of a start would be spent looking for cycles among what stays; `settle` has the collector look again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="Where the page is served; PORT, or 8080.")] = None,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Everything in one process: no keys, nothing to install, a real menu, a guest, a kitchen and a till."""
    with _loading():
        from bot.commands import demo as command

        command.run(port=port, show=show)


@app.command()
def run(
    only: Annotated[Role | None, typer.Option(help="Just this part, in a process of its own.")] = None,
) -> None:
    """Serve guests and kitchens until stopped."""
    with _loading():
        from bot.commands import run as command

        command.run(only=only)


@app.command()
def check(
    as_demo: Annotated[bool, typer.Option("--demo", help="Judge the settings as the demo would.")] = False,
) -> None:
    """Settings, stores and indexes, each with a plain verdict."""
    from bot.commands import check as command

    command.run(demo=as_demo)


@menu.command("import")
def menu_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A YAML menu.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
) -> None:
    """Read outlets and dishes from FILE. A file with a mistake changes nothing, and the line is named."""
    from bot.commands import menu as command

    command.run_import(file, dry_run=dry_run)


@menu.command("export")
def menu_export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write; - for the screen.")],
) -> None:
    """Write outlets and dishes to FILE, as `menu import` reads them."""
    from bot.commands import menu as command

    command.run_export(file)


@outlet.command("add")
def outlet_add(
    code: Annotated[str, typer.Argument(help="A short code, such as mgroad.")],
    name: Annotated[str, typer.Argument(help="The name guests read.")],
    like: Annotated[str, typer.Option(help="The outlet whose hours, taxes, menu and zones the new one begins with.")],
    address: Annotated[str, typer.Option(help="Street and number.")],
    city: Annotated[str, typer.Option()],
    phone: Annotated[str, typer.Option(help="What guests may call, such as +918041234567.")],
) -> None:
    """Open a branch that begins as another one is."""
    from bot.commands import outlet as command

    command.run_add(code=code, name=name, like=like, address=address, city=city, phone=phone)


@outlet.command("qr")
def outlet_qr(
    code: Annotated[str, typer.Argument(help="The outlet's code, such as mgroad.")],
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Where to write; left out: qr-CODE.")
    ] = None,
    bot: Annotated[str | None, typer.Option("--bot", help="The bot's name; left out: Telegram is asked.")] = None,
) -> None:
    """A code for every table, as SVG and PNG, and a sheet to print."""
    from bot.commands import outlet_qr as command

    command.run(code, out=out, bot=bot)


@outlet.command("invite")
def outlet_invite(
    code: Annotated[str, typer.Argument(help="The outlet's code, such as mgroad.")],
    role: Annotated[Job, typer.Argument(help="What they may do there.")],
) -> None:
    """A code with which somebody joins an outlet's staff; on WhatsApp its orders then come to their chat."""
    from bot.commands import outlet as command

    command.run_invite(code=code, role=role.value)


@outlet.command("list")
def outlet_list() -> None:
    """Every branch, whether it is open, and what it offers."""
    from bot.commands import outlet as command

    command.run_list()


@app.command()
def simulate(
    url: Annotated[str | None, typer.Option(help="A demo that is running; left out: one of its own.")] = None,
    guests: Annotated[int, typer.Option(min=1, help="How many guests come.")] = 50,
    rate: Annotated[float, typer.Option(min=1, help="How many of them order in a minute.")] = 120.0,
    seed: Annotated[int | None, typer.Option(help="The same seed brings the same guests.")] = None,
) -> None:
    """A day at the restaurant: guests order, cooks answer, a table tells how it went."""
    from bot.commands import simulate as command

    command.run(url, guests=guests, rate=rate, seed=seed)


def main(arguments: Sequence[str] | None = None) -> None:
    """What makes a start impossible is told in a sentence each, on standard error, and the exit code is 1."""
    try:
        app(args=None if arguments is None else [*arguments, *sys.argv[1:]])
    except SettingsError as unfit:
        for problem in unfit.problems:
            print(problem, file=sys.stderr)  # noqa: T201 - logs may not be set up yet
        sys.exit(1)


if __name__ == "__main__":
    main()
