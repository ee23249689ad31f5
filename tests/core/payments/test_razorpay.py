"""Razorpay through its own library: links, payments and refunds, against a server that keeps the documented rules."""

import json
from datetime import timedelta
from typing import Any

import pytest

from core.errors import ProviderError
from core.ids import LinkId, OrderId, PaymentId, RefundKey
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.errors import HOPELESS_REFUNDS, PaymentRefused, Refusal
from core.payments.models import LinkStatus, PaymentLink, PaymentState, RefundState
from tests.core.orders.builders import TOTAL
from tests.fakes.razorpay.client import RETURN_URL
from tests.fakes.razorpay.server import error
from tests.fakes.trouble import Lie, Trouble

ORDER = OrderId("ord_0r3k9x7q2m0123456789ab")
MINUTE_MS = 60_000


async def a_link(provider, clock, *, n=1, method=PayMethod.UPI, minutes: float = 16, **changes: Any) -> PaymentLink:
    wanted = {
        "order_id": ORDER,
        "n": n,
        "amount": TOTAL,
        "currency": "INR",
        "method": method,
        "expire_by_ms": clock.ms() + int(minutes * MINUTE_MS),
        "description": "MG Road, K 472",
    }
    link: PaymentLink = await provider.create_link(**(wanted | changes))
    return link


async def paid(provider, razorpay, clock, *, n=1) -> tuple[PaymentLink, PaymentId]:
    link = await a_link(provider, clock, n=n)
    payment = await razorpay.ledger.pay(link.id)
    return link, PaymentId(payment.id)


def key_for(payment: PaymentId, n: int = 1) -> RefundKey:
    return RefundKey(f"rf_{ORDER}_{payment}_{n}")


def body_of(razorpay, call: str) -> dict[str, Any]:
    return dict(json.loads(next(asked.body for name, asked in reversed(razorpay.asked) if name == call)))


async def refusal_of(call) -> Refusal:
    with pytest.raises(PaymentRefused) as refused:
        await call
    return refused.value.reason


async def is_unknown(call) -> ProviderError:
    """It raised what means that nobody knows: neither done nor refused."""
    with pytest.raises(ProviderError) as failure:
        await call
    assert failure.value.retryable, failure.value
    assert not isinstance(failure.value, PaymentRefused)
    return failure.value


# Links


async def test_a_link_asks_for_this_amount_by_this_method_and_leaves_the_guest_in_peace(provider, razorpay, clock):
    link = await a_link(provider, clock, method=PayMethod.UPI)
    assert (link.reference, link.amount, link.currency) == (f"{ORDER}.1", TOTAL, "INR")
    assert (link.status, link.expires_ms) == (LinkStatus.OPEN, clock.ms() + 16 * MINUTE_MS)
    assert link.url == f"{razorpay.base}/pay/{link.id}"
    assert body_of(razorpay, "create_link") == {
        "amount": 52_000,
        "currency": "INR",
        "accept_partial": False,
        "reference_id": f"{ORDER}.1",
        "description": "MG Road, K 472",
        "expire_by": clock.ms() // 1000 + 16 * 60,
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
        "callback_url": RETURN_URL,
        "callback_method": "get",
        "notes": {"tiffin_reference": f"{ORDER}.1"},
        "options": {"checkout": {"method": {"upi": True, "card": False, "wallet": False, "netbanking": False}}},
    }


@pytest.mark.parametrize("method", [method for method in PayMethod if method.online])
async def test_a_guest_who_chose_a_way_to_pay_is_offered_that_way_alone(provider, razorpay, clock, method):
    link = await a_link(provider, clock, method=method)
    assert razorpay.book.links[link.id].methods == (method.value,)


async def test_nobody_pays_cash_on_a_link(provider, clock):
    with pytest.raises(ValueError, match="cash"):
        await a_link(provider, clock, method=PayMethod.CASH)


