"""The practice till: what its page sees and may do, and nothing beyond."""

import asyncio
from zlib import crc32

import pytest

from tests.dialogues.walks import ordered
from tests.webhooks.asking import listening


@pytest.fixture
async def unpaid(house, request):
    """A guest with a payment link, and the link's id."""
    phone = f"97{crc32(request.node.name.encode()) % 10**8:08d}"
    guest = await ordered(house, "Takeaway", "2 masala dosa", "UPI", phone=phone)
    await guest.hears("to pay")
    return guest, guest.link("Pay ₹").rpartition("/")[2]


async def look(http, link):
    async with http.get(f"/sandbox/links/{link}") as response:
        return response.status, await response.json()


async def act(http, link, body):
    async with http.post(f"/sandbox/links/{link}/actions", json=body) as response:
        return response.status, await response.json()


async def test_the_page_sees_what_is_owed_to_whom_and_until_when(http, unpaid):
    _, link = unpaid
    status, seen = await look(http, link)
    assert status == 200
    assert set(seen) == {
        *("id", "merchant", "order_code", "amount_text", "methods", "status", "expires_at", "payments", "plays")
    }
    assert (seen["id"], seen["merchant"], seen["status"], seen["methods"]) == (
        link,
        "Tiffin, MG Road",
        "created",
        ["upi"],
    )
    assert seen["amount_text"].startswith("₹")
    async with http.get(f"/sandbox/pay/{link}") as response:
        assert response.status == 200


async def test_a_payment_that_fails_can_be_tried_again_and_one_that_went_through_cannot(http, unpaid):
    guest, link = unpaid
    assert (await act(http, link, {"action": "fail", "method": "upi"}))[1]["status"] == "created"
    await guest.hears("did not go through")
    assert (await act(http, link, {"action": "pay", "method": "upi"}))[1]["status"] == "paid"
    await guest.hears("is placed")
    status, refused = await act(http, link, {"action": "pay", "method": "upi"})
    assert (status, refused["error"]) == (409, "This link is already paid.")


@pytest.mark.race
async def test_ten_presses_on_pay_at_once_are_one_payment(http, unpaid):
    guest, link = unpaid
    answers = await asyncio.gather(*(act(http, link, {"action": "pay"}) for _ in range(10)))
    assert sorted(status for status, _ in answers) == [200] + [409] * 9
    await guest.hears("is placed")


@pytest.mark.parametrize(
    "body", [{}, {"action": "steal"}, {"action": ["pay"]}, [], "pay", {"action": "pay", "method": "x" * 50}]
)
async def test_the_till_takes_no_other_orders(http, unpaid, body):
    _, link = unpaid
    status, refused = await act(http, link, body)
    assert status == 422
    assert refused["error"] == "An action is one of pay, fail, pay_twice, expire, pay_late, refund."
    assert (await look(http, link))[1]["status"] == "created"


async def test_a_link_nobody_made_is_not_there(http):
    for link in ("plink_nothing", "%24gt", "x" * 3000):
        assert (await look(http, link))[0] == 404
        assert (await act(http, link, {"action": "pay"}))[0] == 404


async def test_the_tills_stream_tells_a_new_link_and_its_end(http, unpaid):
    _, link = unpaid
    async with listening(http, "/demo/till/stream") as stream, asyncio.timeout(10):

        async def told(status):
            while True:
                place, data = await stream.next()
                if data and data.get("link", {}).get("id") == link:
                    assert data["link"]["status"] == status
                    assert set(data["link"]) == {"id", "order_code", "amount_text", "status", "url"}
                    return place

        await told("created")
        await act(http, link, {"action": "pay"})
        place = await told("paid")
    async with listening(http, "/demo/till/stream", after=place) as stream:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.2):
                await stream.next()  # nothing has changed since
