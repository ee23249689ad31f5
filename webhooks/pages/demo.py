"""The three-pane demo: its settings, the phone that gets the codes, the till, and one stream for all of them."""

import asyncio
from contextlib import ExitStack

from aiohttp import web

from bot.bootstrap import Runtime
from core.clock import from_ms
from core.errors import NotFound
from core.sms.console import ConsoleSms, SmsMessage
from webhooks.answers import fresh
from webhooks.keys import LISTENERS, RUNTIME, SESSIONS
from webhooks.pages.files import page
from webhooks.pages.till import till
from webhooks.streaming import News, Source, stream
from webhooks.webchat import later

routes = web.RouteTableDef()

MAX_NAMES = 40  # guests, kitchens, the phone and the till of one page


@routes.get("/demo")
async def demo(request: web.Request) -> web.FileResponse:
    return page("demo.html")


@routes.get("/demo/config")
async def config(request: web.Request) -> web.Response:
    """The outlets, with the session that makes this page each one's group."""
    runtime, sessions = request.app[RUNTIME], request.app[SESSIONS]
    outlets = runtime.services.outlets.all()
    return fresh(
        {
            "outlets": [{"code": outlet.id, "name": outlet.name} for outlet in outlets],
            "kitchens": {outlet.id: sessions.kitchen(outlet.id) for outlet in outlets},
            "stream": "/demo/stream",
        }
    )


@routes.get("/demo/phone/stream")
async def hear_phone(request: web.Request) -> web.StreamResponse:
    return await stream(request, phone(_console(request.app[RUNTIME]), request.headers.get("Last-Event-ID", "")))


@routes.get("/demo/till/stream")
async def hear_till(request: web.Request) -> web.StreamResponse:
    return await stream(request, till(request.app[RUNTIME], request.headers.get("Last-Event-ID", "")))


@routes.get("/demo/stream")
async def hear_all(request: web.Request) -> web.StreamResponse:
    """Every stream of the demo page over one connection: a browser opens only six to one server.

    Asked for as `?from=<name>~<last id>`, once for each name: a session, `phone` or `till`. Each event carries
    `stream`, the name, and `id`, its place there; `gone` for a session that is none.
    """
    app = request.app
    runtime = app[RUNTIME]
    with ExitStack() as listening:
        sources: list[Source] = []
        for asked in request.query.getall("from", [])[:MAX_NAMES]:
            name, _, place = asked.rpartition("~")
            match name:
                case "phone":
                    source = phone(_console(runtime), place)
                case "till":
                    source = till(runtime, place)
                case _:
                    try:
                        chat = app[SESSIONS].check(name).chat
                    except NotFound:
                        source = gone()
                    else:
                        wake = listening.enter_context(app[LISTENERS].listening(chat))
                        source = later(runtime.mailbox, chat, place, wake)
            sources.append(named(name, source))
        return await stream(request, *sources)


async def named(name: str, source: Source) -> Source:
    async for news in source:
        yield News("", {"stream": name, "id": news.id or None, **news.data})


async def gone() -> Source:
    yield News("", {"gone": True})
    await asyncio.Event().wait()  # the other streams go on


async def phone(console: ConsoleSms, seen: str) -> Source:
    """The text messages that would have been sent, those after `seen` first."""
    with console.subscribe() as arriving:
        kept = console.messages()
        place = next((n for n, message in enumerate(kept, 1) if message.id == seen), 0)
        for message in kept[place:]:
            yield _sms(message)
        while True:
            yield _sms(await arriving.get())


def _sms(message: SmsMessage) -> News:
    sms = {"id": message.id, "to": message.phone, "text": message.text, "at": from_ms(message.at_ms).isoformat()}
    return News(message.id, {"sms": sms})


def _console(runtime: Runtime) -> ConsoleSms:
    if runtime.sms is None:
        raise NotFound(what="console")
    return runtime.sms