@pytest.mark.parametrize(("wanted", "given"), [(1, 16), (15.9, 16), (16, 16), (30, 30)])
async def test_a_link_lasts_sixteen_minutes_at_the_least_so_that_clocks_may_differ(provider, clock, wanted, given):
    clock.advance(timedelta(milliseconds=1))  # whole seconds on the wire: rounded away from too soon
    link = await a_link(provider, clock, minutes=wanted)
    assert 0 <= link.expires_ms - (clock.ms() + given * MINUTE_MS) < 1000


async def test_a_long_description_is_cut_where_razorpay_ends_it(provider, razorpay, clock):
    await a_link(provider, clock, description="ü" * 3000)
    assert body_of(razorpay, "create_link")["description"] == "ü" * 2048


async def test_a_link_made_twice_is_one_link_found_by_its_reference(provider, clock):
    first = await a_link(provider, clock)
    assert await refusal_of(a_link(provider, clock)) is Refusal.REFERENCE_USED
    assert await provider.find_link(f"{ORDER}.1") == first
    assert await provider.find_link(f"{ORDER}.2") is None
    second = await a_link(provider, clock, n=2)
    assert second.id != first.id


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble.DOES_AND_HANGS,
        Trouble.DOES_AND_HANGS_UP,
        Trouble.DOES_AND_IS_CUT_OFF,
        Trouble.DOES_AND_RAMBLES,
        Trouble.DOES_AND_SAYS_NOTHING,
        Trouble.DOES_AND_GATEWAY_GIVES_UP,
    ],
)
async def test_a_link_whose_answer_was_lost_is_found_again(provider, razorpay, clock, trouble):
    razorpay.next("create_link", trouble)
    await is_unknown(a_link(provider, clock))
    found = await provider.find_link(f"{ORDER}.1")
    assert found is not None
    assert found.amount == TOTAL
    assert await refusal_of(a_link(provider, clock)) is Refusal.REFERENCE_USED
    assert len(razorpay.book.links) == 1


@pytest.mark.parametrize(
    "words",
    [
        "payment link creation with reference ID already attempted",
        "Payment link with this reference id already exists",
        "reference_id must be unique",
        "Dieser Verweis ist vergeben",
    ],
)
async def test_a_refusal_in_whatever_words_is_no_refusal_when_the_link_is_there(provider, razorpay, clock, words):
    await a_link(provider, clock)
    razorpay.next("create_link", error(400, words))
    assert await refusal_of(a_link(provider, clock)) is Refusal.REFERENCE_USED


async def test_a_link_that_is_refused_and_not_there_is_refused(provider, razorpay, clock):
    assert await refusal_of(a_link(provider, clock, amount=Money(99))) is Refusal.REFUSED
    assert razorpay.book.links == {}


async def test_a_refusal_that_cannot_be_checked_is_not_believed_yet(provider, razorpay, clock):
    razorpay.next("create_link", error(400, "something is wrong"))
    razorpay.next("find_link", Trouble.HANGS_UP)
    await is_unknown(a_link(provider, clock))


async def test_of_two_links_with_one_reference_the_paid_one_counts(provider, razorpay, clock):
    link, _ = await paid(provider, razorpay, clock)

    def doubled(right):
        (entity,) = right["payment_links"]
        stale = {**entity, "id": "plink_another0000000", "status": "cancelled", "payments": None}
        return {"payment_links": [stale, entity, {**stale, "status": "created"}]}

    razorpay.next("find_link", Lie(doubled))
    found = await provider.find_link(f"{ORDER}.1")
    assert found is not None
    assert (found.id, found.status) == (link.id, LinkStatus.PAID)


async def test_links_of_other_references_are_no_answer_to_whether_ours_exists(provider, razorpay, clock):
    await a_link(provider, clock)
    razorpay.next(
        "find_link", Lie(lambda right: {"payment_links": [{**right["payment_links"][0], "reference_id": "x"}]})
    )
    await is_unknown(provider.find_link(f"{ORDER}.1"))


async def test_a_cancelled_link_is_cancelled_and_stays_so(provider, razorpay, clock):
    link = await a_link(provider, clock)
    assert await provider.cancel_link(link.id) is LinkStatus.CANCELLED
    assert await provider.cancel_link(link.id) is LinkStatus.CANCELLED
    assert (await provider.fetch_link(link.id)).status is LinkStatus.CANCELLED


