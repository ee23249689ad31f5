"""A guest's own data and invoices, by links that are theirs and short-lived."""

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


async def test_a_guest_who_has_eaten_taps_invoice_and_gets_the_file(house, http, sign):
    cook = await house.cook("mgroad")
    guest = await ordered(house, "Takeaway", "2 masala dosa", phone="98765 00002")
    code = code_in(guest.screen)
    await cook.hears(code)
    for step in ("+15", "Ready", "Collected"):
        await cook.taps_on(code, step)
    await guest.hears("is yours")
    assert "BLR1/2526/000001" in await guest.taps("Invoice")
    document = guest.document
    assert document is not None
    assert document["name"] == "BLR1-2526-000001.pdf"
    async with http.get(document["url"]) as response:
        assert (response.status, response.content_type) == (200, "application/pdf")
        assert response.headers["Cache-Control"] == "no-store"
        first = await response.read()
        assert first.startswith(b"%PDF")
    async with http.get(document["url"]) as response:
        assert await response.read() == first
    order = await house.runtime.services.orders.by_code("mgroad", "Asia/Kolkata", code)
    for refused, status in ((sign("track", order.id), 403), (sign("invoice", "ord_none"), 404)):
        async with http.get(f"/invoices/{refused}") as response:
            assert response.status == status
    house.clock.advance(HALF_AN_HOUR)
    async with http.get(document["url"]) as response:
        assert response.status == 403


async def test_there_is_no_invoice_before_the_food_is_handed_over(house, http, sign):
    guest = await ordered(house, "Takeaway", "2 masala dosa", phone="98765 00003")
    assert not guest.offers("Invoice")
    order = await house.runtime.services.orders.by_code("mgroad", "Asia/Kolkata", code_in(guest.screen))
    await guest.sends({"type": "tap", "action": f"ordinv|{order.id}"})
    assert "when the order has been handed over" in guest.all_said
    async with http.get(f"/invoices/{sign('invoice', order.id)}") as response:
        assert response.status == 404
