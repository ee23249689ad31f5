"""The live order page, from the guest's yes to the last bite."""

import asyncio
from datetime import timedelta
from zlib import crc32

import pytest

from core.ids import OrderId
from core.links import Signer
from core.payments.factory import PAID
from tests.dialogues.walks import code_in, ordered
from tests.webhooks.asking import listening
from webhooks.pages.tracking import TRACK


@pytest.fixture
def phone_number(request):
    """A phone of each test's own: the house is shared, and codes are rationed."""
    return f"98{crc32(request.node.name.encode()) % 10**8:08d}"


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch):
    monkeypatch.setattr("webhooks.pages.tracking.LOOK_EVERY", timedelta(seconds=0.2))


async def placed(house, phone_number, how="Delivery", wish="2 full paneer tikka and 3 garlic naan", pay="Cash"):
    """A guest, the order's code and its tracking link."""
    guest = await ordered(house, how, wish, pay, phone=phone_number)
    code = code_in(guest.all_said)
    services = house.runtime.services
    order = await services.orders.by_code("mgroad", "Asia/Kolkata", code)
    signed = Signer(house.runtime.settings, house.clock).sign(TRACK, OrderId(order.id), timedelta(hours=1))
    return guest, code, f"/track/{signed}/stream"


async def test_the_page_follows_the_order_step_by_step(house, http, phone_number):
    cook = await house.cook("mgroad")
    _, code, path = await placed(house, phone_number)
    await cook.hears(code)
    async with listening(http, path) as page, asyncio.timeout(20):
        _, first = await page.next()
        order = first["order"]
        assert (order["code"], order["status"], order["outlet"]) == (code, "placed", "Tiffin, MG Road")
        assert [step["name"] for step in order["steps"]] == [
            "Ordered",
            "Accepted",
            "Being cooked",
            "Packed, waiting for the rider",
            "On the way",
            "Delivered",
        ]
        assert [step["done"] for step in order["steps"]] == [True, False, False, False, False, False]
        assert order["steps"][0]["at_text"]
        assert {line["name"]: line["quantity"] for line in order["lines"]} == {
            "Paneer Tikka (Full)": 2,
            "Garlic Naan": 3,
        }
        assert order["total_text"].startswith("₹")

        await cook.taps_on(code, "+25")
        _, second = await page.next()
        assert second["order"]["status"] == "accepted"
        assert second["order"]["promised_text"].startswith("At your door")
        for tap, status in (("Ready", "ready"), ("Out", "out_for_delivery"), ("Collected", "completed")):
            await cook.taps_on(code, tap)
            _, news = await page.next()
            assert news["order"]["status"] == status
        assert all(step["done"] for step in news["order"]["steps"])
        assert news["order"]["promised_text"] == ""


async def test_an_order_that_was_cancelled_shows_how_far_it_came(house, http, phone_number):
    guest, _, path = await placed(house, phone_number, "Takeaway", "2 masala dosa")
    await guest.says("cancel")
    await guest.taps("Yes, cancel")
    async with listening(http, path) as page, asyncio.timeout(10):
        _, news = await page.next()
    assert [(step["name"], step["done"]) for step in news["order"]["steps"]] == [("Ordered", True), ("Cancelled", True)]


async def test_a_link_that_is_passed_on_names_nobody_and_no_address(house, http, phone_number):
    _, _, path = await placed(house, phone_number)
    async with listening(http, path) as page, asyncio.timeout(10):
        _, news = await page.next()
    told = str(news)
    assert phone_number not in told
    assert "Church" not in told
    assert "560001" not in told


async def test_the_link_ends_with_its_time(house, http, phone_number):
    _, _, path = await placed(house, phone_number, "Takeaway", "2 masala dosa")
    house.clock.advance(timedelta(hours=1))
    async with http.get(path) as response:
        assert response.status == 403


async def test_coming_back_from_the_payment_page_asks_the_bank_and_believes_nobody(house, http, phone_number):
    guest = await ordered(house, "Takeaway", "2 masala dosa", "UPI", phone=phone_number)
    await guest.hears("to pay")
    code = code_in(guest.all_said)
    order = await house.runtime.services.orders.by_code("mgroad", "Asia/Kolkata", code)
    before = order.checked_ms
    house.clock.advance(timedelta(seconds=1))
    query = {"razorpay_payment_link_reference_id": f"{order.id}.1", "razorpay_payment_link_status": "paid"}
    async with http.get("/pay/return", params=query) as response:
        assert response.status == 200
    after = await house.runtime.services.orders.require(order.id)
    assert after.status is order.status
    assert after.checked_ms == before  # an address somebody made up is no reason to ask the bank
    signed = house.runtime.services.links.sign(PAID, order.id, timedelta(hours=1))
    async with http.get("/pay/return", params={PAID: signed}) as response:
        assert response.status == 200
    after = await house.runtime.services.orders.require(order.id)
    assert after.status is order.status
    assert after.checked_ms > before
    for forged in ("ord_nothing.1", "1", "x" * 5000, "../../etc"):
        async with http.get("/pay/return", params={"razorpay_payment_link_reference_id": forged}) as response:
            assert response.status in (200, 400)
