"""Money through Razorpay, end to end: the real house, the real door, the real library, and news in any state."""

import asyncio
import json
from datetime import timedelta
from itertools import permutations
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from core.errors import StoreError
from core.inbox.store import InboxStore
from core.lanes.models import WorkState
from core.money import Money
from core.orders.ledger import RefundStatus
from core.orders.models import PaymentStatus
from core.orders.outgoing import DeliveryKind
from core.orders.status import OrderStatus
from core.payments.practice.news import Event, event, return_address
from tests.core.orders.builders import TOTAL, money_back
from tests.dialogues.walks import code_in, ordered
from tests.fakes.razorpay.server import KEY_SECRET, error
from tests.fakes.trouble import Lie, Trouble
from tests.webhooks.razorpay_shop import OLD_SECRET, RazorpayShop, open_shop
from webhooks import provider_news
from webhooks.bodies import MAX_BODY

K = DeliveryKind
S = OrderStatus
FOUR = ("payment.authorized", "payment.captured", "order.paid", "payment_link.paid")


@pytest.fixture
async def shop(settings, connections, clock):
    async with open_shop(settings, connections, clock) as shop:
        yield shop


async def in_the_inbox(shop: RazorpayShop) -> list[dict[str, object]]:
    found = shop.house.runtime.connections.mongo["inbox"].find({"source": "razorpay"})
    return list(await found.to_list(length=1000))


def bare(name: str = "payment.downtime.started", **payload: object) -> Event:
    return event(name, dict(payload), 1_772_434_800_000)  # type: ignore[arg-type]


# From the chat to the kitchen


async def test_a_guest_pays_with_upi_and_the_kitchen_hears_of_it_once(shop: RazorpayShop):
    cook = await shop.house.cook()
    guest = await ordered(shop.house, pay="UPI")
    code = code_in(guest.screen)
    await guest.hears("to pay")
    url = guest.link("Pay ₹")
    assert url.startswith(f"{shop.razorpay.base}/pay/plink_")
    link = url.rpartition("/")[2]
    assert shop.razorpay.book.links[link].methods == ("upi",)
    await cook.hears_nothing_of(code, within=0.3)
    await shop.razorpay.ledger.pay(link)
    assert await shop.razorpay.deliver() == [200] * 4
    await guest.hears("paid")
    await cook.hears(code)
    await shop.settle()
    assert sum(code in message.text for message in cook.browser.news) == 1


async def test_in_all_twenty_four_orders_and_however_often_one_payment_places_one_order(shop: RazorpayShop):
    ends = set()
    for news in permutations(FOUR):
        order, link = await shop.ordered()
        payment = await shop.razorpay.ledger.pay(link.id)
        came = {each.name: each for each in shop.razorpay.take()}
        assert set(came) == set(FOUR)
        for name in news:
            for copy in range(4 if name == "payment_link.paid" else 1):
                assert await shop.razorpay.send(came[name], event_id=f"{came[name].id}-{copy}") == 200
        await shop.settle()
        placed = await shop.now(order)
        assert (placed.status, placed.placed_n, placed.kept) == (S.PLACED, 1, payment.id), news
        assert await shop.told(order, K.OUTLET_NEW_ORDER) == 1
        assert await shop.told(order, K.GUEST_PLACED) == 1
        facts = {fact.key.replace(payment.id, "pay") for fact in placed.facts}
        assert facts == {"created", "link_opened:1", "link_closed:1:paid", "auth:pay", "cap:pay"}, news
        ends.add((placed.payment_status, placed.refunds, len(placed.payments), placed.links[0].end))
    assert len(ends) == 1
    assert await shop.services.inbox.dead() == []


async def test_delivered_at_once_and_from_everywhere_it_is_still_one_order(shop: RazorpayShop):
    order, link = await shop.ordered()
    await shop.razorpay.ledger.pay(link.id)
    news = shop.razorpay.take()
    sent = [shop.razorpay.send(each, event_id=f"{each.id}-{n}") for each in news for n in range(5)]
    assert set(await asyncio.gather(*sent)) == {200}
    await shop.settle()
    placed = await shop.now(order)
    assert (placed.status, placed.placed_n) == (S.PLACED, 1)
    assert await shop.told(order, K.OUTLET_NEW_ORDER) == 1


