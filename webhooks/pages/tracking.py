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
from core.orders.models import Order
from core.payments.provider import order_of
from webhooks.keys import RUNTIME, SIGNER
from webhooks.pages.files import page
from webhooks.streaming import News, Source, stream

TRACK = "track"  # the purpose a tracking link is signed for; its id is the order's
LOOK_EVERY = timedelta(seconds=2)
AFTER_THE_END = timedelta(minutes=5)  # how long a page of an order that is over keeps being told

RAZORPAY_REFERENCE = "razorpay_payment_link_reference_id"

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


@routes.get("/pay/return")
async def returned(request: web.Request) -> web.FileResponse:
    """“Go back to the chat.” Decides nothing: anyone could type the address, so the provider is asked."""
    named = order_of(request.query.get(RAZORPAY_REFERENCE, ""))
    if named is not None:
        with suppress(NotFound):
            await request.app[RUNTIME].services.orders.browser_returned(named[0])
    return page("return.html")
