"""The till of the demo: every practice link as it changes, and the switch that lets the bank's news get lost."""

import asyncio
from datetime import timedelta
from hashlib import blake2b

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.bootstrap import Runtime
from core.payments.practice.models import PracticeLink
from webhooks.answers import fresh
from webhooks.bodies import BadRequest, read_json
from webhooks.keys import RUNTIME
from webhooks.pages.sandbox import bank_of, row
from webhooks.streaming import News, Source

LOOK_EVERY = timedelta(seconds=0.5)
SHOWN = 20

routes = web.RouteTableDef()


class Switch(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    dropping: bool


@routes.get("/demo/till/webhooks")
async def look(request: web.Request) -> web.Response:
    return fresh({"dropping": await bank_of(request.app[RUNTIME]).dropping()})


@routes.post("/demo/till/webhooks")
async def switch(request: web.Request) -> web.Response:
    """Let the bank's news get lost from now on, or arrive again."""
    try:
        wanted = Switch.model_validate(await read_json(request))
    except ValidationError:
        raise BadRequest(422, "Webhooks are dropped or they are not: true or false.") from None
    await bank_of(request.app[RUNTIME]).set_dropping(wanted.dropping)
    return fresh({"dropping": wanted.dropping})


async def till(runtime: Runtime, seen: str) -> Source:
    """The switch and every link of the house, oldest first, unless `seen` names just this state of them; then whatever
    changes.
    """
    bank = bank_of(runtime)
    told: dict[str, str] = {}
    while True:
        links = {link.id: link for link in await bank.recent(SHOWN)}
        dropping = await bank.dropping()
        states = {"dropping": str(dropping), **{link.id: _state(runtime, link) for link in links.values()}}
        mark = blake2b(repr(sorted(states.items())).encode(), digest_size=8).hexdigest()
        if not told and mark == seen:
            told = dict(states)
        changed = [name for name in reversed(states) if told.get(name) != states[name]]
        for n, name in enumerate(changed, 1):
            told[name] = states[name]
            place = mark if n == len(changed) else ""
            if name in links:
                yield News(place, {"link": await _listed(runtime, links[name])})
            else:
                yield News(place, {"webhooks": {"dropping": dropping}})
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def _listed(runtime: Runtime, link: PracticeLink) -> dict[str, object]:
    known = {name: value for name, value in (await row(runtime, link)).items() if name != "merchant"}
    return {**known, "url": bank_of(runtime).page(link.id)}


def _state(runtime: Runtime, link: PracticeLink) -> str:
    """Everything a card of it shows."""
    now_ms = runtime.services.clock.ms()
    payments = [
        (each.status.value, [refund.status_at(now_ms).value for refund in each.refunds]) for each in link.payments
    ]
    return f"{link.status_at(now_ms)} {payments}"