async def test_when_every_piece_of_news_is_lost_asking_places_the_order(shop: RazorpayShop):
    order, link = await shop.ordered()
    await shop.razorpay.ledger.pay(link.id)
    shop.razorpay.take()
    assert (await shop.now(order)).status is S.AWAITING_PAYMENT
    shop.house.clock.advance(timedelta(seconds=31))
    await shop.services.payments.reconcile_due()
    await shop.settle()
    assert (await shop.now(order)).status is S.PLACED
    assert await shop.told(order, K.OUTLET_NEW_ORDER) == 1


@pytest.mark.parametrize("name", FOUR[1:])
async def test_one_piece_of_news_is_enough(shop: RazorpayShop, name: str):
    order, link = await shop.ordered()
    await shop.razorpay.ledger.pay(link.id)
    await shop.hears(shop.razorpay.take(name))
    assert (await shop.now(order)).status is S.PLACED


async def test_news_that_names_nothing_of_ours_is_found_through_its_link(shop: RazorpayShop):
    """As when the description is not what the examples show: the payment alone is known."""
    order, link = await shop.ordered()
    await shop.razorpay.ledger.pay(link.id)
    (captured,) = shop.razorpay.take("payment.captured")
    body = json.loads(captured.body)
    body["payload"]["payment"]["entity"] |= {"description": "random description", "order_id": None}
    silent = Event(captured.id, captured.name, json.dumps(body).encode(), captured.due_ms)
    await shop.hears([silent])
    assert (await shop.now(order)).status is S.PLACED


async def test_a_failed_try_is_told_to_the_guest_and_the_same_payment_may_still_succeed(shop: RazorpayShop):
    order, link = await shop.ordered()
    failed = await shop.razorpay.ledger.fail(link.id)
    await shop.hears()
    assert await shop.told(order, K.GUEST_PAYMENT_FAILED) == 1
    await shop.razorpay.ledger.capture(failed.id)
    await shop.hears()
    placed = await shop.now(order)
    assert (placed.status, placed.kept) == (S.PLACED, failed.id)


# Money that must go back


async def test_a_payment_long_after_the_order_ended_goes_back_once_and_the_guest_is_told(shop: RazorpayShop):
    order, link = await shop.ordered()
    shop.house.clock.advance(timedelta(minutes=19))
    await shop.services.payments.expire_due()
    await shop.settle()
    assert (await shop.now(order)).status is S.EXPIRED
    shop.house.clock.advance(timedelta(minutes=11))
    payment = await shop.razorpay.ledger.pay_late(link.id)
    await shop.hears()
    late = await shop.now(order)
    assert late.status is S.EXPIRED
    (refund,) = late.refunds
    assert (refund.payment, refund.amount, refund.status) == (payment.id, TOTAL, RefundStatus.PENDING)
    assert await shop.told(order, K.GUEST_REFUND_REQUESTED) == 1
    shop.house.clock.advance(timedelta(seconds=5))
    await shop.hears()
    back = await shop.now(order)
    assert (back.refunded, back.payment_status) == (TOTAL, PaymentStatus.REFUNDED)
    assert back.refunds[0].bank_ref
    assert await shop.told(order, K.GUEST_REFUNDED) == 1
    (entity,) = (await shop.razorpay.ledger.refunds_of(payment.id))["items"]
    assert (entity["amount"], entity["notes"]) == (TOTAL.paise, {"tiffin_refund": refund.key})


async def test_a_payment_just_after_the_order_ended_brings_it_back(shop: RazorpayShop):
    order, link = await shop.ordered()
    shop.house.clock.advance(timedelta(minutes=19))
    await shop.services.payments.expire_due()
    shop.house.clock.advance(timedelta(minutes=2))
    await shop.razorpay.ledger.pay_late(link.id)
    await shop.hears()
    revived = await shop.now(order)
    assert revived.status is S.PLACED
    assert "revived" in revived.flags
    assert await shop.told(order, K.GUEST_REVIVED) == 1


async def test_the_second_payment_from_another_tab_goes_back(shop: RazorpayShop):
    order, first = await shop.paid()
    assert order.links[0].id is not None
    second = await shop.razorpay.ledger.pay_twice(order.links[0].id)
    await shop.hears()
    placed = await shop.now(order)
    assert (placed.status, placed.kept) == (S.PLACED, first.id)
    assert [(refund.payment, refund.amount) for refund in placed.refunds] == [(second.id, TOTAL)]


