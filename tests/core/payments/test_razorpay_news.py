"""Razorpay's events, as documented and as they come: which order, which payment, how it stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.ids import LinkId, PaymentId
from core.money import Money
from core.payments.errors import UnreadableEvent
from core.payments.models import News, PaymentEvent, PaymentState, RefundState
from core.payments.razorpay_news import lane_of, read_event

ORDER = "ord_0r3k9x7q2m0123456789ab"
REFERENCE = f"{ORDER}.1"
PAYMENT: dict[str, Any] = {
    "id": "pay_FOGsH8uHkF2FbR",
    "entity": "payment",
    "amount": 52_000,
    "currency": "INR",
    "status": "captured",
    "order_id": "order_FOGs9Hz3ZaAjsm",
    "method": "netbanking",
    "amount_refunded": 0,
    "refund_status": None,
    "captured": True,
    "description": "#FOGqq3O6E5bkml",
    "notes": [],
    "error_code": None,
}
LINK: dict[str, Any] = {
    "id": "plink_FOGqq3O6E5bkml",
    "reference_id": REFERENCE,
    "amount": 52_000,
    "amount_paid": 52_000,
    "status": "paid",
    "customer": {"contact": "9999999999"},
    "notes": {"tiffin_reference": REFERENCE},
}
ORDER_ENTITY: dict[str, Any] = {"id": "FOGs9Hz3ZaAjsm", "entity": "order", "receipt": REFERENCE, "status": "paid"}
REFUND: dict[str, Any] = {
    "id": "rfnd_FS8TWyPrCsa0OB",
    "entity": "refund",
    "amount": 50_000,
    "currency": "INR",
    "payment_id": "pay_FOGsH8uHkF2FbR",
    "notes": {"comment": "Customer Notes for Webhooks."},
    "receipt": None,
    "acquirer_data": {"arn": None},
    "status": "processed",
}


def raw(name: str, **entities: Any) -> str:
    payload = {about: {"entity": entity} for about, entity in entities.items()}
    envelope = {"entity": "event", "event": name, "contains": list(entities), "payload": payload}
    return json.dumps({**envelope, "account_id": "acc_DKoeHMNpi0nC7k", "created_at": 1_596_890_208})


def one(text: str) -> PaymentEvent:
    (event,) = read_event(text)
    return event


def test_the_published_example_is_read():
    event = one((Path(__file__).parent / "payment_authorized_webhook.json").read_text())
    assert (event.news, event.reference, event.link) == (News.PAYMENT, "", "")
    assert event.provider_order == "order_100000000order"
    assert event.payment is not None
    assert (event.payment.amount, event.payment.state) == (Money(1_000_000), PaymentState.CAPTURED)


def test_a_paid_link_names_our_reference_the_link_the_order_and_the_payment():
    event = one(raw("payment_link.paid", payment_link=LINK, order=ORDER_ENTITY, payment=PAYMENT))
    assert event.news is News.LINK_PAID
    assert (event.reference, event.link) == (REFERENCE, "plink_FOGqq3O6E5bkml")
    assert event.provider_order == "order_FOGs9Hz3ZaAjsm"
    assert event.payment is not None
    assert event.payment.id == "pay_FOGsH8uHkF2FbR"
    assert event.at_ms == 1_596_890_208_000


def test_the_name_of_the_order_is_the_same_with_and_without_its_prefix():
    names = [
        one(raw("order.paid", order={**ORDER_ENTITY, "id": name}, payment={**PAYMENT, "order_id": None})).provider_order
        for name in ("FOGs9Hz3ZaAjsm", "order_FOGs9Hz3ZaAjsm")
    ]
    assert names == ["order_FOGs9Hz3ZaAjsm"] * 2


@pytest.mark.parametrize(
    ("name", "status", "state"),
    [
        ("payment.authorized", "authorized", PaymentState.AUTHORISED),
        ("payment.captured", "captured", PaymentState.CAPTURED),
        ("payment.failed", "failed", PaymentState.FAILED),
        ("payment.authorized", "captured", PaymentState.CAPTURED),
        ("payment.captured", "refunded", PaymentState.CAPTURED),
        ("payment.captured", "failed", PaymentState.FAILED),
        ("order.paid", "captured", PaymentState.CAPTURED),
    ],
)
@pytest.mark.parametrize("captured", [True, False])
def test_how_a_payment_stands_is_read_from_the_payment(name, status, state, captured):
    """Neither the event's name nor `captured` say it: documented examples have it true on payments just authorised."""
    event = one(raw(name, payment={**PAYMENT, "status": status, "captured": captured}))
    assert event.news is News.PAYMENT
    assert event.payment is not None
    assert event.payment.state is state


