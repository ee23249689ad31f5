"""A guest's own data, by a link that is theirs and short-lived."""

import json
from datetime import timedelta

import pytest

from core.ids import Handle
from core.links import Signer
from tests.dialogues.walks import code_in, ordered

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def sign(house):
    signer = Signer(house.runtime.settings, house.clock)
    return lambda purpose, id: signer.sign(purpose, id, HALF_AN_HOUR)


async def test_the_copy_holds_the_guest_and_their_orders_and_nobody_elses_business(house, http):
    cook = await house.cook("mgroad")
    guest = await ordered(house, "Takeaway", "2 masala dosa", phone="98765 00001")
    code = code_in(guest.screen)
    await cook.hears(code)
    await cook.taps_on(code, "+15")
    await guest.says("privacy")
    await guest.taps("Get a copy")
    async with http.get(guest.link("Download")) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert "attachment" in response.headers["Content-Disposition"]
        text = await response.text()
    (order,) = json.loads(text)["orders"]
    assert (order["code"], order["status"], order["phone"]) == (code, "accepted", "+919876500001")
    assert order["bill"]["lines"][0]["name"] == "Masala Dosa"
    assert "kitchen-mgroad" not in text  # who of the staff did what is theirs
    assert "outbox" not in text


async def test_the_link_opens_nothing_else_and_ends(house, http, sign):
    customer = await house.runtime.services.customers.identify(Handle("webchat:00000000000000aa"), "webchat", "en")
    link = sign("export", customer.id)
    async with http.get(f"/documents/{link}") as response:
        assert (response.status, json.loads(await response.text())["orders"]) == (200, [])
    for refused in (sign("track", customer.id), link[:-1], "x"):
        async with http.get(f"/documents/{refused}") as response:
            assert response.status == 403
    house.clock.advance(HALF_AN_HOUR)
    async with http.get(f"/documents/{link}") as response:
        assert response.status == 403
