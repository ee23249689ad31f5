"""The practice bank behind our own door: it asks for its key, signs what it tells, and sends browsers back as the real
one does.
"""

import hmac
import json
from base64 import b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from bot.bootstrap import open_runtime
from core.orders.status import OrderStatus
from core.payments.practice.bank import Play, PracticeKeys
from core.settings import PaymentProviderName
from tests.core.orders.builders import a_draft
from tests.webhooks.practice_shop import PracticeShop, open_practice_shop

S = OrderStatus
LINKS = "/sandbox/razorpay/v1/payment_links"


@pytest.fixture
async def shop(settings, connections, clock):
    async with open_practice_shop(settings, connections, clock) as shop:
        yield shop


def keys(shop: PracticeShop) -> PracticeKeys:
    return PracticeKeys.of(shop.house.runtime.settings)


async def ask(shop: PracticeShop, path: str, key: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Basic {b64encode(key.encode()).decode()}"} if key else {}
    async with shop.http.get(path, headers=headers) as response:
        return response.status, await response.json()


async def tell(shop: PracticeShop, body: bytes, secret: str, event_id: str = "evt1") -> int:
    signature = hmac.new(secret.encode(), body, sha256).hexdigest()
    headers = {"X-Razorpay-Signature": signature, "x-razorpay-event-id": event_id}
    async with shop.http.post("/webhooks/razorpay", data=body, headers=headers) as response:
        return response.status


async def inbox(shop: PracticeShop) -> list[str]:
    found = await shop.house.runtime.connections.mongo["inbox"].find({}).to_list(length=100)
    return [document["_id"] for document in found]


async def test_only_who_knows_the_key_may_ask(shop: PracticeShop):
    key_id, secret = keys(shop).key_id, keys(shop).key_secret.get_secret_value()
    right = f"{key_id}:{secret}"
    order, link = await shop.ordered()
    status, found = await ask(shop, f"{LINKS}?reference_id={order.id}.1", right)
    assert status == 200
    assert [each["id"] for each in found["payment_links"]] == [link.id]
    for wrong in ("", key_id, f"{key_id}:", f"rzp_test_x:{secret}"):
        status, said = await ask(shop, LINKS, wrong)
        assert (status, said["error"]["description"]) == (401, "Authentication failed")
    status, said = await ask(shop, "/sandbox/razorpay/v1/settlements", right)
    assert (status, said["error"]["code"]) == (400, "BAD_REQUEST_ERROR")


async def test_the_guest_is_sent_to_our_own_page_and_back_with_razorpays_signature(shop: PracticeShop):
    await shop.drops_webhooks(True)
    order, link = await shop.ordered()
    assert link.url == f"{shop.house.base}/sandbox/pay/{link.id}"
    back = (await shop.plays(order, Play.PAY))["return_to"]
    address = urlsplit(back)
    assert (f"{address.scheme}://{address.netloc}", address.path) == (shop.house.base, "/pay/return")
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    signed = "|".join(query[f"razorpay_payment_{part}"] for part in _SIGNED)
    secret = keys(shop).key_secret.get_secret_value()
    assert query["razorpay_signature"] == hmac.new(secret.encode(), signed.encode(), sha256).hexdigest()
    forged = back.replace(query["razorpay_signature"], "0" * 64)
    async with shop.http.get(forged) as response:
        assert response.status == 200
    assert (await shop.now(order)).status is S.AWAITING_PAYMENT
    async with shop.http.get(back) as response:
        assert response.status == 200
    assert (await shop.now(order)).status is S.PLACED


_SIGNED = ("link_id", "link_reference_id", "link_status", "id")


async def test_nothing_but_a_payment_sends_the_browser_anywhere(shop: PracticeShop):
    order, _ = await shop.ordered()
    for play in (Play.FAIL, Play.PAY_TWICE, Play.REFUND):
        assert "return_to" not in await shop.plays(order, play)


async def test_news_counts_as_the_practice_banks_only_with_its_signature(shop: PracticeShop):
    body = json.dumps({"event": "payment.downtime.started", "payload": {}}).encode()
    (secret,) = keys(shop).webhook_secrets
    assert await tell(shop, body, "somebody-elses-secret") == 400
    assert await tell(shop, body, keys(shop).key_secret.get_secret_value()) == 400
    assert await inbox(shop) == []
    assert await tell(shop, body, secret.get_secret_value()) == 200
    assert await inbox(shop) == ["sandbox:evt1"]


async def test_beside_a_real_razorpay_each_ones_news_stays_its_own(settings, connections, clock):
    both = settings.model_copy(
        update={
            "razorpay_key_id": "rzp_live_1",
            "razorpay_key_secret": SecretStr("live-key-secret"),
            "razorpay_webhook_secret": (SecretStr("live-webhook-secret"),),
        }
    )
    body = json.dumps({"event": "payment.downtime.started", "payload": {}}).encode()
    async with open_practice_shop(both, connections, clock) as shop:
        (practice,) = keys(shop).webhook_secrets
        assert await tell(shop, body, "live-webhook-secret", "evt1") == 200
        assert await tell(shop, body, practice.get_secret_value(), "evt1") == 200
        assert await tell(shop, body, "neither", "evt2") == 400
        assert sorted(await inbox(shop)) == ["razorpay:evt1", "sandbox:evt1"]
        order, _ = await shop.ordered()
        assert order.provider == PaymentProviderName.SANDBOX


async def test_a_process_without_a_door_reaches_the_bank_at_the_public_address(shop: PracticeShop, connections, clock):
    runtime = shop.house.runtime
    await runtime.jobs.stop()  # this one only serves the door; the other does the jobs
    doorless = runtime.settings.model_copy(update={"own_address": ""})
    async with open_runtime(doorless, clock=clock, connections=connections) as jobs:
        order, _ = await runtime.services.orders.create(a_draft())
        await jobs.services.outbox.relay_once()
        await jobs.services.outbox.dispatch_once(None)
        waiting = await shop.now(order)
        assert waiting.open_link is not None
        await shop.plays(waiting, Play.PAY)
        assert jobs.bank is not None
        assert await jobs.bank.courier.bring_once() == 4
        await jobs.services.inbox.inbox_once(None)
    assert (await shop.now(order)).status is S.PLACED


async def test_the_switch_is_seen_turned_and_kept(settings, connections, clock):
    async with open_practice_shop(settings, connections, clock) as shop:
        for wanted in (True, False, True):
            await shop.drops_webhooks(wanted)
            assert await ask(shop, "/demo/till/webhooks") == (200, {"dropping": wanted})
        odd: object
        for odd in ({}, {"dropping": "yes"}, {"dropping": 1}, [], "true"):
            async with shop.http.post("/demo/till/webhooks", json=odd) as response:
                assert response.status == 422
    async with open_practice_shop(settings, connections, clock) as shop:
        assert await ask(shop, "/demo/till/webhooks") == (200, {"dropping": True})


async def test_what_cannot_be_played_now_is_refused_in_a_sentence(shop: PracticeShop):
    order, link = await shop.ordered()

    async def refused(action: str, method: str = "upi") -> str:
        body = {"action": action, "method": method}
        async with shop.http.post(f"/sandbox/links/{link.id}/actions", json=body) as response:
            assert response.status == 409
            return str((await response.json())["error"])

    assert await refused("pay_late") == "That cannot be done: the link is not over yet."
    assert await refused("refund") == "That cannot be done: there is nothing left to refund."
    assert await refused("pay", "card") == "That cannot be done: card is not enabled for this link."
    shown = await shop.plays(order, Play.EXPIRE)
    assert (shown["status"], shown["plays"]) == ("expired", ["pay_late"])
    assert await refused("pay") == await refused("expire") == "This link is expired."
    shown = await shop.plays(order, Play.PAY_LATE)
    assert (shown["status"], shown["plays"]) == ("expired", ["pay_late", "refund"])
    assert [(paid["status"], paid["method"]) for paid in shown["payments"]] == [("received", "upi")]
    shown = await shop.plays(order, Play.REFUND)
    assert [back["status"] for back in shown["payments"][0]["back"]] == ["pending"]
