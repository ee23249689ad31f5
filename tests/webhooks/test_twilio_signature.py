"""Twilio's own vectors (PLATFORMS.md B3), and the same verdict as its library on everything else."""

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from webhooks.twilio_signature import Algorithm, TwilioSignature, read_form

TOKEN = "12345"
URI = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {
    "CallSid": ["CA1234567890ABCDE"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
    "Caller": ["+14158675309"],
}
BODY = b'{"property": "value", "boolean": true}'
BODY_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
BODY_URI = f"{URI}&bodySHA256={BODY_HASH}"
BODY_SIGNATURE = "a9nBmqA0ju/hNViExpshrM61xv4="
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
SHA256_SIGNATURE = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="


def checker(*keys, algorithms=(Algorithm.SHA1,)):
    return TwilioSignature(keys=keys or (TOKEN,), public_url="https://mycompany.com", algorithms=algorithms)


@pytest.mark.parametrize(
    ("uri", "signature"),
    [
        (URI, SIGNATURE),
        (URI, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URI.replace(".com", ".com:443"), SIGNATURE),
        (URI.replace(".com", ".com:443"), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URI.replace("https", "http"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (URI.replace("https", "http").replace(".com", ".com:80"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (URI.replace("https", "http").replace(".com", ".com:1234"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_what_twilio_signed_is_from_twilio(uri, signature):
    assert checker().signed_form(uri, CALL, signature)


def test_a_name_that_comes_twice_counts_with_each_of_its_values_once():
    fields = {"Sid": ["CA123"], "SidAccount": ["AC123"], "Digits": ["5678", "1234", "1234"]}
    assert checker().signed_form(URI, fields, "IK+Dwps556ElfBT0I3Rgjkr1wJU=")


def test_a_body_that_is_no_form_is_signed_by_its_hash_in_the_address():
    assert checker().signed_body(BODY_URI, BODY, BODY_SIGNATURE)


@pytest.mark.parametrize(
    ("uri", "body", "signature"),
    [
        (BODY_URI, BODY + b" ", BODY_SIGNATURE),
        (BODY_URI, BODY, SIGNATURE),
        (BODY_URI + "0", BODY, BODY_SIGNATURE),
        (URI, BODY, SIGNATURE),
    ],
)
def test_another_body_or_address_is_not_what_was_signed(uri, body, signature):
    assert not checker().signed_body(uri, body, signature)


def test_an_address_without_a_hash_signs_no_body_even_if_the_address_is_right():
    signature = RequestValidator(TOKEN).compute_signature(URI, {})
    assert not checker().signed_body(URI, BODY, signature)


@pytest.mark.parametrize(
    ("accepted", "sha1_counts", "sha256_counts"),
    [
        ([Algorithm.SHA1], True, False),
        ([Algorithm.SHA256], False, True),
        ([Algorithm.SHA1, Algorithm.SHA256], True, True),
    ],
)
def test_which_algorithm_counts_is_a_setting(accepted, sha1_counts, sha256_counts):
    check = checker(algorithms=accepted)
    assert check.signed_form(URI, CALL, SIGNATURE, Algorithm.SHA1) is sha1_counts
    assert check.signed_form(URI, CALL, SHA256_SIGNATURE, Algorithm.SHA256) is sha256_counts
    assert not check.signed_form(URI, CALL, SHA256_SIGNATURE, Algorithm.SHA1)
    assert not check.signed_form(URI, CALL, SIGNATURE, Algorithm.SHA256)


def test_while_the_token_is_changed_both_count_and_no_third():
    changing = checker("the-new-one", TOKEN)
    assert changing.signed_form(URI, CALL, SIGNATURE)
    assert changing.signed_form(URI, CALL, RequestValidator("the-new-one").compute_signature(URI, _library(CALL)))
    assert not checker("the-new-one").signed_form(URI, CALL, SIGNATURE)
    assert not changing.signed_form(URI, CALL, RequestValidator("a-third").compute_signature(URI, _library(CALL)))


@pytest.mark.parametrize("keys", [(), ("",), (TOKEN, "")])
def test_without_a_key_nothing_is_checked_and_so_nothing_opens(keys):
    with pytest.raises(ValueError, match="key"):
        TwilioSignature(keys=keys, public_url="https://mycompany.com")


@pytest.mark.parametrize(
    "signature", ["", "=", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "rSOYDt4T1cUTdK1PDd93/VVr8B8=", "é", "\udc80"]
)
def test_a_signature_that_is_none_does_not_count(signature):
    assert not checker().signed_form(URI, CALL, signature)


@pytest.mark.parametrize(
    "change",
    [
        {"Digits": ["1235"]},
        {"Digits": []},
        {"Digits": ["1234", "5"]},
        {"New": ["1"]},
        {"From": ["+14158675309 "]},
    ],
)
def test_no_field_may_be_changed_added_or_taken_away(change):
    assert not checker().signed_form(URI, CALL | change, SIGNATURE)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
hosts = st.sampled_from(["tiffin.example.in", "127.0.0.1", "localhost", "tiffin.example.in:8443", "a.b:443", "a.b:80"])
paths = st.sampled_from(["/webhooks/twilio/status", "/", "/a%20b//c", "/x?", "/x?y=%7E+z&y=", "/é?ü=1", "/x;y=1"])


@settings(max_examples=300, deadline=None)
@given(
    scheme=st.sampled_from(["https", "http"]),
    host=hosts,
    path=paths,
    fields=st.dictionaries(texts, st.lists(texts, min_size=1, max_size=3), max_size=6),
    algorithm=st.sampled_from(list(Algorithm)),
)
def test_what_the_library_would_sign_is_accepted_and_nothing_else(scheme, host, path, fields, algorithm):
    uri = f"{scheme}://{host}{path}"
    signature = RequestValidator(TOKEN).compute_signature(uri, _library(fields), algorithm.value)
    check = checker(algorithms=list(Algorithm))
    assert check.signed_form(uri, fields, signature, algorithm)
    assert not check.signed_form(uri + "x", fields, signature, algorithm)
    assert not check.signed_form(uri, {**fields, "Added": ["x"]}, signature, algorithm)
    assert not checker("another", algorithms=list(Algorithm)).signed_form(uri, fields, signature, algorithm)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=60))
def test_any_body_is_signed_as_the_library_signs_it(body):
    uri = f"{URI}&bodySHA256={sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(uri, {})
    assert checker().signed_body(uri, body, signature)
    assert not checker().signed_body(uri, body + b"x", signature)


def test_a_form_is_read_as_it_was_sent():
    assert read_form(b"A=1&B=&C=a+b%20c&A=2&%E2%82%B9=%E0%A4%A8") == {
        "A": ["1", "2"],
        "B": [""],
        "C": ["a b c"],
        "₹": ["न"],
    }


def _library(fields):
    return MultiDict([(name, value) for name, values in fields.items() for value in values])


def test_the_vector_of_the_body_is_what_it_says():
    assert sha256(BODY).hexdigest() == BODY_HASH
    assert json.loads(BODY) == {"property": "value", "boolean": True}
