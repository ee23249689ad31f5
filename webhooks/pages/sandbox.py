"""The practice till: where payments are played when PAYMENT_PROVIDER is sandbox."""

import asyncio
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from bot.bootstrap import Runtime
from bot.conversation.texts import DEFAULT, Texts
from core.clock import from_ms
from core.errors import NotFound
from core.ids import LinkId
from core.payments.errors import PaymentRefused
from core.payments.models import LinkStatus
from core.payments.provider import order_of
from core.payments.sandbox import SandboxProvider
from core.payments.sandbox.models import SandboxLink
from core.payments.sandbox.provider import LinkNotPayable
from webhooks.answers import fresh, refusal
from webhooks.bodies import BadRequest, read_json
from webhooks.keys import RUNTIME
from webhooks.pages.files import page
from webhooks.streaming import News, Source

LOOK_EVERY = timedelta(seconds=0.5)
SHOWN = 20

# What the page calls a link's state.
STATES = {
    LinkStatus.OPEN: "created",
    LinkStatus.PARTLY_PAID: "created",
    LinkStatus.PAID: "paid",
    LinkStatus.EXPIRED: "expired",
    LinkStatus.CANCELLED: "cancelled",
}

routes = web.RouteTableDef()


class Play(StrEnum):
    PAY = "pay"
    FAIL = "fail"
    PAY_LATE = "pay_late"


class Action(BaseModel):
    model_config = ConfigDict(extra="ignore")

    action: Play
    method: Annotated[str, StringConstraints(max_length=20)] = ""


@routes.get("/sandbox/pay/{link}")
async def pay_page(request: web.Request) -> web.FileResponse:
    return page("sandbox_pay.html")


@routes.get("/sandbox/links/{link}")
async def look(request: web.Request) -> web.Response:
    return fresh(await _shown(request.app[RUNTIME], LinkId(request.match_info["link"])))


@routes.post("/sandbox/links/{link}/actions")
async def act(request: web.Request) -> web.Response:
    """Pay, fail or pay late; answers the link as it is then."""
    runtime, link = request.app[RUNTIME], LinkId(request.match_info["link"])
    try:
        wanted = Action.model_validate(await read_json(request))
    except ValidationError:
        raise BadRequest(422, "An action is pay, fail or pay_late.") from None
    sandbox = _sandbox(runtime)
    try:
        match wanted.action:
            case Play.PAY:
                await sandbox.pay(link)
            case Play.FAIL:
                await sandbox.fail(link)
            case Play.PAY_LATE:
                await sandbox.pay_late(link)
    except LinkNotPayable as over:
        state = STATES[over.status]
        return refusal(409, "This link is already paid." if state == "paid" else f"This link is {state}.")
    except PaymentRefused:
        raise NotFound(what="link") from None
    return fresh(await _shown(runtime, link))


async def till(runtime: Runtime, seen: str) -> Source:
    """Every link of the house, oldest first, unless `seen` names just this state of them; then each that changes."""
    sandbox = _sandbox(runtime)
    told: dict[LinkId, str] = {}
    while True:
        links = await sandbox.recent(SHOWN)
        states = {link.id: _state(runtime, link) for link in links}
        mark = blake2b(repr(sorted(states.items())).encode(), digest_size=8).hexdigest()
        if not told and mark == seen:
            told = dict(states)
        changed = [link for link in reversed(links) if told.get(link.id) != states[link.id]]
        for n, link in enumerate(changed, 1):
            told[link.id] = states[link.id]
            row = {name: value for name, value in (await _row(runtime, link)).items() if name != "merchant"}
            yield News(mark if n == len(changed) else "", {"link": {**row, "url": link.url}})
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def _shown(runtime: Runtime, link_id: LinkId) -> dict[str, Any]:
    link = await _sandbox(runtime).link(link_id)
    if link is None:
        raise NotFound(what="link")
    until = from_ms(link.expires_ms).isoformat()
    return {**await _row(runtime, link), "methods": [link.method.value], "expires_at": until}


async def _row(runtime: Runtime, link: SandboxLink) -> dict[str, Any]:
    named = order_of(link.reference)
    order = await runtime.services.orders.get(named[0]) if named is not None else None
    return {
        "id": link.id,
        "merchant": order.outlet_name if order is not None else "",
        "order_code": order.code if order is not None else "",
        "amount_text": Texts.of(DEFAULT).money(link.amount, link.currency),
        "status": _state(runtime, link),
    }


def _state(runtime: Runtime, link: SandboxLink) -> str:
    return STATES[link.status_at(runtime.services.clock.ms())]


def _sandbox(runtime: Runtime) -> SandboxProvider:
    if runtime.sandbox is None:
        raise NotFound(what="sandbox")
    return runtime.sandbox