def test_a_payment_names_its_link_by_its_description_alone():
    event = one(raw("payment.captured", payment=PAYMENT))
    assert (event.reference, event.link) == ("", LinkId("plink_FOGqq3O6E5bkml"))
    for description in (None, "", "FOGqq3O6E5bkml", "#short", "random description", "#FOGqq3O6E5bkml and more"):
        assert one(raw("payment.captured", payment={**PAYMENT, "description": description})).link == ""


@pytest.mark.parametrize("notes", [[], {}, None, "text", ["a"], {"tiffin_reference": 5}, {"x": "y"}], ids=repr)
def test_notes_of_any_shape_do_no_harm(notes):
    event = one(raw("payment.captured", payment={**PAYMENT, "notes": notes}))
    assert event.reference == ""


def test_notes_that_name_our_reference_are_believed_and_others_are_not():
    for text, reference in ((REFERENCE, REFERENCE), ("ord_x", ""), ("TS1989", ""), ("ord_x.", ""), ("ord_x.१", "")):
        event = one(raw("payment.captured", payment={**PAYMENT, "notes": {"tiffin_reference": text}}))
        assert event.reference == reference


def test_why_a_payment_failed_is_kept_short():
    failed = {**PAYMENT, "status": "failed", "error_code": "BAD_REQUEST_ERROR", "error_reason": "x" * 500}
    event = one(raw("payment.failed", payment=failed))
    assert event.payment is not None
    assert event.payment.reason == "x" * 80


@pytest.mark.parametrize(
    ("name", "news"),
    [
        ("payment_link.partially_paid", News.LINK_PARTLY_PAID),
        ("payment_link.expired", News.LINK_EXPIRED),
        ("payment_link.cancelled", News.LINK_CANCELLED),
    ],
)
def test_what_becomes_of_a_link_needs_no_payment(name, news):
    event = one(raw(name, payment_link={"id": LINK["id"], "reference_id": REFERENCE}))
    assert (event.news, event.reference, event.payment) == (news, REFERENCE, None)


@pytest.mark.parametrize("name", ["refund.created", "refund.processed", "refund.failed", "refund.speed_changed"])
@pytest.mark.parametrize("status", ["pending", "processed", "failed"])
def test_how_a_refund_stands_is_read_from_the_refund(name, status):
    event = one(raw(name, refund={**REFUND, "status": status}, payment=PAYMENT))
    assert event.news is News.REFUND
    assert event.refund is not None
    assert event.refund.state is RefundState(status)
    assert (event.refund.payment, event.refund.amount) == (PaymentId("pay_FOGsH8uHkF2FbR"), Money(50_000))
    assert event.link == "plink_FOGqq3O6E5bkml"


@pytest.mark.parametrize(
    ("data", "reference"),
    [({"arn": "74332"}, "74332"), ({"arn": None, "rrn": "0125836177"}, "0125836177"), ({"utr": "N1"}, "N1"), ([], "")],
)
def test_what_the_bank_needs_is_whichever_number_there_is(data, reference):
    event = one(raw("refund.processed", refund={**REFUND, "acquirer_data": data}))
    assert event.refund is not None
    assert event.refund.bank_ref == reference


