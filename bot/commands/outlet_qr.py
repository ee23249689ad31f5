"""`tiffin outlet qr`: a code for every table, as files for a printer and as a sheet to cut up.

A code opens the chat at its table. Where there is a bot at Telegram a table has one code for it and one for the chat in
the browser; otherwise the browser's alone.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp
import segno
import typer
from rich.console import Console
from rich.markup import escape as plain

from bot.commands.menu import open_books
from bot.conversation.texts import LANGUAGES, Texts
from core.ids import OutletId
from core.outlets.models import Outlet
from core.settings import Settings, load_settings
from core.start_links import table_token

QUIET_ZONE = 4  # modules around the code, as the standard asks
PNG_SCALE = 16  # pixels a module: 300 dots an inch at 6 cm and more
TIMEOUT = aiohttp.ClientTimeout(total=10)
SHEET = "sheet.html"
_BOT = re.compile(r"@?[A-Za-z][A-Za-z0-9_]{4,31}", re.ASCII)


class NoName(Exception):
    """Telegram did not tell the bot's name; the sentence says why."""


@dataclass(frozen=True, slots=True)
class TableCode:
    """A table with the addresses its codes lead to. `telegram` is empty where there is no bot, `web` where there is one
    and no guest's phone reaches PUBLIC_URL.
    """

    table: str
    file: str  # without its ending
    telegram: str
    web: str

    @property
    def link(self) -> str:
        """Where the large code leads."""
        return self.telegram or self.web


def run(code: str, *, out: Path | None, bot: str | None) -> None:
    """Write the codes of every table of an outlet. Exits with 1 and a sentence when it cannot."""
    console = Console(soft_wrap=True, highlight=False)
    settings = load_settings(demo=True)  # an errand needs no complete settings, only the secret that signs
    outlet = asyncio.run(_outlet(OutletId(code)))
    if outlet is None:
        console.print(f"[red]There is no outlet {plain(code)}; `tiffin outlet list` shows those there are.[/red]")
        raise typer.Exit(1)
    if not outlet.tables:
        console.print(f"[red]{plain(outlet.name)} has no tables; the menu file's `tables` names them.[/red]")
        raise typer.Exit(1)
    if bot is not None and not _BOT.fullmatch(bot):
        console.print(f"[red]{plain(bot)} cannot be a bot's name; it looks like TiffinBot.[/red]")
        raise typer.Exit(1)
    try:
        name = bot.lstrip("@") if bot else asyncio.run(bot_name(settings))
    except NoName as unknown:
        console.print(f"[red]{plain(str(unknown))} Say its name with --bot.[/red]")
        raise typer.Exit(1) from unknown
    codes = table_codes(settings, outlet, name)
    folder = out or Path(f"qr-{outlet.id}")
    write(folder, outlet, codes)
    console.print(f"{len(codes)} tables of [bold]{plain(outlet.name)}[/bold] stand in {plain(str(folder))}/.")
    console.print(f"To print and cut up: {plain(str(folder / SHEET))}")
    if not name:
        console.print("There is no Telegram bot, so the codes open the chat in the browser.")
    if not public(settings):
        console.print(
            f"PUBLIC_URL is {plain(settings.public_url)}, which no guest's phone reaches"
            + (": the codes lead to Telegram alone." if name else ". Set it and make them again before you print.")
        )


async def _outlet(code: OutletId) -> Outlet | None:
    async with open_books() as books:
        return books.outlets.get(code)


async def bot_name(settings: Settings) -> str:
    """The bot's name at Telegram; empty when no bot is set up. Raises NoName."""
    if settings.telegram_bot_token is None:
        return ""
    url = f"{settings.telegram_api_url}/bot{settings.telegram_bot_token.get_secret_value()}/getMe"
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session, session.get(url) as answer:
            body = await answer.json(content_type=None)
        name = body["result"]["username"] if body["ok"] else ""
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        # The error's own words may hold the address, and the address holds the token.
        raise NoName("Telegram did not answer with the bot's name.") from None
    if not name:
        raise NoName("Telegram does not know a bot with this TELEGRAM_BOT_TOKEN.")
    return str(name)


