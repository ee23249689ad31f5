"""`tiffin demo`: the whole restaurant on this machine, for a first evening."""

import asyncio
import socket
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from bot.bootstrap import Runtime, open_runtime
from bot.channels.webchat.sessions import kitchen_chat
from bot.commands.opening import open_settings
from bot.commands.run import hearing, settle, stopped_by_signal, working
from core.clock import Clock, SystemClock
from core.connections import Connections
from core.ids import Handle
from core.menu.menu_file import read_menu
from core.settings import Settings
from core.staff.models import Role
from webhooks.app import build_app
from webhooks.serving import PortTaken, address_of, listen, serving

MENU = Path(__file__).parents[2] / "menus" / "tiffin.yaml"
OTHER_PORTS = 20  # how many ports above the wanted one are tried


@dataclass(frozen=True, slots=True)
class DemoHouse:
    runtime: Runtime
    address: str


def run(*, port: int | None = None, show: bool = True) -> None:
    """Serve the demo until Ctrl-C. Raises SettingsError when it cannot start."""
    asyncio.run(_serve(open_settings(demo=True), port, show))


async def _serve(settings: Settings, port: int | None, show: bool) -> None:
    console = Console(highlight=False)
    wanted = settings.port if port is None else port
    async with stopped_by_signal() as stop:
        with console.status("Laying the tables…"):
            house = AsyncExitStack()
            demo = await house.enter_async_context(open_demo(settings, port=wanted))
        async with house:
            settle()
            _welcome(console, demo, wanted)
            if show:
                await asyncio.to_thread(webbrowser.open, f"{demo.address}/demo")
            await stop.wait()
            console.print("Closing the kitchen…")
    console.print("Goodbye. Everything is kept for the next time.")


@asynccontextmanager
async def open_demo(settings: Settings, *, port: int = 0) -> AsyncIterator[DemoHouse]:
    """The demo at work, on `port` or the next free one above it: stores, menu, kitchens, jobs and web door."""
    listener = free_socket(settings.host, port)
    with listener:
        found = listener.getsockname()[1]
        address = address_of(listener)
        if "public_url" not in settings.model_fields_set:
            settings = settings.model_copy(update={"public_url": address})
        async with open_house(settings.model_copy(update={"port": found}), listener) as runtime:
            yield DemoHouse(runtime, address)


@asynccontextmanager
async def open_house(
    settings: Settings,
    listener: socket.socket,
    *,
    clock: Clock | None = None,
    connections: Connections | None = None,
    always_open: bool = True,
) -> AsyncIterator[Runtime]:
    """A demo on a socket that listens already. `connections` are used and left open, as tests that share them ask."""
    settings = settings.model_copy(update={"own_address": address_of(listener)})
    async with open_runtime(settings, clock=clock or SystemClock(), connections=connections) as runtime:
        await furnish(runtime, always_open=always_open)
        async with working(runtime), serving(build_app(runtime), listener), hearing(runtime):
            yield runtime


async def furnish(runtime: Runtime, *, always_open: bool = True) -> None:
    """What a demo needs that no owner has set up: a menu, and for each outlet a group that is played on the page."""
    services = runtime.services
    if not services.outlets.all():
        await services.menu.import_file(await asyncio.to_thread(read_menu, MENU, always_open=always_open))
    for outlet in services.outlets.all():
        chat = kitchen_chat(outlet.id)
        if chat not in outlet.groups:
            groups = (*outlet.groups, chat)
            await services.outlets.alter(outlet.id, lambda it, groups=groups: it.model_copy(update={"groups": groups}))  # type: ignore[misc]
        await services.staff.add(Handle(chat), outlet.id, Role.MANAGER, name="Demo kitchen", by="demo")


def free_socket(host: str, port: int) -> socket.socket:
    """A listening socket on `port` or the next free one. Raises PortTaken when none of the next twenty is free."""
    for candidate in range(port, port + OTHER_PORTS):
        try:
            return listen(host, candidate)
        except PortTaken:
            if port == 0 or candidate == 65535:
                break
    raise PortTaken(host, port)


def _welcome(console: Console, demo: DemoHouse, wanted: int) -> None:
    port = demo.runtime.settings.port
    moved = f"\nPort {wanted} is taken, so it is on {port}." if wanted not in (0, port) else ""
    console.print(
        Panel(
            f"Guest, kitchen, phone and till: [bold link={demo.address}/demo]{demo.address}/demo[/]\n"
            f"The chat alone:                 [link={demo.address}/]{demo.address}/[/]\n"
            f"Kept in:                        {demo.runtime.settings.tiffin_data}{moved}\n\n"
            "No key is needed, no money moves, no message leaves this machine. Ctrl-C closes.",
            title="[bold]Tiffin is open[/]",
            border_style="dark_orange",
            expand=False,
        )
    )
