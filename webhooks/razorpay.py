"""Where Razorpay delivers its news (PLATFORMS.md C3)."""

import re
from hashlib import sha256
from typing import Final

from aiohttp import web

from core.inbox.service import InboxService
from core.payments.razorpay import NAME
from core.payments.razorpay_news import lane_of
from core.payments.razorpay_signatures import NewsSignature, NotFromRazorpay
from core.settings import Settings
from webhooks.bodies import read_body
from webhooks.provider_news import NewsDoor

SIGNATURE_HEADER: Final = "X-Razorpay-Signature"
EVENT_HEADER: Final = "x-razorpay-event-id"
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

SIGNATURE = web.AppKey("razorpay_signature", NewsSignature)
DOOR = web.AppKey("razorpay_news", NewsDoor)

routes = web.RouteTableDef()


def add_razorpay(app: web.Application, settings: Settings, inbox: InboxService) -> None:
    """Open the door wherever Razorpay's secrets are known: orders stay with the provider they were paid at."""
    if settings.razorpay_webhook_secret:
        app[SIGNATURE] = NewsSignature([secret.get_secret_value() for secret in settings.razorpay_webhook_secret])
        app[DOOR] = NewsDoor(NAME, inbox)
        app.add_routes(routes)


@routes.post("/webhooks/razorpay")
async def delivered(request: web.Request) -> web.Response:
    door = request.app[DOOR]
    body = await read_body(request)
    try:
        raw = request.app[SIGNATURE].check(body, request.headers.get(SIGNATURE_HEADER))
    except NotFromRazorpay as forged:
        return door.refuse(forged.reason)
    event_id = request.headers.get(EVENT_HEADER, "")
    if not _EVENT_ID.fullmatch(event_id):
        event_id = f"body-{sha256(body).hexdigest()}"
    return await door.take_in(event_id, lane_of(raw), raw)