def table_codes(settings: Settings, outlet: Outlet, bot: str) -> list[TableCode]:
    """Every table with its links. Raises ValueError for a table whose name does not fit into a link."""
    web = f"{settings.public_url}/?start=" if not bot or public(settings) else ""
    telegram = f"https://t.me/{bot}?start=" if bot else ""
    return [
        TableCode(table, file, telegram and telegram + token, web and web + token)
        for table, file in _named(outlet.tables)
        for token in [table_token(settings, outlet.id, table)]
    ]


def _named(tables: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each table with a file name no other table has."""
    taken: set[str] = set()
    for table in tables:
        name = quote(table.replace(" ", "-"), safe="").replace("%", "_")
        file, n = name, 1
        while file.lower() in taken:
            n += 1
            file = f"{name}-{n}"
        taken.add(file.lower())
        yield table, file


def public(settings: Settings) -> bool:
    """Whether a guest's phone can reach PUBLIC_URL; a private address may do inside the restaurant's own network."""
    host = urlsplit(settings.public_url).hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def write(folder: Path, outlet: Outlet, codes: list[TableCode]) -> None:
    """The files and the sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    for code in codes:
        _write_code(folder / code.file, code.link)
        if code.telegram and code.web:
            _write_code(folder / f"{code.file}-web", code.web)
    (folder / SHEET).write_text(sheet(outlet, codes), encoding="utf-8")


def _write_code(path: Path, link: str) -> None:
    code = segno.make_qr(link, error="m")
    code.save(f"{path}.svg", kind="svg", border=QUIET_ZONE, scale=8)
    code.save(f"{path}.png", kind="png", border=QUIET_ZONE, scale=PNG_SCALE)


def sheet(outlet: Outlet, codes: list[TableCode]) -> str:
    """An A4 page for six tables, as many as it takes; any browser prints it, in any script."""
    cards = "\n".join(_card(outlet, code) for code in codes)
    title = escape(Texts.of("en").t("Tables of {outlet}", outlet=outlet.name))
    return _PAGE.format(title=title, style=_STYLE, cards=cards)


def _card(outlet: Outlet, code: TableCode) -> str:
    texts = Texts.of("en")
    words = dict.fromkeys(
        Texts.of(language).t("Scan, choose, enjoy: it comes to this table.") for language in LANGUAGES
    )
    said = "".join(f"<p>{escape(line)}</p>" for line in words)
    second = ""
    if code.telegram and code.web:
        no_telegram = escape(texts.t("Without Telegram: scan this one"))
        second = f'<div class="second">{_inline(code.web)}<span>{no_telegram}</span></div>'
    return (
        f'<article><header>{escape(outlet.name)}</header><div class="code">{_inline(code.link)}</div>'
        f"<h2>{escape(texts.t('Table {table}', table=code.table))}</h2>{said}{second}</article>"
    )


def _inline(link: str) -> str:
    drawn: str = segno.make_qr(link, error="m").svg_inline(border=QUIET_ZONE, omitsize=True)
    return drawn


_STYLE = """
@page { size: A4; margin: 10mm }
* { box-sizing: border-box; margin: 0 }
body { font: 11pt/1.35 system-ui, "Noto Sans", "Noto Sans Devanagari", sans-serif; color: #000 }
main { display: grid; grid-template-columns: 1fr 1fr }
article { height: 91mm; padding: 5mm; border: .2mm dashed #999; text-align: center; break-inside: avoid;
  display: flex; flex-direction: column; align-items: center; justify-content: space-between; position: relative }
header { font-weight: 600 }
h2 { font-size: 20pt; line-height: 1.1 }
.code svg { width: 46mm; height: 46mm; display: block }
.second { display: flex; align-items: center; gap: 2mm; font-size: 8pt; text-align: left }
.second svg { width: 15mm; height: 15mm; display: block }
"""
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body><main>
{cards}
</main></body>
</html>
"""
