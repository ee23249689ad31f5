"""Where Stripe delivers its news (PLATFORMS.md D4)."""

import re
from hashlib import sha256
from typing import Final

from aiohttp import web

from core.clock import Clock
from core.inbox.service import InboxService
from core.payments.stripe import NAME
from core.payments.stripe_news import event_id_of, lane_of
from core.payments.stripe_signatures import NewsSignature, NotFromStripe
from core.settings import Settings
from webhooks.bodies import read_body
from webhooks.provider_news import NewsDoor

SIGNATURE_HEADER: Final = "Stripe-Signature"
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

SIGNATURE = web.AppKey("stripe_signature", NewsSignature)
DOOR = web.AppKey("stripe_news", NewsDoor)

routes = web.RouteTableDef()


def add_stripe(app: web.Application, settings: Settings, inbox: InboxService, clock: Clock) -> None:
    """Open the door wherever Stripe's secret is known: orders stay with the provider they were paid at."""
    if settings.stripe_webhook_secret:
        secrets = [secret.get_secret_value() for secret in settings.stripe_webhook_secret]
        app[SIGNATURE] = NewsSignature(secrets, clock)
        app[DOOR] = NewsDoor(NAME, inbox)
        app.add_routes(routes)


@routes.post("/webhooks/stripe")
async def delivered(request: web.Request) -> web.Response:
    door = request.app[DOOR]
    body = await read_body(request)
    try:
        raw = request.app[SIGNATURE].check(body, request.headers.get(SIGNATURE_HEADER))
    except NotFromStripe as forged:
        return door.refuse(forged.reason)
    event_id = event_id_of(raw)
    if not _EVENT_ID.fullmatch(event_id):
        event_id = f"body-{sha256(body).hexdigest()}"
    return await door.take_in(event_id, lane_of(raw), raw)
