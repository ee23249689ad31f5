"""A bot in a process of its own, to be killed: `python -m tests.bot.channels.telegram.mortal SETTINGS PORT`."""

import asyncio
import json
import sys

from aiohttp import web

from bot.bootstrap import _engine, open_runtime
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.events import GroupEvent
from bot.commands.demo import furnish
from bot.commands.run import working
from bot.kitchen.groups import Groups
from bot.kitchen.human import HumanDesk
from core.clock import SystemClock
from core.logs import configure_logging
from core.settings import Settings
from tests.bot.channels.telegram.line import UNHURRIED
from webhooks.middleware import answer_errors
from webhooks.telegram import add_telegram


async def live(settings: Settings, port: int) -> None:
    async with open_runtime(settings.model_copy(update={"demo": True})) as runtime:
        await furnish(runtime)
        account = TelegramAccount(settings, runtime.connections, SystemClock(), paces=UNHURRIED)
        channels = {**runtime.channels, account.channel.name: account.channel}
        people = HumanDesk(runtime.services, channels, Groups(channels, runtime.services.threads))
        account.serve(_engine(runtime.services, channels, people).handle, _ignore)
        door = web.Application(middlewares=[answer_errors])
        add_telegram(door, account)
        runner = web.AppRunner(door, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with account.open(), working(runtime), account.listening():
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


async def _ignore(event: GroupEvent) -> None:
    return None


if __name__ == "__main__":
    configure_logging(level="ERROR", form="console")
    asyncio.run(live(Settings.model_validate(json.loads(sys.argv[1])), int(sys.argv[2])))
