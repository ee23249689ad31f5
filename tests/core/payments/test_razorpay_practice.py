"""The practice Razorpay keeps the documented rules, so that what works against it works against the real one."""

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from core.money import Money
from core.payments.practice.api import Api, Asked
from core.payments.practice.ledger import Ledger
from core.payments.practice.rules import SIX_MONTHS
from tests.core.orders.builders import TOTAL
from tests.fakes.razorpay.book import MemoryBook
from tests.fakes.razorpay.server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, FakeRazorpay

AUTHORIZATION = "Basic " + b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
FOUR = ["payment.authorized", "payment.captured", "order.paid", "payment_link.paid"]


class Office:
    def __init__(self, clock) -> None:
        self.clock = clock
        self.fake = FakeRazorpay(clock)
        self.ledger: Ledger = self.fake.ledger
        self.book: MemoryBook = self.fake.book
        self.api: Api = self.fake.api

    async def asks(self, method: str, path: str, body: Any = None, *, key: str = "", **query: str) -> tuple[int, Any]:
        headers = {"authorization": AUTHORIZATION, **({"x-refund-idempotency": key} if key else {})}
        sent = b"" if body is None else json.dumps(body).encode()
        return await self.api.answer(Asked(method, f"/v1{path}", query, headers, sent))

    def wish(self, **changed: Any) -> dict[str, Any]:
        now = self.clock.ms() // 1000
        return {"amount": TOTAL.paise, "currency": "INR", "reference_id": "TS1989", "expire_by": now + 960, **changed}

    async def makes(self, **changed: Any) -> str:
        status, link = await self.asks("POST", "/payment_links", self.wish(**changed))
        assert status == 200, link
        return str(link["id"])

    async def is_refused(self, method: str, path: str, body: Any = None, *, key: str = "") -> tuple[int, str]:
        status, answer = await self.asks(method, path, body, key=key)
        assert status >= 400, answer
        return status, answer["error"]["description"]

    def told(self) -> list[str]:
        return [event.name for event in self.fake.take()]


@pytest.fixture
def office(clock) -> Office:
    return Office(clock)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": 99}, "at least INR 1.00"),
        ({"amount": True}, "integer"),
        ({"amount": "52000"}, "integer"),
        ({"amount": 520.0}, "integer"),
        ({"amount": None}, "integer"),
        ({"reference_id": "x" * 41}, "no more than 40"),
        ({"description": "x" * 2049}, "no more than 2048"),
        ({"notes": {"a": "x" * 256}}, "greater than 255"),
        ({"notes": {str(n): "x" for n in range(16)}}, "less than or equal to 15"),
        ({"callback_url": "https://x"}, "callback_method"),
        ({"callback_url": "https://x", "callback_method": "post"}, "callback_method"),
        ({"upi_link": True}, "not supported in Test Mode"),
        ({"expire_by": "soon"}, "integer"),
        ({"surprise": 1}, "not required and should not be sent"),
    ],
    ids=str,
)
async def test_a_link_that_is_asked_for_wrongly_is_refused(office: Office, changed, words):
    status, said = await office.is_refused("POST", "/payment_links", office.wish(**changed))
    assert status == 400
    assert words in said
    assert office.book.links == {}


