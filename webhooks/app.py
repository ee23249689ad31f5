"""The application: which address leads to which handler, and what stands around them all."""

from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import web

from bot.bootstrap import Runtime
from bot.channels.webchat.listeners import Listeners
from bot.channels.webchat.sessions import Sessions
from core.connections import mongo_answers, redis_answers
from core.limits.flood import flood_gate
from core.limits.store import TokenBucket
from core.links import Signer
from core.settings import PaymentProviderName
from webhooks import health, keys, twilio_messages, twilio_status, webchat
from webhooks.bodies import MAX_BODY
from webhooks.middleware import (
    add_security_headers,
    add_strict_transport,
    answer_errors,
    careful_cookies,
    log_request,
)
from webhooks.newcomers import Newcomers
from webhooks.pages import demo, documents, door, files, sandbox, till, tracking
from webhooks.pulse import Pulse
from webhooks.razorpay import add_razorpay
from webhooks.streaming import end_streams
from webhooks.stripe import add_stripe
from webhooks.telegram import add_telegram
from webhooks.twilio_signature import Algorithm, TwilioSignature

FLOOD_WINDOW = timedelta(seconds=10)
ADDRESS_EVENTS = 600  # of all guests behind one public address: an office, a mobile network
NEW_CHATS = 60  # from one public address; a chat in the browser costs nobody anything
NEW_CHATS_WINDOW = timedelta(minutes=10)
KITCHEN_EVENTS = 200  # a group of people, and one tap for each step of each order


def build_app(runtime: Runtime) -> web.Application:
    """The application on a running Tiffin. The runtime outlives it: close the application first."""
    settings, redis = runtime.settings, runtime.connections.redis
    https = settings.public_url.startswith("https://")
    middlewares = [log_request, careful_cookies(https=https), answer_errors]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY)
    app[keys.RUNTIME] = runtime
    app[keys.SESSIONS] = Sessions(settings)
    app[keys.LISTENERS] = Listeners(runtime.mailbox)
    app[keys.GUEST_FLOOD] = flood_gate(runtime.connections, "webchat", most=settings.flood_events, window=FLOOD_WINDOW)
    app[keys.KITCHEN_FLOOD] = flood_gate(runtime.connections, "kitchen", most=KITCHEN_EVENTS, window=FLOOD_WINDOW)
    app[keys.ADDRESS_FLOOD] = flood_gate(runtime.connections, "address", most=ADDRESS_EVENTS, window=FLOOD_WINDOW)
    app[keys.NEW_CHATS] = TokenBucket(redis, "new-chats", capacity=NEW_CHATS, fill=NEW_CHATS_WINDOW)
    app[keys.SIGNER] = Signer(settings, runtime.services.clock)
    app[keys.NEWCOMERS] = Newcomers()
    app[keys.DRAINING] = keys.Draining()
    app[keys.PULSE] = Pulse(
        mongo=lambda: mongo_answers(runtime.connections.mongo),
        redis=lambda: redis_answers(redis),
        workers_alive=lambda: runtime.jobs.alive and app[keys.LISTENERS].alive,
    )
    app.router.add_get("/", files.chat)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.add_routes(webchat.routes)
    app.add_routes(tracking.routes)
    app.add_routes(documents.routes)
    app.add_routes(door.routes)
    if settings.twilio_auth_token is not None:
        app[twilio_status.TWILIO_SIGNATURE] = TwilioSignature(
            keys=[key.get_secret_value() for key in (settings.twilio_auth_token, *settings.twilio_signing_keys)],
            public_url=settings.public_url,
            algorithms=[Algorithm[name.upper()] for name in settings.twilio_signatures],
        )
        app[twilio_status.SMS] = runtime.services.sms.sender
        app.add_routes(twilio_status.routes)
        if runtime.whatsapp is not None:
            app[twilio_status.WHATSAPP_REPORTS] = runtime.whatsapp.reports
            app[twilio_messages.SIGNATURE] = app[twilio_status.TWILIO_SIGNATURE]
            app[twilio_messages.INBOX] = runtime.services.inbox
            app.add_routes(twilio_messages.routes)
    if runtime.telegram is not None:
        add_telegram(app, runtime.telegram)
    add_razorpay(app, settings, runtime.services.inbox, runtime.bank)
    add_stripe(app, settings, runtime.services.inbox, runtime.services.clock)
    if runtime.bank is not None and settings.payment_provider is PaymentProviderName.SANDBOX:
        app.add_routes(sandbox.routes)
    if settings.demo:
        app.add_routes(demo.routes)
        app.add_routes(till.routes)
    files.add_files(app, app[keys.SIGNER])
    app.on_response_prepare.append(add_security_headers)
    if https:
        app.on_response_prepare.append(add_strict_transport)
    app.cleanup_ctx.append(_background)
    app.on_shutdown.append(end_streams)
    return app


async def _background(app: web.Application) -> AsyncIterator[None]:
    async with app[keys.LISTENERS].running(), app[keys.PULSE].running():
        yield
