"""What browsers are told to be careful about: where scripts come from, how the house is reached, who gets a cookie."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from http.cookies import SimpleCookie

import aiohttp
import pytest
from aiohttp import web

from core.ids import Handle
from core.links import Signer
from tests.house import House
from webhooks.app import build_app
from webhooks.keys import DRAINING, NEWCOMERS, Draining
from webhooks.middleware import careful_cookies
from webhooks.newcomers import Newcomers
from webhooks.pages.files import PAGES
from webhooks.serving import listen, serving

EVERY_PAGE = {"/": "chat.html", "/demo": "demo.html", "/pay/return": "return.html", "/track/x": "track.html",
              "/sandbox/pay/x": "sandbox_pay.html"}  # fmt: skip
NOTHING_FROM_ELSEWHERE = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}


class Inline(HTMLParser):
    """What a page would run or style without asking for a file, which the policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self._inside = tag if tag in ("script", "style") else ""
        self.found += [name for name in names if name.startswith("on") or name in ("style", "srcdoc", "integrity")]
        self.found += [
            str(value) for value in names.values() if re.match(r"\s*(javascript|data|https?):|//", value or "")
        ]
        if tag == "script" and not str(names.get("src", "")).startswith("/static/"):
            self.found.append("script without a file")

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.found.append(f"{self._inside}: {data.strip()[:40]}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def inline(page: str) -> list[str]:
    reader = Inline()
    reader.feed(page)
    return reader.found


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_every_page_runs_and_styles_with_files_of_the_house_alone(http: aiohttp.ClientSession, path: str):
    async with http.get(path) as response:
        page, policy = await response.text(), response.headers["Content-Security-Policy"]
    assert dict(rule.strip().split(" ", 1) for rule in policy.split(";")) == NOTHING_FROM_ELSEWHERE
    assert inline(page) == []


def test_no_page_is_forgotten_above():
    assert set(EVERY_PAGE.values()) == {path.name for path in PAGES.glob("**/*.html")}


@pytest.mark.parametrize(
    "bad",
    ["<script>x()</script>", "<p onclick='x()'>", "<p style='color:red'>", "<style>p{}</style>",
     "<a href='javascript:x()'>",
     "<script src='https://elsewhere/x.js'></script>", "<img src='//elsewhere/x'>", "<script src='x.js'></script>"],
    ids=range(8),
)  # fmt: skip
def test_the_reader_of_pages_would_have_found_it(bad: str):
    assert inline(bad)


def test_no_script_makes_code_or_markup_of_text():
    risky = re.compile(
        r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\.cookie\b"
    )
    scripts = list(PAGES.glob("**/*.js"))
    assert scripts
    assert {path.name: risky.findall(path.read_text(encoding="utf-8")) for path in scripts} == {
        path.name: [] for path in scripts
    }


async def test_a_guests_document_is_shown_to_nobody_else_and_kept_nowhere(house: House, http: aiohttp.ClientSession):
    guest = await house.runtime.services.customers.identify(Handle("webchat:00000000000000bb"), "webchat", "en")
    link = Signer(house.runtime.settings, house.clock).sign("export", guest.id, timedelta(minutes=5))
    async with http.get(f"/documents/{link}") as response:
        assert response.status == 200
        headers = response.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("attachment")
    assert "script-src 'self'" in headers["Content-Security-Policy"]


@pytest.fixture
async def behind_tls(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    """The door of a house whose guests come by https; the proxy in front ends it."""
    settings = house.runtime.settings.model_copy(update={"public_url": "https://eat.example.in"})
    app = build_app(replace(house.runtime, settings=settings))
    with listen("127.0.0.1", 0) as listener:
        async with serving(app, listener) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            yield http


@pytest.mark.parametrize("path", [*EVERY_PAGE, "/health/live", "/nothing", "/documents/x", "/static/css/base.css"])
async def test_a_house_reached_by_https_is_never_tried_without_again(
    behind_tls: aiohttp.ClientSession, http: aiohttp.ClientSession, path: str
):
    async with behind_tls.get(path) as response:
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    async with http.get(path) as response:
        assert "Strict-Transport-Security" not in response.headers


@pytest.mark.parametrize("path", [*EVERY_PAGE, "/demo/config", "/static/css/base.css", "/documents/x"])
async def test_the_pages_of_the_house_set_no_cookie(http: aiohttp.ClientSession, path: str):
    async with http.get(path) as response:
        assert not response.cookies
    async with http.post("/chat") as response:
        assert not response.cookies


@pytest.mark.parametrize(("https", "asked"), [(True, ""), (True, "None"), (False, "lax"), (True, "Strict")])
async def test_a_cookie_that_a_handler_sets_carelessly_leaves_the_house_careful(https: bool, asked: str):
    async def careless(request: web.Request) -> web.Response:
        response = web.Response(text="ok")
        response.set_cookie("session", "x", httponly=False, samesite=asked or None)
        return response

    app = web.Application(middlewares=[careful_cookies(https=https)])
    app[DRAINING] = Draining()
    app[NEWCOMERS] = Newcomers()
    app.router.add_get("/", careless)
    with listen("127.0.0.1", 0) as listener:
        async with (
            serving(app, listener) as port,
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{port}/") as response,
        ):
            cookie = SimpleCookie(response.headers["Set-Cookie"])["session"]
    assert cookie["httponly"]
    assert bool(cookie["secure"]) is https
    assert cookie["samesite"] == ("Strict" if asked == "Strict" else "Lax")
