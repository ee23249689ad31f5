"""The picture of a code a rider holds up: it leads to the page of one link, as long as that can be paid."""

import asyncio
from io import BytesIO

from aiohttp import web

from bot.kitchen.door import coded
from core.errors import NotFound
from core.orders.ledger import LinkState
from webhooks.keys import RUNTIME, SIGNER

PIXELS = 12  # a module: 500 pixels and more, which a phone shows sharply at any size
QUIET_ZONE = 4  # modules around the code, as the standard asks

routes = web.RouteTableDef()


@routes.get("/qr/{signed}.png")
async def code(request: web.Request) -> web.Response:
    named = coded(request.app[SIGNER], request.match_info["signed"])
    order = await request.app[RUNTIME].services.orders.get(named[0]) if named is not None else None
    link = order.link(named[1]) if order is not None and named is not None else None
    if link is None or link.state is not LinkState.OPEN:
        raise NotFound(what="code")
    return web.Response(
        body=await asyncio.to_thread(_draw, link.url),
        content_type="image/png",
        headers={"Cache-Control": "no-store"},
    )


def _draw(address: str) -> bytes:
    import segno  # loaded with the first code

    png = BytesIO()
    segno.make(address, error="m", micro=False).save(png, kind="png", scale=PIXELS, border=QUIET_ZONE)
    return png.getvalue()
