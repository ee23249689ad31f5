"""A session token speaks for one guest in one chat for seven days, and only if we made it."""

from datetime import timedelta

import jwt
import pytest

from core.customers.models import Customer
from core.customers.tokens import AUDIENCE, ISSUER, LIFE, Tokens
from core.errors import Forbidden
from core.ids import ChatKey, CustomerId
from tests.conftest import JWT_SECRET, OTP_SECRET, make_settings

ASHA = Customer(id=CustomerId("cus_asha"), token_ver=3)
CHAT = ChatKey("telegram:42")


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
        headers={name: value for name, value in headers.items() if name != "alg"},
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
    "an end in words": {"exp": "never"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_we_did_not_make_is_refused(tokens, clock, forgery):
    with pytest.raises(Forbidden):
        tokens.check(forged(tokens, clock, **FORGERIES[forgery]), CHAT)


def test_the_forger_of_these_tests_would_pass_with_an_honest_token(tokens, clock):
    assert tokens.check(forged(tokens, clock, aud=AUDIENCE, iss=ISSUER), CHAT).customer == ASHA.id


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


def test_a_new_key_ends_every_session(tokens, clock):
    rotated = Tokens(make_settings(jwt_secret="another-key-signs-now-0a1b2c3d4e5f6789"), clock)
    with pytest.raises(Forbidden):
        rotated.check(tokens.issue(ASHA, CHAT), CHAT)
