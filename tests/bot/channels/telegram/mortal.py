"""A Tiffin in a process of its own, to be killed: `python -m tests.bot.channels.telegram.mortal SETTINGS PORT`."""

import asyncio
import json
import sys

from bot.bootstrap import open_runtime
from bot.commands.demo import furnish
from bot.commands.run import hearing, working
from core.logs import configure_logging
from core.settings import Settings
from tests.bot.channels.telegram.line import UNHURRIED
from webhooks.app import build_app
from webhooks.serving import address_of, listen, serving


async def live(settings: Settings, port: int) -> None:
    """As `tiffin run` does it, with a menu that is there from the start and at nobody's pace."""
    with listen("127.0.0.1", port) as listener:
        own = settings.model_copy(update={"demo": True, "flood_events": 0, "own_address": address_of(listener)})
        async with open_runtime(own) as runtime:
            assert runtime.telegram is not None
            runtime.telegram.allowance.paces = UNHURRIED
            await furnish(runtime)
            async with working(runtime), serving(build_app(runtime), listener), hearing(runtime):
                sys.stdout.write("ready\n")
                sys.stdout.flush()
                await asyncio.Event().wait()


if __name__ == "__main__":
    configure_logging(level="ERROR", form="console")
    asyncio.run(live(Settings.model_validate(json.loads(sys.argv[1])), int(sys.argv[2])))
