"""Whether a service's words are about the guest's number, or about us: only the first ends the search."""

import pytest

from core.errors import ProviderError
from core.sms.provider import NumberRejected, SendUnclear
from core.sms.refusals import code_of, refusal, speaks_of_the_number

OF_THE_NUMBER = [
    'The phone number "919876543210" is not a valid phone number',
    "Invalid mobile number. You must have entered either less than 10 digits or an alphabetic character",
    "Invalid parameter: PhoneNumber Reason: +919876543210 is not valid to publish to",
    "Mobile no. 919876543210 is invalid",
    "invalid recipient",
    "The phone number is opted out",
    "919876543210 has opted-out of messages",
    "Recipient is a landline",
    "Number is in the DND list",
]
OF_US = [
    "Authentication failed due to invalid userId or password",
    "Invalid sender ID. Your sender ID must be 6 characters, alphabetic.",
    "Invalid authentication key",
    "IP is not whitelisted",
    "Insufficient balance to send SMS",
    'The specified version "1.0" is invalid. Please specify version as "1.1"',
    'The "INTERNATIONAL_PHONE" service is disabled for you',
    "Invalid parameter: Message too long",
    "The template does not match",
    "Missing mobile no.",
    "",
]


@pytest.mark.parametrize("words", OF_THE_NUMBER)
def test_words_about_the_number_are_known(words):
    assert speaks_of_the_number(words)
    assert speaks_of_the_number(words.upper())


@pytest.mark.parametrize("words", OF_US)
def test_words_about_us_leave_the_next_service_its_chance(words):
    assert not speaks_of_the_number(words)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (21211, "21211"),
        ("202", "202"),
        ("InvalidParameter", "InvalidParameter"),
        ("919876543210", ""),
        ("+919876543210", ""),
        ("a key 8f3e", ""),
        (True, ""),
        (None, ""),
        ({"code": 1}, ""),
    ],
)
def test_only_what_looks_like_a_code_is_repeated(value, code):
    assert code_of(value) == code


@pytest.mark.parametrize(
    ("status", "kind", "passing"),
    [
        (400, ProviderError, False),
        (401, ProviderError, False),
        (403, ProviderError, False),
        (408, ProviderError, True),
        (429, ProviderError, True),
        (500, ProviderError, True),
        (502, ProviderError, True),
        (503, ProviderError, True),
        (504, SendUnclear, False),
    ],
)
def test_a_status_says_whether_it_may_go_by(status, kind, passing):
    refused = refusal("a", status=status)
    assert (type(refused), refused.retryable) == (kind, passing)
    assert isinstance(refusal("a", status=status, number=True), NumberRejected)