@pytest.mark.parametrize("word", ["created", "under_review", "action_required", "lost"])
def test_a_dispute_names_its_payment(word):
    dispute = {"id": "disp_AHfqOvkldwsbqt", "payment_id": PAYMENT["id"], "amount": 52_000}
    event = one(raw(f"payment.dispute.{word}", payment=PAYMENT, dispute=dispute))
    assert (event.news, event.dispute) == (News.DISPUTE, "disp_AHfqOvkldwsbqt")
    assert event.payment is not None


@pytest.mark.parametrize(
    "name",
    [
        "payment.dispute.won",
        "payment.dispute.closed",
        "payment.downtime.started",
        "payment.pending",
        "settlement.processed",
        "something.new",
        "",
    ],
)
def test_what_does_not_matter_says_nothing(name):
    assert read_event(raw(name, payment=PAYMENT)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        '"x"',
        "{}",
        '{"event": 5}',
        '{"event": "payment.captured"}',
        '{"event": "payment.captured", "payload": []}',
        '{"event": "payment.captured", "payload": {"payment": null}}',
        '{"event": "payment.captured", "payload": {"payment": {"entity": []}}}',
        "[" * 100_000,
        raw("payment.captured", payment={**PAYMENT, "amount": "52000"}),
        raw("payment.captured", payment={**PAYMENT, "amount": 520.0}),
        raw("payment.captured", payment={**PAYMENT, "amount": True}),
        raw("payment.captured", payment={**PAYMENT, "amount": -1}),
        raw("payment.captured", payment={**PAYMENT, "currency": None}),
        raw("payment.captured", payment={**PAYMENT, "status": "paid"}),
        raw("payment.captured", payment={**PAYMENT, "id": "pay_../x"}),
        raw("payment.captured", payment={**PAYMENT, "id": None}),
        raw("payment_link.paid", payment=PAYMENT),
        raw("payment_link.paid", payment_link={**LINK, "id": "5"}, payment=PAYMENT),
        raw("refund.processed", payment=PAYMENT),
        raw("refund.processed", refund={**REFUND, "payment_id": "pay_another00000000"}, payment=PAYMENT),
        raw("refund.processed", refund={**REFUND, "amount": 0}),
        raw("payment.dispute.created", dispute={"id": "disp_x", "payment_id": PAYMENT["id"]}),
        raw("payment.dispute.created", payment=PAYMENT),
    ],
    ids=lambda text: text[:40],
)
def test_what_cannot_be_understood_is_said_so(text):
    with pytest.raises(UnreadableEvent):
        read_event(text)
    assert 0 < len(lane_of(text)) <= 80, "and even that waits somewhere to be looked at"


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        (raw("payment_link.paid", payment_link=LINK, order=ORDER_ENTITY, payment=PAYMENT), f"order:{ORDER}"),
        (raw("order.paid", order=ORDER_ENTITY, payment=PAYMENT), f"order:{ORDER}"),
        (raw("payment.captured", payment={**PAYMENT, "notes": {"tiffin_reference": REFERENCE}}), f"order:{ORDER}"),
        (raw("payment.captured", payment=PAYMENT), "razorpay:order_FOGs9Hz3ZaAjsm"),
        (raw("payment.captured", payment={**PAYMENT, "order_id": None}), "razorpay:pay_FOGsH8uHkF2FbR"),
        (raw("refund.processed", refund=REFUND), "razorpay:pay_FOGsH8uHkF2FbR"),
        (raw("payment.downtime.started"), "razorpay:other"),
        (raw("payment.captured", payment={"order_id": "x" * 500}), "razorpay:" + "x" * 71),
    ],
    ids=lambda text: text[:40],
)
def test_news_of_one_order_goes_into_one_lane_where_it_can_be_told(text, lane):
    assert lane_of(text) == lane
