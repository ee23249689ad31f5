"""Around every request: its id in the log, headers that keep browsers careful, and one answer to what goes wrong."""

import logging
import random
import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from core.connections import STORE_FAILURES
from core.errors import DomainError, Forbidden, NotFound, RestaurantError, TooManyAttempts
from core.logs import get_logger, naming
from core.redaction import message_of
from webhooks.answers import STORES_BACK, refusal
from webhooks.bodies import BadRequest
from webhooks.keys import NEWCOMERS
from webhooks.streaming import OPEN_STREAM

log = get_logger(__name__)

HUNG_UP = 499  # what proxies note for a browser that left before it was answered

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
}


HSTS = "max-age=31536000"  # a year; subdomains are not ours to speak for


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


async def add_strict_transport(request: web.Request, response: web.StreamResponse) -> None:
    """For a house that is reached by https: browsers never try it without again."""
    response.headers.setdefault("Strict-Transport-Security", HSTS)


def careful_cookies(*, https: bool) -> Middleware:
    """Whatever cookie a handler sets is kept from scripts and from requests that other sites make, and off plain http.

    Tiffin's own pages need none: sessions and links stand in what the page asks for.
    """

    @web.middleware
    async def harden(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        for cookie in response.cookies.values():
            cookie["httponly"] = True
            cookie["secure"] = https or bool(cookie["secure"])
            cookie["samesite"] = "Strict" if cookie["samesite"].lower() == "strict" else "Lax"
        return response

    return harden


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Logs the route, never the path: sessions and signed links stand in it."""
    request.app[NEWCOMERS].spoke(request.protocol)
    request_id = f"{random.getrandbits(64):016x}"  # tells requests apart and proves nothing
    began = time.perf_counter()
    with naming(request_id=request_id):
        status = 500
        try:
            response = await handler(request)
            status = response.status
        finally:
            if status >= 400 or logging.getLogger(__name__).isEnabledFor(logging.DEBUG):
                _tell(request, status, time.perf_counter() - began)
        if not response.prepared:
            response.headers["X-Request-Id"] = request_id
        return response


def _tell(request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    tell = log.warning if status >= 500 else log.info if status >= 400 else log.debug
    tell(
        "request",
        method=request.method,
        route=resource.canonical if resource is not None else "none",
        status=status,
        ms=round(seconds * 1000, 1),
    )


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The door: whatever a handler lets through becomes a sentence here, logged once.

    A stream that has begun can say no sentence any more; it ends, and the page opens it again from where it was.
    """
    try:
        return await handler(request)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        refused = _of_http(answer)
    except RestaurantError as error:
        refused = _of_ours(error)
    except STORE_FAILURES as failure:
        refused = _stores_down(failure)
    except ConnectionResetError:
        refused = web.Response(status=HUNG_UP)  # nobody reads it; raised, it would be logged as a mistake of ours
    except Exception:
        log.exception("request_failed")
        refused = refusal(500, "Something went wrong on our side. Nothing was lost; please try again.")
    begun = request.get(OPEN_STREAM)
    return refused if begun is None else begun


def _of_ours(error: RestaurantError) -> web.Response:
    match error:
        case BadRequest():
            return refusal(error.status, error.sentence)
        case NotFound():
            return refusal(404, "There is nothing here.")
        case Forbidden():
            return refusal(403, "This link is not valid any more.")
        case TooManyAttempts():
            return refusal(429, "That was too fast. Please wait a moment.", retry_after=error.retry_after)
        case DomainError():
            log.info("request_refused", error=type(error).__name__)
            return refusal(409, "That is not possible any more. Please look again.")
        case _:
            return _stores_down(error)


def _stores_down(failure: Exception) -> web.Response:
    log.error("stores_down", error=type(failure).__name__, detail=message_of(failure)[:200])
    return refusal(503, "We cannot reach our records right now. Please try again.", retry_after=STORES_BACK)


def _of_http(answer: web.HTTPException) -> web.Response:
    sentences = {
        404: "There is nothing here.",
        405: "That cannot be done here.",
        413: "That is too much at once. Please send less.",
    }
    refused = refusal(answer.status, sentences.get(answer.status, f"{answer.reason}."))
    if isinstance(answer, web.HTTPMethodNotAllowed):
        refused.headers["Allow"] = ",".join(sorted(answer.allowed_methods))
    return refused
