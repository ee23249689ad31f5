"""Where Telegram delivers: the secret first, then the update; 200 once its answers are on the screen.

Telegram brings again whatever is not answered with a 2xx, and holds that chat's next update back until then. So a 503
is given only while our stores are away; a body nobody can read is logged and done with.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import web

from core.logs import get_logger
from webhooks.answers import fresh, refusal
from webhooks.bodies import read_body

log = get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Secret(Protocol):
    def knows(self, given: bytes) -> bool: ...


class Account(Protocol):
    """Our side of Telegram, as the door needs it."""

    @property
    def webhook(self) -> Secret | None: ...

    async def handle(self, update: Mapping[str, Any]) -> dict[str, Any] | None:
        """The call that rides on our answer, if any. Raises one of STORE_FAILURES: it should come again."""
        ...


ACCOUNT = web.AppKey("telegram", Account)

routes = web.RouteTableDef()


def add_telegram(app: web.Application, account: Account) -> None:
    """Open the door, where Telegram is to deliver rather than to be asked."""
    if account.webhook is not None:
        app[ACCOUNT] = account
        app.add_routes(routes)


@routes.post("/webhooks/telegram")
async def delivered(request: web.Request) -> web.Response:
    account = request.app[ACCOUNT]
    assert account.webhook is not None
    given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
    if not account.webhook.knows(given):
        log.warning("telegram_wrong_secret", remote=request.remote)
        return refusal(401, "This door is for Telegram.")
    update = _update(await read_body(request))
    if update is None:
        return web.Response()
    riding = await account.handle(update)
    return web.Response() if riding is None else fresh(riding)


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        log.error("telegram_unreadable", size=len(body))
        return None
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        log.error("telegram_unreadable", size=len(body), type=type(update).__name__)
        return None
    return update
