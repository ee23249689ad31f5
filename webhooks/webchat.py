"""The web chat's API (DESIGN.md §8): a session, what the guest does, and a stream of what comes later."""

import asyncio
import json
import math
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from bot.channels.webchat.events import BadEvent, read_event
from bot.channels.webchat.rendering import render
from bot.conversation.incoming import ADDRESS
from core.ids import ChatKey
from core.mailbox.store import MailboxStore
from webhooks.addresses import address_of
from webhooks.answers import fresh, refusal
from webhooks.bodies import read_json
from webhooks.keys import ADDRESS_FLOOD, GUEST_FLOOD, KITCHEN_FLOOD, LISTENERS, NEW_CHATS, RUNTIME, SESSIONS
from webhooks.streaming import News, Source, stream

LOOK_AGAIN = timedelta(seconds=15)

routes = web.RouteTableDef()


@routes.post("/chat")
async def begin(request: web.Request) -> web.Response:
    address = address_of(request)
    if address and (wait := await request.app[NEW_CHATS].take(address)):
        return _too_fast(wait)
    return fresh({"session": request.app[SESSIONS].new()})


@routes.post("/chat/{session}/events")
async def happened(request: web.Request) -> web.Response:
    app = request.app
    runtime = app[RUNTIME]
    session = app[SESSIONS].check(request.match_info["session"])
    wait = await app[KITCHEN_FLOOD if session.kitchen else GUEST_FLOOD].take(session.chat)
    address = address_of(request)
    if address and not session.kitchen:
        wait = max(wait, await app[ADDRESS_FLOOD].take(address))
    if wait:
        return _too_fast(wait)
    try:
        incoming = read_event(await read_json(request), session, runtime.services.clock, _language(request))
    except BadEvent as bad:
        return refusal(422, bad.problem)
    if address:
        incoming = replace(incoming, extra={**incoming.extra, ADDRESS: address})
    # A page that reloads hangs up in the middle; the turn goes on and its answer is there when the event comes again.
    replies = await runtime.router.handle(incoming)
    return fresh({"replies": [render(reply) for reply in replies]})


@routes.get("/chat/{session}/stream")
async def listen(request: web.Request) -> web.StreamResponse:
    """Everything left for the chat in the last day, or since `Last-Event-ID`, then whatever comes.

    Message ids are stable, so a page that reads from the beginning again shows nothing twice.
    """
    app = request.app
    chat = app[SESSIONS].check(request.match_info["session"]).chat
    place = request.headers.get("Last-Event-ID", "")
    await app[RUNTIME].mailbox.read(chat, place, limit=1)  # Redis away is a 503 rather than a stream that says nothing
    with app[LISTENERS].listening(chat) as wake:
        return await stream(request, later(app[RUNTIME].mailbox, chat, place, wake))


async def later(mailbox: MailboxStore, chat: ChatKey, place: str, wake: asyncio.Event) -> Source:
    """What was left for the chat behind `place`, and from then on whenever `wake` says so."""
    while True:
        wake.clear()  # before looking: what comes in between wakes us again
        while missed := await mailbox.read(chat, place):
            for place, message in missed:
                yield News(place, json.loads(message))
        with suppress(TimeoutError):  # a wake-up can get lost with the line
            async with asyncio.timeout(LOOK_AGAIN.total_seconds()):
                await wake.wait()


def _too_fast(wait: timedelta) -> web.Response:
    """The page sends the same again after so long, so nothing is lost; whoever is no page reads how long it is."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    return refusal(429, f"Give me {seconds} s, that was faster than I can read.", retry_after=wait)


def _language(request: web.Request) -> str:
    """The language the browser asks for first: `hi` of `hi-IN,hi;q=0.9`."""
    first = request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0].strip()
    return first[:35] if first.replace("-", "").isalnum() and first.isascii() else ""
