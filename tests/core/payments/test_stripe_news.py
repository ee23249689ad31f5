"""Stripe's events and its signature: which order, which payment, how it stands, and who sent it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from core.money import Money
from core.payments.errors import UnreadableEvent
from core.payments.models import News, PaymentEvent, PaymentState, RefundState
from core.payments.stripe_news import event_id_of, lane_of, read_event
from core.payments.stripe_signatures import NewsSignature, NotFromStripe
from tests.fakes.stripe.server import FakeStripe

ORDER = "ord_0r3k9x7q2m0123456789ab"
REFERENCE = f"{ORDER}.1"
SESSION: dict[str, Any] = {
    "id": "cs_test_a1b2",
    "object": "checkout.session",
    "client_reference_id": REFERENCE,
    "amount_total": 52_000,
    "currency": "usd",
    "status": "complete",
    "payment_status": "paid",
    "url": None,
    "expires_at": 1_772_436_660,
    "payment_intent": "pi_3Px",
    "metadata": {"tiffin_reference": REFERENCE},
    "customer_details": {"email": "asha@example.in"},
}
INTENT: dict[str, Any] = {
    "id": "pi_3Px",
    "object": "payment_intent",
    "amount": 52_000,
    "amount_received": 52_000,
    "currency": "usd",
    "status": "succeeded",
    "latest_charge": "ch_3Px",
    "metadata": {"tiffin_reference": REFERENCE},
}
REFUND: dict[str, Any] = {
    "id": "re_3Px",
    "object": "refund",
    "amount": 10_000,
    "payment_intent": "pi_3Px",
    "status": "succeeded",
    "metadata": {"tiffin_refund": "rf_ord_x_pi_3Px_1"},
    "destination_details": {"type": "card", "card": {"reference": "74332"}},
}
DISPUTE: dict[str, Any] = {
    "id": "dp_1",
    "object": "dispute",
    "payment_intent": "pi_3Px",
    "amount": 52_000,
    "currency": "usd",
}


def raw(kind: str, about: Any, **changed: Any) -> str:
    about = {**about, **changed} if isinstance(about, dict) else about
    event = {"id": "evt_1Nx", "object": "event", "type": kind, "created": 1_772_434_800, "data": {"object": about}}
    return json.dumps(event)


def one(text: str) -> PaymentEvent:
    (event,) = read_event(text)
    return event


@pytest.mark.parametrize("kind", ["checkout.session.completed", "checkout.session.async_payment_succeeded"])
def test_a_session_that_was_paid_names_the_order_and_the_payment(kind):
    event = one(raw(kind, SESSION))
    assert (event.news, event.reference, event.link) == (News.LINK_PAID, REFERENCE, "cs_test_a1b2")
    assert event.provider_order == "pi_3Px"
    assert event.payment is not None
    assert (event.payment.id, event.payment.amount, event.payment.currency) == ("pi_3Px", Money(52_000), "USD")
    assert event.payment.state is PaymentState.CAPTURED


def test_a_session_whose_bank_takes_its_time_is_not_paid_yet():
    event = one(raw("checkout.session.completed", SESSION, payment_status="unpaid"))
    assert event.news is News.PAYMENT
    assert event.payment is not None
    assert event.payment.state is PaymentState.CREATED


def test_a_session_that_ended_unpaid_says_so():
    expired = {"status": "expired", "payment_status": "unpaid", "payment_intent": None}
    event = one(raw("checkout.session.expired", SESSION, **expired))
    assert (event.news, event.payment) == (News.LINK_EXPIRED, None)


@pytest.mark.parametrize(
    ("kind", "changed", "state"),
    [
        ("payment_intent.succeeded", {}, PaymentState.CAPTURED),
        ("payment_intent.processing", {"status": "processing"}, PaymentState.CREATED),
        ("payment_intent.canceled", {"status": "canceled"}, PaymentState.FAILED),
        ("payment_intent.amount_capturable_updated", {"status": "requires_capture"}, PaymentState.AUTHORISED),
        (
            "payment_intent.payment_failed",
            {"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}},
            PaymentState.FAILED,
        ),
        ("payment_intent.payment_failed", {}, PaymentState.CAPTURED),
    ],
)
def test_how_a_payment_stands_is_read_from_the_payment(kind, changed, state):
    event = one(raw(kind, INTENT, **changed))
    assert (event.news, event.reference) == (News.PAYMENT, REFERENCE)
    assert event.payment is not None
    assert event.payment.state is state


def test_what_was_received_counts_and_not_what_was_asked_for():
    event = one(raw("payment_intent.succeeded", INTENT, amount_received=51_999))
    assert event.payment is not None
    assert event.payment.amount == Money(51_999)


@pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"])
@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", RefundState.PENDING),
        ("requires_action", RefundState.PENDING),
        ("succeeded", RefundState.PROCESSED),
        ("failed", RefundState.FAILED),
        ("canceled", RefundState.FAILED),
    ],
)
def test_how_a_refund_stands_is_read_from_the_refund(kind, status, state):
    event = one(raw(kind, REFUND, status=status))
    assert event.news is News.REFUND
    assert event.refund is not None
    assert (event.refund.state, event.refund.key, event.refund.bank_ref) == (state, "rf_ord_x_pi_3Px_1", "74332")


def test_a_dispute_names_its_payment():
    event = one(raw("charge.dispute.created", DISPUTE))
    assert (event.news, event.dispute) == (News.DISPUTE, "dp_1")
    assert event.payment is not None
    assert event.payment.id == "pi_3Px"


@pytest.mark.parametrize("kind", ["charge.refunded", "customer.created", "charge.succeeded", "invoice.paid", ""])
def test_what_does_not_matter_says_nothing(kind):
    assert read_event(raw(kind, {})) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"type": 5}',
        '{"type": "refund.created"}',
        '{"type": "refund.created", "data": {}}',
        '{"type": "refund.created", "data": {"object": []}}',
        "[" * 100_000,
        raw("checkout.session.completed", SESSION, amount_total="52000"),
        raw("checkout.session.completed", SESSION, payment_status="no_payment_required"),
        raw("payment_intent.succeeded", INTENT, currency="USD"),
        raw("payment_intent.succeeded", INTENT, status="done"),
        raw("refund.created", REFUND, payment_intent=None),
        raw("charge.dispute.created", DISPUTE, payment_intent=None),
    ],
    ids=lambda text: text[:60],
)
def test_what_cannot_be_understood_is_said_so(text):
    with pytest.raises(UnreadableEvent):
        read_event(text)
    assert 0 < len(lane_of(text)) <= 80


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        (raw("checkout.session.completed", SESSION), f"order:{ORDER}"),
        (raw("payment_intent.succeeded", INTENT), f"order:{ORDER}"),
        (raw("refund.updated", REFUND), "stripe:pi_3Px"),
        (raw("customer.created", {"id": "cus_1"}), "stripe:cus_1"),
        (raw("customer.created", {}), "stripe:other"),
    ],
)
def test_news_of_one_order_goes_into_one_lane_where_it_can_be_told(text, lane):
    assert lane_of(text) == lane


def test_the_name_of_an_event_stands_in_what_is_signed():
    assert event_id_of(raw("refund.updated", REFUND)) == "evt_1Nx"
    assert [event_id_of(text) for text in ("", "[]", '{"id": 5}', "{}", "[" * 100_000)] == [""] * 5


# The signature


@pytest.fixture
def body() -> bytes:
    return raw("payment_intent.succeeded", INTENT).encode()


def test_the_library_of_stripe_agrees(body, clock):
    from stripe import WebhookSignature

    header = FakeStripe(clock).sign(body, secret="whsec_x")
    assert WebhookSignature.verify_header(body.decode(), header, "whsec_x", tolerance=None)
    assert NewsSignature(["whsec_x"], clock).check(body, header) == body.decode()


def test_while_a_secret_is_rolled_over_either_signature_will_do(body, clock):
    fake = FakeStripe(clock)
    both = NewsSignature(["newer", "older"], clock)
    for secret in ("newer", "older"):
        assert both.check(body, fake.sign(body, secret=secret)) == body.decode()
    moment, _, first = fake.sign(body, secret="another").partition(",")
    second = fake.sign(body, secret="older").partition(",")[2]
    assert both.check(body, f"{moment},{first},{second},v0=abc") == body.decode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda header: None, "missing"),
        (lambda header: "", "missing"),
        (lambda header: header[:-1], "mismatch"),
        (lambda header: header.replace("v1=", "v0="), "mismatch"),
        (lambda header: header.partition(",")[0], "mismatch"),
        (lambda header: header.partition(",")[2], "no time"),
        (lambda header: header.replace("t=", "t=x"), "no time"),
        (lambda header: header.replace("t=", "t=-"), "no time"),
        (lambda header: header.replace("t=", "t=१"), "no time"),
        (lambda header: header.replace("t=", "t=5,t="), "no time"),
        (lambda header: header.replace("t=1", "t=2"), "mismatch"),
        (lambda header: header.replace("v1=", "v1=é"), "mismatch"),
        (lambda header: header.replace("v1=", "v1=\udcff"), "mismatch"),
    ],
)
def test_what_is_no_signature_is_refused_and_breaks_nothing(body, clock, change, reason):
    with pytest.raises(NotFromStripe) as forged:
        NewsSignature(["whsec_x"], clock).check(body, change(FakeStripe(clock).sign(body, secret="whsec_x")))
    assert forged.value.reason == reason


def test_one_byte_more_breaks_the_signature(body, clock):
    header = FakeStripe(clock).sign(body, secret="whsec_x")
    for changed in (body + b" ", body.replace(b"52000", b"52001"), json.dumps(json.loads(body), indent=1).encode()):
        with pytest.raises(NotFromStripe):
            NewsSignature(["whsec_x"], clock).check(changed, header)


@pytest.mark.parametrize(
    ("age_s", "fine"), [(-60, True), (0, True), (299, True), (300, True), (301, False), (9_999, False)]
)
def test_news_signed_long_ago_is_somebody_playing_it_back(body, clock, age_s, fine):
    header = FakeStripe(clock).sign(body, secret="whsec_x")
    clock.advance(timedelta(seconds=age_s))
    signature = NewsSignature(["whsec_x"], clock)
    if fine:
        assert signature.check(body, header) == body.decode()
        return
    with pytest.raises(NotFromStripe) as forged:
        signature.check(body, header)
    assert forged.value.reason == "too old"


def test_bytes_that_are_no_text_are_refused_though_they_are_signed(clock):
    body = b'{"a": "\xff"}'
    with pytest.raises(NotFromStripe) as forged:
        NewsSignature(["whsec_x"], clock).check(body, FakeStripe(clock).sign(body, secret="whsec_x"))
    assert forged.value.reason == "not text"


@pytest.mark.parametrize("secrets", [[], [""], ["good", ""]], ids=str)
def test_an_empty_secret_is_none(secrets, clock):
    with pytest.raises(ValueError, match="needs a secret"):
        NewsSignature(secrets, clock)
