"""A session token speaks for one guest in one chat for seven days, and only if we made it."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.customers.models import Customer
from core.customers.tokens import AUDIENCE, ISSUER, LIFE, Tokens
from core.errors import Forbidden
from core.ids import ChatKey, CustomerId
from tests.conftest import JWT_SECRET, OTP_SECRET, make_settings

ASHA = Customer(id=CustomerId("cus_asha"), token_ver=3)
CHAT = ChatKey("telegram:42")
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_RSA_PUBLIC = _RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def tokens(clock):
    return Tokens(make_settings(), clock)


def forged(tokens, clock, *, key=JWT_SECRET, algorithm="HS256", headers=None, without=(), **changes):
    good = tokens.issue(ASHA, CHAT)
    claims = jwt.decode(good, options={"verify_signature": False}) | changes
    headers = jwt.get_unverified_header(good) | (headers or {})
    return jwt.encode(
        {name: value for name, value in claims.items() if name not in without},
        key,
        algorithm=algorithm,
        headers={name: value for name, value in headers.items() if value is not None and value != "HS256"},
    )


def test_a_token_says_who_and_under_which_version(tokens, clock):
    claims = tokens.check(tokens.issue(ASHA, CHAT), CHAT)
    assert (claims.customer, claims.token_ver) == (ASHA.id, 3)
    assert claims.expires_ms == clock.ms() + LIFE // timedelta(milliseconds=1)


def test_it_is_good_for_seven_days_to_the_second(tokens, clock):
    token = tokens.issue(ASHA, CHAT)
    clock.advance(LIFE - timedelta(seconds=1))
    assert tokens.check(token, CHAT)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Forbidden):
        tokens.check(token, CHAT)


def test_it_is_good_in_its_own_chat_alone(tokens):
    with pytest.raises(Forbidden):
        tokens.check(tokens.issue(ASHA, CHAT), ChatKey("telegram:43"))


FORGERIES: dict[str, dict[str, object]] = {
    "another key": {"key": OTP_SECRET},
    "no signature": {"key": "", "algorithm": "none"},
    "another algorithm": {"algorithm": "HS512", "key": JWT_SECRET * 2},
    "signed by a private key": {"algorithm": "RS256", "key": _RSA},
    "no key id": {"headers": {"kid": None}},
    "another key id": {"headers": {"kid": "other"}},
    "another audience": {"aud": "elsewhere"},
    "another issuer": {"iss": "elsewhere"},
    "no end": {"without": ("exp",)},
    "no guest": {"without": ("sub",)},
    "no chat": {"without": ("chat",)},
    "no version": {"without": ("ver",)},
    "a version that is true": {"ver": True},
    "a year long": {"exp": 4_000_000_000},
    "from the future": {"iat": 3_999_999_000, "exp": 4_000_000_000},
    "not yet good": {"nbf": 3_999_999_000},
    "for several": {"aud": [AUDIENCE, "elsewhere"], "jti": "1"},
    "over": {"iat": 1_700_000_000, "exp": 1_700_600_000},
    "an end in words": {"exp": "never"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_we_did_not_make_is_refused(tokens, clock, forgery):
    with pytest.raises(Forbidden):
        tokens.check(forged(tokens, clock, **FORGERIES[forgery]), CHAT)


def test_the_forger_of_these_tests_would_pass_with_an_honest_token(tokens, clock):
    assert tokens.check(forged(tokens, clock, aud=AUDIENCE, iss=ISSUER), CHAT).customer == ASHA.id


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "HS256 ", "hs256", "RS256", "ES256", "dir", ""])
def test_a_token_that_names_its_own_algorithm_is_refused_with_and_without_our_signature(tokens, name):
    _, body, signature = tokens.issue(ASHA, CHAT).split(".")
    kid = jwt.get_unverified_header(tokens.issue(ASHA, CHAT))["kid"]
    header = urlsafe_b64encode(json.dumps({"alg": name, "typ": "JWT", "kid": kid}).encode()).decode().rstrip("=")
    mac = hmac.digest(JWT_SECRET.encode(), f"{header}.{body}".encode(), "sha256")
    for made in ("", signature, urlsafe_b64encode(mac).decode().rstrip("=")):
        with pytest.raises(Forbidden):
            tokens.check(f"{header}.{body}.{made}", CHAT)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\0", "e30.e30.", "x" * 10_000, "\ud800", "é.é.é"], ids=range(8))
def test_what_is_no_token_is_refused(tokens, text):
    with pytest.raises(Forbidden):
        tokens.check(text, CHAT)


def test_a_clock_a_little_behind_still_takes_a_fresh_token(tokens, clock):
    token = tokens.issue(ASHA, CHAT)
    clock.advance(-timedelta(seconds=59))
    assert tokens.check(token, CHAT)
    clock.advance(-timedelta(seconds=2))
    with pytest.raises(Forbidden):
        tokens.check(token, CHAT)


def test_our_own_signature_made_with_a_public_key_as_the_secret_is_refused(clock):
    """What RS/HS confusion is: the verifier's public key, known to all, taken for the secret of an HMAC."""
    tokens = Tokens(make_settings(), clock)
    header, body = tokens.issue(ASHA, CHAT).split(".")[:2]
    mac = hmac.digest(_RSA_PUBLIC, f"{header}.{body}".encode(), "sha256")
    with pytest.raises(Forbidden):
        tokens.check(f"{header}.{body}.{urlsafe_b64encode(mac).decode().rstrip('=')}", CHAT)


NEXT = "another-key-signs-now-0a1b2c3d4e5f6789"


def test_while_a_secret_is_changed_nobody_is_signed_out_and_afterwards_the_old_one_opens_nothing(tokens, clock):
    before, both, after = tokens, *(Tokens(make_settings(jwt_secret=s), clock) for s in (f"{NEXT},{JWT_SECRET}", NEXT))
    old, new = before.issue(ASHA, CHAT), both.issue(ASHA, CHAT)
    assert both.check(old, CHAT) == both.check(new, CHAT) == after.check(new, CHAT)
    for keys, token in ((after, old), (before, new)):
        with pytest.raises(Forbidden, match="kid"):
            keys.check(token, CHAT)


def test_a_token_of_one_key_under_the_name_of_the_other_is_refused(clock):
    both = Tokens(make_settings(jwt_secret=f"{NEXT},{JWT_SECRET}"), clock)
    other = jwt.get_unverified_header(Tokens(make_settings(), clock).issue(ASHA, CHAT))["kid"]
    with pytest.raises(Forbidden):
        both.check(forged(both, clock, key=NEXT, headers={"kid": other}), CHAT)
