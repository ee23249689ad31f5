"""Where Razorpay delivers its news (PLATFORMS.md C3)."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from aiohttp import web

from core.inbox.service import InboxService
from core.payments.factory import SANDBOX
from core.payments.practice.bank import PracticeBank
from core.payments.razorpay import NAME
from core.payments.razorpay_news import lane_of
from core.payments.razorpay_signatures import NewsSignature, NotFromRazorpay
from core.settings import Settings
from webhooks.bodies import read_body
from webhooks.provider_news import NewsDoor

SIGNATURE_HEADER: Final = "X-Razorpay-Signature"
EVENT_HEADER: Final = "x-razorpay-event-id"
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever signs with these secrets, and the way its news goes."""

    signature: NewsSignature
    door: NewsDoor


SENDERS = web.AppKey("razorpay_senders", tuple[Sender, ...])

routes = web.RouteTableDef()


def add_razorpay(
    app: web.Application, settings: Settings, inbox: InboxService, bank: PracticeBank | None = None
) -> None:
    """Open the door wherever Razorpay's secrets are known: orders stay with the provider they were paid at.

    The practice Razorpay comes to the same door. Which of the two it was, its signature says.
    """
    named = {NAME: settings.razorpay_webhook_secret, SANDBOX: bank.webhook_secrets if bank is not None else ()}
    app[SENDERS] = tuple(
        Sender(NewsSignature([secret.get_secret_value() for secret in secrets]), NewsDoor(name, inbox))
        for name, secrets in named.items()
        if secrets
    )
    if app[SENDERS]:
        app.add_routes(routes)


@routes.post("/webhooks/razorpay")
async def delivered(request: web.Request) -> web.Response:
    body = await read_body(request)
    senders = request.app[SENDERS]
    reasons = []
    for sender in senders:
        try:
            raw = sender.signature.check(body, request.headers.get(SIGNATURE_HEADER))
        except NotFromRazorpay as forged:
            reasons.append(forged.reason)
        else:
            return await _take_in(request, sender.door, body, raw)
    return senders[0].door.refuse(next((reason for reason in reasons if reason != "mismatch"), "mismatch"))


async def _take_in(request: web.Request, door: NewsDoor, body: bytes, raw: str) -> web.Response:
    event_id = request.headers.get(EVENT_HEADER, "")
    if not _EVENT_ID.fullmatch(event_id):
        event_id = f"body-{sha256(body).hexdigest()}"
    return await door.take_in(event_id, lane_of(raw), raw)