@pytest.mark.parametrize(
    ("amount", "currency"), [(TOTAL - Money(1), "INR"), (TOTAL + Money(1), "INR"), (Money(100), "INR"), (TOTAL, "USD")]
)
async def test_what_is_not_exactly_the_total_places_nothing_and_goes_back(shop: RazorpayShop, amount, currency):
    order, link = await shop.ordered()
    payment = await shop.razorpay.ledger.pay(link.id, amount=amount, currency=currency)
    await shop.hears()
    wrong = await shop.now(order)
    assert (wrong.status, wrong.kept) == (S.AWAITING_PAYMENT, None)
    assert [(refund.payment, refund.amount) for refund in wrong.refunds] == [(payment.id, amount)]
    assert await shop.told(order, K.OUTLET_NEW_ORDER) == 0
    assert await shop.told(order, K.ADMIN_ALERT) == 1


async def test_a_refund_the_bank_keeps_sending_back_ends_with_a_person(shop: RazorpayShop):
    order, payment = await shop.paid()
    shop.razorpay.ledger.refunds_fail = True
    await shop.services.orders.cancel(order.id, order.customer)
    await shop.settle()
    for _ in range(3):
        shop.house.clock.advance(timedelta(seconds=5))
        await shop.hears()
    gone = await shop.now(order)
    assert [refund.status for refund in gone.refunds] == [*[RefundStatus.FAILED] * 3, RefundStatus.MANUAL]
    assert "refund_manual" in gone.flags
    assert await shop.told(order, K.GUEST_REFUND_REQUESTED) + await shop.told(order, K.GUEST_CANCELLED) == 1
    made = (await shop.razorpay.ledger.refunds_of(payment.id))["items"]
    assert {entity["status"] for entity in made} == {"failed"}
    assert money_back(gone) == TOTAL


@pytest.mark.parametrize(
    "words",
    [
        "Your account does not have enough balance to carry out the refund operation.",
        "Normal refund is not possible for a payment which is more than 6 months old",
    ],
)
async def test_a_refund_that_can_never_succeed_is_a_persons_at_once(shop: RazorpayShop, words: str):
    order, _ = await shop.paid()
    shop.razorpay.always["refund"] = error(400, words)
    await shop.services.orders.cancel(order.id, order.customer)
    await shop.settle()
    gone = await shop.now(order)
    assert [refund.status for refund in gone.refunds] == [RefundStatus.FAILED, RefundStatus.MANUAL]
    assert shop.razorpay.calls["refund"] == 1


@pytest.mark.parametrize("trouble", [Trouble.DOES_AND_HANGS_UP, Trouble.DOES_AND_RAMBLES, Trouble.HANGS_UP])
async def test_a_refund_whose_answer_was_lost_is_made_once(shop: RazorpayShop, trouble: Trouble):
    order, payment = await shop.paid()
    shop.razorpay.next("refund", trouble)
    await shop.services.orders.cancel(order.id, order.customer)
    await shop.settle()
    for _ in range(3):
        shop.house.clock.advance(timedelta(seconds=15))
        await shop.settle()
    made = (await shop.razorpay.ledger.refunds_of(payment.id))["items"]
    assert [entity["amount"] for entity in made] == [TOTAL.paise]


@pytest.mark.parametrize("knows_keys", [True, False])
async def test_half_a_refund_whose_answer_was_lost_is_not_doubled_even_where_keys_mean_nothing(
    shop: RazorpayShop, knows_keys: bool
):
    """Half of it could be returned twice and still fit into what was paid."""
    order, payment = await shop.paid()
    shop.razorpay.ledger.knows_keys = knows_keys
    shop.razorpay.next("refund", Trouble.DOES_AND_HANGS_UP)
    await shop.services.orders.refund(order.id, "owner", "cold", Money(20_000), request="w1")
    await shop.settle()
    for _ in range(4):
        shop.house.clock.advance(timedelta(seconds=30))
        await shop.settle()
    made = (await shop.razorpay.ledger.refunds_of(payment.id))["items"]
    assert [entity["amount"] for entity in made] == [20_000]


async def test_a_refund_by_hand_is_known_for_what_it_is(shop: RazorpayShop):
    order, payment = await shop.paid()
    await shop.razorpay.ledger.refund_by_hand(payment.id, Money(2_000))
    shop.house.clock.advance(timedelta(seconds=5))
    await shop.hears()
    known = await shop.now(order)
    assert [(refund.ours, refund.amount) for refund in known.refunds] == [(False, Money(2_000))]
    assert known.status is S.PLACED
    assert "review" in known.flags


