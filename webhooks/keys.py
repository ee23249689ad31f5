"""What an application holds for its handlers, by typed key."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from bot.bootstrap import Runtime
from bot.channels.webchat.listeners import Listeners
from bot.channels.webchat.sessions import Sessions
from core.limits.flood import FloodGate
from core.limits.store import TokenBucket
from core.links import Signer
from webhooks.newcomers import Newcomers
from webhooks.pulse import Pulse


@dataclass(slots=True)
class Draining:
    """Whether the server is on its way out, and the streams that would otherwise keep it."""

    begun: bool = False
    streams: set[asyncio.Task[object]] = field(default_factory=set)


RUNTIME = web.AppKey("runtime", Runtime)
SESSIONS = web.AppKey("sessions", Sessions)
LISTENERS = web.AppKey("listeners", Listeners)
ADDRESS_FLOOD = web.AppKey("address_flood", FloodGate)
NEW_CHATS = web.AppKey("new_chats", TokenBucket)
GUEST_FLOOD = web.AppKey("guest_flood", FloodGate)
KITCHEN_FLOOD = web.AppKey("kitchen_flood", FloodGate)
SIGNER = web.AppKey("signer", Signer)
NEWCOMERS = web.AppKey("newcomers", Newcomers)
PULSE = web.AppKey("pulse", Pulse)
DRAINING = web.AppKey("draining", Draining)
