"""Is the loop turning, can we take orders: for supervisors and balancers (RELIABILITY.md §8.1)."""

from aiohttp import web

from webhooks.answers import fresh
from webhooks.keys import DRAINING, PULSE


async def live(request: web.Request) -> web.Response:
    alive = request.app[PULSE].alive
    response = fresh({"status": "alive" if alive else "stuck"})
    response.set_status(200 if alive else 503)
    return response


async def ready(request: web.Request) -> web.Response:
    """Redis away is shown, not counted: guests lose comfort, orders and money do not depend on it."""
    pulse = request.app[PULSE]
    draining = request.app[DRAINING].begun
    able = pulse.mongo and not draining
    response = fresh(
        {
            "status": "draining" if draining else "ready" if able else "not ready",
            "mongodb": "answers" if pulse.mongo else "away",
            "degraded": [] if pulse.redis else ["redis"],
        }
    )
    response.set_status(200 if able else 503)
    return response