async def test_a_dispute_is_a_persons_matter(shop: RazorpayShop):
    order, payment = await shop.paid()
    await shop.razorpay.ledger.dispute(payment.id)
    await shop.hears()
    assert (await shop.now(order)).payments[0].disputed
    assert await shop.told(order, K.ADMIN_ALERT) == 1


# A Razorpay that is not at its best


async def test_a_link_whose_answer_was_lost_reaches_the_guest_and_is_not_made_twice(shop: RazorpayShop):
    shop.razorpay.next("create_link", Trouble.DOES_AND_HANGS_UP, Trouble.DOES_AND_RAMBLES)
    guest = await ordered(shop.house, pay="UPI")
    for _ in range(4):
        shop.house.clock.advance(timedelta(seconds=10))
        await shop.settle()
    await guest.hears("to pay")
    assert len(shop.razorpay.book.links) == 1


async def test_lies_while_asking_place_nothing_and_the_truth_does(shop: RazorpayShop):
    order, link = await shop.ordered()
    payment = await shop.razorpay.ledger.pay(link.id)
    shop.razorpay.take()
    lies = [{"order_id": "order_SomebodyElse00"}, {"amount": "52000"}, {"status": "paid"}, {"id": "pay_../x"}]
    for lie in lies:
        shop.razorpay.next(
            "payments_of", Lie(lambda right, lie=lie: {**right, "items": [right["items"][0] | lie]})  # type: ignore[misc]
        )  # fmt: skip
        assert not await shop.services.payments.reconcile(order.id)
        assert (await shop.now(order)).status is S.AWAITING_PAYMENT, lie
    assert await shop.services.payments.reconcile(order.id)
    assert (await shop.now(order)).kept == payment.id


async def test_while_razorpay_is_away_nothing_is_lost_and_nobody_waits_for_it(shop: RazorpayShop):
    order, link = await shop.ordered()
    for call in ("fetch_link", "payments_of", "cancel_link", "find_link"):
        shop.razorpay.always[call] = Trouble.IS_DOWN
    await shop.razorpay.ledger.pay(link.id)
    shop.razorpay.take()
    shop.house.clock.advance(timedelta(minutes=19))
    for _ in range(6):
        await shop.services.payments.expire_due()
        shop.house.clock.advance(timedelta(minutes=1))
    assert (await shop.now(order)).status is S.AWAITING_PAYMENT, "it cannot be said whether it was paid"
    shop.razorpay.always.clear()
    await shop.services.payments.expire_due()
    await shop.settle()
    assert (await shop.now(order)).status is S.PLACED


# The way back from the page