async def test_a_link_that_was_paid_or_expired_first_says_so_when_it_is_cancelled(provider, razorpay, clock):
    paid_one, _ = await paid(provider, razorpay, clock)
    assert await provider.cancel_link(paid_one.id) is LinkStatus.PAID
    late_one = await a_link(provider, clock, n=2)
    clock.advance(timedelta(minutes=17))
    assert await provider.cancel_link(late_one.id) is LinkStatus.EXPIRED


@pytest.mark.parametrize("trouble", [Trouble.HANGS_UP, Trouble.DOES_AND_HANGS, Trouble.IS_DOWN])
async def test_whether_a_link_was_cancelled_may_be_unknown(provider, razorpay, clock, trouble):
    link = await a_link(provider, clock)
    razorpay.next("cancel_link", trouble)
    await is_unknown(provider.cancel_link(link.id))
    assert await provider.cancel_link(link.id) is LinkStatus.CANCELLED


async def test_a_link_that_is_refused_to_be_cancelled_and_is_open_all_the_same_is_unknown(provider, razorpay, clock):
    """As when somebody is paying on it at that very moment."""
    link = await a_link(provider, clock)
    razorpay.next("cancel_link", error(400, "a payment is in progress"))
    failure = await is_unknown(provider.cancel_link(link.id))
    assert "still open" in str(failure)


async def test_a_link_that_says_cancelled_and_still_calls_itself_open_is_unknown(provider, razorpay, clock):
    link = await a_link(provider, clock)
    razorpay.next("cancel_link", Lie(lambda right: right | {"status": "created"}))
    await is_unknown(provider.cancel_link(link.id))


async def test_a_link_nobody_knows_is_not_found(provider):
    assert await refusal_of(provider.fetch_link(LinkId("plink_nobody00000000"))) is Refusal.NOT_FOUND


# Payments


async def test_every_try_on_a_link_is_shown_captured_or_not(provider, razorpay, clock):
    link = await a_link(provider, clock)
    assert await provider.payments_of(link) == ()
    failed = await razorpay.ledger.fail(link.id, "insufficient_funds")
    authorised = await razorpay.ledger.authorise(link.id)
    captured = await razorpay.ledger.pay(link.id)
    views = {view.id: view for view in await provider.payments_of(await provider.fetch_link(link.id))}
    assert {name: view.state for name, view in views.items()} == {
        failed.id: PaymentState.FAILED,
        authorised.id: PaymentState.AUTHORISED,
        captured.id: PaymentState.CAPTURED,
    }
    assert views[PaymentId(failed.id)].reason == "insufficient_funds"
    assert {(view.amount, view.currency, view.method) for view in views.values()} == {(TOTAL, "INR", "upi")}


async def test_money_that_went_back_was_captured_and_how_much_went_back_is_shown(provider, razorpay, clock):
    link, payment = await paid(provider, razorpay, clock)
    await razorpay.ledger.refund_by_hand(payment, Money(2_000))
    (partly,) = await provider.payments_of(await provider.fetch_link(link.id))
    assert (partly.state, partly.refunded) == (PaymentState.CAPTURED, Money(2_000))
    await razorpay.ledger.refund_by_hand(payment)
    (wholly,) = await provider.payments_of(await provider.fetch_link(link.id))
    assert (wholly.state, wholly.refunded) == (PaymentState.CAPTURED, TOTAL)


async def test_a_paid_link_that_names_no_order_still_names_its_payment(provider, razorpay, clock):
    link, payment = await paid(provider, razorpay, clock)

    def without_order(right):
        return {name: value for name, value in right.items() if name != "order_id"}

    razorpay.always["fetch_link"] = Lie(without_order)
    fetched = await provider.fetch_link(link.id)
    assert fetched.provider_order == ""
    (view,) = await provider.payments_of(fetched)
    assert (view.id, view.amount, view.state) == (payment, TOTAL, PaymentState.CAPTURED)


