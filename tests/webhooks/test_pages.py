"""Pages, pictures and what they may do; and the doors that are open in the demo alone."""

from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from core.links import Signer
from core.settings import PaymentProviderName
from webhooks.app import build_app
from webhooks.serving import listen, serving


@pytest.mark.parametrize(
    "path", ["/", "/demo", "/pay/return", "/track/anything", "/static/css/base.css", "/health/live"]
)
async def test_every_answer_tells_the_browser_to_be_careful(http, path):
    async with http.get(path) as response:
        assert response.status == 200
        headers = response.headers
    policy = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (policy["object-src"], policy["base-uri"]) == ("'none'", "'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/chat", "/static/../app.py", "/static/%2e%2e/app.py", "/static/none.js"),
        *("/media/dishes/none.svg", "/chat/x/events", "/documents/x", "/demo/none", "/sandbox/links/x"),
    ],
)
async def test_what_is_not_there_is_told_in_a_sentence_with_the_same_care(http, path):
    async with http.get(path) as response:
        assert response.status in (403, 404, 405)
        assert "Content-Security-Policy" in response.headers
        assert (await response.json())["error"].endswith(".")


@pytest.mark.parametrize("page", ["/", "/demo", "/pay/return", "/track/x", "/sandbox/pay/x"])
async def test_no_page_runs_or_loads_what_does_not_come_from_this_house(http, page):
    async with http.get(page) as response:
        text = await response.text()
    assert response.content_type == "text/html"
    assert "<style" not in text
    assert " style=" not in text
    assert "onclick" not in text
    assert "//" not in text.replace("<!doctype", "")
    for script in text.split("<script")[1:]:
        assert 'src="/static/' in script.split(">")[0]


async def test_everything_a_page_names_is_there(http):
    import re

    for page in ("/", "/demo", "/pay/return", "/track/x", "/sandbox/pay/x"):
        async with http.get(page) as response:
            named = set(re.findall(r'(?:src|href)="(/[^"]+)"', await response.text()))
        assert named
        for path in named:
            async with http.get(path) as response:
                assert response.status == 200, f"{page} names {path}"


async def test_scripts_are_asked_about_each_time_and_come_only_when_they_changed(http):
    async with http.get("/static/css/base.css") as response:
        assert response.headers["Cache-Control"] == "no-cache"
        known = response.headers["ETag"]
    async with http.get("/static/css/base.css", headers={"If-None-Match": known}) as response:
        assert response.status == 304


async def test_pictures_of_dishes_rest_in_the_browser_for_a_day(house, http):
    dish = next(item for item in house.runtime.services.menu.snapshot("mgroad").items.values() if item.image)
    async with http.get(dish.image) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "public, max-age=86400"
        assert response.content_type.startswith("image/")


async def test_the_demo_page_learns_its_outlets_and_their_groups(house, http):
    async with http.get("/demo/config") as response:
        config = await response.json()
    outlets = house.runtime.services.outlets.all()
    assert config["outlets"] == [{"code": outlet.id, "name": outlet.name} for outlet in outlets]
    assert set(config["kitchens"]) == {outlet.id for outlet in outlets}


@pytest.fixture
async def plain_door(house):
    """The web door of a house that is no demo and has a real payment provider."""
    real = house.runtime.settings.model_copy(update={"demo": False, "payment_provider": PaymentProviderName.RAZORPAY})
    with listen("127.0.0.1", 0) as listener:
        async with (
            serving(build_app(replace(house.runtime, settings=real)), listener) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        ):
            yield http


@pytest.mark.parametrize("path", ["/demo", "/demo/config", "/demo/stream", "/demo/phone/stream", "/demo/till/stream",
                                  "/sandbox/pay/x", "/sandbox/links/x", "/demo/till/webhooks",
                                  "/sandbox/razorpay/v1/payment_links"])  # fmt: skip
async def test_outside_the_demo_nobody_reads_codes_or_plays_with_money(plain_door, path):
    async with plain_door.get(path) as response:
        assert response.status == 404
    async with plain_door.post(f"{path}/actions", json={"action": "pay", "method": "upi"}) as response:
        assert response.status == 404


async def test_outside_the_demo_a_groups_session_opens_nothing(http, plain_door):
    async with http.get("/demo/config") as response:
        kitchen = next(iter((await response.json())["kitchens"].values()))
    async with plain_door.post(
        f"/chat/{kitchen}/events", json={"id": "e1", "type": "text", "text": "/board"}
    ) as answer:
        assert answer.status == 404
    async with plain_door.get(f"/chat/{kitchen}/stream") as answer:
        assert answer.status == 404


async def test_a_tracking_page_of_a_forged_link_or_of_no_order_shows_nothing(house, http, clock):
    for link in ("x", Signer(house.runtime.settings, clock).sign("export", "ord_1", timedelta(hours=1))):
        async with http.get(f"/track/{link}/stream") as response:
            assert response.status == 403
    lost = Signer(house.runtime.settings, clock).sign("track", "ord_1", timedelta(hours=1))
    async with http.get(f"/track/{lost}/stream") as response:
        assert response.status == 404