async def returns(shop: RazorpayShop, query: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{shop.house.base}/pay/return", params=query) as answer:
        assert answer.status == 200


async def test_a_guest_who_comes_back_is_placed_before_any_news_arrives(shop: RazorpayShop):
    order, link = await shop.ordered()
    payment = await shop.razorpay.ledger.pay(link.id)
    address = return_address(
        f"{shop.house.base}/pay/return",
        KEY_SECRET,
        link=link.id,
        reference=f"{order.id}.1",
        status="paid",
        payment=payment.id,
    )
    query = dict(parse_qsl(urlsplit(address).query))
    assert shop.razorpay.book.links[link.id].callback_url == f"{shop.house.base}/pay/return"
    asked = shop.razorpay.calls.total()
    for changed in ({}, {"razorpay_payment_link_status": "PAID"}, {"razorpay_signature": "0" * 64}):
        forged = {**query, **changed} if changed else {}
        await returns(shop, forged)
    assert shop.razorpay.calls.total() == asked, "nobody asks because somebody typed an address"
    await returns(shop, query)
    assert (await shop.now(order)).status is S.PLACED


async def test_coming_back_proves_nothing(shop: RazorpayShop):
    order, link = await shop.ordered()
    address = return_address(
        "https://x/pay/return", KEY_SECRET, link=link.id, reference=f"{order.id}.1", status="paid", payment="pay_x"
    )
    await returns(shop, dict(parse_qsl(urlsplit(address).query)))
    assert shop.razorpay.calls["fetch_link"] >= 1
    assert (await shop.now(order)).status is S.AWAITING_PAYMENT


# The door


async def test_news_is_stored_before_it_is_acknowledged_and_stored_once(shop: RazorpayShop):
    news = bare()
    assert await shop.razorpay.deliver([news, news, news]) == [200] * 3
    (stored,) = await in_the_inbox(shop)
    assert stored["_id"] == f"razorpay:{news.id}"
    assert stored["raw"] == news.body.decode()


@pytest.mark.parametrize("event_id", ["", "with spaces", "x" * 65, "$where", "ü"])
async def test_news_without_a_usable_id_is_known_by_its_body(shop: RazorpayShop, event_id: str):
    news = bare()
    for _ in range(2):
        assert await shop.razorpay.send(news, event_id=event_id) == 200
    (stored,) = await in_the_inbox(shop)
    assert str(stored["_id"]).startswith("razorpay:body-")


async def test_while_the_secret_is_changed_both_are_believed_and_no_third(shop: RazorpayShop):
    assert await shop.razorpay.send(bare(), secret=OLD_SECRET) == 200
    assert await shop.razorpay.send(bare(), secret="another") == 400
    assert len(await in_the_inbox(shop)) == 1


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", "sha256=0"])
async def test_what_razorpay_did_not_sign_is_refused_counted_and_not_stored(shop: RazorpayShop, caplog, signature: str):
    news = bare()
    for _ in range(2):
        assert await shop.razorpay.send(news, headers={"X-Razorpay-Signature": signature}) == 400
    assert await in_the_inbox(shop) == []
    said = [record.msg for record in caplog.records if "payment_news_refused" in str(record.msg)]
    assert [line["refused"] for line in said] == [1, 2]


async def test_bytes_that_are_no_text_and_too_many_of_them_are_refused_though_they_are_signed(shop: RazorpayShop):
    assert await shop.razorpay.send(Event("evt_1", "x", b'{"event": "\xff"}', 0)) == 400
    assert await shop.razorpay.send(Event("evt_2", "x", b'"' + b"x" * MAX_BODY + b'"', 0)) == 413
    assert await in_the_inbox(shop) == []


@pytest.mark.parametrize("name", ["something.new", "payment.downtime.started", "settlement.processed"])
async def test_events_nobody_waits_for_are_kept_and_done_with(shop: RazorpayShop, name: str):
    await shop.hears([bare(name)])
    (stored,) = await in_the_inbox(shop)
    assert stored["state"] == WorkState.DONE


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"event": "payment.captured", "payload": {}}'])
async def test_news_that_makes_no_sense_is_acknowledged_and_kept_for_a_person(shop: RazorpayShop, body: bytes):
    """A poison event must not come back for a day and then have the webhook switched off."""
    assert await shop.razorpay.send(Event("evt_1", "x", body, 0)) == 200
    await shop.settle()
    (dead,) = await shop.services.inbox.dead()
    assert dead.raw == body.decode()


async def test_money_nobody_ordered_with_is_kept_for_a_person_and_never_sent_back(shop: RazorpayShop):
    entity = {"id": "pay_Orphan00000000", "amount": 5_000, "currency": "INR", "status": "captured"}
    await shop.hears([bare("payment.captured", payment=entity)])
    (dead,) = await shop.services.inbox.dead()
    assert dead.note == "OrphanEvent"
    assert shop.razorpay.calls["refund"] == 0


async def test_what_cannot_be_stored_is_to_come_again(shop: RazorpayShop, monkeypatch: pytest.MonkeyPatch):
    async def away(self, item):
        raise StoreError("away")

    news = bare()
    with monkeypatch.context() as broken:
        broken.setattr(InboxStore, "add", away)
        assert await shop.razorpay.send(news) == 503
    assert await in_the_inbox(shop) == []
    assert await shop.razorpay.send(news) == 200


async def test_a_store_that_takes_too_long_is_no_store(shop: RazorpayShop, monkeypatch: pytest.MonkeyPatch):
    async def slow(self, item):
        await asyncio.sleep(5)

    monkeypatch.setattr(provider_news, "STORED_WITHIN", timedelta(seconds=0.1))
    monkeypatch.setattr(InboxStore, "add", slow)
    assert await shop.razorpay.send(bare()) == 503


async def test_the_door_is_for_posting_alone(shop: RazorpayShop):
    async with aiohttp.ClientSession() as http, http.get(shop.razorpay.hook) as answer:
        assert answer.status == 405