async def test_a_link_said_to_be_paid_by_nothing_is_not_believed(provider, razorpay, clock):
    link = await a_link(provider, clock)
    razorpay.always["fetch_link"] = Lie(lambda right: right | {"status": "paid"})
    await is_unknown(provider.payments_of(await provider.fetch_link(link.id)))
    razorpay.always["fetch_link"] = Lie(lambda right: right | {"status": "paid", "order_id": right["id"][6:]})
    await razorpay.ledger.fail(link.id)
    fetched = await provider.fetch_link(link.id)
    assert fetched.provider_order.startswith("order_")
    await is_unknown(provider.payments_of(fetched))


async def test_a_payment_that_names_nothing_of_ours_is_found_through_its_link(provider, razorpay, clock):
    link, payment = await paid(provider, razorpay, clock)
    found = await provider.link_of(payment)
    assert found is not None
    assert (found.id, found.reference) == (link.id, f"{ORDER}.1")
    assert await provider.link_of(PaymentId("pay_nobody00000000")) is None
    other = await a_link(provider, clock, n=2)
    razorpay.next("find_link", Lie(lambda right: {"payment_links": [*right["payment_links"]] * 3}))
    assert await provider.link_of(PaymentId(f"pay_{other.id[6:16]}0100")) is None


# Refunds


@pytest.mark.parametrize("amount", [TOTAL, Money(12_345)], ids=["whole", "part"])
async def test_a_refund_names_itself_in_header_receipt_and_notes(provider, razorpay, clock, amount):
    _, payment = await paid(provider, razorpay, clock)
    key = key_for(payment)
    view = await provider.refund(payment, amount, key)
    assert (view.payment, view.amount, view.key, view.state) == (payment, amount, key, RefundState.PENDING)
    body = body_of(razorpay, "refund")
    assert body == {
        "amount": amount.paise,
        "speed": "normal",
        "notes": {"tiffin_refund": key},
        "receipt": f"rf_{ORDER}_{payment[-6:]}_1",
    }
    assert len(body["receipt"]) <= 40
    assert razorpay.asked[-1][1].header("X-Refund-Idempotency") == key
    assert await provider.refunds_of(payment) == (view,)
    clock.advance(timedelta(seconds=5))
    done = await provider.fetch_refund(view.id)
    assert done.state is RefundState.PROCESSED
    assert len(done.bank_ref) == 15


