"""The last door: whatever goes wrong behind it, the browser reads a sentence and the log one line."""

import logging
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from core.errors import Conflict, Forbidden, NotFound, ProviderError, StoreError, TooManyAttempts
from webhooks.keys import DRAINING, NEWCOMERS, Draining
from webhooks.middleware import HUNG_UP, add_security_headers, answer_errors, log_request
from webhooks.newcomers import Newcomers
from webhooks.serving import listen, serving
from webhooks.streaming import News, stream

FAILURES = {
    "mistake": KeyError("mistake"),
    "store": StoreError("orders cannot be read"),
    "provider": ProviderError("razorpay", retryable=True),
    "late": Conflict(what="order"),
    "missing": NotFound(what="order"),
    "forbidden": Forbidden(),
    "hasty": TooManyAttempts(retry_after=timedelta(seconds=7)),
    "method": web.HTTPMethodNotAllowed("GET", ["POST"]),
    "left": ConnectionResetError("Cannot write to closing transport"),
}


async def fails(request):
    raise FAILURES[request.match_info["how"]]


async def stream_fails(request):
    async def source():
        yield News("1", {"said": "once"})
        raise FAILURES[request.match_info["how"]]

    return await stream(request, source())


@pytest.fixture
async def http():
    app = web.Application(middlewares=[log_request, answer_errors])
    app[DRAINING] = Draining()
    app[NEWCOMERS] = Newcomers()
    app.router.add_get("/fails/{how}", fails)
    app.router.add_get("/stream/{how}", stream_fails)
    app.on_response_prepare.append(add_security_headers)
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            yield http


@pytest.mark.parametrize(
    ("how", "status", "logged"),
    [
        ("mistake", 500, "request_failed"),
        ("store", 503, "stores_down"),
        ("provider", 503, "stores_down"),
        ("late", 409, "request_refused"),
        ("missing", 404, ""),
        ("forbidden", 403, ""),
        ("hasty", 429, ""),
        ("method", 405, ""),
    ],
)
async def test_every_failure_is_a_sentence_to_the_browser_and_at_most_one_line_of_its_own(
    http, caplog, how, status, logged
):
    caplog.set_level(logging.INFO)
    async with http.get(f"/fails/{how}") as response:
        answer = await response.json()
    assert response.status == status
    assert answer["error"].endswith(".")
    assert "mistake" not in answer["error"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    told = [record for record in caplog.records if record.name == "webhooks.middleware"]
    own = [record for record in told if "'event': 'request'" not in record.getMessage()]
    assert len(own) == bool(logged)
    assert logged in caplog.text
    if status == 429:
        assert (response.headers["Retry-After"], answer["retry_after"]) == ("7", 7)
    if status == 405:
        assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("how", ["mistake", "store"])
async def test_a_stream_that_fails_ends_and_does_not_turn_into_another_answer(http, caplog, how):
    async with http.get(f"/stream/{how}") as response:
        body = await response.text()
    assert response.status == 200
    assert body.endswith('data: {"said":"once"}\n\n')
    assert caplog.text.count("request_failed") + caplog.text.count("stores_down") == 1


async def test_a_browser_that_left_before_it_was_answered_is_no_mistake_of_ours(http, caplog):
    async with http.get("/fails/left") as response:
        assert response.status == HUNG_UP
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
