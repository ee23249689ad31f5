"""Money through Stripe, end to end: the real house, the real door, the real library."""

import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import pytest
from pydantic import SecretStr

from core.lanes.models import WorkState
from core.money import Money
from core.orders.ledger import RefundStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.settings import PaymentProviderName
from tests.core.orders.builders import TOTAL
from tests.dialogues.walks import code_in, ordered
from tests.fakes.stripe.server import SECRET_KEY, WEBHOOK_SECRET, FakeStripe
from tests.house import House, open_test_house
from tests.webhooks.shop import Shop
from webhooks.bodies import MAX_BODY

K = DeliveryKind
S = OrderStatus


@dataclass(frozen=True)
class StripeShop(Shop):
    stripe: FakeStripe

    async def learns(self) -> None:
        assert set(await self.stripe.deliver()) <= {200}
        await self.settle()

    async def posts(self, body: bytes, header: str) -> int:
        headers = {"Content-Type": "application/json", "Stripe-Signature": header}
        given = {name: value for name, value in headers.items() if value}
        async with aiohttp.ClientSession() as http, http.post(self.stripe.hook, data=body, headers=given) as answer:
            return answer.status

    async def stored(self) -> list[dict[str, object]]:
        found = self.house.runtime.connections.mongo["inbox"].find({"source": "stripe"})
        return list(await found.to_list(length=1000))


@pytest.fixture
async def shop(settings, connections, clock):
    async with FakeStripe(clock).serving() as stripe:
        chosen = settings.model_copy(
            update={
                "payment_provider": PaymentProviderName.STRIPE,
                "stripe_secret_key": SecretStr(SECRET_KEY),
                "stripe_webhook_secret": (SecretStr(WEBHOOK_SECRET), SecretStr("whsec_before")),
                "stripe_api_url": stripe.base,
            }
        )
        async with open_test_house(chosen, connections, clock) as house:
            stripe.hook = f"{house.base}/webhooks/stripe"
            yield StripeShop(house, stripe)


def bare(kind: str = "customer.created") -> bytes:
    return json.dumps({"id": "evt_1Nx", "object": "event", "type": kind, "data": {"object": {"id": "cus_1"}}}).encode()


async def test_a_guest_pays_by_card_and_the_kitchen_hears_of_it_once(shop: StripeShop):
    house: House = shop.house
    cook = await house.cook()
    guest = await ordered(house, pay="Card")
    code = code_in(guest.screen)
    await guest.hears("to pay")
    session = guest.link("Pay ₹").rpartition("/")[2]
    assert shop.stripe.sessions[session]["payment_method_types"] == ["card"]
    shop.stripe.fail(session)
    await shop.learns()
    shop.stripe.pay(session)
    news = shop.stripe.take()
    assert await shop.stripe.deliver([*news, *reversed(news), *news]) == [200] * 6
    await guest.hears("paid")
    await cook.hears(code)
    await shop.settle()
    assert sum(code in message.text for message in cook.browser.news) == 1
    assert len(await shop.stored()) == 3


async def test_when_every_piece_of_news_is_lost_asking_places_the_order(shop: StripeShop):
    order, link = await shop.ordered()
    shop.stripe.pay(link.id)
    shop.stripe.take()
    shop.house.clock.advance(timedelta(seconds=31))
    await shop.services.payments.reconcile_due()
    await shop.settle()
    assert (await shop.now(order)).status is S.PLACED


async def test_an_unpaid_order_ends_in_its_own_time_and_its_session_with_it(shop: StripeShop):
    order, link = await shop.ordered()
    assert link.expires_ms == shop.house.clock.ms() + 16 * 60_000
    shop.house.clock.advance(timedelta(minutes=19))
    await shop.services.payments.expire_due()
    await shop.settle()
    assert (await shop.now(order)).status is S.EXPIRED
    assert shop.stripe.sessions[link.id]["status"] == "expired"


async def test_cancelling_a_paid_order_brings_all_the_money_back(shop: StripeShop):
    order, link = await shop.ordered()
    payment = shop.stripe.pay(link.id)
    await shop.learns()
    await shop.services.orders.cancel(order.id, order.customer)
    await shop.settle()
    (made,) = shop.stripe.refunds.values()
    assert (made["payment_intent"], made["amount"]) == (payment, TOTAL.paise)
    shop.stripe.settle(made["id"])
    await shop.learns()
    back = await shop.now(order)
    assert [(refund.status, refund.bank_ref) for refund in back.refunds] == [(RefundStatus.PROCESSED, "74332")]
    assert await shop.told(order, K.GUEST_REFUNDED) == 1


async def test_a_refund_by_hand_and_a_dispute_are_persons_matters(shop: StripeShop):
    order, link = await shop.ordered()
    payment = shop.stripe.pay(link.id)
    await shop.learns()
    shop.stripe.settle(shop.stripe.refund_by_hand(payment, 2_000))
    shop.stripe.dispute(payment)
    await shop.learns()
    known = await shop.now(order)
    assert [(refund.ours, refund.amount) for refund in known.refunds] == [(False, Money(2_000))]
    assert known.payments[0].disputed
    assert {"review", "dispute_opened"} <= set(known.flags)


async def test_a_guest_who_comes_back_is_placed_before_any_news_arrives(shop: StripeShop):
    order, link = await shop.ordered()
    shop.stripe.pay(link.id)
    back = urlsplit(next(fields["success_url"] for call, fields, _ in shop.stripe.asked if call == "create_link"))
    asked = shop.stripe.calls.total()
    async with aiohttp.ClientSession(shop.house.base) as http:
        for query in ("", "paid=", f"paid={order.id}", f"{back.query}0"):
            async with http.get(f"/pay/return?{query}") as answer:
                assert answer.status == 200
        assert shop.stripe.calls.total() == asked
        async with http.get(f"{back.path}?{back.query}") as answer:
            assert answer.status == 200
    assert (await shop.now(order)).status is S.PLACED


async def test_news_is_known_by_the_name_in_what_is_signed(shop: StripeShop):
    for _ in range(3):
        assert await shop.posts(bare(), shop.stripe.sign(bare())) == 200
    await shop.settle()
    (stored,) = await shop.stored()
    assert (stored["_id"], stored["state"]) == ("stripe:evt_1Nx", WorkState.DONE)


async def test_both_secrets_are_believed_and_what_stripe_did_not_sign_is_refused(shop: StripeShop, caplog):
    body = bare()
    assert await shop.posts(body, shop.stripe.sign(body, secret="whsec_before")) == 200
    old = shop.stripe.sign(body, at=shop.house.clock.ms() // 1000 - 301)
    for header in ("", "t=1", shop.stripe.sign(body, secret="another"), shop.stripe.sign(body + b" "), old):
        assert await shop.posts(body, header) == 400
    assert len(await shop.stored()) == 1
    said = [record.msg for record in caplog.records if "payment_news_refused" in str(record.msg)]
    assert [line["refused"] for line in said] == [1, 2, 3, 4, 5]


async def test_too_much_and_what_is_no_text_is_refused_though_it_is_signed(shop: StripeShop):
    for body, answer in ((b'"' + b"x" * MAX_BODY + b'"', 413), (b'{"id": "\xff"}', 400)):
        assert await shop.posts(body, shop.stripe.sign(body)) == answer
    assert await shop.stored() == []


async def test_the_other_providers_door_is_shut_where_it_has_no_secret(shop: StripeShop):
    async with aiohttp.ClientSession() as http, http.post(f"{shop.house.base}/webhooks/razorpay") as answer:
        assert answer.status == 404
