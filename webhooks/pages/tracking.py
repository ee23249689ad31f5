"""The live order page behind a signed link, and the page a guest lands on after paying."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from aiohttp import web

from bot.bootstrap import Runtime
from bot.channels.webchat.order_page import order_page
from bot.conversation.texts import Texts
from core.errors import NotFound
from core.ids import OrderId
from core.links import LinkRefused
from core.orders.models import Order
from core.payments.factory import PAID, RETURN_PATH
from core.payments.provider import order_of
from core.payments.razorpay_signatures import returned_reference
from webhooks.keys import RUNTIME, SIGNER
from webhooks.pages.files import page
from webhooks.streaming import News, Source, stream

TRACK = "track"  # the purpose a tracking link is signed for; its id is the order's
LOOK_EVERY = timedelta(seconds=2)
AFTER_THE_END = timedelta(minutes=5)  # how long a page of an order that is over keeps being told

ASKED_WITHIN = timedelta(seconds=3)  # the page waits no longer; the provider is asked again by itself

routes = web.RouteTableDef()


@routes.get("/track/{signed}")
async def follow(request: web.Request) -> web.FileResponse:
    """The same page for every link; what it may show, its stream decides."""
    return page("track.html")


@routes.get("/track/{signed}/stream")
async def hear(request: web.Request) -> web.StreamResponse:
    order_id = OrderId(request.app[SIGNER].check(TRACK, request.match_info["signed"]))
    runtime = request.app[RUNTIME]
    order = await runtime.services.orders.get(order_id)
    if order is None:
        raise NotFound(what="order")
    return await stream(request, changes(runtime, order))


async def changes(runtime: Runtime, order: Order) -> Source:
    """The order now, and again whenever it is no longer what was shown. One read by id each two seconds, while open."""
    services = runtime.services
    shown: dict[str, object] = {}
    ended_looks = 0
    while ended_looks * LOOK_EVERY < AFTER_THE_END:
        outlet = services.outlets.get(order.outlet)
        now = order_page(
            order, Texts.of(order.language), outlet.timezone if outlet else "Asia/Kolkata", services.clock.ms()
        )
        if now != shown:
            shown = now
            yield News(str(order.v), {"order": now})
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        order = await services.orders.get(order.id) or order
        ended_looks = ended_looks + 1 if order.status.ended else 0


@routes.get(RETURN_PATH)
async def returned(request: web.Request) -> web.FileResponse:
    """“Go back to the chat.” Decides nothing: even an address the provider signed is only a reason to ask it."""
    order_id = _came_back_from(request)
    if order_id is not None:
        with suppress(NotFound, TimeoutError):
            async with asyncio.timeout(ASKED_WITHIN.total_seconds()):
                await request.app[RUNTIME].services.payments.browser_returned(order_id)
    return page("return.html")


def _came_back_from(request: web.Request) -> OrderId | None:
    """The order a provider's page sent the browser back for; None for an address somebody made up."""
    if signed := request.query.get(PAID):
        try:
            return OrderId(request.app[SIGNER].check(PAID, signed))
        except LinkRefused:
            return None
    runtime = request.app[RUNTIME]
    for secret in (runtime.settings.razorpay_key_secret, runtime.bank.key_secret if runtime.bank is not None else None):
        named = order_of(returned_reference(request.query, secret.get_secret_value())) if secret else None
        if named is not None:
            return named[0]
    return None
