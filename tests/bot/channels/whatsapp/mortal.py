"""A house in a process of its own, to be killed: `python -m tests.bot.channels.whatsapp.mortal SETTINGS PORT`."""

import asyncio
import json
import sys

from bot.commands.demo import open_house
from core.logs import configure_logging
from core.settings import Settings
from webhooks.serving import listen


async def live(settings: Settings, port: int) -> None:
    with listen("127.0.0.1", port) as listener:
        async with open_house(settings.model_copy(update={"demo": True}), listener):
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    configure_logging(level="ERROR", form="console")
    asyncio.run(live(Settings.model_validate(json.loads(sys.argv[1])), int(sys.argv[2])))
