"""Refusals every handler gives in the same shape: {"error": a sentence}."""

import json
import math
from datetime import timedelta
from typing import Any

from aiohttp import web

STORES_BACK = timedelta(seconds=5)  # when to try again while a store is away


def refusal(status: int, sentence: str, *, retry_after: timedelta | None = None, **facts: Any) -> web.Response:
    body: dict[str, Any] = {"error": sentence, **facts}
    headers = {"Cache-Control": "no-store"}
    if retry_after is not None:
        seconds = max(1, math.ceil(retry_after.total_seconds()))
        body["retry_after"] = seconds
        headers["Retry-After"] = str(seconds)
    return web.json_response(body, status=status, headers=headers)


def fresh(body: Any) -> web.Response:
    """JSON that nobody keeps; Hindi stays Hindi on the wire."""
    return web.Response(
        text=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
