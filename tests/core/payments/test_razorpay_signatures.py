"""What Razorpay signed, and what only looks like it. The vectors are Razorpay's own (PLATFORMS.md C2, C3)."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.payments.practice.news import return_address
from core.payments.razorpay_signatures import NewsSignature, NotFromRazorpay, returned_reference, signed

BODY = (Path(__file__).parent / "payment_authorized_webhook.json").read_bytes()
BODY_SIGNATURE = "d60e67fd884556c045e9be7dad57903e33efc7172c17c6e3ef77db42d2b366e9"
KEY_SECRET = "EnLs21M47BllR3X8PSFtjtbd"
RETURNED = {
    "razorpay_payment_id": "pay_IH3d0ara9bSsjQ",
    "razorpay_payment_link_id": "plink_IH3cNucfVEgV68",
    "razorpay_payment_link_reference_id": "TSsd1989",
    "razorpay_payment_link_status": "paid",
    "razorpay_signature": "07ae18789e35093e51d0a491eb9922646f3f82773547e5b0f67ee3f2d3bf7d5b",
}


def refused(signature: NewsSignature, body: bytes, given: str | None) -> str:
    with pytest.raises(NotFromRazorpay) as forged:
        signature.check(body, given)
    return forged.value.reason


def test_the_published_vectors_hold():
    assert NewsSignature(["key_secret"]).check(BODY, BODY_SIGNATURE) == BODY.decode()
    assert returned_reference(RETURNED, KEY_SECRET) == "TSsd1989"
    order_payment = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
    assert signed(b"key_secret", b"fake_order_id|fake_payment_id") == order_payment.encode()


def test_the_library_of_razorpay_agrees():
    from razorpay import Client
    from razorpay.errors import SignatureVerificationError

    utility = Client(auth=("key_id", KEY_SECRET)).utility
    assert utility.verify_webhook_signature(BODY.decode(), BODY_SIGNATURE, "key_secret")
    names = {name.removeprefix("razorpay_") if "link" in name else name: value for name, value in RETURNED.items()}
    assert utility.verify_payment_link_signature(names)
    with pytest.raises(SignatureVerificationError):
        utility.verify_webhook_signature(BODY.decode() + " ", BODY_SIGNATURE, "key_secret")


@pytest.mark.parametrize(
    "changed",
    [
        BODY + b" ",
        BODY.rstrip(b"\n"),
        BODY.replace(b"1000000", b"1000001"),
        BODY.replace(b"\n", b"\r\n"),
        json.dumps(json.loads(BODY)).encode(),
        json.dumps(json.loads(BODY), indent=2).encode(),
        b"",
    ],
    ids=[
        "one space more",
        "one line end less",
        "one paisa more",
        "other line ends",
        "re-serialised",
        "indented",
        "empty",
    ],
)
def test_one_byte_more_less_or_other_breaks_the_signature(changed):
    assert refused(NewsSignature(["key_secret"]), changed, BODY_SIGNATURE) == "mismatch"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        (BODY_SIGNATURE[:-1], "mismatch"),
        (BODY_SIGNATURE + "0", "mismatch"),
        (BODY_SIGNATURE.upper(), "mismatch"),
        (" " + BODY_SIGNATURE, "mismatch"),
        ("sha256=" + BODY_SIGNATURE, "mismatch"),
        ("६" + BODY_SIGNATURE[1:], "mismatch"),
        ("\udcff" + BODY_SIGNATURE[1:], "mismatch"),
        ("0" * 64, "mismatch"),
    ],
)
def test_what_is_no_signature_is_refused_and_breaks_nothing(given, reason):
    assert refused(NewsSignature(["key_secret"]), BODY, given) == reason


def test_while_a_secret_is_changed_both_are_believed_and_no_third():
    both = NewsSignature(["newer", "older"])
    for secret in ("newer", "older"):
        assert both.check(b"{}", signed(secret.encode(), b"{}").decode()) == "{}"
    for secret in ("", "new", "newer,older", "another"):
        assert refused(both, b"{}", signed(secret.encode(), b"{}").decode()) == "mismatch"


@pytest.mark.parametrize("secrets", [[], [""], ["good", ""]], ids=str)
def test_an_empty_secret_is_none(secrets):
    """Anybody can sign with an empty one."""
    with pytest.raises(ValueError, match="needs a secret"):
        NewsSignature(secrets)


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"a": "\xc3\x28"}', b"\x80"])
def test_bytes_that_are_no_text_are_refused_though_they_are_signed(body):
    assert refused(NewsSignature(["s3cret"]), body, signed(b"s3cret", body).decode()) == "not text"


@pytest.mark.parametrize("field", RETURNED)
@pytest.mark.parametrize("value", [None, "", "x", "PAID", "é", "\udcff"])
def test_an_address_with_anything_changed_was_not_sent_by_razorpay(field, value):
    query = {name: text for name, text in RETURNED.items() if name != field} | ({field: value} if value else {})
    assert returned_reference(query, KEY_SECRET) == ""


def test_no_secret_believes_nothing():
    text = b"plink_IH3cNucfVEgV68|TSsd1989|paid|pay_IH3d0ara9bSsjQ"
    assert returned_reference({**RETURNED, "razorpay_signature": signed(b"", text).decode()}, "") == ""
    assert returned_reference({}, KEY_SECRET) == ""


def test_the_practice_page_sends_browsers_back_as_razorpay_does():
    address = return_address(
        "https://tiffin.example.in/pay/return",
        KEY_SECRET,
        link="plink_IH3cNucfVEgV68",
        reference="TSsd1989",
        status="paid",
        payment="pay_IH3d0ara9bSsjQ",
    )
    assert dict(parse_qsl(urlsplit(address).query)) == RETURNED