@pytest.mark.parametrize(("seconds", "fine"), [(899, False), (900, True), (SIX_MONTHS, True), (SIX_MONTHS + 1, False)])
async def test_a_link_lasts_fifteen_minutes_at_the_least_and_half_a_year_at_the_most(office: Office, seconds, fine):
    status, _ = await office.asks("POST", "/payment_links", office.wish(expire_by=office.clock.ms() // 1000 + seconds))
    assert (status == 200) == fine


async def test_a_reference_is_used_once_for_ever(office: Office):
    link = await office.makes()
    await office.asks("POST", f"/payment_links/{link}/cancel")
    status, said = await office.is_refused("POST", "/payment_links", office.wish())
    assert (status, said) == (400, "payment link creation with reference ID already attempted")


async def test_a_link_shows_what_the_documents_show(office: Office):
    _, link = await office.asks("POST", "/payment_links", office.wish())
    assert link["payments"] is None
    assert "order_id" not in link
    await office.ledger.fail(link["id"])
    _, tried = await office.asks("GET", f"/payment_links/{link['id']}")
    assert tried["order_id"].startswith("order_")
    assert tried["payments"] is None, "captured ones alone"
    payment = await office.ledger.pay(link["id"])
    _, paid = await office.asks("GET", f"/payment_links/{link['id']}")
    assert (paid["status"], paid["amount_paid"]) == ("paid", TOTAL.paise)
    assert [part["payment_id"] for part in paid["payments"]] == [payment.id]


async def test_only_an_open_link_can_be_cancelled(office: Office):
    paid = await office.makes(reference_id="1")
    await office.ledger.pay(paid)
    said = "cannot cancel or expire an already paid/partially paid link"
    assert await office.is_refused("POST", f"/payment_links/{paid}/cancel") == (400, said)
    cancelled = await office.makes(reference_id="2")
    await office.asks("POST", f"/payment_links/{cancelled}/cancel")
    expired = await office.makes(reference_id="3")
    office.clock.advance(timedelta(minutes=17))
    for over in (cancelled, expired):
        said = "cannot cancel or expire an expired link"
        assert await office.is_refused("POST", f"/payment_links/{over}/cancel") == (400, said)


async def test_a_link_that_is_over_cannot_be_paid_but_a_payment_under_way_still_lands(office: Office):
    link = await office.makes()
    await office.asks("POST", f"/payment_links/{link}/cancel")
    office.told()
    with pytest.raises(Exception, match="cancelled"):
        await office.ledger.pay(link)
    await office.ledger.pay_late(link)
    assert office.told() == FOUR[:3], "its order is paid, the link is not"
    _, still = await office.asks("GET", f"/payment_links/{link}")
    assert (still["status"], still["amount_paid"]) == ("cancelled", TOTAL.paise)


async def test_one_payment_is_four_pieces_of_news_and_a_second_one_two(office: Office):
    link = await office.makes()
    await office.ledger.pay(link)
    assert office.told() == FOUR
    await office.ledger.pay_twice(link)
    assert office.told() == FOUR[:2]


async def test_links_that_expire_say_so_once(office: Office):
    await office.makes()
    office.clock.advance(timedelta(minutes=17))
    await office.ledger.tick()
    await office.ledger.tick()
    assert office.told() == ["payment_link.expired"]


async def test_what_was_authorised_can_be_captured_later_and_what_failed_too(office: Office):
    link = await office.makes()
    failed, authorised = await office.ledger.fail(link), await office.ledger.authorise(link)
    assert office.told() == ["payment.failed", "payment.authorized"]
    await office.ledger.capture(authorised.id)
    assert office.told() == FOUR[1:]
    await office.ledger.capture(failed.id)
    assert office.told() == ["payment.captured"]


async def test_the_library_of_razorpay_believes_its_signatures(office: Office):
    from razorpay import Client

    await office.ledger.pay(await office.makes())
    utility = Client(auth=(KEY_ID, KEY_SECRET)).utility
    for event in office.fake.take():
        assert utility.verify_webhook_signature(event.body.decode(), event.signature(WEBHOOK_SECRET), WEBHOOK_SECRET)


# Refunds


async def a_payment(office: Office, **changed: Any) -> str:
    payment = await office.ledger.pay(await office.makes(**changed))
    office.told()
    return payment.id


async def test_a_refund_settles_after_a_while_and_says_both(office: Office):
    payment = await a_payment(office)
    _, made = await office.asks("POST", f"/payments/{payment}/refund", {"amount": 10_000, "receipt": "r1"})
    assert (made["status"], made["receipt"], made["acquirer_data"]) == ("pending", "r1", {"arn": None})
    assert office.told() == ["refund.created"]
    office.clock.advance(timedelta(seconds=5))
    assert office.told() == ["refund.processed"]
    _, done = await office.asks("GET", f"/refunds/{made['id']}")
    assert done["status"] == "processed"
    assert done["acquirer_data"]["arn"]
    _, shown = await office.asks("GET", f"/payments/{payment}")
    assert (shown["amount_refunded"], shown["refund_status"], shown["status"]) == (10_000, "partial", "captured")


async def test_without_an_amount_all_that_is_left_goes_back(office: Office):
    payment = await a_payment(office)
    await office.asks("POST", f"/payments/{payment}/refund", {"amount": 10_000})
    _, rest = await office.asks("POST", f"/payments/{payment}/refund", {})
    assert rest["amount"] == TOTAL.paise - 10_000
    _, shown = await office.asks("GET", f"/payments/{payment}")
    assert (shown["status"], shown["refund_status"]) == ("refunded", "full")


@pytest.mark.parametrize(
    ("body", "key", "status", "words"),
    [
        ({"amount": 52_001}, "", 400, "greater than amount captured"),
        ({"amount": 99}, "", 400, "at least INR 1.00"),
        ({"amount": True}, "", 400, "integer"),
        ({"receipt": 5}, "", 400, "receipt"),
        ({"surprise": 1}, "", 400, "should not be sent"),
        ([], "", 400, "valid JSON"),
        ({}, "short", 400, "at least 10 characters"),
        ({}, "with spaces in it", 400, "alphanumeric"),
    ],
    ids=str,
)
async def test_a_refund_that_is_asked_for_wrongly_is_refused(office: Office, body, key, status, words):
    payment = await a_payment(office)
    refused, said = await office.is_refused("POST", f"/payments/{payment}/refund", body, key=key)
    assert refused == status
    assert words in said


async def test_what_was_not_captured_cannot_be_refunded(office: Office):
    link = await office.makes()
    for payment in (await office.ledger.fail(link), await office.ledger.authorise(link)):
        _, said = await office.is_refused("POST", f"/payments/{payment.id}/refund", {})
        assert "should be captured" in said


async def test_the_same_key_is_the_same_refund_and_another_wish_under_it_a_conflict(office: Office):
    payment = await a_payment(office)
    body, key = {"amount": 10_000, "notes": {"a": "b"}}, "rf_0123456789"
    first = await office.asks("POST", f"/payments/{payment}/refund", body, key=key)
    assert await office.asks("POST", f"/payments/{payment}/refund", body, key=key) == first
    status, said = await office.is_refused("POST", f"/payments/{payment}/refund", {**body, "amount": 20_000}, key=key)
    assert (status, said) == (409, "Different request with the same idempotency key has already been processed.")
    office.ledger.knows_keys = False
    again = await office.asks("POST", f"/payments/{payment}/refund", body, key=key)
    assert again[1]["id"] != first[1]["id"]


async def test_ten_refunds_are_shown_unless_more_are_asked_for(office: Office):
    payment = await a_payment(office)
    for _ in range(12):
        await office.ledger.refund_by_hand(payment, Money(100))
    counts = [
        len((await office.asks("GET", f"/payments/{payment}/refunds", **query))[1]["items"])
        for query in ({}, {"count": "100"}, {"count": "10", "skip": "10"})
    ]
    assert counts == [10, 12, 2]


# The door


@pytest.mark.parametrize("given", ["", "Basic x", "Bearer x", AUTHORIZATION[:-2], "Basic é"])
async def test_nobody_gets_in_without_the_key(office: Office, given):
    status, answer = await office.api.answer(Asked("GET", "/v1/payment_links", headers={"Authorization": given}))
    assert (status, answer["error"]["description"]) == (401, "Authentication failed")


@pytest.mark.parametrize("path", ["/nothing", "/payment_links/x/y", "/settlements"])
async def test_an_address_nobody_answers_at_says_so(office: Office, path):
    assert (await office.is_refused("GET", path))[1] == "The requested URL was not found on the server."


@pytest.mark.parametrize("path", ["/payment_links/plink_x", "/payments/pay_x", "/refunds/rfnd_x", "/orders/order_x"])
async def test_a_name_nobody_has_says_so(office: Office, path):
    assert (await office.is_refused("GET", path))[1] == "The id provided does not exist"


@pytest.mark.parametrize(
    "query", [{"count": "101"}, {"count": "0"}, {"from": "1"}, {"to": "soon"}, {"skip": "-1"}], ids=str
)
@pytest.mark.parametrize("path", ["/payments", "/refunds"])
async def test_a_list_that_is_asked_for_wrongly_is_refused(office: Office, path, query):
    status, answer = await office.asks("GET", path, **query)
    assert (status, answer["error"]["field"]) == (400, next(iter(query)))