async def test_the_same_key_again_is_the_same_refund(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    views = [await provider.refund(payment, Money(10_000), key_for(payment)) for _ in range(3)]
    assert len({view.id for view in views}) == 1
    second = await provider.refund(payment, Money(10_000), key_for(payment, 2))
    assert second.id != views[0].id
    assert [view.amount for view in await provider.refunds_of(payment)] == [Money(10_000)] * 2


async def test_the_same_key_for_another_amount_is_unknown_rather_than_done(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    await provider.refund(payment, Money(10_000), key_for(payment))
    await is_unknown(provider.refund(payment, Money(20_000), key_for(payment)))


@pytest.mark.parametrize("trouble", [Trouble.DOES_AND_HANGS, Trouble.DOES_AND_HANGS_UP, Trouble.DOES_AND_RAMBLES])
async def test_a_refund_whose_answer_was_lost_is_there_once(provider, razorpay, clock, trouble):
    _, payment = await paid(provider, razorpay, clock)
    razorpay.next("refund", trouble)
    await is_unknown(provider.refund(payment, TOTAL, key_for(payment)))
    (found,) = await provider.refunds_of(payment)
    assert found.key == key_for(payment)
    assert await provider.refund(payment, TOTAL, key_for(payment)) == found


@pytest.mark.parametrize("notes", [[], {}, None, {"comment": "by the till"}], ids=repr)
@pytest.mark.parametrize("receipt", ["as it was sent", "the whole key"])
async def test_our_refund_is_known_by_its_receipt_when_notes_were_lost(provider, razorpay, clock, notes, receipt):
    _, payment = await paid(provider, razorpay, clock)
    key = key_for(payment)
    made = await provider.refund(payment, TOTAL, key)
    kept = {"notes": notes, **({"receipt": key} if receipt == "the whole key" else {})}
    razorpay.next("refunds_of", Lie(lambda right: {**right, "items": [right["items"][0] | kept]}))
    (found,) = await provider.refunds_of(payment)
    assert (found.id, found.key) == (made.id, key)


async def test_our_refund_is_known_by_its_notes_when_there_is_no_receipt(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    made = await provider.refund(payment, TOTAL, key_for(payment))
    razorpay.next("refunds_of", Lie(lambda right: {**right, "items": [right["items"][0] | {"receipt": None}]}))
    assert await provider.refunds_of(payment) == (made,)


async def test_a_refund_made_by_hand_has_no_key_of_ours(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    await razorpay.ledger.refund(payment, {"amount": 500, "receipt": "Receipt No. 31", "notes": {"who": "till"}}, None)
    (found,) = await provider.refunds_of(payment)
    assert (found.key, found.amount) == ("", Money(500))


async def test_more_refunds_than_a_page_shows_are_all_seen(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    for n in range(12):
        await provider.refund(payment, Money(1_000), key_for(payment, n + 1))
    found = await provider.refunds_of(payment)
    assert {view.key for view in found} == {key_for(payment, n + 1) for n in range(12)}


async def test_all_pages_of_refunds_are_seen(provider, razorpay, clock, monkeypatch):
    monkeypatch.setattr("core.payments.razorpay.PAGE", 5)
    _, payment = await paid(provider, razorpay, clock)
    for n in range(12):
        await provider.refund(payment, Money(1_000), key_for(payment, n + 1))
    assert len({view.key for view in await provider.refunds_of(payment)}) == 12
    assert razorpay.calls["refunds_of"] == 3


async def test_a_refund_the_bank_sent_back_has_failed(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    razorpay.ledger.refunds_fail = True
    made = await provider.refund(payment, TOTAL, key_for(payment))
    clock.advance(timedelta(seconds=5))
    assert (await provider.fetch_refund(made.id)).state is RefundState.FAILED


async def test_more_than_is_left_is_too_much(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    more = TOTAL + Money(1)
    assert await refusal_of(provider.refund(payment, more, key_for(payment, 1))) is Refusal.TOO_MUCH
    await provider.refund(payment, TOTAL, key_for(payment, 2))
    assert await refusal_of(provider.refund(payment, Money(100), key_for(payment, 3))) is Refusal.TOO_MUCH


async def test_a_payment_of_last_year_is_too_old(provider, razorpay, clock):
    _, payment = await paid(provider, razorpay, clock)
    clock.advance(timedelta(days=200))
    assert await refusal_of(provider.refund(payment, TOTAL, key_for(payment))) is Refusal.TOO_OLD


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("The payment has been fully refunded already", Refusal.TOO_MUCH),
        ("The refund amount provided is greater than amount captured", Refusal.TOO_MUCH),
        ("The total refund amount is greater than the refund payment amount", Refusal.TOO_MUCH),
        ("Normal refund is not possible for a payment which is more than 6 months old", Refusal.TOO_OLD),
        ("Your account does not have enough balance to carry out the refund operation.", Refusal.BALANCE),
        ("Your account has insufficient balance", Refusal.BALANCE),
        ("The id provided does not exist", Refusal.NOT_FOUND),
        ("_29QQoUBi66xm2f is not a valid id", Refusal.NOT_FOUND),
        ("The amount must be at least INR 1.00", Refusal.REFUSED),
        ("speed is/are not required and should not be sent", Refusal.REFUSED),
    ],
)
async def test_why_a_refund_was_refused_is_read_from_the_words_there_are(provider, razorpay, clock, words, reason):
    razorpay.next("refund", error(400, words))
    assert await refusal_of(provider.refund(PaymentId("pay_any"), TOTAL, RefundKey("rf_any_thing"))) is reason
    assert (reason in HOPELESS_REFUNDS) == (reason in (Refusal.TOO_OLD, Refusal.BALANCE, Refusal.NOT_FOUND))
